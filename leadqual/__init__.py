"""Settings, addresses and the Celery app: what wires the apps together, and what no app imports."""

from leadqual.celery import app as celery_app

__all__ = ["celery_app"]

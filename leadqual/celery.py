"""The Celery app. Messages only wake workers up: what has to be done stands in PostgreSQL."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadqual.settings")

app = Celery("leadqual")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def wait_longer_in_the_worker(conf: Any = None, **_: Any) -> None:
    """Give the worker's broker connection its own, longer limits.

    A request must not wait for a dead broker, so publishing gives up after a second; a worker has to sit on
    a blocking read for longer than that, or every quiet second would look like a lost connection.
    """
    publishing = conf.broker_transport_options
    patient = {name: value for name, value in publishing.items() if name not in {"max_retries", "interval_start"}}
    conf.broker_transport_options = patient | {"socket_timeout": 30, "socket_connect_timeout": 5}

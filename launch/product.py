"""The processes of the product itself. docker-compose.yml starts the same ones, and a test holds the two equal."""

from pathlib import Path

WEB_WORKERS, WEB_THREADS = 2, 4
WORKER_PROCESSES = 2


def prepare() -> list[list[str]]:
    """The `manage.py` commands that bring a database up to this version of the code, in order.

    The first two run as the owner; migrate also refuses a database that cannot lower-case Cyrillic.
    """
    return [["migrate", "--verbosity", "0"], ["createcachetable", "--verbosity", "0"], ["grant_app_role"]]


def web(bind: str) -> list[str]:
    return [
        "gunicorn", "leadqual.wsgi",
        "--bind", bind,
        "--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS),
        "--max-requests", "5000", "--max-requests-jitter", "500",
        "--timeout", "30", "--graceful-timeout", "20",
        # Its default lies in the home folder and would be shared by all checkouts.
        "--no-control-socket",
    ]  # fmt: skip


def worker() -> list[str]:
    return [
        "celery",
        "--app",
        "leadqual",
        "worker",
        "--concurrency",
        str(WORKER_PROCESSES),
        "--loglevel",
        "INFO",
        "--without-gossip",
        "--without-mingle",
    ]


def beat(schedule: Path | str) -> list[str]:
    return ["celery", "--app", "leadqual", "beat", "--schedule", str(schedule), "--loglevel", "INFO"]

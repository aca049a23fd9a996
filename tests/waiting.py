"""Two transactions at once: how a test knows that the other one waits."""

from time import monotonic, sleep

from django.db import connection

PATIENCE_SECONDS = 10


def until_somebody_waits() -> None:
    """Return once another connection waits for a lock of this one's."""
    end = monotonic() + PATIENCE_SECONDS
    while monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone() is not None:
                return
        sleep(0.01)
    raise AssertionError("Nobody waited for the row.")

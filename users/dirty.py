"""Work left to do, kept in PostgreSQL: a write marks it in its own transaction, a worker takes it off when it is done.

Celery messages only wake workers up. A message that is lost costs time, never work (architecture.md 1).
"""

import logging
from collections.abc import Callable, Iterable
from functools import partial

from django.db import connection, transaction
from kombu.exceptions import OperationalError

from users.models import Dirty

log = logging.getLogger(__name__)

# Work that a killed worker had taken is free again after this long. Longer than a statement may take, and short enough
# that with a sweep every 30 s all is done within a minute; work that takes longer may be done twice, which harms nothing.
LEASE_SECONDS = 20
MOST_ATTEMPTS = 5  # after so many the row stays, with its error, for a person to look at

MARK = """
INSERT INTO users_dirty (kind, key, generation, attempts, error)
SELECT %(kind)s, key, 1, 0, '' FROM unnest(%(keys)s::bigint[]) key ORDER BY key
ON CONFLICT (kind, key) DO UPDATE SET generation = users_dirty.generation + 1, attempts = 0, error = ''
"""

# The attempt is counted and committed before the work, so that a row that kills its worker cannot do so for ever.
TAKE = """
UPDATE users_dirty SET attempts = attempts + 1, locked_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE id IN (
    SELECT id FROM users_dirty
    WHERE kind = %(kind)s AND attempts < %(most)s AND (locked_until IS NULL OR locked_until < clock_timestamp())
    ORDER BY since LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING id, key, generation
"""

DONE = """
DELETE FROM users_dirty USING unnest(%(ids)s::bigint[], %(generations)s::bigint[]) done (id, generation)
WHERE users_dirty.id = done.id AND users_dirty.generation = done.generation
"""

# Marked again meanwhile: free for the next worker at once.
RELEASE = "UPDATE users_dirty SET locked_until = NULL WHERE id = ANY(%(ids)s)"
FAILED = "UPDATE users_dirty SET locked_until = NULL, error = %(error)s WHERE id = ANY(%(ids)s)"


def mark(kind: Dirty.Kind, keys: Iterable[int]) -> None:
    """Leave this work to the workers; part of the caller's transaction."""
    listed = sorted(set(keys))
    if listed:
        with connection.cursor() as cursor:
            cursor.execute(MARK, {"kind": kind.value, "keys": listed})


def wake(send: Callable[[], object]) -> None:
    """Once the transaction has committed, send the message that wakes a worker, such as `sweep.delay`.

    Whoever marked work in the transaction calls it. Without a broker it costs a second, and the next sweep finds the work.
    """
    transaction.on_commit(partial(_send, send))


def _send(send: Callable[[], object]) -> None:
    try:
        send()
    except OperationalError:
        log.warning("The broker cannot be reached; the next sweep does what is left.")


def work_through(kind: Dirty.Kind, work: Callable[[list[int]], object], *, limit: int) -> int:
    """Take up to `limit` rows of the kind, do the work on their keys in one transaction, and take them off.

    Returns how many were taken. Work that raises leaves its rows for the next attempt, with the error's class named,
    and raises on: tasks overwrite, so nothing is harmed by a second time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, {"kind": kind.value, "lease": LEASE_SECONDS, "most": MOST_ATTEMPTS, "limit": limit})
        taken = cursor.fetchall()
    if not taken:
        return 0
    ids = [row[0] for row in taken]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            work([row[1] for row in taken])
            cursor.execute(DONE, {"ids": ids, "generations": [row[2] for row in taken]})
            cursor.execute(RELEASE, {"ids": ids})
    except Exception as error:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(FAILED, {"ids": ids, "error": type(error).__name__})
        raise
    return len(taken)

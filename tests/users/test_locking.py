"""Who waited for a row sees it as it is after the wait, with what it points to then."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from django.db import connection, transaction

from leads.models import Lead
from tests.factories import make_lead
from users.locking import hold
from users.models import User

PATIENCE_SECONDS = 10


@pytest.mark.django_db(transaction=True)
def test_who_waited_for_a_lead_meets_its_new_owner(alice: User, bob: User) -> None:
    lead = make_lead(alice)

    def wait_for_it() -> User | None:
        try:
            with transaction.atomic():
                return hold(Lead.objects.select_related("owner"), lead.pk).owner
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Lead.objects.filter(pk=lead.pk).update(owner=bob)
            waiting = pool.submit(wait_for_it)
            until_somebody_waits()
        assert waiting.result(timeout=PATIENCE_SECONDS) == bob


def until_somebody_waits() -> None:
    end = monotonic() + PATIENCE_SECONDS
    while monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone() is not None:
                return
        sleep(0.01)
    raise AssertionError("Nobody waited for the row.")

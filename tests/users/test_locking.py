"""Who waited for a row sees it as it is after the wait, with what it points to then."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from leads.models import Lead
from tests.factories import make_lead
from tests.waiting import PATIENCE_SECONDS, until_somebody_waits
from users.locking import hold
from users.models import User


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

"""The year of records, made once a module: making it takes longer than reading it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.reports.records_of_a_year import a_year
from users.models import User


@pytest.fixture(scope="module")
def year_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The year inside a transaction that is rolled back after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        a_year(User.objects.get(username="alice"), User.objects.get(username="charlie"))
        yield
        transaction.set_rollback(True)


@pytest.fixture
def year(year_once: None, db: None) -> None:
    """A year of leads, deals and hand-offs in two teams; what a test adds is taken back after it."""

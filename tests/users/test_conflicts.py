"""Two people edit one record."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Account, AccountType
from users.conflicts import StaleVersion, edit

pytestmark = pytest.mark.django_db
EDITABLE = frozenset({"name", "city", "employees", "attributes"})


@pytest.fixture
def hydro() -> Account:
    kind = AccountType.objects.create(code="p", name="Prospect", kind="prospect")
    return Account.objects.create(name="Hydro", type=kind)


def test_the_second_is_shown_both_values_and_nothing_is_lost(hydro: Account) -> None:
    edit(hydro, {"city": "Oslo"}, version=1, editable=EDITABLE)
    with pytest.raises(StaleVersion) as caught:
        edit(hydro, {"city": "Bergen", "name": "Hydro"}, version=1, editable=EDITABLE)
    [difference] = caught.value.differences()
    assert (difference.theirs, difference.yours) == ("Oslo", "Bergen")
    assert caught.value.version == 2
    assert Account.objects.get().city == "Oslo"


def test_saving_what_is_there_already_keeps_the_version(hydro: Account) -> None:
    assert edit(hydro, {"name": "Hydro"}, version=1, editable=EDITABLE) == []
    assert Account.objects.get().version == 1


def test_a_value_that_does_not_fit_is_refused_with_its_field(hydro: Account) -> None:
    for changes in (
        {"employees": -1},
        {"name": ""},
        {"city": "x" * 101},
        {"city": "Os\x00lo"},
        {"attributes": {"a": "\x00"}},
        {"version": 7},
        {"nonsense": 1},
    ):
        fresh = Account.objects.get()
        with pytest.raises(ValidationError):
            edit(fresh, changes, version=1, editable=EDITABLE)
    assert Account.objects.get().version == 1

"""Accounts and contacts are made and edited; a group rolls up."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.editing import archive_account, create_account, create_contact, edit_account, edit_contact
from accounts.models import Account, AccountType, Contact
from accounts.tree import ids_above, ids_below, parents_of
from opportunities.rollup import group_figures
from tests.factories import make_account, make_contact, make_opportunity
from users.conflicts import StaleVersion
from users.models import User
from users.rights import Forbidden


def kind(code: str) -> AccountType:
    return AccountType.objects.get(code=code)


def test_a_representative_makes_a_prospect_and_manages_it(alice: User) -> None:
    account = create_account({"name": " Nordvik ", "revenue": Decimal(5)}, by=alice)
    assert (account.name, account.type.code, account.manager, account.currency) == ("Nordvik", "prospect", alice, "EUR")


def test_a_prospect_has_a_manager_and_a_partner_none(alice: User, ada: User) -> None:
    with pytest.raises(ValidationError, match="choose one"):
        create_account({"name": "Nordvik"}, by=ada)
    partner = create_account({"name": "Distri", "type": kind("distributor"), "manager": alice}, by=ada)
    assert partner.manager is None
    account = create_account({"name": "Nordvik"}, by=alice)
    assert edit_account(account, {"type": kind("competitor")}, version=1, by=alice).manager is None


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", " ", "Give the account a name"),
        ("revenue", Decimal(-1), "cannot be negative"),
        ("currency", "kroner", "three capital letters"),
        ("employees", -5, "greater than or equal"),
        ("city", "x" * 101, "at most 100"),
        ("attributes", {"colour": "red"}, "not a registered field"),
        ("version", 9, "no such field"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(alice: User, field: str, value: Any, says: str) -> None:
    account = create_account({"name": "Nordvik"}, by=alice)
    with pytest.raises(ValidationError, match=says) as refused:
        create_account({"name": "Other", field: value}, by=alice)
    assert field in refused.value.message_dict
    with pytest.raises(ValidationError, match=says) as refused:
        edit_account(account, {field: value}, version=1, by=alice)
    assert field in refused.value.message_dict
    assert Account.objects.get().version == 1


def test_two_editors_of_one_account(alice: User, bob: User) -> None:
    account = create_account({"name": "Nordvik"}, by=alice)
    edit_account(account, {"city": "Oslo"}, version=1, by=alice)
    with pytest.raises(StaleVersion) as stale:
        edit_account(account, {"city": "Bergen"}, version=1, by=bob)
    assert [(d.theirs, d.yours) for d in stale.value.differences()] == [("Oslo", "Bergen")]


def test_who_edits_an_account(
    alice: User, bob: User, charlie: User, dora: User, maria: User, carmen: User, ada: User
) -> None:
    account = create_account({"name": "Nordvik"}, by=alice)
    nobodys = make_account("Distri", type="reseller")
    for other in (charlie, dora, maria, carmen):
        with pytest.raises(Forbidden, match="Only Alice"):
            edit_account(account, {"city": "Oslo"}, version=None, by=other)
    for number, editor in enumerate((alice, bob, ada)):
        edit_account(account, {"city": f"Town {number}"}, version=None, by=editor)
    with pytest.raises(Forbidden, match="Nobody manages"):
        edit_account(nobodys, {"city": "Oslo"}, version=None, by=alice)
    edit_account(nobodys, {"city": "Oslo"}, version=None, by=dora)
    for maker in (maria, carmen):
        with pytest.raises(Forbidden, match="created by representatives"):
            create_account({"name": "Other"}, by=maker)


def test_a_manager_gives_an_account_within_the_teams_below(alice: User, bob: User, charlie: User, ada: User) -> None:
    account = create_account({"name": "Nordvik"}, by=alice)
    for by, manager in [(alice, bob), (bob, charlie)]:
        with pytest.raises(Forbidden, match="given to somebody else"):
            edit_account(account, {"manager": manager}, version=None, by=by)
    edit_account(account, {"manager": bob}, version=None, by=bob)
    assert edit_account(account, {"manager": charlie}, version=None, by=ada).manager == charlie


def test_a_circle_of_parents_is_refused(alice: User) -> None:
    top = create_account({"name": "Top"}, by=alice)
    middle = create_account({"name": "Middle", "parent": top}, by=alice)
    leaf = create_account({"name": "Leaf", "parent": middle}, by=alice)
    for parent in (top, leaf):
        with pytest.raises(ValidationError, match="belongs to Top already"):
            edit_account(top, {"parent": parent}, version=None, by=alice)
    assert ids_below(top.pk) == [top.pk, middle.pk, leaf.pk]
    assert ids_above(leaf.pk) == [middle.pk, top.pk]
    assert parents_of(leaf) == [top, middle]


def test_a_circle_that_an_import_closed_ends(alice: User) -> None:
    one = make_account("One", manager=alice)
    two = make_account("Two", manager=alice, parent=one)
    Account.objects.filter(pk=one.pk).update(parent=two)
    assert sorted(ids_below(one.pk)) == sorted([one.pk, two.pk])
    assert set(ids_above(one.pk)) == {one.pk, two.pk}


def test_a_group_adds_up_what_the_viewer_may_see(alice: User, bob: User, charlie: User, maria: User) -> None:
    top = make_account("Top", manager=alice)
    north = make_account("North", manager=alice, parent=top)
    south = make_account("South", manager=charlie, parent=top)
    make_account("Elsewhere", manager=alice)
    make_contact(account=north)
    make_opportunity(alice, account=top, amount=1000, stage="diagnosis")  # 10 %
    make_opportunity(alice, account=north, amount=500, stage="won")
    make_opportunity(alice, account=north, amount=200, currency="USD", stage="solution")  # 50 %
    make_opportunity(charlie, account=south, amount=4000, stage="proposal")  # 65 %
    make_opportunity(charlie, account=south, amount=1, stage="lost")
    everything = group_figures(top, viewer=maria)
    assert [account.name for account, _figures in everything.accounts] == ["Top", "North", "South"]
    total = everything.total
    assert (total.open_deals, total.won_deals, total.lost_deals, total.contacts) == (3, 1, 1, 1)
    assert [(m.currency, m.open, m.weighted, m.won) for m in total.by_currency] == [
        ("EUR", Decimal(5000), Decimal(2700), Decimal(500)),
        ("USD", Decimal(200), Decimal(100), Decimal(0)),
    ]
    assert not everything.only_what_you_see
    for viewer in (alice, bob):
        group = group_figures(top, viewer=viewer)
        assert (group.total.open_deals, group.total.lost_deals, group.only_what_you_see) == (2, 0, True)


def test_contacts_are_made_edited_and_kept_apart(alice: User, charlie: User, maria: User) -> None:
    account = create_account({"name": "Nordvik"}, by=alice)
    contact = create_contact({"name": "Kari", "account": account, "email": "kari@nordvik.no"}, by=alice)
    assert edit_contact(contact, {"title": "CFO"}, version=1, by=alice).version == 2
    with pytest.raises(StaleVersion):
        edit_contact(contact, {"title": "CEO"}, version=1, by=alice)
    with pytest.raises(ValidationError, match="no e-mail address"):
        edit_contact(contact, {"email": "kari"}, version=2, by=alice)
    for other in (charlie, maria):
        with pytest.raises(Forbidden, match="Only Alice"):
            edit_contact(contact, {"title": "CEO"}, version=2, by=other)
    assert create_contact({"name": "Somebody on the phone"}, by=charlie).account is None
    with pytest.raises(ValidationError, match="Give the contact a name"):
        create_contact({"name": ""}, by=alice)
    assert Contact.objects.count() == 2


def test_an_archived_account_leaves_the_list(alice: User) -> None:
    account = create_account({"name": "Nordvik"}, by=alice)
    archive_account(account, by=alice)
    assert not Account.objects.active().exists()

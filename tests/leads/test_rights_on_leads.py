"""The rights table of decisions.md 30, written by hand: who may do what with a lead, its hand-off and a deal.

The names in a line are those who may; everybody else may not.
"""

from collections.abc import Callable
from typing import Any

import pytest

from leads import rights
from leads.lifecycle import Stage
from leads.models import Handoff, Lead, Score
from opportunities import rights as deal_rights
from opportunities.models import Opportunity
from tests.factories import make_lead, make_opportunity
from tests.leads.answering import answer, checklist_of
from tests.leads.queueing import make_offered
from users import rights as own_rights
from users.models import Role, Team, User

pytestmark = pytest.mark.django_db
PEOPLE = ("alice", "anna", "bob", "charlie", "dora", "maria", "carmen", "ada", "gone")

ALICES, OF_NORTH, NOBODYS = "alice's", "of team North, nobody's", "without team and owner"

WHO_MAY: list[tuple[Callable[[User, Any], bool], str, str]] = [
    (rights.may_work, ALICES, "alice bob ada"),
    (rights.may_work, OF_NORTH, "alice anna bob ada"),
    (rights.may_work, NOBODYS, "bob dora ada"),
    (rights.may_answer, ALICES, "alice bob ada"),
    (rights.may_edit_fields, ALICES, "alice bob maria ada"),
    (rights.may_edit_fields, OF_NORTH, "alice anna bob maria ada"),
    (rights.may_assign, NOBODYS, "bob dora maria ada"),
    (rights.may_offer, ALICES, "alice bob maria ada"),
    (rights.may_override, ALICES, "alice bob ada"),
    (rights.may_override, OF_NORTH, "bob ada"),
    (rights.may_convert, ALICES, "alice bob ada"),
]
ON_HANDOFFS: list[tuple[Callable[[User, Any], bool], str, str]] = [
    (rights.may_decide, ALICES, "alice anna bob ada"),
    (rights.may_decide, NOBODYS, "bob dora ada"),
    (rights.may_recycle, ALICES, "alice anna bob maria ada"),
    (rights.may_comment, ALICES, "alice anna bob maria ada"),
    (rights.may_reassign, ALICES, "bob maria ada"),
    (rights.may_review, ALICES, "maria ada"),
]
ON_DEALS: list[tuple[Callable[[User, Any], bool], str, str]] = [
    (deal_rights.may_move, ALICES, "alice bob ada"),
    (deal_rights.may_move, OF_NORTH, "bob ada"),
    (deal_rights.may_review, ALICES, "bob ada"),
    (deal_rights.may_assign, ALICES, "bob ada"),
]
ANYWHERE: list[tuple[Callable[..., bool], str]] = [
    (rights.may_create_lead, "alice anna bob charlie dora maria ada"),
    (deal_rights.may_open_deal, "alice anna bob charlie dora ada"),
    (own_rights.may_edit_campaigns, "maria ada"),
    (own_rights.may_draft_policies, "bob dora maria ada"),
    (own_rights.may_sign_for_sales, "bob dora ada"),
    (own_rights.may_sign_for_marketing, "maria ada"),
    (own_rights.may_sign_for_success, "carmen ada"),
    (own_rights.may_administer, "ada"),
]


@pytest.fixture
def people(alice: User, bob: User, charlie: User, dora: User, maria: User, carmen: User, ada: User) -> dict[str, User]:
    """Everybody, with anna, a second representative of North, and an administrator who has left."""
    anna = User.objects.create_user("anna", name="Anna", role=Role.REPRESENTATIVE, team=alice.team)
    gone = User.objects.create_user("gone", name="Gone", role=Role.ADMINISTRATOR, is_active=False)
    known = (alice, anna, bob, charlie, dora, maria, carmen, ada, gone)
    return dict(zip(PEOPLE, known, strict=True))


def whose(which: str, alice: User) -> dict[str, Any]:
    fields: dict[str, dict[str, Any]] = {ALICES: {"owner": alice}, OF_NORTH: {"team": alice.team}, NOBODYS: {}}
    return fields[which]


def allowed(people: dict[str, User], right: Callable[..., bool], *what: Any) -> str:
    return " ".join(name for name in PEOPLE if right(people[name], *what))


def test_the_table_for_leads(people: dict[str, User], alice: User) -> None:
    for right, which, names in WHO_MAY:
        assert allowed(people, right, make_lead(**whose(which, alice))) == names, (right.__name__, which)


def test_the_table_for_hand_offs(people: dict[str, User], alice: User) -> None:
    for right, which, names in ON_HANDOFFS:
        assert allowed(people, right, make_offered(**whose(which, alice))) == names, (right.__name__, which)


def test_the_table_for_deals(people: dict[str, User], alice: User) -> None:
    for right, which, names in ON_DEALS:
        assert allowed(people, right, make_opportunity(**whose(which, alice))) == names, (right.__name__, which)


def test_the_table_for_everything_that_is_nobodys(people: dict[str, User]) -> None:
    for right, names in ANYWHERE:
        assert allowed(people, right) == names, right.__name__


def test_imports_and_members(people: dict[str, User], alice: User, charlie: User) -> None:
    for kind, names in [("leads", "maria ada"), ("campaigns", "maria ada"), ("users", "ada"), ("opportunities", "ada")]:
        assert allowed(people, own_rights.may_import, kind) == names, kind
    assert allowed(people, own_rights.may_move_member, alice) == "bob ada"
    assert allowed(people, own_rights.may_move_member, charlie) == "dora ada"


def seen(people: dict[str, User], rows: Any, **which: Any) -> str:
    return " ".join(name for name in PEOPLE if rows.visible_to(people[name]).filter(**which).exists())


@pytest.mark.parametrize(
    ("which", "names"),
    [(ALICES, "alice anna bob maria ada"), (OF_NORTH, "alice anna bob maria ada"), (NOBODYS, "bob dora maria ada")],
)
def test_who_sees_a_lead(people: dict[str, User], alice: User, which: str, names: str) -> None:
    lead = make_lead(**whose(which, alice))
    answer(checklist_of(lead), "budget", "no")
    assert seen(people, Lead.objects, pk=lead.pk) == names
    assert seen(people, Score.objects, lead=lead) == names
    Lead.objects.filter(pk=lead.pk).update(stage=Stage.OPPORTUNITY)
    Score.objects.filter(lead=lead).update(stage=Stage.OPPORTUNITY)
    both = " ".join(name for name in PEOPLE if name in {*names.split(), "carmen"})
    assert seen(people, Lead.objects, pk=lead.pk) == both
    assert seen(people, Score.objects, lead=lead) == both


def test_who_sees_a_deal(people: dict[str, User], alice: User) -> None:
    deal = make_opportunity(alice)
    assert seen(people, Opportunity.objects, pk=deal.pk) == "alice anna bob maria ada"
    won = make_opportunity(alice, stage="won")
    assert seen(people, Opportunity.objects, pk=won.pk) == "alice anna bob maria carmen ada"
    assert seen(people, Opportunity.objects, pk=make_opportunity().pk) == "bob dora maria ada"


def test_who_sees_the_queue(people: dict[str, User], alice: User) -> None:
    handoff = make_offered(alice)
    assert seen(people, Handoff.objects, pk=handoff.pk) == "alice anna bob maria ada"
    nobodys = make_offered()
    assert seen(people, Handoff.objects, pk=nobodys.pk) == "bob dora maria ada"


def test_a_manager_above_sees_and_works_what_lies_below(alice: User, people: dict[str, User]) -> None:
    olga = User.objects.create_user("olga", name="Olga", role=Role.MANAGER)
    lead = make_lead(alice)
    assert not Lead.objects.visible_to(olga).filter(pk=lead.pk).exists()
    Team.objects.filter(name="Europe").update(manager=olga)
    olga = User.objects.get(pk=olga.pk)
    assert Lead.objects.visible_to(olga).filter(pk=lead.pk).exists()
    assert rights.may_work(olga, lead)

"""A person overrides a gate, with a reason; the policy's verdict stays beside it."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from leads.advancing import advance
from leads.explaining import explain
from leads.handoff import accept, reject
from leads.lifecycle import Stage
from leads.models import Handoff, Lead, Override, RejectionReason
from leads.overriding import diagnostic_override, override, revoke
from leads.setting_aside import MoveRefused
from opportunities.conversion import ConversionChoice, convert
from tests.factories import make_lead
from tests.leads.answering import BEST_DIRECT, answer_all, checklist_of
from tests.leads.queueing import make_offered, make_sql, moves_of, raise_hand
from users.facts import database_now
from users.models import User
from users.rights import Forbidden

WHY = "I have known her for ten years"


def stage_of(lead: Lead) -> str:
    return Lead.objects.get(pk=lead.pk).stage


def active_override(checklist_id: int, gate: str, at: datetime) -> Override | None:
    """The override that the gate of this checklist follows at the moment; the tests' workspace is in UTC."""
    standing = Override.objects.filter(checklist=checklist_id, gate=gate, diagnostic=False)
    return standing.in_effect(at, at.date()).first()


def test_up_offers_the_lead_and_the_policys_verdict_stays_apart(alice: User) -> None:
    lead = make_lead(alice)
    override(checklist_of(lead), "mql", "up", by=alice, reason=WHY)
    assert moves_of(lead)[-1] == ("lead", "mql", "override")
    assert Handoff.objects.get(lead=lead).because == f"Alice says it is qualified: {WHY}"
    sheet = explain(checklist_of(lead))
    assert sheet.mql is False
    assert sheet.override is not None
    assert (sheet.override["gate"], sheet.override["direction"], sheet.override["reason"], sheet.override["by"]) == (
        "mql",
        "up",
        WHY,
        "Alice",
    )


def test_revoked_before_a_decision_the_lead_goes_back(alice: User) -> None:
    lead = make_lead(alice)
    row = override(checklist_of(lead), "mql", "up", by=alice, reason=WHY)
    first = revoke(row, by=alice)
    assert revoke(row, by=alice) == first
    assert moves_of(lead)[-1] == ("mql", "lead", "override")
    assert Handoff.objects.get(lead=lead).state == Handoff.State.WITHDRAWN
    assert active_override(checklist_of(lead).pk, "mql", database_now()) is None
    with pytest.raises(MoveRefused, match="nothing to revoke"):
        revoke(first, by=alice)


def test_its_last_day_is_the_last_day(alice: User) -> None:
    lead = make_lead(alice)
    today = database_now().date()
    override(checklist_of(lead), "mql", "up", by=alice, reason=WHY, until=today + timedelta(days=3))
    assert active_override(checklist_of(lead).pk, "mql", database_now() + timedelta(days=3)) is not None
    assert active_override(checklist_of(lead).pk, "mql", database_now() + timedelta(days=4)) is None
    advance([lead.pk], at=database_now() + timedelta(days=3))
    assert stage_of(lead) == Stage.MQL
    advance([lead.pk], at=database_now() + timedelta(days=4))
    assert moves_of(lead)[-1] == ("mql", "lead", "override")


def test_down_closes_a_gate_that_the_policy_opens(alice: User) -> None:
    lead = make_lead(alice)
    override(checklist_of(lead), "mql", "down", by=alice, reason="He sells us something")
    raise_hand(lead)
    answer_all(checklist_of(lead), BEST_DIRECT, by=alice)
    assert stage_of(lead) == Stage.LEAD
    assert explain(checklist_of(lead)).mql is True
    assert not Handoff.objects.filter(lead=lead).exists()


def test_a_decision_of_sales_ends_it(alice: User) -> None:
    lead = make_lead(alice)
    override(checklist_of(lead), "mql", "up", by=alice, reason=WHY)
    reject(Handoff.objects.get(lead=lead), RejectionReason.objects.get(code="wrong_person"), by=alice, version=1)
    assert active_override(checklist_of(lead).pk, "mql", database_now()) is None
    assert stage_of(lead) == Stage.LEAD
    advance([lead.pk], at=database_now())
    assert Handoff.objects.filter(lead=lead).count() == 1
    override(checklist_of(lead), "mql", "up", by=alice, reason="Now she wants it")
    assert Handoff.objects.filter(lead=lead).count() == 2


def test_the_sql_gate_is_overridden_after_acceptance(alice: User) -> None:
    handoff = make_offered(alice)
    accept(handoff, by=alice, version=1)
    override(checklist_of(handoff.lead), "sql", "up", by=alice, reason=WHY)
    assert moves_of(handoff.lead)[-1] == ("sal", "sql", "override")
    with pytest.raises(MoveRefused, match="only the SQL gate"):
        override(checklist_of(handoff.lead), "mql", "down", by=alice, reason=WHY)


def test_an_sql_by_override_is_an_sal_again_when_it_is_revoked_before_conversion(alice: User) -> None:
    handoff = make_offered(alice)
    accept(handoff, by=alice, version=1)
    row = override(checklist_of(handoff.lead), "sql", "up", by=alice, reason=WHY)
    revoke(row, by=alice)
    assert moves_of(handoff.lead)[-1] == ("sql", "sal", "override")


def test_a_diagnostic_one_moves_nothing(alice: User) -> None:
    handoff = make_offered(alice)
    accept(handoff, by=alice, version=1)
    override(checklist_of(handoff.lead), "sql", "up", by=alice, reason=WHY, diagnostic=True)
    assert stage_of(handoff.lead) == Stage.SAL
    assert active_override(checklist_of(handoff.lead).pk, "sql", database_now()) is None
    assert diagnostic_override(checklist_of(handoff.lead).pk, database_now()) is not None


def test_a_new_one_takes_the_old_ones_place(alice: User, bob: User) -> None:
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    first = override(checklist, "mql", "up", by=alice, reason=WHY)
    second = override(checklist, "mql", "down", by=bob, reason="No")
    assert active_override(checklist.pk, "mql", database_now()) == second
    assert Override.objects.get(revokes=first).by == bob
    assert stage_of(lead) == Stage.LEAD


def test_reason_and_day_are_checked(alice: User) -> None:
    checklist = checklist_of(make_lead(alice))
    yesterday = database_now().date() - timedelta(days=1)
    for reason, until, says in [
        ("  ", None, "Say why"),
        ("x" * 301, None, "under 300"),
        (WHY, yesterday, "today or a later day"),
    ]:
        with pytest.raises(ValidationError, match=says):
            override(checklist, "mql", "up", by=alice, reason=reason, until=until)
    assert not Override.objects.exists()


def test_who_overrides(alice: User, bob: User, charlie: User, maria: User, carmen: User) -> None:
    lead = make_lead(alice)
    for other in (charlie, maria, carmen):
        with pytest.raises(Forbidden, match="Only Alice"):
            override(checklist_of(lead), "mql", "up", by=other, reason=WHY)
    override(checklist_of(lead), "mql", "up", by=bob, reason=WHY)
    nobodys = make_lead(None, team=alice.team)
    with pytest.raises(Forbidden, match="Take the lead first"):
        override(checklist_of(nobodys), "mql", "up", by=alice, reason=WHY)


def test_a_converted_or_disqualified_lead_follows_no_gate(alice: User) -> None:
    lead = make_sql(alice)
    convert(lead, ConversionChoice(account_manager=alice), by=alice)
    with pytest.raises(MoveRefused, match="follows no gate"):
        override(checklist_of(lead), "sql", "down", by=alice, reason=WHY)


def test_a_diagnostic_one_says_that_the_sql_gate_holds(alice: User) -> None:
    handoff = make_offered(alice)
    accept(handoff, by=alice, version=1)
    with pytest.raises(ValidationError, match="choose SQL"):
        override(checklist_of(handoff.lead), "sql", "down", by=alice, reason=WHY, diagnostic=True)
    assert not Override.objects.exists()


def test_what_was_revoked_offers_nothing_again(alice: User) -> None:
    """Sales sent the lead back; an override up that was taken back since is no reason to offer it once more."""
    handoff = make_offered(alice)
    lead, checklist = handoff.lead, checklist_of(handoff.lead)
    reject(handoff, RejectionReason.objects.get(code="wrong_person"), by=alice, version=1)
    override(checklist, "mql", "up", by=alice, reason=WHY)
    assert Handoff.objects.filter(lead=lead).count() == 2
    down = override(checklist, "mql", "down", by=alice, reason="I was wrong about her")
    assert stage_of(lead) == Stage.LEAD
    revoke(down, by=alice)
    assert explain(checklist).mql is True
    assert stage_of(lead) == Stage.LEAD
    assert Handoff.objects.filter(lead=lead).count() == 2

"""Sales takes a lead from the queue."""

from datetime import timedelta

import pytest

from leads.clocks import add_working_hours
from leads.handoff import HandoffTaken, accept, comment, offer_by_hand, reassign
from leads.lifecycle import Cause, Stage
from leads.models import Handoff, HandoffChange, Lead, OwnerChange, Score
from leads.moving import Moved, append_moves
from leads.setting_aside import MoveRefused
from tests.factories import make_lead
from tests.leads.answering import BEST_DIRECT, answer_all, checklist_of
from tests.leads.queueing import make_offered, moves_of, raise_hand
from users.conflicts import StaleVersion
from users.facts import database_now
from users.models import Team, User, Workspace
from users.rights import Forbidden


def test_a_raised_hand_is_offered_with_its_reason_and_both_clocks(alice: User) -> None:
    before = database_now()
    handoff = make_offered(alice)
    assert handoff.state == Handoff.State.OFFERED
    assert handoff.because == "Raised a hand: Asked for a demonstration."
    assert handoff.team == alice.team
    zone = Workspace.get().zone_of(alice.team)
    assert handoff.accept_due is not None
    assert abs(handoff.accept_due - add_working_hours(before, 8, zone)) < timedelta(seconds=30)
    assert handoff.touch_due == add_working_hours(handoff.accept_due, 8, zone)


def test_what_was_known_at_the_offer_stays_frozen(alice: User) -> None:
    handoff = make_offered(alice)
    frozen = handoff.frozen
    assert frozen["mql"] is True
    assert frozen["low"] == 0
    answer_all(checklist_of(handoff.lead), BEST_DIRECT, by=alice)
    again = Handoff.objects.get(pk=handoff.pk)
    assert again.frozen == frozen
    assert again.qualification_low == 0


def test_accepting_makes_a_sal_with_an_owner(alice: User) -> None:
    handoff = make_offered(None, team=alice.team)
    accept(handoff, by=alice, version=1)
    lead = Lead.objects.get(pk=handoff.lead_id)
    assert (lead.stage, lead.owner, lead.team) == (Stage.SAL, alice, alice.team)
    assert moves_of(lead)[-1] == ("mql", "sal", "person")
    assert (handoff.state, handoff.decided_by, handoff.version) == (Handoff.State.ACCEPTED, alice, 2)
    assert handoff.touch_due == add_working_hours(handoff.decided_at, 8, Workspace.get().zone_of(alice.team))  # type: ignore[arg-type]
    assert OwnerChange.objects.filter(lead=lead).latest("id").owner == alice
    score = Score.objects.get(lead=lead, listed=True)
    assert (score.stage, score.owner) == (Stage.SAL, alice)
    assert list(HandoffChange.objects.order_by("id").values_list("from_state", "to_state")) == [
        ("", "offered"),
        ("offered", "accepted"),
    ]


def test_a_lead_that_told_everything_is_an_sql_at_once(alice: User) -> None:
    lead = make_lead(alice)
    answer_all(checklist_of(lead), BEST_DIRECT, by=alice)
    handoff = Handoff.objects.get(lead=lead)
    assert Lead.objects.get(pk=lead.pk).stage == Stage.MQL  # sales accepts first
    accept(handoff, by=alice, version=handoff.version)
    assert moves_of(lead)[-2:] == [("mql", "sal", "person"), ("sal", "sql", "policy")]
    assert Lead.objects.get(pk=lead.pk).stage == Stage.SQL


def test_a_manager_who_accepts_leaves_the_lead_to_its_owner(alice: User, bob: User) -> None:
    handoff = make_offered(alice)
    accept(handoff, by=bob, version=1)
    assert Lead.objects.get(pk=handoff.lead_id).owner == alice


def test_the_second_is_told_who_was_first(alice: User, bob: User) -> None:
    handoff = make_offered(alice)
    accept(handoff, by=alice, version=1)
    with pytest.raises(HandoffTaken, match="Alice was first") as caught:
        accept(handoff, by=bob, version=1)
    assert caught.value.handoff.decided_by == alice
    assert HandoffChange.objects.filter(to_state="accepted").count() == 1


def test_a_hand_off_that_changed_since_it_was_read_is_not_decided_blindly(
    alice: User, maria: User, charlie: User
) -> None:
    handoff = make_offered(alice)
    assert charlie.team is not None
    reassign(handoff, charlie.team, by=maria)
    with pytest.raises(StaleVersion):
        accept(handoff, by=charlie, version=1)
    accept(handoff, by=charlie, version=2)
    assert Lead.objects.get(pk=handoff.lead_id).owner == charlie


def test_another_team_marketing_and_success_do_not_decide(
    alice: User, charlie: User, maria: User, carmen: User, dora: User
) -> None:
    handoff = make_offered(alice)
    for stranger in (charlie, maria, carmen, dora):
        with pytest.raises(Forbidden, match="team North"):
            accept(handoff, by=stranger, version=1)
    assert Handoff.objects.get().state == Handoff.State.OFFERED


def test_a_lead_without_a_team_is_decided_by_any_manager(dora: User, alice: User) -> None:
    handoff = make_offered(None)
    with pytest.raises(Forbidden, match="no team"):
        accept(handoff, by=alice, version=1)
    accept(handoff, by=dora, version=1)
    lead = Lead.objects.get(pk=handoff.lead_id)
    assert (lead.owner, lead.team) == (dora, dora.team)


def test_reassigning_moves_lead_and_hand_off_to_the_other_team(alice: User, bob: User, charlie: User) -> None:
    handoff = make_offered(alice)
    south = Team.objects.get(name="South")
    with pytest.raises(Forbidden, match="reassigned by managers"):
        reassign(handoff, south, by=alice)
    reassign(handoff, south, by=bob)
    lead = Lead.objects.get(pk=handoff.lead_id)
    assert (lead.owner, lead.team, handoff.team, handoff.state) == (None, south, south, Handoff.State.OFFERED)
    assert Handoff.objects.visible_to(charlie).filter(pk=handoff.pk).exists()
    assert not Handoff.objects.visible_to(alice).filter(pk=handoff.pk).exists()


def test_a_comment_stays_beside_the_hand_off_and_decides_nothing(alice: User, maria: User) -> None:
    handoff = make_offered(alice)
    comment(handoff, "Met him at the fair", by=maria)
    change = HandoffChange.objects.latest("id")
    assert (change.from_state, change.to_state, change.note, change.by) == (
        "offered",
        "offered",
        "Met him at the fair",
        maria,
    )


def test_an_imported_mql_is_offered_by_hand_once(alice: User) -> None:
    lead = make_lead(alice)
    with pytest.raises(MoveRefused, match="Only an MQL"):
        offer_by_hand(lead, by=alice)
    append_moves([Moved(lead.pk, Stage.LEAD, Stage.MQL, Cause.IMPORT)], at=database_now())
    answer_all(checklist_of(lead), {"budget": "set_aside"}, by=alice)  # gives it a score row
    handoff = offer_by_hand(lead, by=alice)
    assert handoff.because == "Offered by Alice."
    with pytest.raises(MoveRefused, match="in the hand-off queue already"):
        offer_by_hand(lead, by=alice)


def test_an_imported_mql_is_offered_by_itself_when_its_gate_turns_true(alice: User) -> None:
    lead = make_lead(alice)
    append_moves([Moved(lead.pk, Stage.LEAD, Stage.MQL, Cause.IMPORT)], at=database_now())
    answer_all(checklist_of(lead), {"budget": "set_aside"}, by=alice)
    assert not Handoff.objects.filter(lead=lead).exists(), "the import opens none, and the gate does not hold yet"
    raise_hand(lead)
    assert Handoff.objects.get(lead=lead).because == "Raised a hand: Asked for a demonstration."
    assert Lead.objects.get(pk=lead.pk).stage == Stage.MQL


def test_a_gate_that_is_lost_withdraws_the_offer_and_no_answer_of_sales_is_counted(alice: User) -> None:
    lead = make_lead(alice)
    answer_all(checklist_of(lead), BEST_DIRECT, by=alice)
    assert Handoff.objects.get(lead=lead).state == Handoff.State.OFFERED
    answer_all(
        checklist_of(lead),
        dict.fromkeys(("decision_maker", "evaluator", "procurement", "budget_author"), "no"),
        by=alice,
    )
    handoff = Handoff.objects.get(lead=lead)
    assert (handoff.state, handoff.decided_by) == (Handoff.State.WITHDRAWN, None)
    assert Lead.objects.get(pk=lead.pk).stage == Stage.LEAD
    raise_hand(lead)
    assert Handoff.objects.filter(lead=lead).latest("id").state == Handoff.State.OFFERED

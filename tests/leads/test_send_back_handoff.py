"""Sales rejects or recycles what it was offered; marketing reviews before."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from leads.advancing import advance
from leads.handoff import LONGEST_NOTE, accept, give_back, recycle, reject, release
from leads.lifecycle import Stage
from leads.models import Handoff, Lead, RejectionReason
from leads.setting_aside import MoveRefused, disqualify, reopen
from scoring.models import Policy
from scoring.publishing import publish_policy
from tests.factories import make_lead
from tests.leads.queueing import make_offered, moves_of, raise_hand
from users.facts import database_now
from users.models import SalesContext, User
from users.rights import Forbidden


def reason(code: str) -> RejectionReason:
    return RejectionReason.objects.get(code=code)


def test_every_reason_says_where_the_lead_goes(alice: User) -> None:
    today = database_now().date()
    for code, stage, wakes in [
        ("not_now", Stage.NURTURE, today + timedelta(days=90)),
        ("no_fit", Stage.DISQUALIFIED, None),
        ("wrong_person", Stage.LEAD, None),
    ]:
        handoff = make_offered(alice)
        reject(handoff, reason(code), by=alice, note="They said so", version=1)
        lead = Lead.objects.get(pk=handoff.lead_id)
        assert (lead.stage, lead.nurture_until) == (stage, wakes), code
        assert (handoff.state, handoff.reason, handoff.note) == (Handoff.State.REJECTED, reason(code), "They said so")
        assert moves_of(lead)[-1] == ("mql", stage, "person")


def test_a_rejected_lead_is_offered_again_only_by_something_new(alice: User) -> None:
    handoff = make_offered(alice)
    reject(handoff, reason("wrong_person"), by=alice, version=1)
    advance([handoff.lead_id], at=database_now())
    assert Handoff.objects.filter(lead=handoff.lead_id).count() == 1
    raise_hand(handoff.lead, "quote_requested")
    again = Handoff.objects.filter(lead=handoff.lead_id).latest("id")
    assert (again.state, again.because) == (Handoff.State.OFFERED, "Raised a hand: Asked for a quote.")


def test_only_those_who_work_a_lead_set_it_aside(alice: User, charlie: User, maria: User) -> None:
    lead = make_lead(alice)
    for other in (charlie, maria):
        with pytest.raises(Forbidden, match="Only Alice"):
            disqualify(lead, by=other, reason="No")
    disqualify(lead, by=alice, reason="A student")
    assert Lead.objects.get(pk=lead.pk).stage == Stage.DISQUALIFIED


def test_reopening_lets_it_be_offered_again(alice: User) -> None:
    handoff = make_offered(alice)
    reject(handoff, reason("no_fit"), by=alice, version=1)
    reopen(handoff.lead, by=alice, reason="They were bought by a firm that fits")
    assert Lead.objects.get(pk=handoff.lead_id).stage == Stage.MQL
    assert Handoff.objects.filter(lead=handoff.lead_id).latest("id").state == Handoff.State.OFFERED


def test_recycling_keeps_the_lead_warm_until_its_date_and_then_offers_it_again(alice: User) -> None:
    handoff = make_offered(alice)
    today = database_now().date()
    for wrong in (today, today - timedelta(days=1)):
        with pytest.raises(ValidationError, match="after today"):
            recycle(handoff, wrong, by=alice, version=1)
    recycle(handoff, today + timedelta(days=14), by=alice, note="New budget then", version=1)
    lead = Lead.objects.get(pk=handoff.lead_id)
    assert (lead.stage, lead.nurture_until, handoff.recycle_until) == (
        Stage.NURTURE,
        today + timedelta(days=14),
        today + timedelta(days=14),
    )
    advance([lead.pk], at=database_now() + timedelta(days=13))
    assert Lead.objects.get(pk=lead.pk).stage == Stage.NURTURE
    advance([lead.pk], at=database_now() + timedelta(days=14))
    assert moves_of(lead)[-2:] == [("nurture", "lead", "policy"), ("lead", "mql", "policy")]
    assert Handoff.objects.filter(lead=lead).latest("id").state == Handoff.State.OFFERED


def test_a_new_hand_raise_wakes_a_recycled_lead(alice: User) -> None:
    handoff = make_offered(alice)
    recycle(handoff, database_now().date() + timedelta(days=100), by=alice, version=1)
    raise_hand(handoff.lead, "contact_requested")
    assert Lead.objects.get(pk=handoff.lead_id).stage == Stage.MQL


def test_marketing_recycles_but_does_not_reject(alice: User, maria: User) -> None:
    handoff = make_offered(alice)
    with pytest.raises(Forbidden):
        reject(handoff, reason("no_fit"), by=maria, version=1)
    recycle(handoff, database_now().date() + timedelta(days=30), by=maria, version=1)
    assert Handoff.objects.get().state == Handoff.State.RECYCLED


def test_a_note_of_ten_megabytes_is_refused_with_what_to_do(alice: User) -> None:
    handoff = make_offered(alice)
    for note, says in [("x" * 10_000_000, f"under {LONGEST_NOTE}"), ("a\x00b", "invisible character")]:
        with pytest.raises(ValidationError, match=says):
            reject(handoff, reason("no_fit"), by=alice, note=note, version=1)
    assert Handoff.objects.get().state == Handoff.State.OFFERED


def test_a_reason_that_is_no_longer_used_is_refused(alice: User) -> None:
    handoff = make_offered(alice)
    old = reason("no_fit")
    old.archived_at = database_now()
    with pytest.raises(ValidationError, match="choose another"):
        reject(handoff, old, by=alice, version=1)


@pytest.fixture
def reviewing(alice: User) -> Handoff:
    """The policy in force wants marketing to look first."""
    direct = SalesContext.objects.get(code="direct")
    definition: dict[str, Any] = Policy.objects.filter(context=direct).latest("version").definition
    publish_policy(direct, {**definition, "review": True})
    return make_offered(alice)


def test_marketing_reviews_first_and_the_clocks_start_at_the_release(
    reviewing: Handoff, alice: User, bob: User, maria: User
) -> None:
    assert (reviewing.state, reviewing.accept_due) == (Handoff.State.REVIEW, None)
    sees = [person.username for person in (alice, bob, maria) if Handoff.objects.visible_to(person).exists()]
    assert sees == ["maria"], "nobody in sales sees what marketing still reviews"
    assert not Handoff.objects.visible_to(alice).exists()
    with pytest.raises(MoveRefused, match="still reviewing"):
        accept(reviewing, by=alice, version=1)
    with pytest.raises(Forbidden, match="marketing"):
        release(reviewing, by=alice, version=1)
    release(reviewing, by=maria, version=1)
    assert (reviewing.state, reviewing.version) == (Handoff.State.OFFERED, 2)
    assert reviewing.accept_due is not None
    accept(reviewing, by=alice, version=2)
    assert Lead.objects.get(pk=reviewing.lead_id).stage == Stage.SAL


def test_marketing_returns_a_lead_with_a_reason_and_it_is_not_offered_again_by_itself(
    reviewing: Handoff, maria: User
) -> None:
    with pytest.raises(ValidationError, match="few words"):
        give_back(reviewing, "  ", by=maria, version=1)
    give_back(reviewing, "A student", by=maria, version=1)
    lead = Lead.objects.get(pk=reviewing.lead_id)
    assert (reviewing.state, reviewing.note, lead.stage) == (Handoff.State.RETURNED, "A student", Stage.LEAD)
    advance([lead.pk], at=database_now())
    assert Handoff.objects.filter(lead=lead).count() == 1


def test_customer_success_sees_no_queue(carmen: User, alice: User) -> None:
    make_offered(alice)
    assert not Handoff.objects.visible_to(carmen).exists()

"""The rules themselves ask whether whoever acts may: a page or program that forgets to ask changes nothing."""

import pytest

from leads.behaviour import log_activity
from leads.models import Activity, Answer
from opportunities.models import Opportunity
from opportunities.pipeline import open_deal
from tests.factories import make_account, make_lead
from tests.leads.answering import answer, checklist_of
from users.models import User
from users.rights import Forbidden


def test_answers_come_from_those_who_work_the_lead(alice: User, bob: User, maria: User, charlie: User) -> None:
    checklist = checklist_of(make_lead(alice))
    for person in (maria, charlie):
        with pytest.raises(Forbidden, match="Only Alice"):
            answer(checklist, "pain", "yes", by=person)
    assert not Answer.objects.filter(checklist=checklist).exists()
    answer(checklist, "pain", "yes", by=bob)
    answer(checklist, "pain", "no", by=None)
    assert Answer.objects.filter(checklist=checklist).count() == 2


def test_touches_are_logged_by_those_who_work_the_lead(alice: User, maria: User, charlie: User) -> None:
    checklist = checklist_of(make_lead(alice))
    for person in (maria, charlie):
        with pytest.raises(Forbidden, match="Only Alice"):
            log_activity(checklist, Activity.Kind.CALL, by=person, two_way=True)
    assert not Activity.objects.exists()
    log_activity(checklist, Activity.Kind.CALL, by=alice, two_way=True)
    log_activity(checklist, Activity.Kind.CALL, by=None, two_way=True)
    assert Activity.objects.count() == 2


def test_the_checklist_of_a_deal_without_a_lead_is_answered_by_those_who_may_move_it(
    alice: User, maria: User, charlie: User
) -> None:
    deal = open_deal({"name": "Direct", "account": make_account(manager=alice)}, by=alice)
    checklist = Opportunity.objects.get(pk=deal.pk).checklist
    assert checklist is not None
    assert checklist.lead_id is None
    for person in (maria, charlie):
        with pytest.raises(Forbidden, match="Only Alice"):
            answer(checklist, "pain", "yes", by=person)
    answer(checklist, "pain", "yes", by=alice)
    assert Answer.objects.get().by == alice

"""Open checklists go over to a new version of their questions: what can be carried is, and the past stays as it was."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from leads import moving_checklists
from leads.casefile import archive
from leads.dates import passed_of
from leads.explaining import explain
from leads.models import Answer, Checklist, MovingOrder, Score, SetChange
from leads.moving_checklists import MovingRefused, move_marked_block, order_move, to_be_moved, what_is_lost
from leads.qualification import AnswerConflict, Given, Named, record_answer
from leads.sweeping import sweep
from leads.timeline import timeline
from reports.verification.verifying import verify
from scoring.models import Pain, Question, QuestionSet
from scoring.packs import direct, policies
from scoring.packs.shape import QuestionData, QuestionSetData
from scoring.publishing import publish_policy, publish_question_set
from tests.factories import make_checklist, make_contact, make_lead, make_opportunity
from tests.leads.answering import BEST_DIRECT, answer, checklist_of
from users.facts import database_now
from users.models import Dirty, SalesContext, User, Workspace
from users.rights import Forbidden


def published(change: Callable[[QuestionData], QuestionData | None] = lambda question: question) -> QuestionSet:
    """The next version of the direct set, with each question changed, or left out."""
    questions = tuple(after for each in direct.QUESTION_SET.questions if (after := change(each)) is not None)
    return publish_question_set(SalesContext.objects.get(code="direct"), QuestionSetData("Direct sale", questions))


def moved(target: QuestionSet, by: User) -> int:
    found = order_move(target, by=by)
    sweep()
    return found


def standing(checklist: Checklist) -> dict[str, str]:
    """Codes of the questions and of what stands, in the set that the checklist has now."""
    rows = Answer.objects.filter(checklist=checklist, question__question_set__checklists=checklist).current()
    return dict(rows.values_list("question__code", "choice__code"))


def figures(checklist: Checklist) -> list[object]:
    values = Score.objects.filter(checklist=checklist).values(
        "qualification", "low", "high", "completeness", "criteria_low", "mql", "sql", "temperature", "route"
    )
    return list(values)


def differences() -> str:
    out = StringIO()
    call_command("verify_state", stdout=out)
    return out.getvalue().splitlines()[-1]


def test_answers_go_along_with_their_evidence_and_the_score_stays(alice: User, maria: User) -> None:
    lead = make_lead(alice, answers=BEST_DIRECT)
    checklist = checklist_of(lead)
    mia = make_contact("Mia")
    answer(
        checklist, "decision_maker", "yes", by=alice, contacts=[Named(mia, "decision_maker", "Sales", champion=True)]
    )
    answer(checklist, "budget", "set_aside", by=alice, amount=Decimal(5000), currency="EUR", note="told me twice")
    before, told = figures(checklist), standing(checklist)
    events = len(timeline(lead).items)
    target = published()
    assert moved(target, maria) == 1
    checklist.refresh_from_db()
    assert checklist.question_set == target
    assert standing(checklist) == told
    assert figures(checklist) == before
    carried = Answer.objects.get(checklist=checklist, question__code="budget", question__question_set=target)
    origin = carried.replaces
    assert origin is not None
    assert carried.carried
    assert (carried.amount, carried.currency, carried.note, carried.by) == (
        Decimal(5000),
        "EUR",
        "told me twice",
        alice,
    )
    assert carried.occurred_at == origin.occurred_at
    assert carried.recorded_at > origin.recorded_at
    named = Answer.objects.get(checklist=checklist, question__code="decision_maker", question__question_set=target)
    assert list(named.named.values_list("contact", "role", "department", "champion")) == [
        (mia.pk, "decision_maker", "Sales", True)
    ]
    change = SetChange.objects.get(checklist=checklist)
    assert (change.from_set.version, change.to_set.version, change.order.by) == (1, 2, maria)
    assert len(timeline(lead).items) == events
    assert differences() == "0 differences"


def test_run_twice_it_changes_nothing(alice: User, maria: User) -> None:
    make_lead(alice, answers=BEST_DIRECT)
    target = published()
    moved(target, maria)
    facts = Answer.objects.count(), SetChange.objects.count(), MovingOrder.objects.count()
    assert moved(target, maria) == 0
    Dirty.objects.create(kind=Dirty.Kind.MOVE, key=Checklist.objects.get().pk // moving_checklists.BLOCK)
    sweep()
    assert (Answer.objects.count(), SetChange.objects.count(), MovingOrder.objects.count()) == facts
    assert not Dirty.objects.filter(kind=Dirty.Kind.MOVE).exists()


def test_what_cannot_be_carried_is_listed_first_and_then_open_again(alice: User, maria: User) -> None:
    def change(question: QuestionData) -> QuestionData | None:
        match question.code:
            case "tried":
                return None
            case "order_date":
                return replace(question, kind=Question.Kind.TEXT)
            case "pain":
                return replace(question, choices=tuple(c for c in question.choices if c.code != "partly"))
        return question

    answers = {"budget": "set_aside", "tried": "yes", "order_date": "yes", "pain": "partly"}
    first, second = make_lead(alice, answers=answers), make_lead(alice, answers={**answers, "pain": "yes"})
    target = published(change)
    assert [(each.question.code, each.reason, each.checklists) for each in what_is_lost(target)] == [
        ("pain", "the new version has no choice “Vague”", 1),
        ("tried", "the new version does not ask it", 2),
        ("order_date", "the new version asks for another kind of answer", 2),
    ]
    moved(target, maria)
    assert standing(Checklist.objects.get(lead=first)) == {"budget": "set_aside"}
    assert standing(Checklist.objects.get(lead=second)) == {"budget": "set_aside", "pain": "yes"}
    assert what_is_lost(target) == []
    # Budget 2 of 4, pain 2 of 3 now that need has two questions; each criterion is a quarter.
    assert Score.objects.get(checklist__lead=second).low == Decimal("29.2")
    assert differences() == "0 differences"


def test_the_past_is_judged_by_the_questions_of_then(alice: User, maria: User) -> None:
    lead = make_lead(alice, answers={"budget": "set_aside", "tried": "yes", "pain": "partly"})
    checklist = checklist_of(lead)
    then = database_now()
    before = explain(checklist, at=then)
    heavier = published(lambda q: None if q.code == "tried" else replace(q, weight=9) if q.code == "pain" else q)
    moved(heavier, maria)
    checklist.refresh_from_db()
    after = explain(checklist, at=then)
    assert (after.low, after.high, after.completeness) == (before.low, before.high, before.completeness)
    assert [(row.rule, row.points_low) for row in after.ledger] == [(row.rule, row.points_low) for row in before.ledger]
    now = explain(checklist)
    # Budget: 100 x 2/4; need: 50 x 9/10; each a quarter.
    assert now.low == Decimal("23.8")
    assert now.low == explain(checklist, at=database_now()).low == Score.objects.get(checklist=checklist).low
    assert differences() == "0 differences"


def test_a_champion_who_is_named_no_more_counts_no_more(alice: User, maria: User) -> None:
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    mia = make_contact("Mia")
    answer(checklist, "evaluator", "yes", by=alice, contacts=[Named(mia, champion=True)])
    answer(checklist, "pain", "yes", by=alice)
    answer(checklist, "pain_felt_by", "yes", by=alice)
    for code in ("budget", "budget_spent", "decision_date", "order_date"):
        answer(checklist, code, "no", by=alice)
    assert Score.objects.get(checklist=checklist).route == "champion"
    moved(published(), maria)
    checklist.refresh_from_db()
    assert Score.objects.get(checklist=checklist).route == "champion"
    answer(checklist, "evaluator", "yes", by=alice, contacts=[Named(mia)])
    assert Score.objects.get(checklist=checklist).route != "champion"


def test_only_open_cases_move_and_new_ones_begin_with_the_newest(alice: User, maria: User) -> None:
    open_one, put_away = make_lead(alice), make_lead(alice)
    archive(put_away, by=alice)
    own = make_checklist(None)
    make_opportunity(alice, checklist=own)
    idle = make_checklist(None)
    make_opportunity(alice, stage="lost", checklist=idle)
    target = published()
    assert set(to_be_moved(target)) == {checklist_of(open_one), own}
    moved(target, maria)
    assert Checklist.objects.filter(question_set=target).count() == 2
    assert checklist_of(make_lead(alice)).question_set == target


def test_many_blocks_and_a_worker_that_stops_between(alice: User, maria: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving_checklists, "BLOCK", 2)
    leads = [make_lead(alice, answers={"budget": "set_aside"}) for _ in range(5)]
    target = published()
    assert order_move(target, by=maria) == 5
    assert move_marked_block() == 1
    some = Checklist.objects.filter(question_set=target).count()
    assert 1 <= some <= 2
    sweep()
    assert Checklist.objects.filter(lead__in=leads, question_set=target).count() == 5
    assert Answer.objects.filter(carried=True).count() == 5


def test_who_had_the_page_open_answers_as_if_nothing_had_happened(alice: User, bob: User, maria: User) -> None:
    checklist = checklist_of(make_lead(alice, answers={"budget": "no"}))
    seen = Answer.objects.get(checklist=checklist)
    budget = seen.question
    best = budget.choices.get(code="set_aside")
    moved(published(), maria)
    given = record_answer(checklist, budget, Given(best), by=alice, replaces=seen.pk)
    assert given.question.question_set.version == 2
    assert Score.objects.get(checklist=checklist).low == Decimal("12.5")
    with pytest.raises(AnswerConflict):
        record_answer(checklist, given.question, Given(given.question.choices.get(code="no")), by=bob, replaces=seen.pk)


def test_an_answer_to_what_is_asked_no_more_is_not_lost_without_a_word(alice: User, maria: User) -> None:
    checklist = checklist_of(make_lead(alice))
    tried = Question.objects.get(question_set=checklist.question_set, code="tried")
    moved(published(lambda q: None if q.code == "tried" else q), maria)
    with pytest.raises(AnswerConflict):
        record_answer(checklist, tried, Given(tried.choices.get(code="yes")), by=alice, replaces=None)


def test_only_to_the_newest_and_only_by_those_who_draft(alice: User, maria: User) -> None:
    make_lead(alice)
    older, newest = published(), published()
    with pytest.raises(MovingRefused, match="Version 3 is newer"):
        order_move(older, by=maria)
    with pytest.raises(Forbidden):
        order_move(newest, by=alice)
    assert not Dirty.objects.filter(kind=Dirty.Kind.MOVE).exists()


def test_maria_sees_what_would_be_lost_presses_and_sees_it_done(alice: User, maria: User) -> None:
    make_lead(alice, answers={"tried": "yes"})
    target = published(lambda q: None if q.code == "tried" else q)
    client = Client()
    client.force_login(maria)
    here = reverse("leads:move-checklists", args=[target.pk])
    assert here in client.get(reverse("scoring:question-set", args=[target.pk])).content.decode()
    shown = client.get(here).content.decode()
    assert "1 open checklist asks an earlier version" in shown
    assert "the new version does not ask it" in shown
    assert client.post(here).headers["Location"] == here
    assert "1 checklist to go" in client.get(here).content.decode()
    sweep()
    assert "Every open checklist asks this version." in client.get(here).content.decode()
    assert client.get(reverse("leads:moving", args=[target.pk])).status_code == 204
    older = QuestionSet.objects.get(context=target.context, version=1)
    assert client.post(reverse("leads:move-checklists", args=[older.pk])).status_code == 409


def test_days_that_were_told_are_those_of_the_questions_asked_now(alice: User, maria: User) -> None:
    """A passed day is carried once, and of a question that is asked no more none is left to be asked about."""
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    today = Workspace.get().day_of(database_now())
    for code in ("decision_date", "order_date"):
        answer(checklist, code, "yes", by=alice, date=today - timedelta(days=1))
    assert [each.question.code for each in passed_of(alice, today)] == ["decision_date", "order_date"]
    moved(published(lambda q: None if q.code == "order_date" else q), maria)
    standing_now = passed_of(alice, today)
    assert [(each.question.code, each.carried) for each in standing_now] == [("decision_date", True)]


def test_a_pain_that_is_named_no_more_is_no_fact_any_more(alice: User, maria: User) -> None:
    """Also where it was named in an earlier version: the carried answer takes its place."""
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    downtime, errors = (Pain.objects.get(code=code) for code in ("downtime", "errors"))
    answer(checklist, "pain", "yes", by=alice, pains=[downtime])
    stops = {"code": "stops", "text": "They stand still", "points": 10}
    fit = [{**stops, "when": [{"fact": "pains", "op": "has_any", "operand": ["downtime"]}]}]
    publish_policy(lead.context, {**policies.DIRECT, "fit": fit, "personas": []})
    sweep()
    assert Score.objects.get(checklist=checklist).fit == 100
    moved(published(), maria)
    checklist.refresh_from_db()
    assert Score.objects.get(checklist=checklist).fit == 100
    answer(checklist, "pain", "yes", by=alice, pains=[errors])
    assert Score.objects.get(checklist=checklist).fit == 0
    assert differences() == "0 differences"


def test_a_checklist_on_a_version_that_nobody_moved_it_to_is_named(alice: User, maria: User) -> None:
    checklist = checklist_of(make_lead(alice))
    first = checklist.question_set
    moved(published(), maria)
    Checklist.objects.filter(pk=checklist.pk).update(question_set=first)
    table = "leads_checklist.question_set"
    assert f"{table} {checklist.pk}: its question set is not its newest change's" in verify().differences

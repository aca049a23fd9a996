"""A representative answers a checklist: what the answer is worth, what the score and the gates make of it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from leads.explaining import explain
from leads.models import Answer, GateChange, Handoff, Lead, LifecycleChange, Score
from leads.qualification import AnswerConflict, Given, record_answer
from scoring.models import Question
from tests.factories import make_lead, make_product
from tests.leads.answering import BEST_DIRECT, answer, answer_all, checklist_of
from users.facts import database_now
from users.models import User


def score_of(lead: Lead) -> Score:
    return Score.objects.get(checklist__lead=lead, listed=True)


def test_one_key_answer_is_worth_its_share(alice: User) -> None:
    """Budget's key question weighs 2 of 4 in its quarter: 12.5 of 100 points, and nothing else is known."""
    lead = make_lead(alice)
    answer(checklist_of(lead), "budget", "set_aside", by=alice)
    score = score_of(lead)
    assert (score.qualification, score.low, score.high) == (Decimal(100), Decimal("12.5"), Decimal(100))
    assert score.completeness == Decimal("12.5")
    assert score.criteria_low == [Decimal(50), 0, 0, 0]


def test_ratings_of_the_direct_budget_question(alice: User) -> None:
    """set aside 100, can be found 75, wants but cannot yet 25, no 0, each on 12.5 points of the whole."""
    for rating, low in [("set_aside", "12.5"), ("can_be_found", "9.4"), ("wants_cannot", "3.1"), ("no", "0")]:
        lead = make_lead(alice)
        answer(checklist_of(lead), "budget", rating, by=alice)
        assert score_of(lead).low == Decimal(low), rating


def test_unknown_is_not_no(alice: User) -> None:
    """A no counts as answered with nothing; what did not come up, and what they would not say, stay open."""
    no, open_, refused = make_lead(alice), make_lead(alice), make_lead(alice)
    answer(checklist_of(no), "tried", "no", by=alice)
    answer(checklist_of(open_), "tried", "not_raised", by=alice)
    answer(checklist_of(refused), "tried", "refused", by=alice)
    assert (score_of(no).qualification, score_of(no).high) == (Decimal(0), Decimal("93.8"))
    for lead in (open_, refused):
        assert (score_of(lead).qualification, score_of(lead).high) == (None, Decimal(100))
        assert score_of(lead).completeness == 0


def test_an_amount_below_the_price_limits_the_budget_answer(alice: User) -> None:
    """Half the price: half of the rating. Another currency is not compared."""
    offer = make_product(price=20_000, currency="EUR")
    half, foreign = make_lead(alice), make_lead(alice)
    answer(checklist_of(half), "budget", "can_be_found", by=alice, amount=Decimal(10_000), currency="EUR", offer=offer)
    answer(
        checklist_of(foreign), "budget", "can_be_found", by=alice, amount=Decimal(10_000), currency="USD", offer=offer
    )
    assert score_of(half).criteria_low[0] == Decimal("18.8")  # 75 x 1/2 x 2/4 = 18.75
    assert score_of(foreign).criteria_low[0] == Decimal("37.5")


def test_a_date_that_passed_counts_nothing_until_it_happened_or_moved(alice: User) -> None:
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    today = database_now().date()
    answer(checklist, "decision_date", "yes", by=alice, date=today + timedelta(days=10))
    assert score_of(lead).criteria_low[3] == Decimal(40)  # the key question weighs 2 of 5
    answer(checklist, "decision_date", "yes", by=alice, date=today - timedelta(days=1))
    assert score_of(lead).criteria_low[3] == 0
    answer(checklist, "decision_date", "yes", by=alice, date=today + timedelta(days=30))
    assert score_of(lead).criteria_low[3] == Decimal(20)  # moved after it passed: at most 50
    answer(checklist, "decision_date", "yes", by=alice, date=today - timedelta(days=1), happened_on=today)
    assert score_of(lead).criteria_low[3] == Decimal(40)


def test_a_date_left_out_in_between_does_not_make_a_passed_one_forgotten(alice: User) -> None:
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    today = database_now().date()
    answer(checklist, "decision_date", "yes", by=alice, date=today - timedelta(days=1))
    answer(checklist, "decision_date", "yes", by=alice)
    answer(checklist, "decision_date", "yes", by=alice, date=today + timedelta(days=30))
    assert score_of(lead).criteria_low[3] == Decimal(20)  # half of 40: moved after it passed


def test_a_whole_checklist_makes_the_lead_mql_and_offers_it(alice: User) -> None:
    lead = make_lead(alice)
    answer_all(checklist_of(lead), BEST_DIRECT, by=alice)
    score, handoff = score_of(lead), Handoff.objects.get(lead=lead)
    assert (score.low, score.sql, score.mql) == (Decimal(100), True, True)
    lead.refresh_from_db()
    assert lead.stage == "mql", "an SQL gate that holds at lead makes an MQL: sales accepts first"
    assert handoff.state == "offered" and handoff.frozen["sql"] in (True, False) and handoff.accept_due is not None
    moves = list(LifecycleChange.objects.filter(lead=lead).values_list("from_stage", "to_stage", "cause"))
    assert moves[-1] == ("lead", "mql", "policy")


def test_the_gate_falls_back_only_the_margin_below(alice: User) -> None:
    """Threshold 70, margin 5: a score of 66 still holds, 65 does not."""
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    answer_all(checklist, BEST_DIRECT, by=alice)
    answer(checklist, "order_date", "no", by=alice)  # 95
    answer(checklist, "tried", "no", by=alice)  # 88.75
    answer(checklist, "pain_felt_by", "no", by=alice)  # 82.5
    answer(checklist, "evaluator", "no", by=alice)  # 77.5
    answer(checklist, "budget_spent", "no", by=alice)  # 71.25
    answer(checklist, "go_live_date", "no", by=alice)  # 66.25, each criterion still at 50 or above
    assert score_of(lead).low == Decimal("66.3") and score_of(lead).sql
    answer(checklist, "budget_drawn_up", "partly", by=alice)  # 63.125
    assert score_of(lead).low == Decimal("63.1") and not score_of(lead).sql
    turns = GateChange.objects.filter(checklist=checklist, gate="sql").order_by("id")
    assert [turn.holds for turn in turns] == [True, False]


def test_two_people_on_one_question_get_both_values(alice: User, bob: User) -> None:
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    question = Question.objects.get(question_set=checklist.question_set, code="tried")
    yes, no = question.choices.get(code="yes"), question.choices.get(code="no")
    first = record_answer(checklist, question, Given(yes), by=alice, replaces=None)
    with pytest.raises(AnswerConflict) as conflict:
        record_answer(checklist, question, Given(no), by=bob, replaces=None)
    assert conflict.value.theirs == first
    assert record_answer(checklist, question, Given(yes), by=bob, replaces=None) == first, "same value: no conflict"
    second = record_answer(checklist, question, Given(no), by=bob, replaces=first.pk)
    assert second.replaces == first and Answer.objects.filter(checklist=checklist).count() == 2


def test_the_ledger_adds_up_now_and_at_every_past_moment(alice: User) -> None:
    lead = make_lead(alice, employees=300, industry="Technology", seniority="Director", department="IT")
    checklist = checklist_of(lead)
    moments = []
    for code, rating in list(BEST_DIRECT.items())[::2]:
        answer(checklist, code, "partly" if rating == "yes" else rating, by=alice)
        moments.append((database_now(), score_of(lead).low))
    for moment, low in moments:
        sheet = explain(checklist, at=moment)
        assert sheet.low == low
        assert sheet.total_of.get("qualification") == sheet.qualification
        assert sheet.total_of["fit"] == sheet.fit
        lows = [row.points_low for row in sheet.ledger if row.part == "qualification" and row.points_low is not None]
        assert sum(lows) == sheet.low
        assert all(abs(row.points) < Decimal("0.1") for row in sheet.ledger if row.rule == "Rounding")


def test_what_is_missing_and_what_to_ask_next(alice: User) -> None:
    lead = make_lead(alice)
    sheet = explain(checklist_of(lead))
    assert len(sheet.missing_for_sql) == 5, "four criteria and the whole"
    assert sheet.next_question is not None
    assert (sheet.next_question.code, sheet.next_question.gain) == ("budget", Decimal("12.5"))
    answer(checklist_of(lead), "budget", "refused", by=alice)
    after = explain(checklist_of(lead)).next_question
    assert after is not None and after.code == "pain", "refused is not asked again on the call"


def test_a_past_score_does_not_know_later_edits(alice: User) -> None:
    lead = make_lead(alice, employees=300)
    checklist = checklist_of(lead)
    before = database_now()
    fit_then = explain(checklist).fit
    Lead.objects.filter(pk=lead.pk).update(employees=3)
    assert explain(checklist).fit != fit_then
    assert explain(checklist, at=before).fit == fit_then

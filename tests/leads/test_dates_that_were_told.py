"""Days that pass without happening come back to the representative, and a later step before an earlier one is flagged."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leads.dates import Step, out_of_order
from leads.models import Lead, Score
from tests.factories import make_lead
from tests.leads.answering import answer, checklist_of
from users.facts import database_now
from users.models import User

FIRST = date(2026, 1, 1)


def steps(*days: int) -> list[Step]:
    return [Step(f"step{place}", FIRST + timedelta(days=day)) for place, day in enumerate(days, start=1)]


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ((), []),
        ((1, 1, 2), []),
        ((1, 5, 4), [("step2", "step3")]),
        ((9, 1, 10, 2), [("step1", "step2"), ("step1", "step4")]),
    ],
)
def test_a_step_before_an_earlier_one_is_out_of_order(days: tuple[int, ...], found: list[tuple[str, str]]) -> None:
    assert [(each.earlier.code, each.later.code) for each in out_of_order(steps(*days))] == found


@pytest.fixture
def today() -> date:
    return database_now().date()


def told(lead: Lead, by: User, **days: date) -> None:
    for code, day in days.items():
        answer(checklist_of(lead), code, "yes", by=by, date=day)


def warnings(page: Any) -> dict[str, list[str]]:
    every = [asked for section in page.context["sections"] for asked in section.questions]
    return {asked.question.code: asked.warnings for asked in every if asked.warnings}


def test_both_questions_say_that_their_dates_contradict(alice: User, client: Client, today: date) -> None:
    lead = make_lead(alice)
    told(lead, alice, decision_date=today + timedelta(days=9), order_date=today + timedelta(days=3))
    client.force_login(alice)
    found = warnings(client.get(reverse("leads:qualify", args=[lead.pk])))
    assert set(found) == {"decision_date", "order_date"}
    assert found["order_date"][0].startswith("Before T1")
    assert found["decision_date"][0].startswith("After T2")
    told(lead, alice, order_date=today + timedelta(days=9))
    assert warnings(client.get(reverse("leads:qualify", args=[lead.pk]))) == {}


def test_the_answer_that_makes_a_contradiction_says_so_at_once(alice: User, client: Client, today: date) -> None:
    lead = make_lead(alice)
    told(lead, alice, decision_date=today + timedelta(days=9))
    client.force_login(alice)
    sent = {"choice": "yes", "date": (today + timedelta(days=3)).isoformat(), "seen": ""}
    saved = client.post(reverse("leads:answer", args=[lead.pk, "order_date"]), sent, headers={"HX-Request": "true"})
    assert saved.status_code == 200
    assert "Before T1" in saved.content.decode()


def test_a_day_that_passed_is_on_the_representatives_list_until_it_is_answered(
    alice: User, charlie: User, client: Client, today: date
) -> None:
    late, fine, gone = (make_lead(alice, company=name) for name in ("Late Ltd", "Fine Ltd", "Gone Ltd"))
    told(late, alice, order_date=today - timedelta(days=1), decision_date=today)
    told(fine, alice, order_date=today)
    told(gone, alice, order_date=today - timedelta(days=1))
    Lead.objects.filter(pk=gone.pk).update(stage="disqualified")
    Score.objects.filter(lead=gone).update(stage="disqualified")
    others = make_lead(charlie, company="Other Ltd")
    told(others, charlie, order_date=today - timedelta(days=1))
    client.force_login(alice)

    home = client.get("/").context["passed"]
    assert [(row.checklist.lead, row.question.code) for row in home["rows"]] == [(late, "order_date")]
    listed = client.get("/leads/?mine=1&passed=1").content.decode()
    assert "Late Ltd" in listed
    for other in ("Fine Ltd", "Gone Ltd", "Other Ltd"):
        assert other not in listed
    asked = warnings(client.get(reverse("leads:qualify", args=[late.pk])))
    assert any("has passed: it counts 0" in text for text in asked["order_date"])
    ledger = client.get(reverse("leads:page", args=[late.pk])).content.decode()
    assert ledger.count("The date has passed: it counts 0 until it has happened") == 1

    answer(
        checklist_of(late), "order_date", "yes", by=alice,
        date=today - timedelta(days=1), happened_on=today - timedelta(days=1),
    )  # fmt: skip
    assert client.get("/").context["passed"]["count"] == 0
    assert "Late Ltd" not in client.get("/leads/?mine=1&passed=1").content.decode()

"""Programs read checklists and answer questions; two who answer at once get both values."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Contact
from leads.models import Answer, AnswerContact, Checklist, Lead, Score
from scoring.models import Pain
from tests.api.asking import fields, problem
from tests.factories import make_lead, make_product
from tests.leads.answering import answer, checklist_of
from users.facts import database_now
from users.models import User


@pytest.fixture
def checklist(alice: User) -> Checklist:
    return checklist_of(make_lead(alice))


def test_an_answer_is_saved_and_scored(alice: User, checklist: Checklist, ask: Any) -> None:
    program = ask(alice)
    body = {"question": "budget", "choice": "set_aside", "replaces": None, "note": "They have it."}
    response = program.post(f"checklists/{checklist.pk}/answers/", body)
    assert response.status_code == 201, response.content
    told = response.json()
    assert (told["question"], told["choice"], told["by"], told["note"]) == (
        "budget",
        "set_aside",
        "alice",
        "They have it.",
    )
    assert Score.objects.get(checklist=checklist).low > 0
    assert program.get(f"checklists/{checklist.pk}/").json()["score"]["low"] > 0


def test_the_present_answer_stands_beside_what_was_said_before(alice: User, checklist: Checklist, ask: Any) -> None:
    first = answer(checklist, "budget", "no", by=alice)
    second = answer(checklist, "budget", "set_aside", by=alice)
    asked = ask(alice, "read").get(f"checklists/{checklist.pk}/answers/").json()
    assert len(asked["questions"]) == 14
    budget = asked["questions"][0]
    assert (budget["question"], budget["current"]["id"]) == ("budget", second.pk)
    assert [old["id"] for old in budget["history"]] == [first.pk]
    assert "set_aside" in budget["choices"]
    assert asked["questions"][1]["current"] is None


def test_the_second_of_two_gets_both_answers(alice: User, bob: User, checklist: Checklist, ask: Any) -> None:
    address = f"checklists/{checklist.pk}/answers/"
    ask(bob).post(address, {"question": "budget", "choice": "no", "replaces": None})
    mine = {"question": "budget", "choice": "set_aside", "replaces": None}
    told = problem(ask(alice).post(address, mine), 409)
    assert told["yours"] == mine
    assert (told["theirs"]["choice"], told["theirs"]["by"]) == ("no", "bob")
    assert Answer.objects.count() == 1
    again = ask(alice).post(address, {**mine, "replaces": told["theirs"]["id"]})
    assert again.json()["replaces"] == told["theirs"]["id"]


def test_the_same_answer_twice_is_no_conflict(alice: User, bob: User, checklist: Checklist, ask: Any) -> None:
    body = {"question": "budget", "choice": "no", "replaces": None}
    first = ask(bob).post(f"checklists/{checklist.pk}/answers/", body).json()
    assert ask(alice).post(f"checklists/{checklist.pk}/answers/", body).json()["id"] == first["id"]


def test_evidence_of_every_kind_goes_along(alice: User, checklist: Checklist, ask: Any) -> None:
    program, address = ask(alice), f"checklists/{checklist.pk}/answers/"
    offer = make_product(price=20_000, code="press")
    known = Contact.objects.create(name="Kari Nordmann")
    budget = program.post(
        address,
        {
            "question": "budget",
            "choice": "set_aside",
            "replaces": None,
            "amount": 10000.5,
            "offer": offer.code,
            "willing_to_pay": True,
        },
    ).json()
    assert (budget["amount"], budget["currency"], budget["offer"]) == ("10000.50", "EUR", "press")
    pains = list(Pain.objects.values_list("code", flat=True)[:2])
    pain = program.post(
        address,
        {"question": "pain", "choice": "yes", "replaces": None, "pains": pains, "words": "It hurts", "can_solve": "no"},
    ).json()
    assert sorted(pain["pains"]) == sorted(pains)
    people = [{"contact": known.pk, "role": "decision_maker", "champion": True}]
    who = program.post(address, {"question": "decision_maker", "choice": "yes", "replaces": None, "contacts": people})
    assert who.json()["contacts"][0]["name"] == "Kari Nordmann"
    new = program.post(
        address,
        {"question": "decision_maker", "choice": "yes", "replaces": who.json()["id"], "contacts": [{"name": "Ola"}]},
    )
    assert AnswerContact.objects.filter(answer=new.json()["id"], contact__name="Ola").exists()
    date = program.post(
        address,
        {
            "question": "decision_date",
            "choice": "yes",
            "replaces": None,
            "date": "2027-01-31",
            "decision_days": 30,
            "cause": "New year",
        },
    ).json()
    assert (date["date"], date["decision_days"], date["cause"]) == ("2027-01-31", 30, "New year")


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"question": "shoe_size"}, "question"),
        ({"choice": "perhaps"}, "choice"),
        ({"choice": None}, "choice"),
        ({"replaces": "first"}, "replaces"),
        ({"amount": -1}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": 1e13}, "amount"),
        ({"currency": "QQQ", "amount": 1}, "currency"),
        ({"offer": "nothing"}, "offer"),
        ({"date": "2027-01-31"}, "date"),
        ({"pains": ["x"] * 51}, "pains"),
        ({"note": "x" * 10_001}, "note"),
        ({"by": "ada"}, "by"),
        ({"occurred_at": "2020-01-01"}, "occurred_at"),
        ({"contacts": [{"contact": 1}] * 100_000}, None),
    ],
)
def test_what_an_answer_cannot_be_is_named(
    alice: User, checklist: Checklist, ask: Any, more: dict[str, Any], named: str | None
) -> None:
    body = {"question": "budget", "choice": "no", "replaces": None, **more}
    response = ask(alice).post(f"checklists/{checklist.pk}/answers/", body)
    if named is None:
        assert response.status_code in {400, 413}
    else:
        fields(response, named)
    assert not Answer.objects.exists()


def test_dates_and_people_that_cannot_be(alice: User, checklist: Checklist, ask: Any) -> None:
    program, address = ask(alice), f"checklists/{checklist.pk}/answers/"
    date = {"question": "decision_date", "choice": "yes", "replaces": None}
    fields(program.post(address, {**date, "date": "0001-01-01"}), "date")
    fields(program.post(address, {**date, "date": "2026-02-30"}), "date")
    tomorrow = (database_now() + timedelta(days=2)).date().isoformat()
    fields(program.post(address, {**date, "happened_on": tomorrow}), "happened_on")
    who = {"question": "decision_maker", "choice": "yes", "replaces": None}
    fields(program.post(address, {**who, "contacts": [{"contact": 999}]}), "contacts.0.contact")
    fields(program.post(address, {**who, "contacts": [{}]}), "contacts.0")
    fields(program.post(address, {**who, "contacts": [{"name": "A", "salary": 1}]}), "contacts.0.salary")
    fields(program.post(address, {**who, "contacts": [{"name": "A"}, {"name": "A"}]}), "contacts")
    assert not Answer.objects.exists()
    assert not Contact.objects.exists()


def test_what_has_to_be_said_is_asked_for(alice: User, checklist: Checklist, ask: Any) -> None:
    fields(ask(alice).post(f"checklists/{checklist.pk}/answers/", {}), "question", "replaces")


def test_who_may_not_answer(
    alice: User, charlie: User, maria: User, carmen: User, checklist: Checklist, ask: Any
) -> None:
    address = f"checklists/{checklist.pk}/answers/"
    body = {"question": "budget", "choice": "no", "replaces": None}
    for stranger in (charlie, carmen):
        problem(ask(stranger).post(address, body), 404)
        problem(ask(stranger).get(address), 404)
        assert ask(stranger).get("checklists/").json()["results"] == []
    problem(ask(maria).post(address, body), 403, "Alice")
    problem(ask(alice, "read").post(address, body), 403, "write")
    Lead.objects.filter(checklists=checklist).update(archived_at=database_now())
    problem(ask(alice).post(address, body), 409, "archived")
    assert not Answer.objects.exists()


def test_checklists_of_one_lead(alice: User, checklist: Checklist, ask: Any) -> None:
    make_lead(alice)
    found = ask(alice).get("checklists/", lead=checklist.lead_id).json()["results"]
    assert [each["id"] for each in found] == [checklist.pk]
    fields(ask(alice).get("checklists/", lead="x"), "lead")
    fields(ask(alice).get("checklists/", lead=2**64), "lead")

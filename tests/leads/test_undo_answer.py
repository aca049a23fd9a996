"""Undo of an answer: what stood before stands again, by a new row, and the score and the lifecycle follow."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leads.explaining import explain
from leads.models import Answer, Handoff, Lead
from leads.qualification import AnswerConflict, Named
from leads.sheet import Sheet
from leads.taking_back import take_back
from tests.factories import make_contact, make_lead, make_product
from tests.leads.answering import answer, answer_all, checklist_of
from users.models import User

HTMX = {"HX-Request": "true"}


def current(lead: Lead, code: str) -> Answer:
    return Answer.objects.current().select_related("choice").get(checklist__lead=lead, question__code=code)


def sheet(lead: Lead) -> Sheet:
    return explain(checklist_of(lead))


def undo(client: Client, lead: Lead, taken: Answer, *, script: bool = True) -> Any:
    url = reverse("leads:undo-answer", args=[lead.pk, taken.question.code, taken.pk])
    return client.post(url, headers=HTMX if script else {})


def test_the_answer_before_stands_again_with_all_its_evidence(alice: User, bob: User) -> None:
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    offer = make_product("Line 3", price=48_000)
    champion = Named(make_contact(name="Ingrid Dahl"), "decision_maker", "Board", champion=True)
    answer(checklist, "budget", "set_aside", by=bob, amount=Decimal(24_000), currency="EUR", offer=offer, note="Draft.")
    answer(checklist, "decision_maker", "yes", by=bob, contacts=[champion])
    before = sheet(lead).low
    offer.price = Decimal(12_000)
    offer.save()

    taken = answer(checklist, "budget", "no", by=alice)
    back = take_back(taken, by=alice)
    assert (back.choice.code, back.amount, back.currency, back.offer, back.note, back.by, back.replaces) == (
        "set_aside",
        Decimal(24_000),
        "EUR",
        offer,
        "Draft.",
        alice,
        taken,
    )
    assert back.offer_price == Decimal(48_000), "the price that the answer was given against"
    assert sheet(lead).low == before

    again = take_back(answer(checklist, "decision_maker", "no", by=alice), by=alice)
    named = again.named.get()
    assert (named.contact, named.role, named.department, named.champion) == (
        champion.contact,
        "decision_maker",
        "Board",
        True,
    )
    assert Answer.objects.filter(checklist=checklist).count() == 6, "nothing was taken out of the history"


def test_a_question_that_was_open_is_asked_again(alice: User) -> None:
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    empty = sheet(lead)
    back = take_back(answer(checklist, "budget", "set_aside", by=alice), by=alice)
    assert (back.choice.code, back.choice.value) == ("not_raised", None)
    undone = sheet(lead)
    assert (undone.low, undone.high, undone.completeness) == (empty.low, empty.high, empty.completeness)
    assert undone.next_question is not None
    assert undone.next_question.code == "budget"


def test_a_mistyped_date_leaves_no_mark(alice: User) -> None:
    """A date that passed and is moved counts half for good; a date of the past typed by mistake and undone does not."""
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    answer(checklist, "decision_date", "yes", by=alice, date=dt.date(2090, 1, 1))
    before = sheet(lead).low
    back = take_back(answer(checklist, "decision_date", "yes", by=alice, date=dt.date(2020, 1, 1)), by=alice)
    assert (back.date, back.date_slipped) == (dt.date(2090, 1, 1), False)
    assert sheet(lead).low == before


def test_pressed_twice_it_is_undone_once(alice: User) -> None:
    checklist = checklist_of(make_lead(alice))
    answer(checklist, "budget", "no", by=alice)
    taken = answer(checklist, "budget", "set_aside", by=alice)
    assert take_back(taken, by=alice) == take_back(taken, by=alice)


def test_an_offer_that_the_answer_brought_about_is_withdrawn(alice: User) -> None:
    """Need 25 and a quarter of budget 5 are 30; the decision maker brings 12.5 and passes 40, the MQL gate's minimum."""
    lead = make_lead(alice, industry="Technology", employees=300, revenue=9_000_000, seniority="Director")
    checklist = checklist_of(lead)
    answer_all(checklist, dict.fromkeys(("pain", "pain_felt_by", "tried", "budget_spent"), "yes"), by=alice)
    lead.refresh_from_db()
    assert lead.stage == "lead"
    given = answer(checklist, "decision_maker", "yes", by=alice)
    lead.refresh_from_db()
    assert (lead.stage, Handoff.objects.get(lead=lead).state) == ("mql", "offered")
    take_back(given, by=alice)
    lead.refresh_from_db()
    assert (lead.stage, Handoff.objects.get(lead=lead).state) == ("lead", "withdrawn")


def test_somebody_elses_answer_since_is_shown_and_kept(alice: User, bob: User, client: Client) -> None:
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    answer(checklist, "budget", "can_be_found", by=alice, note="Ask the board.")
    taken = answer(checklist, "budget", "set_aside", by=alice)
    theirs = answer(checklist, "budget", "no", by=bob, note="No money this year.")
    with pytest.raises(AnswerConflict) as conflict:
        take_back(taken, by=alice)
    assert conflict.value.theirs == theirs

    client.force_login(alice)
    clash = undo(client, lead, taken)
    text = clash.content.decode()
    assert clash.status_code == 409
    for said in ("Saved by Bob", "No money this year.", "Can be found, with a value case", "Ask the board."):
        assert said in text
    assert current(lead, "budget") == theirs
    mine = dict(clash.context["asked"].mine["hidden"])
    used = client.post(
        reverse("leads:answer", args=[lead.pk, "budget"]), {**mine, "keep": "mine", "seen": theirs.pk}, headers=HTMX
    )
    assert used.status_code == 200
    assert (current(lead, "budget").choice.code, current(lead, "budget").note) == ("can_be_found", "Ask the board.")


def test_an_answer_brings_its_undo_and_undo_opens_the_question(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    saved = client.post(reverse("leads:answer", args=[lead.pk, "budget"]), {"choice": "set_aside"}, headers=HTMX)
    given = current(lead, "budget")
    assert f'hx-post="/leads/{lead.pk}/qualify/budget/undo/{given.pk}/"' in saved.content.decode()
    assert 'data-key="u"' in saved.content.decode()

    undone = undo(client, lead, given)
    assert undone.status_code == 200
    assert undone.context["asked"].open
    assert 'data-key="u"' not in undone.content.decode()
    assert current(lead, "budget").choice.code == "not_raised"


def test_without_script_the_question_itself_has_the_undo(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    given = answer(checklist_of(lead), "tried", "no", by=alice)
    address = f"/leads/{lead.pk}/qualify/tried/undo/{given.pk}/?context=direct"
    page = client.get(f"/leads/{lead.pk}/qualify/?context=direct").content.decode()
    assert f'formaction="{address}"' in page
    back = client.post(address)
    assert (back.status_code, back["Location"]) == (302, f"/leads/{lead.pk}/qualify/?context=direct&open=tried#q-tried")


def test_only_who_may_answer_may_undo(alice: User, maria: User, charlie: User, client: Client) -> None:
    lead = make_lead(alice)
    other = make_lead(alice, name="Somebody Else")
    given = answer(checklist_of(lead), "tried", "no", by=alice)
    for user, status in ((maria, 403), (charlie, 404)):
        client.force_login(user)
        assert undo(client, lead, given).status_code == status
    client.force_login(alice)
    assert undo(client, other, given).status_code == 404, "an answer of another lead"
    Lead.objects.filter(pk=lead.pk).update(archived_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert undo(client, lead, given).status_code == 403
    assert current(lead, "tried") == given

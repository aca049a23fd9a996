"""The qualify page: questions are answered one by one, saved at once, and the score follows."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Answer, Checklist, Lead
from leads.qualification import Given, record_answer
from leads.views.questions import questions_of
from scoring.models import Pain
from tests.factories import make_contact, make_lead, make_product
from users.models import User

HTMX = {"HX-Request": "true"}


def post(client: Client, lead: Lead, code: str, *, context: str = "", script: bool = True, **data: Any) -> Any:
    url = reverse("leads:answer", args=[lead.pk, code]) + (f"?context={context}" if context else "")
    return client.post(url, data, headers=HTMX if script else {})


def answer_of(lead: Lead, code: str) -> Answer:
    return Answer.objects.current().get(checklist__lead=lead, question__code=code)


def give(lead: Lead, code: str, rating: str, by: User, **evidence: Any) -> Answer:
    checklist = lead.checklists.get(context=lead.context)
    question = next(each for each in questions_of(checklist.question_set_id) if each.code == code)
    return record_answer(
        checklist, question, Given(choice=question.choices.get(code=rating), **evidence), by=by, replaces=None
    )


def test_the_page_asks_all_questions_of_the_set_with_the_best_next_one_open(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    page = client.get(reverse("leads:qualify", args=[lead.pk]))
    assert page.status_code == 200
    asked = [each for section in page.context["sections"] for each in section.questions]
    assert len(asked) == 14
    assert [each.question.code for each in asked if each.open] == ["budget"]
    channel = client.get(reverse("leads:qualify", args=[lead.pk]) + "?context=channel")
    assert sum(len(section.questions) for section in channel.context["sections"]) == 17
    assert client.get(reverse("leads:qualify", args=[lead.pk]) + "?context=barter").status_code == 404


def test_an_answer_is_saved_at_once_and_the_score_beside_it_changes(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    answered = post(client, lead, "budget", choice="set_aside", seen="")
    assert answered.status_code == 200
    text = answered.content.decode()
    assert 'id="q-budget"' in text
    assert 'id="qual-rail" hx-swap-oob="true"' in text
    assert "data-answered" in text
    saved = answer_of(lead, "budget")
    assert (saved.choice.code, saved.by) == ("set_aside", alice)
    assert answered.context["sheet"].low > 0


def test_the_same_press_twice_leaves_one_answer(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    post(client, lead, "budget", choice="set_aside", seen="")
    assert post(client, lead, "budget", choice="set_aside", seen="").status_code == 200
    assert Answer.objects.filter(checklist__lead=lead).count() == 1
    assert post(client, lead, "budget", choice="no", seen="").status_code == 200, "two quick presses of one person"
    assert answer_of(lead, "budget").choice.code == "no"


def test_typed_values_are_kept_beside_the_rating(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    offer = make_product("Line 3", price=48_000)
    client.force_login(alice)
    post(
        client,
        lead,
        "budget",
        choice="set_aside",
        amount="€ 50.000",
        currency="EUR",
        offer=offer.pk,
        willing_to_pay="yes",
        note="In the draft.",
    )
    budget = answer_of(lead, "budget")
    assert (budget.amount, budget.currency, budget.offer, budget.willing_to_pay) == (
        Decimal(50_000),
        "EUR",
        offer,
        True,
    )
    assert (budget.offer_price, budget.note) == (Decimal(48_000), "In the draft.")

    post(client, lead, "decision_date", choice="yes", date="2027-03-01", cause="Audit in April", decision_days="20")
    decided = answer_of(lead, "decision_date")
    assert (str(decided.date), decided.cause, decided.decision_days) == ("2027-03-01", "Audit in April", 20)

    post(
        client,
        lead,
        "decision_maker",
        choice="yes",
        new_name="Ingrid Dahl",
        new_title="CEO",
        role="decision_maker",
        champion="on",
    )
    named = answer_of(lead, "decision_maker").named.get()
    assert (named.contact.name, named.contact.title, named.role, named.champion) == (
        "Ingrid Dahl",
        "CEO",
        "decision_maker",
        True,
    )

    post(
        client,
        lead,
        "pain_felt_by",
        choice="yes",
        who=[named.contact.pk],
        new_name="Per Lie",
        department="Maintenance",
        role="user",
    )
    felt = list(answer_of(lead, "pain_felt_by").named.order_by("contact__name"))
    assert [(each.contact.name, each.feels_the_pain) for each in felt] == [("Ingrid Dahl", True), ("Per Lie", True)]

    pains = list(Pain.objects.filter(code__in=["downtime", "errors"]).values_list("pk", flat=True))
    post(client, lead, "pain", choice="yes", pains=pains, can_solve="specifically", words="Two call-outs a night.")
    pain = answer_of(lead, "pain")
    assert (pain.named_pains.count(), pain.can_solve, pain.words) == (2, "specifically", "Two call-outs a night.")


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("budget", {}),
        ("budget", {"choice": "perhaps"}),
        ("budget", {"choice": "set_aside", "amount": "-5", "currency": "EUR"}),
        ("budget", {"choice": "set_aside", "amount": "a lot", "currency": "EUR"}),
        ("budget", {"choice": "set_aside", "amount": "9" * 30, "currency": "EUR"}),
        ("budget", {"choice": "set_aside", "amount": "5", "currency": "QQQ"}),
        ("budget", {"choice": "set_aside", "offer": "999999"}),
        ("decision_date", {"choice": "yes", "date": "2027-02-30"}),
        ("decision_date", {"choice": "yes", "date": "1066-10-14"}),
        ("decision_date", {"choice": "yes", "happened_on": "2090-01-01"}),
        ("decision_date", {"choice": "yes", "decision_days": "-3"}),
        ("decision_maker", {"choice": "yes", "who": "1"}),
        ("decision_maker", {"choice": "yes", "champion": "on"}),
        ("tried", {"choice": "yes", "note": "x" * 10_001}),
        ("tried", {"choice": "yes", "note": "nul\x00"}),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_a_sentence_and_kept(
    alice: User, client: Client, code: str, data: dict[str, Any]
) -> None:
    lead = make_lead(alice)
    data = {"currency": "EUR"} | data if code == "budget" else data
    client.force_login(alice)
    refused = post(client, lead, code, **data)
    assert refused.status_code == 422
    text = refused.content.decode()
    assert 'role="alert"' in text
    for value in data.values():
        assert value[:40] in text or value in {"on", "1", "999999", "QQQ", "perhaps", "nul\x00"}, (
            "what was typed is still there"
        )
    assert not Answer.objects.filter(checklist__lead=lead).exists()
    whole = post(client, lead, code, script=False, **data)
    assert whole.status_code == 422
    assert b"<html" in whole.content


def test_two_people_on_one_question_choose_between_both_values(alice: User, bob: User, client: Client) -> None:
    lead = make_lead(alice)
    give(lead, "budget", "no", bob, note="No money this year.")
    client.force_login(alice)
    clash = post(client, lead, "budget", choice="set_aside", seen="", note="It is in the draft.")
    text = clash.content.decode()
    assert clash.status_code == 409
    assert "Saved by Bob" in text
    assert "No money this year." in text
    assert "It is in the draft." in text
    theirs = answer_of(lead, "budget")
    assert theirs.choice.code == "no", "nothing was overwritten"

    kept = post(client, lead, "budget", keep="theirs", seen=theirs.pk)
    assert kept.status_code == 200
    assert answer_of(lead, "budget") == theirs
    mine = post(
        client,
        lead,
        "budget",
        keep="mine",
        choice="set_aside",
        note="It is in the draft.",
        currency="EUR",
        seen=theirs.pk,
    )
    assert mine.status_code == 200
    assert answer_of(lead, "budget").replaces == theirs
    without_script = post(client, lead, "budget", choice="no", seen="", script=False)
    assert without_script.status_code in {302, 409}


def test_without_script_an_answer_leads_back_to_the_page(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    saved = post(client, lead, "tried", choice="no", script=False)
    assert saved.status_code == 302
    assert saved["Location"].startswith(reverse("leads:qualify", args=[lead.pk]))


def test_marketing_and_other_teams_cannot_answer(
    alice: User, maria: User, charlie: User, carmen: User, client: Client
) -> None:
    lead = make_lead(alice, answers={"tried": "no"})
    url = reverse("leads:qualify", args=[lead.pk])
    client.force_login(maria)
    page = client.get(url)
    assert page.status_code == 200
    sheet = page.content.decode()
    assert "Only Alice" in sheet, "it says who may"
    assert "Nothing tried" in sheet
    for pressed in ("<fieldset", "<kbd>1</kbd>", "data-step", "Ask next", 'type="radio"', "<kbd>E</kbd>"):
        assert pressed not in sheet, pressed
    refused = post(client, lead, "budget", choice="no")
    assert refused.status_code == 403
    assert "Alice" in refused.content.decode(), "it names who may"
    for stranger in (charlie, carmen):
        client.force_login(stranger)
        assert client.get(url).status_code == 404
        assert post(client, lead, "budget", choice="no").status_code == 404
    assert Answer.objects.filter(checklist__lead=lead).count() == 1


def test_what_was_answered_in_the_other_set_is_offered_to_confirm(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    ingrid = make_contact("Ingrid Dahl")
    client.force_login(alice)
    post(client, lead, "decision_maker", choice="yes", new_name=ingrid.name, role="decision_maker")
    said = answer_of(lead, "decision_maker")
    page = client.get(reverse("leads:qualify", args=[lead.pk]) + "?context=channel&open=decision_maker")
    assert "Still so: confirm" in page.content.decode()
    confirmed = post(client, lead, "decision_maker", context="channel", confirms=said.pk)
    assert confirmed.status_code == 200
    here = Answer.objects.get(checklist__lead=lead, checklist__context__code="channel")
    assert (here.confirms, here.choice.code) == (said, "yes")
    assert here.named.get().contact.name == "Ingrid Dahl"
    assert post(client, lead, "tried", context="channel", confirms=said.pk).status_code == 404


def test_switching_the_context_keeps_what_was_answered(alice: User, client: Client) -> None:
    lead = make_lead(alice, answers={"budget": "set_aside"})
    client.force_login(alice)
    assert client.post(reverse("leads:context", args=[lead.pk]), {"context": "channel"}).status_code == 302
    lead.refresh_from_db()
    assert lead.context.code == "channel"
    client.post(reverse("leads:context", args=[lead.pk]), {"context": "direct"})
    page = client.get(reverse("leads:qualify", args=[lead.pk]))
    assert page.context["answered_count"] == 1
    assert Checklist.objects.filter(lead=lead).count() == 2


def test_the_page_says_who_answered_what_and_when_and_what_was_said_before(
    alice: User, bob: User, client: Client
) -> None:
    lead = make_lead(alice)
    first = give(lead, "tried", "no", bob, note="Nothing at all.")
    checklist = lead.checklists.get()
    record_answer(
        checklist, first.question, Given(choice=first.question.choices.get(code="yes")), by=alice, replaces=first.pk
    )
    client.force_login(alice)
    text = client.get(reverse("leads:qualify", args=[lead.pk])).content.decode()
    assert "Answered by Alice" in text
    assert "1 earlier answer" in text
    assert "Nothing at all." in text


def test_brackets_lead_along_the_list_it_was_opened_from(alice: User, client: Client) -> None:
    leads = [make_lead(alice, company=f"Co {number}") for number in range(3)]
    other = make_lead(alice, company="Else", source="referral")
    client.force_login(alice)
    page = client.get(reverse("leads:qualify", args=[leads[1].pk]) + "?from=source%3Dwebsite")
    beside = page.context["neighbours"]
    assert f"/leads/{leads[2].pk}/" in beside.previous
    assert f"/leads/{leads[0].pk}/" in beside.next
    alone = client.get(reverse("leads:qualify", args=[other.pk]) + "?from=source%3Dreferral").context["neighbours"]
    assert (alone.previous, alone.next) == ("", "")
    assert client.get(reverse("leads:qualify", args=[other.pk]) + "?from=nonsense%3D1").status_code == 200


def test_the_page_takes_the_same_queries_however_much_is_answered(
    alice: User, client: Client, django_assert_max_num_queries: Any
) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    url = reverse("leads:qualify", args=[lead.pk])
    client.get(url)
    with django_assert_max_num_queries(15):
        client.get(url)
    for code in ("budget", "decision_maker", "tried", "pain"):
        post(client, lead, code, choice="yes" if code != "budget" else "no", currency="EUR")
    with django_assert_max_num_queries(18):  # what was named takes two more
        client.get(url)


def test_a_first_answer_is_written_scored_and_shown_in_few_queries(
    alice: User, client: Client, django_assert_max_num_queries: Any
) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    post(client, lead, "budget", choice="no", currency="EUR")
    with django_assert_max_num_queries(18):
        post(client, lead, "tried", choice="no", seen="")
    assert answer_of(lead, "tried").choice.code == "no"


@pytest.mark.parametrize("script", [True, False])
def test_a_note_of_ten_megabytes_is_refused_with_a_sentence(alice: User, client: Client, script: bool) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    refused = post(client, lead, "tried", script=script, choice="yes", note="x" * 10_000_000)
    assert refused.status_code == 413
    assert "what you typed is still there" in refused.content.decode()
    assert not Answer.objects.filter(checklist__lead=lead).exists()

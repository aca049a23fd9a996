"""A deal without a lead, and a further deal, is asked in the browser: keys, score, conflict and rights as on a lead's page."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Contact
from leads.models import Answer, AnswerContact, Checklist
from opportunities.conversion import ConversionChoice, convert, open_further_deal
from opportunities.editing import archive_opportunity
from opportunities.models import Opportunity
from opportunities.pipeline import open_deal
from tests.factories import make_account, make_contact, make_opportunity
from tests.leads.answering import answer
from tests.leads.queueing import make_sql
from users.models import User

HTMX = {"HX-Request": "true"}


@pytest.fixture
def deal(alice: User) -> Opportunity:
    return open_deal({"name": "Kiln", "account": make_account("Nordvik", manager=alice)}, by=alice)


def page(client: Client, deal: Opportunity, query: str = "") -> Any:
    return client.get(f"/opportunities/{deal.pk}/qualify/{query}")


def press(client: Client, deal: Opportunity, code: str, *, script: bool = True, **sent: Any) -> Any:
    address = f"/opportunities/{deal.pk}/qualify/{code}/"
    return client.post(address, {"seen": "", **sent}, headers=HTMX if script else {})


def own(deal: Opportunity) -> Checklist:
    assert deal.checklist is not None
    return deal.checklist


def standing(deal: Opportunity, code: str) -> Answer:
    return Answer.objects.current().get(checklist=deal.checklist, question__code=code)


def test_the_deals_page_leads_to_its_questions(deal: Opportunity, alice: User, client: Client) -> None:
    client.force_login(alice)
    assert f"/opportunities/{deal.pk}/qualify/" in client.get(f"/opportunities/{deal.pk}/").content.decode()
    shown = page(client, deal)
    assert shown.status_code == 200
    every = [asked for section in shown.context["sections"] for asked in section.questions]
    assert len(every) == 14
    assert [asked.question.code for asked in every if asked.open] == ["budget"]
    html = shown.content.decode()
    for part in ('hx-post="/opportunities/', 'data-key="1"', "Nordvik", "Ask next"):
        assert part in html, part
    assert "/leads/" not in html.split("<main")[1].split("</main>")[0]


def test_an_answer_is_saved_at_once_and_the_score_beside_it_follows(
    deal: Opportunity, alice: User, client: Client
) -> None:
    client.force_login(alice)
    saved = press(client, deal, "budget", choice="set_aside")
    assert saved.status_code == 200
    html = saved.content.decode()
    for part in ('id="q-budget"', "data-answered", 'id="qual-rail" hx-swap-oob="true"', 'id="qual-saved"', "1 of 14"):
        assert part in html, part
    assert saved.context["sheet"].low > 0
    found = standing(deal, "budget")
    assert (found.choice.code, found.by) == ("set_aside", alice)
    undone = client.post(f"/opportunities/{deal.pk}/qualify/budget/undo/{found.pk}/", headers=HTMX)
    assert undone.status_code == 200
    assert standing(deal, "budget").choice.value is None


def test_without_script_it_is_a_form(deal: Opportunity, alice: User, client: Client) -> None:
    client.force_login(alice)
    saved = press(client, deal, "budget", script=False, choice="no")
    assert (saved.status_code, saved["Location"]) == (302, f"/opportunities/{deal.pk}/qualify/#checklist")
    unreadable = press(
        client, deal, "budget", script=False, choice="no", amount="much", seen=standing(deal, "budget").pk
    )
    assert unreadable.status_code == 422
    assert "much" in unreadable.content.decode()
    assert press(client, deal, "no-such-question", choice="no").status_code == 404


def test_two_people_on_one_question_see_both_values(deal: Opportunity, alice: User, bob: User, client: Client) -> None:
    client.force_login(alice)
    answer(own(deal), "budget", "no", by=bob)
    clash = press(client, deal, "budget", choice="set_aside")
    assert clash.status_code == 409
    html = clash.content.decode()
    assert "Bob" in html
    theirs = standing(deal, "budget")
    assert theirs.choice.code == "no", "nothing was overwritten"
    assert press(client, deal, "budget", choice="set_aside", seen=theirs.pk).status_code == 200
    assert standing(deal, "budget").choice.code == "set_aside"


def test_who_is_named_belongs_to_the_deals_account(deal: Opportunity, alice: User, client: Client) -> None:
    make_contact("Kari", account=deal.account)
    make_contact("Stranger", account=make_account("Other"))
    client.force_login(alice)
    html = page(client, deal, "?open=decision_maker").content.decode()
    assert "Kari" in html
    assert "Stranger" not in html
    press(client, deal, "decision_maker", choice="yes", new_name="Ola Berg", role="decision_maker")
    named = AnswerContact.objects.get(answer=standing(deal, "decision_maker"))
    assert (named.contact.name, named.contact.account) == ("Ola Berg", deal.account)
    again = press(client, deal, "evaluator", choice="yes", new_name="ola berg", role="influencer")
    assert again.status_code == 200
    assert Contact.objects.filter(name__iexact="ola berg").count() == 1


def test_who_sees_the_deal_reads_and_who_moves_it_answers(
    deal: Opportunity, bob: User, maria: User, charlie: User, alice: User, client: Client
) -> None:
    for person, reads, answers in ((bob, 200, 200), (maria, 200, 403), (charlie, 404, 404)):
        client.force_login(person)
        assert page(client, deal).status_code == reads, person
        assert press(client, deal, "budget", choice="no").status_code == answers, person
    client.force_login(maria)
    assert "Only Alice" in page(client, deal).content.decode()
    archive_opportunity(deal, by=alice)
    client.force_login(alice)
    assert page(client, deal).status_code == 200
    assert press(client, deal, "budget", choice="set_aside").status_code == 403
    assert standing(deal, "budget").by == bob


def test_a_further_deal_offers_what_its_lead_has_told(alice: User, client: Client) -> None:
    lead = make_sql(alice)
    first = convert(lead, ConversionChoice(account_manager=alice), by=alice).opportunity
    assert first is not None
    further = open_further_deal(lead, {"name": "Second"}, by=alice)
    client.force_login(alice)
    moved = page(client, first)
    assert (moved.status_code, moved["Location"]) == (302, f"/leads/{lead.pk}/qualify/")
    every = {
        asked.question.code: asked
        for section in page(client, further).context["sections"]
        for asked in section.questions
    }
    said = every["budget"].elsewhere
    assert said is not None
    assert said.checklist.lead == lead
    assert press(client, further, "budget", confirms=said.pk).status_code == 200
    assert standing(further, "budget").confirms == said
    for odd in ("0", "x", "9" * 30, str(standing(further, "budget").pk)):
        assert press(client, further, "pain", confirms=odd).status_code == 404, odd
    assert press(client, first, "budget", choice="no").status_code == 404, "its answers are the lead's"


def test_a_deal_without_a_checklist_has_no_questions(alice: User, client: Client) -> None:
    bare = make_opportunity(alice, account=make_account(manager=alice))
    client.force_login(alice)
    assert page(client, bare).status_code == 404
    assert press(client, bare, "budget", choice="no").status_code == 404


def test_an_answer_costs_a_set_number_of_statements(
    deal: Opportunity, alice: User, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(alice)
    press(client, deal, "budget", choice="set_aside")
    with django_assert_max_num_queries(30):
        page(client, deal)
    with django_assert_max_num_queries(30):
        press(client, deal, "pain", choice="yes")

"""Alice presses twice, or her browser sends the form again: one record is made, and she lands on it."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, AccountType, Contact
from leads.models import Activity, Campaign, Lead
from opportunities.models import Opportunity, Pipeline
from tests.factories import make_account, make_lead
from tests.leads.test_two_accept_at_once import at_once
from users.models import SalesContext, User

TOKEN = re.compile(r'name="once" value="([0-9a-f-]{36})"')


def token_of(client: Client, address: str) -> str:
    found = TOKEN.search(client.get(address).content.decode())
    assert found is not None, f"{address} has a token"
    return found[1]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def forms_of(alice: User) -> dict[str, tuple[str, str, dict[str, Any], Any]]:
    """By what is made: the page with the form, where it is sent, what is typed, and the rows."""
    account = make_account("Nordvik", manager=alice)
    lead = make_lead(alice)
    context, prospect = SalesContext.objects.get(code="direct"), AccountType.objects.get(code="prospect")
    deal = {"name": "Deal", "account": str(account), "pipeline": Pipeline.objects.all()[0].pk, "owner": alice.pk}
    return {
        "lead": ("/leads/new/", "/leads/new/", {"name": "Anna", "context": context.pk}, Lead),
        "deal": ("/opportunities/new/", "/opportunities/new/", deal, Opportunity),
        "account": ("/accounts/new/", "/accounts/new/", {"name": "A", "type": prospect.pk, "manager": alice.pk}, Account),
        "contact": ("/contacts/new/", "/contacts/new/", {"name": "Kari", "account": str(account)}, Contact),
        "log entry": (f"/leads/{lead.pk}/", f"/leads/{lead.pk}/log/", {"kind": "call", "note": "Rang"}, Activity),
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["lead", "deal", "account", "contact", "log entry"])
def test_the_second_of_two_equal_submits_makes_nothing_and_leads_to_the_first(alice: User, kind: str) -> None:
    page, address, typed, model = forms_of(alice)[kind]
    client = signed_in(alice)
    sent = {**typed, "once": token_of(client, page)}
    before = model.objects.count()
    first, second = client.post(address, sent), client.post(address, sent)
    assert (first.status_code, second.status_code) == (302, 302), first.content
    assert second["Location"] == first["Location"]
    assert model.objects.count() == before + 1
    assert client.get(second["Location"]).status_code == 200


def test_a_campaign_is_opened_once(maria: User) -> None:
    client = signed_in(maria)
    sent = {"name": "Fair", "once": token_of(client, "/campaigns/new/")}
    assert [client.post("/campaigns/new/", sent).status_code for _press in range(2)] == [302, 302]
    assert Campaign.objects.filter(name="Fair").count() == 1


def test_what_was_corrected_or_changed_is_meant_anew(alice: User) -> None:
    context = SalesContext.objects.get(code="direct").pk
    client = signed_in(alice)
    token = token_of(client, "/leads/new/")
    refused = client.post("/leads/new/", {"context": context, "once": token})
    assert refused.status_code == 422
    assert TOKEN.findall(refused.content.decode()) == [token], "the token goes along"
    for name in ("Anna", "Bert"):
        assert client.post("/leads/new/", {"name": name, "context": context, "once": token}).status_code == 302
    assert Lead.objects.count() == 2


def test_a_token_is_that_of_its_person_and_of_nothing_odd(alice: User, charlie: User) -> None:
    sent = {"name": "Anna", "context": SalesContext.objects.get(code="direct").pk}
    token = token_of(signed_in(alice), "/leads/new/")
    for person in (alice, charlie):
        assert signed_in(person).post("/leads/new/", {**sent, "once": token}).status_code == 302
    for odd in ("", "x" * 5000, "\x00", "<b>"):
        assert signed_in(alice).post("/leads/new/", {**sent, "once": odd}).status_code == 302, odd
    assert Lead.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_make_one_lead(alice: User) -> None:
    sent = {
        "name": "Anna",
        "context": SalesContext.objects.get(code="direct").pk,
        "once": token_of(signed_in(alice), "/leads/new/"),
    }
    clients = [signed_in(alice), signed_in(alice)]
    answers = at_once(*(lambda client=client: client.post("/leads/new/", sent) for client in clients))
    assert [answer.status_code for answer in answers] == [302, 302], answers
    lead = Lead.objects.get()
    assert {answer["Location"] for answer in answers} == {f"/leads/{lead.pk}/"}

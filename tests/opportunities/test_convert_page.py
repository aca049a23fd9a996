"""Alice turns an SQL into account, contact and deal on one page, once, and takes it back."""

import re
from decimal import Decimal
from typing import Any

from django.test import Client

from accounts.models import Account, Contact
from leads.lifecycle import Stage
from leads.models import Lead
from opportunities.forms import NEW
from opportunities.models import Conversion, Opportunity, PipelineStage
from opportunities.pipeline import move_to_stage
from tests.factories import make_account, make_contact, make_lead
from tests.leads.queueing import make_offered, make_sql
from users.models import User


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def choice(client: Client, lead: Lead, **changes: Any) -> dict[str, Any]:
    """What a browser would send of the form as it stands."""
    form = client.get(f"/leads/{lead.pk}/convert/").context["form"]
    first = form.initial
    sent = {
        "account": first["account"],
        "contact": first["contact"],
        "account_name": first["account_name"],
        "account_manager": first["account_manager"].pk,
        "open_deal": "on",
        "deal_name": first["deal_name"],
        "pipeline": first["pipeline"].pk,
        "currency": "EUR",
    }
    return sent | changes


def test_a_new_account_contact_and_deal_in_one_press(alice: User) -> None:
    lead = make_sql(alice)
    client = signed_in(alice)
    response = client.post(f"/leads/{lead.pk}/convert/", choice(client, lead, amount="12000"))
    deal = Opportunity.objects.get(lead=lead)
    assert (response.status_code, response["Location"]) == (302, f"/opportunities/{deal.pk}/")
    assert deal.account is not None
    assert (deal.account.name, deal.account.manager, deal.amount) == (lead.company, alice, Decimal(12000))
    assert deal.contact is not None
    assert deal.contact.name == lead.name
    assert Lead.objects.get(pk=lead.pk).stage == Stage.OPPORTUNITY


def test_a_second_submit_does_nothing_and_shows_the_same_result(alice: User) -> None:
    lead = make_sql(alice)
    client = signed_in(alice)
    sent = choice(client, lead)
    first = client.post(f"/leads/{lead.pk}/convert/", sent)
    second = client.post(f"/leads/{lead.pk}/convert/", sent, follow=True)
    assert second.redirect_chain[0][0] == first["Location"]
    assert "nothing was done twice" in second.content.decode()
    assert Conversion.objects.filter(lead=lead).count() == 1
    assert Opportunity.objects.filter(lead=lead).count() == 1
    assert "Open the deal" in client.get(f"/leads/{lead.pk}/convert/").content.decode()


def test_what_exists_is_found_and_its_reason_said(alice: User) -> None:
    lead = make_sql(alice)
    account = make_account(lead.company.upper(), manager=alice)
    contact = make_contact(lead.name, account=account, email=lead.email)
    client = signed_in(alice)
    html = client.get(f"/leads/{lead.pk}/convert/").content.decode()
    assert "Same name" in html
    assert "Same e-mail address" in html
    client.post(f"/leads/{lead.pk}/convert/", choice(client, lead))
    assert Opportunity.objects.get(lead=lead).account == account
    assert Opportunity.objects.get(lead=lead).contact == contact
    assert (Account.objects.count(), Contact.objects.count()) == (1, 1)


def test_among_several_of_one_group_a_person_chooses(alice: User) -> None:
    lead = make_sql(alice)
    for country in ("Norway", "Italy"):
        make_account(f"Group {country}", manager=alice, domain=lead.email.split("@")[1])
    client = signed_in(alice)
    html = client.get(f"/leads/{lead.pk}/convert/").content.decode()
    assert "Group Norway" in html
    assert "Group Italy" in html
    assert choice(client, lead)["account"] == NEW


def test_of_a_group_the_account_of_the_same_name_is_chosen(alice: User) -> None:
    lead = make_sql(alice)
    for name in ("Group Norway", lead.company.upper(), "Group Italy"):
        make_account(name, manager=alice, domain=lead.email.split("@")[1])
    client = signed_in(alice)
    assert choice(client, lead)["account"] == str(Account.objects.get(name=lead.company.upper()).pk)
    assert "Same name and domain" in client.get(f"/leads/{lead.pk}/convert/").content.decode()


def test_a_second_account_of_one_name_is_made_only_when_asked_for_twice(alice: User) -> None:
    lead = make_sql(alice)
    make_account(lead.company, manager=alice)
    client = signed_in(alice)
    sent = choice(client, lead, account=NEW)
    refused = client.post(f"/leads/{lead.pk}/convert/", sent)
    assert refused.status_code == 422
    assert f"There is an account {lead.company} already" in refused.content.decode()
    assert not Conversion.objects.exists()
    told_of = re.search(r'name="told_of" value="([^"]+)"', refused.content.decode())
    assert told_of
    client.post(f"/leads/{lead.pk}/convert/", sent | {"told_of": told_of[1]})
    assert Account.objects.filter(name=lead.company).count() == 2


def test_another_account_is_chosen_by_name(alice: User) -> None:
    lead = make_sql(alice)
    other = make_account("Something else", manager=alice)
    client = signed_in(alice)
    client.post(f"/leads/{lead.pk}/convert/", choice(client, lead, other_account="something else", contact="none"))
    deal = Opportunity.objects.get(lead=lead)
    assert (deal.account, deal.contact) == (other, None)


def test_without_a_deal_the_lead_stays_where_it_is(alice: User) -> None:
    lead = make_sql(alice)
    client = signed_in(alice)
    sent = choice(client, lead)
    del sent["open_deal"]
    response = client.post(f"/leads/{lead.pk}/convert/", sent)
    account = Account.objects.get(name=lead.company)
    assert response["Location"] == f"/accounts/{account.pk}/"
    assert Lead.objects.get(pk=lead.pk).stage == Stage.SQL
    again = client.post(f"/leads/{lead.pk}/convert/", choice(client, lead))
    assert again["Location"] == f"/opportunities/{Opportunity.objects.get(lead=lead).pk}/"


def test_an_account_manager_is_required(alice: User) -> None:
    lead = make_sql(alice)
    client = signed_in(alice)
    response = client.post(f"/leads/{lead.pk}/convert/", choice(client, lead, account_manager=""))
    assert response.status_code == 422
    assert "Choose the account manager" in response.content.decode()
    assert not Conversion.objects.exists()


def test_a_lead_that_is_no_sql_is_refused_in_words(alice: User) -> None:
    lead = make_lead(alice)
    client = signed_in(alice)
    assert "Only an SQL is converted" in client.get(f"/leads/{lead.pk}/convert/").content.decode()
    response = client.post(f"/leads/{lead.pk}/convert/", {"account": "new", "contact": "none"})
    assert response.status_code == 409
    assert not Conversion.objects.exists()


def test_a_sal_is_converted_for_a_diagnosis_with_its_reason(alice: User) -> None:
    handoff = make_offered(alice)
    client = signed_in(alice)
    client.post(f"/queue/{handoff.pk}/accept/")
    lead = handoff.lead
    sent = choice(client, lead)
    assert client.post(f"/leads/{lead.pk}/convert/", sent).status_code == 409
    client.post(f"/leads/{lead.pk}/convert/", sent | {"diagnostic_reason": "They want the diagnosis first"})
    assert Conversion.objects.get(lead=lead).diagnostic


def test_undo_puts_the_lead_back_and_says_what_stands_in_its_way(alice: User) -> None:
    lead = make_sql(alice)
    client = signed_in(alice)
    client.post(f"/leads/{lead.pk}/convert/", choice(client, lead))
    conversion = Conversion.objects.get(lead=lead)
    deal = Opportunity.objects.get(lead=lead)
    move_to_stage(deal, PipelineStage.objects.get(pipeline=deal.pipeline, code="proposal"), by=alice)
    refused = client.post(f"/conversions/{conversion.pk}/undo/")
    assert refused.status_code == 409
    assert "has moved on to Proposal" in refused.content.decode()
    move_to_stage(deal, PipelineStage.objects.get(pipeline=deal.pipeline, code="diagnosis"), by=alice)
    assert client.post(f"/conversions/{conversion.pk}/undo/").status_code == 302
    assert Lead.objects.get(pk=lead.pk).stage == Stage.SQL
    assert Account.objects.active().count() == 0


def test_who_may_not_convert(alice: User, charlie: User, maria: User) -> None:
    lead = make_sql(alice)
    assert signed_in(charlie).get(f"/leads/{lead.pk}/convert/").status_code == 404
    refused = signed_in(maria).get(f"/leads/{lead.pk}/convert/")
    assert refused.status_code == 403
    assert "Only Alice" in refused.content.decode()
    client = signed_in(alice)
    client.post(f"/leads/{lead.pk}/convert/", choice(client, lead))
    assert signed_in(charlie).post(f"/conversions/{Conversion.objects.get().pk}/undo/").status_code == 404

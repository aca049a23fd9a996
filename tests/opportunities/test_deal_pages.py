"""One deal on its page: opened, read, edited, given away, and what its lead has told us already."""

from typing import Any

from django.test import Client

from leads.models import Answer
from opportunities.conversion import ConversionChoice, convert
from opportunities.models import Opportunity
from tests.factories import make_account, make_contact, make_opportunity
from tests.leads.queueing import make_sql
from users.models import User


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_deal(owner: User, **fields: Any) -> Opportunity:
    return make_opportunity(owner, account=make_account("Works", manager=owner), **fields)


def form_of(deal: Opportunity, **changes: Any) -> dict[str, Any]:
    sent = {
        "version": deal.version,
        "name": deal.name,
        "account": f"Works #{deal.account_id}",
        "amount": deal.amount,
        "currency": "EUR",
    }
    return sent | changes


def test_alice_opens_a_deal_without_a_lead(alice: User) -> None:
    account = make_account("Works", manager=alice)
    client = signed_in(alice)
    form = client.get(f"/opportunities/new/?account={account.pk}")
    assert f"Works #{account.pk}" in form.content.decode()
    pipeline = form.context["form"].initial["pipeline"]
    sent = {
        "name": "Kiln",
        "account": f"Works #{account.pk}",
        "pipeline": pipeline.pk,
        "owner": alice.pk,
        "amount": "500",
        "currency": "EUR",
    }
    response = client.post("/opportunities/new/", sent)
    deal = Opportunity.objects.get(name="Kiln")
    assert response["Location"] == f"/opportunities/{deal.pk}/"
    assert (deal.owner, deal.stage.code, deal.team) == (alice, "diagnosis", alice.team)
    assert client.post("/opportunities/new/", sent | {"amount": "-1"}).status_code == 422
    assert client.post("/opportunities/new/", sent | {"account": ""}).status_code == 422
    assert client.get("/opportunities/new/?account=x").status_code == 404


def test_the_page_shows_the_way_and_the_checklist(alice: User) -> None:
    lead = make_sql(alice)
    conversion = convert(lead, ConversionChoice(account_manager=alice), by=alice)
    html = signed_in(alice).get(f"/opportunities/{conversion.opportunity_id}/").content.decode()
    assert "Diagnosis" in html
    assert 'aria-current="step"' in html
    assert "qualification 100 to 100" in html
    assert "Undo conversion" in html
    assert f"/leads/{lead.pk}/qualify/" in html


def test_a_further_deal_confirms_what_its_lead_has_told_us(alice: User) -> None:
    lead = make_sql(alice)
    convert(lead, ConversionChoice(account_manager=alice), by=alice)
    client = signed_in(alice)
    form = client.get(f"/opportunities/new/?lead={lead.pk}")
    pipeline = form.context["form"].fields["pipeline"].queryset[0]
    client.post(
        f"/opportunities/new/?lead={lead.pk}", {"name": "Second kiln", "pipeline": pipeline.pk, "currency": "EUR"}
    )
    deal = Opportunity.objects.get(name="Second kiln")
    assert deal.lead == lead
    page = client.get(f"/opportunities/{deal.pk}/")
    offered = page.context["to_confirm"]
    assert offered
    client.post(f"/opportunities/{deal.pk}/confirm/", {"answer": offered[0].pk})
    answer = Answer.objects.get(checklist=deal.checklist)
    assert (answer.confirms, answer.choice) == (offered[0], offered[0].choice)
    client.post(f"/opportunities/{deal.pk}/confirm/", {"answer": offered[0].pk})
    assert Answer.objects.filter(checklist=deal.checklist).count() == 1


def test_whoever_saves_second_chooses_between_both_values(alice: User, bob: User) -> None:
    deal = make_deal(alice, amount=1000)
    stale = form_of(deal, amount="800")
    signed_in(bob).post(f"/opportunities/{deal.pk}/edit/", form_of(deal, amount="900"))
    client = signed_in(alice)
    conflict = client.post(f"/opportunities/{deal.pk}/edit/", stale)
    assert conflict.status_code == 409
    html = conflict.content.decode()
    assert "900" in html
    assert "800" in html
    both = conflict.context["both"]
    client.post(f"/opportunities/{deal.pk}/edit/", {**dict(both.typed), "version": both.version, "keep-amount": "mine"})
    assert Opportunity.objects.get(pk=deal.pk).amount == 800


def test_a_contact_of_another_account_is_refused(alice: User) -> None:
    deal = make_deal(alice)
    stranger = make_contact("Stranger", account=make_account("Other", manager=alice))
    response = signed_in(alice).post(
        f"/opportunities/{deal.pk}/edit/", form_of(deal, contact=f"Stranger #{stranger.pk}")
    )
    assert response.status_code == 422
    assert "belongs to another account" in response.content.decode()


def test_a_manager_gives_a_deal_away_and_a_representative_does_not(alice: User, bob: User, charlie: User) -> None:
    deal = make_deal(alice)
    assert signed_in(alice).post(f"/opportunities/{deal.pk}/assign/", {"owner": charlie.pk}).status_code == 403
    signed_in(bob).post(f"/opportunities/{deal.pk}/assign/", {"owner": bob.pk})
    assert Opportunity.objects.get(pk=deal.pk).owner == bob


def test_who_may_not_edit_is_told_who_may(alice: User, charlie: User, maria: User) -> None:
    deal = make_deal(alice)
    assert signed_in(charlie).get(f"/opportunities/{deal.pk}/edit/").status_code == 404
    refused = signed_in(maria).get(f"/opportunities/{deal.pk}/edit/")
    assert refused.status_code == 403
    assert "Only Alice" in refused.content.decode()
    assert signed_in(maria).get("/opportunities/new/").status_code == 403
    assert Client().get("/pipeline/").status_code == 302

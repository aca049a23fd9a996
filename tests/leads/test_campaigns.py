"""Maria opens campaigns, says what they cost, and archives them; everybody sees what they brought."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from leads.campaigns import archive_campaign, edit_campaign, lead_counts, start_campaign
from leads.models import Campaign, LeadSource
from tests.api.asking import fields, problem
from tests.api.conftest import ask  # noqa: F401  # a fixture
from tests.factories import make_campaign, make_lead
from users.models import User
from users.rights import Forbidden


def test_marketing_opens_a_campaign_and_its_cost_has_the_workspaces_currency(maria: User) -> None:
    campaign = start_campaign({"name": " Spring fair ", "cost": Decimal(1200)}, by=maria)
    assert (campaign.code, campaign.name, campaign.currency) == ("spring-fair", "Spring fair", "EUR")
    with pytest.raises(ValidationError, match="already") as refused:
        start_campaign({"name": "Spring fair"}, by=maria)
    assert set(refused.value.message_dict) == {"code"}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", " ", "Give the campaign a name"),
        ("cost", Decimal(-1), "cannot be negative"),
        ("currency", "kr", "three capital letters"),
        ("currency", "ZZZ", "three capital letters"),
        ("ends_on", "before", "before the start"),
        ("ends_on", date(9999, 1, 1), "between 1970 and 2100"),
        ("starts_on", date(1066, 10, 14), "between 1970 and 2100"),
        ("name", "x" * 201, "at most 200"),
        ("version", 9, "no such field"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(maria: User, field: str, value: Any, says: str) -> None:
    campaign = start_campaign({"name": "Fair", "starts_on": date(2026, 3, 1)}, by=maria)
    sent = date(2026, 2, 1) if value == "before" else value
    with pytest.raises(ValidationError, match=says) as refused:
        edit_campaign(campaign, {field: sent}, version=1, by=maria)
    assert field in refused.value.message_dict
    assert Campaign.objects.get().version == 1


def test_sales_writes_none(alice: User, bob: User, carmen: User) -> None:
    campaign = make_campaign("Fair")
    for person in (alice, bob, carmen):
        with pytest.raises(Forbidden, match="marketing"):
            start_campaign({"name": "Mine"}, by=person)
        with pytest.raises(Forbidden, match="marketing"):
            edit_campaign(campaign, {"name": "Mine"}, version=1, by=person)
        with pytest.raises(Forbidden, match="marketing"):
            archive_campaign(campaign, by=person)
    assert Campaign.objects.get().name == "Fair"


def test_each_counts_the_leads_that_they_may_see(alice: User, charlie: User, maria: User) -> None:
    fair = make_campaign("Fair")
    make_lead(alice, campaign=fair)
    make_lead(charlie, campaign=fair)
    assert [lead_counts([fair], person) for person in (alice, maria)] == [{fair.pk: 1}, {fair.pk: 2}]


def test_the_list_shows_what_can_be_chosen_and_leads_to_the_leads(
    client: Client, maria: User, alice: User, django_assert_max_num_queries: Any
) -> None:
    fair = make_campaign("Fair", cost=Decimal(100), currency="EUR")
    make_lead(alice, campaign=fair)
    gone = make_campaign("Gone")
    archive_campaign(gone, by=maria)
    client.force_login(alice)
    text = client.get(reverse("leads:campaigns")).content.decode()
    assert "Fair" in text
    assert "Gone" not in text
    assert f"{reverse('leads:list')}?campaign=fair" in text
    assert "New campaign" not in text
    assert "Gone" in client.get(reverse("leads:campaigns"), {"archived": "1"}).content.decode()
    client.force_login(maria)
    with django_assert_max_num_queries(7):
        assert reverse("leads:edit-campaign", args=[fair.pk]) in client.get(reverse("leads:campaigns")).content.decode()
    assert reverse("leads:campaigns") in client.get(reverse("settings")).content.decode()


def test_maria_writes_one_through_its_pages(client: Client, maria: User) -> None:
    client.force_login(maria)
    source = LeadSource.objects.get(code="website")
    sent = {"name": "Fair", "code": "fair-26", "source": source.pk, "cost": "250.50", "starts_on": "2026-03-01"}
    assert client.post(reverse("leads:new-campaign"), {**sent, "ends_on": "2026-02-01"}).status_code == 422
    assert client.post(reverse("leads:new-campaign"), sent).status_code == 302
    campaign = Campaign.objects.get()
    assert (campaign.code, campaign.source, campaign.cost, campaign.currency) == (
        "fair-26",
        source,
        Decimal("250.50"),
        "EUR",
    )
    assert client.post(reverse("leads:archive-campaign", args=[campaign.pk])).status_code == 302
    assert Campaign.objects.get().archived_at is not None
    client.post(reverse("leads:archive-campaign", args=[campaign.pk]))
    assert Campaign.objects.get().archived_at is None


def test_the_second_editor_chooses_between_both_values(client: Client, maria: User, ada: User) -> None:
    campaign = make_campaign("Fair", source=None)
    client.force_login(maria)
    address = reverse("leads:edit-campaign", args=[campaign.pk])
    assert 'value="Fair"' in client.get(address).content.decode()
    edit_campaign(campaign, {"name": "Spring fair"}, version=1, by=ada)
    answer = client.post(address, {"name": "Autumn fair", "version": 1})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Spring fair" in text
    assert "Autumn fair" in text
    assert Campaign.objects.get().name == "Spring fair"
    sent = {"name": "Autumn fair", "version": 2, "keep-name": "mine"}
    assert client.post(address, sent).status_code == 302
    assert Campaign.objects.get().name == "Autumn fair"


def test_a_program_of_marketing_writes_them(maria: User, alice: User, ask: Any) -> None:  # noqa: F811
    program = ask(maria)
    made = program.post("campaigns/", {"name": "Fair", "source": "website", "cost": "10"})
    assert made.status_code == 201, made.content
    address = f"campaigns/{made.json()['id']}/"
    assert (made.json()["code"], made.json()["cost"], made.json()["currency"]) == ("fair", "10.00", "EUR")
    assert program.patch(address, {"name": "Spring fair"}, version=made["ETag"]).json()["version"] == 2
    problem(program.patch(address, {"name": "X"}), 428)
    stale = problem(program.patch(address, {"name": "Autumn fair"}, version=1), 409)
    assert stale["conflicts"] == [{"field": "name", "theirs": "Spring fair", "yours": "Autumn fair"}]
    fields(program.patch(address, {"code": "other"}, version=2), "code")
    fields(program.post("campaigns/", {"name": "Fair"}), "code")
    assert program.post(address + "archive/").json()["archived_at"]
    assert program.get("campaigns/").json()["results"] == []
    assert program.post(address + "restore/").json()["archived_at"] is None
    problem(ask(alice).post("campaigns/", {"name": "Mine"}), 403, "marketing")

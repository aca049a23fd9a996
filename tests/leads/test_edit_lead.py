"""Creating and editing a lead: what is typed is kept, and a stale write shows both values."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leads.casefile import edit_case
from leads.models import Lead
from tests.factories import make_lead
from users.models import Attribute, SalesContext, User

NEW = "/leads/new/"
FIELDS = (
    "name",
    "company",
    "email",
    "phone",
    "title",
    "seniority",
    "department",
    "industry",
    "employees",
    "revenue",
    "country",
    "city",
    "website",
    "preferred_channel",
)


def as_opened(lead: Lead, **changed: Any) -> dict[str, Any]:
    """What the browser sends: every field, and what it held when the page was opened."""
    held = {name: "" if getattr(lead, name) is None else str(getattr(lead, name)) for name in FIELDS}
    held["source"] = str(lead.source_id or "")
    return {
        **{f"initial-{name}": value for name, value in held.items()},
        **held,
        "version": str(lead.version),
        **changed,
    }


def test_the_lead_with_this_address_is_named_before_another_one_is_made(
    alice: User, charlie: User, client: Client
) -> None:
    with_us = make_lead(alice, name="Ingrid Dahl", company="Fjord AS", email="ingrid@fjord.example")
    make_lead(alice, name="Somebody else", email="other-ingrid@fjord.example")
    make_lead(charlie, name="A stranger's", email="ingrid@fjord.example")
    client.force_login(alice)
    sent = {"name": "Ingrid D.", "email": "Ingrid@fjord.example", "context": SalesContext.objects.get(code="direct").pk}
    told = client.post(NEW, sent)
    assert told.status_code == 422
    assert told.context["alike"] == [with_us]
    assert not Lead.objects.filter(name="Ingrid D.").exists()
    assert client.post(NEW, sent | {"told_of": "Ingrid@fjord.example"}).status_code == 302
    assert Lead.objects.filter(name="Ingrid D.").count() == 1


@pytest.mark.parametrize(
    "website", ["javascript:alert(1)", "ftp://fjord.example", "data:text/html,x", "fjord", "a@fjord.example"]
)
def test_a_website_is_one_that_a_click_may_open(alice: User, client: Client, website: str) -> None:
    client.force_login(alice)
    sent = {"name": "Ingrid", "context": SalesContext.objects.get(code="direct").pk}
    refused = client.post(NEW, sent | {"website": website})
    assert refused.status_code == 422
    assert "is no website" in refused.content.decode()
    for number, fine in enumerate(("fjord.example", "https://www.fjord.example:8443/en?x=1", "bücher.example")):
        assert client.post(NEW, sent | {"name": f"Ingrid {number}", "website": fine}).status_code == 302


def test_alice_creates_a_lead_that_is_hers_with_its_checklist(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert client.get(NEW).status_code == 200
    direct = SalesContext.objects.get(code="direct")
    made = client.post(
        NEW,
        {
            "name": "Ingrid Dahl",
            "company": "Fjord AS",
            "email": "ingrid@fjord.example",
            "revenue": "12,5m",
            "employees": "120",
            "context": direct.pk,
        },
    )
    assert made.status_code == 302
    lead = Lead.objects.get(name="Ingrid Dahl")
    assert (lead.owner, lead.team, lead.revenue, lead.employees) == (alice, alice.team, Decimal(12_500_000), 120)
    assert lead.checklists.get().context == direct


def test_a_lead_must_be_somebody_and_what_was_typed_stays(alice: User, client: Client) -> None:
    direct = SalesContext.objects.get(code="direct")
    client.force_login(alice)
    nobody = client.post(NEW, {"city": "Bergen", "context": direct.pk})
    assert nobody.status_code == 422
    text = nobody.content.decode()
    assert "Give at least one of" in text
    assert "Bergen" in text
    for wrong in (
        {"email": "not an address"},
        {"employees": "-4", "name": "A"},
        {"revenue": "much", "name": "A"},
        {"name": "A" * 201},
        {"name": "A", "context": "99"},
        {"name": "a\x00b"},
    ):
        refused = client.post(NEW, {"context": direct.pk, **wrong})
        assert refused.status_code == 422, wrong
    assert not Lead.objects.exists()


def test_customer_success_creates_no_leads(carmen: User, client: Client) -> None:
    client.force_login(carmen)
    refused = client.get(NEW)
    assert refused.status_code == 403
    assert "sales and marketing" in refused.content.decode()


def test_an_edit_writes_only_what_was_changed(alice: User, maria: User, client: Client) -> None:
    lead = make_lead(alice, city="Oslo")
    Attribute.objects.get_or_create(of="lead", code="competitor", defaults={"label": "Competitor", "kind": "flag"})
    client.force_login(maria)
    assert client.get(reverse("leads:edit", args=[lead.pk])).status_code == 200
    saved = client.post(
        reverse("leads:edit", args=[lead.pk]), as_opened(lead, city="Bergen", **{"attribute-competitor": "yes"})
    )
    assert saved.status_code == 302
    lead.refresh_from_db()
    assert (lead.city, lead.attributes) == ("Bergen", {"competitor": True})


def test_two_people_who_edit_different_fields_do_not_disturb_each_other(alice: User, bob: User, client: Client) -> None:
    lead = make_lead(alice, city="Oslo", title="Head")
    opened = as_opened(lead, city="Bergen")
    edit_case(lead, {"title": "Director"}, version=lead.version, by=bob)
    client.force_login(alice)
    assert client.post(reverse("leads:edit", args=[lead.pk]), opened).status_code == 302
    lead.refresh_from_db()
    assert (lead.city, lead.title) == ("Bergen", "Director")


def test_two_people_who_edit_one_registered_field_see_both_values(alice: User, bob: User, client: Client) -> None:
    for code, kind in (("rival", "text"), ("audit", "flag"), ("since", "date")):
        Attribute.objects.get_or_create(of="lead", code=code, defaults={"label": code.title(), "kind": kind})
    lead = make_lead(alice, attributes={"rival": "Sievo", "audit": False})
    url = reverse("leads:edit", args=[lead.pk])
    held = {"initial-attribute-rival": "Sievo", "initial-attribute-audit": "no", "initial-attribute-since": ""}
    kept = {"attribute-rival": "Sievo", "attribute-audit": "no", "attribute-since": ""}
    edit_case(lead, {"attributes": {"rival": "Siemens", "audit": False}}, version=lead.version, by=bob)
    client.force_login(alice)

    elsewhere = as_opened(lead, **held, **{**kept, "attribute-since": "2026-01-05"})
    assert client.post(url, elsewhere).status_code == 302
    lead.refresh_from_db()
    assert lead.attributes == {"rival": "Siemens", "audit": False, "since": "2026-01-05"}, "Bob's value stays"

    stale = client.post(url, as_opened(lead, **held, **{**kept, "attribute-rival": "Alfa"}) | {"version": "1"})
    assert stale.status_code == 409
    assert [(each["label"], each["theirs"], each["yours"]) for each in stale.context["sides"]] == [
        ("Rival", "Siemens", "Alfa")
    ]
    lead.refresh_from_db()
    assert lead.attributes["rival"] == "Siemens", "nothing was written"
    sent = {**dict(stale.context["kept"]), "version": stale.context["version"], "pick-attribute-rival": "yours"}
    assert client.post(url, sent).status_code == 302
    lead.refresh_from_db()
    assert lead.attributes["rival"] == "Alfa"


def test_a_stale_write_shows_both_values_to_choose_from(alice: User, bob: User, client: Client) -> None:
    lead = make_lead(alice, city="Oslo", title="Head")
    url = reverse("leads:edit", args=[lead.pk])
    opened = as_opened(lead, city="Bergen", title="Chief", country="Norway")
    edit_case(lead, {"city": "Trondheim"}, version=lead.version, by=bob)
    client.force_login(alice)
    stale = client.post(url, opened)
    assert stale.status_code == 409
    text = stale.content.decode()
    for value in ("Bergen", "Trondheim", "Norway"):
        assert value in text
    lead.refresh_from_db()
    assert (lead.city, lead.title) == ("Trondheim", "Head"), "nothing was written"

    sent = {
        **dict(stale.context["kept"]),
        "version": stale.context["version"],
        "pick-city": "theirs",
        "pick-title": "yours",
    }
    assert client.post(url, sent).status_code == 302
    lead.refresh_from_db()
    assert (lead.city, lead.title, lead.country) == ("Trondheim", "Chief", "Norway")

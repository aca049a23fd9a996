"""What is typed into a record and goes off elsewhere: formulas in exports, markup on pages."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from intake.reading import FileRefused, check_encoding
from leads.behaviour import log_activity
from leads.models import Activity, Campaign, Lead
from reports.rendering import safe
from tests.factories import make_account, make_campaign, make_contact, make_lead, make_opportunity
from tests.leads.answering import checklist_of
from users.models import User

BEFORE = ["", " ", "\t", "\r", "\n", "\x00", "\xa0", "\ufeff", "\u200b", "\u2003", "  \u200b "]
TRIGGERS = ["=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}"


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_formula_hides_behind_what_nobody_sees(trigger: str) -> None:
    for before in BEFORE:
        assert safe(f"{before}{trigger}cmd|' /C calc'!A0").startswith("'"), repr(before)


@pytest.mark.parametrize("text", ["", "Acme", "Acme = Bcme", "3 % off", "Ångström", "1-2", "(none)", "\u4e2d\u6587"])
def test_other_text_is_exported_as_it_is(text: str) -> None:
    assert safe(text) == text


@pytest.mark.django_db
def test_a_campaign_is_named_like_a_formula(client: Client, maria: User, alice: User) -> None:
    make_lead(alice, campaign=make_campaign(" =HYPERLINK(1)"))
    client.force_login(maria)
    table = client.get("/reports/leads-by-source/csv/", {"by": "campaign"}).content.decode()
    assert "' =HYPERLINK(1)" in table


@pytest.mark.django_db
def test_markup_in_every_field_stays_text(client: Client, alice: User, ada: User) -> None:
    campaign = make_campaign(MARKUP)
    Campaign.objects.filter(pk=campaign.pk).update(code="trap")
    account = make_account(MARKUP, manager=alice, industry=MARKUP, city=MARKUP)
    contact = make_contact(MARKUP, account=account, title=MARKUP, department=MARKUP)
    texts = ("name", "company", "phone", "title", "seniority", "department", "industry", "country", "city", "website")
    sized: dict[str, Any] = {name: MARKUP[: Lead._meta.get_field(name).max_length] for name in texts}  # type: ignore[union-attr]
    lead = make_lead(alice, campaign=campaign, account=account, contact=contact, **sized)
    log_activity(checklist_of(lead), Activity.Kind.NOTE, by=alice, note=MARKUP)
    deal = make_opportunity(alice, name=MARKUP, account=account, contact=contact)
    User.objects.filter(pk=alice.pk).update(name=MARKUP)
    for who in (alice, ada):
        client.force_login(who)
        for address in (
            "/", "/leads/", f"/leads/{lead.pk}/", f"/leads/{lead.pk}/qualify/", f"/leads/{lead.pk}/edit/", "/pipeline/",
            f"/opportunities/{deal.pk}/", f"/opportunities/{deal.pk}/edit/", "/accounts/", f"/accounts/{account.pk}/",
            f"/accounts/{account.pk}/edit/", f"/contacts/{contact.pk}/", "/contacts/propose/?contact=script",
            "/accounts/propose/?account=script", "/settings/profile/", "/reports/leads-by-source/?by=campaign",
            "/reports/pipeline/?by=owner", "/reports/leads-by-source/records/?column=leads",
            f"/leads/?search={MARKUP}", f"/reports/lead-funnel/?by={MARKUP}",
        ):  # fmt: skip
            page = client.get(address).content.decode()
            assert "<script>alert" not in page, address
            assert "<img src=x" not in page, address


@pytest.mark.parametrize("encoding", ["zip", "hex", "base64", "rot13", "undefined", "nonsense"])
def test_a_mapping_names_a_codec_that_unpacks(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(b"name\nAnna\n")
    with pytest.raises(FileRefused, match="encoding"):
        check_encoding(path, encoding)

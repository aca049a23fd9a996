"""Marketing drafts a policy, sees what it would do, both sides sign, and a lead changes its status and says why."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from leads.models import Lead
from leads.sweeping import sweep
from scoring.models import Policy, PolicyDraft
from tests.factories import make_event, make_lead
from users.models import User

SignIn = Callable[[Page, str], None]


def make_an_mql(alice: User) -> Lead:
    """Fits, and has just booked a meeting and looked at the prices: 33 points of engagement, and 30 are enough."""
    lead = make_lead(
        alice,
        name="Katrin Vogel",
        company="Halden Pumpen",
        industry="Manufacturing",
        employees=640,
        revenue=9_000_000,
        seniority="Head",
        department="Maintenance",
    )
    make_event(lead, "meeting_booked")
    make_event(lead, "pricing_viewed")
    lead.refresh_from_db()
    assert lead.stage == "mql"
    return lead


@pytest.mark.django_db(transaction=True)
def test_from_the_draft_to_the_lead_that_turns(
    new_page: Callable[..., Page], sign_in: SignIn, alice: User, bob: User, maria: User, complaints: list[str]
) -> None:
    lead = make_an_mql(alice)

    # Maria drafts from what is in force, and raises the gate's engagement; the lead beside the form follows.
    hers = new_page()
    sign_in(hers, "maria")
    hers.goto("/settings/policies/")
    hers.get_by_role("button", name="Draft from the one in force Direct sale").click()
    expect(hers.get_by_text("Both say the same.")).to_be_visible()
    hers.locator("#part-gates").get_by_role("link", name="Edit").click()
    gate = hers.locator("#preview tr", has_text="MQL gate")
    expect(gate).to_contain_text("holds")
    expect(gate).not_to_contain_text("does not hold")
    hers.get_by_label("Engagement", exact=True).fill("60")
    hers.get_by_label("Engagement", exact=True).press("Tab")
    expect(gate).to_contain_text("does not hold")
    hers.get_by_role("button", name="Save", exact=True).click()
    expect(hers.locator("#differences")).to_contain_text("engagement of 60")

    # What it would do to all leads.
    hers.get_by_role("link", name="See the impact").click()
    hers.get_by_role("button", name="Compute it").click()
    expect(hers.locator("main")).to_contain_text("0 leads would become MQL, 1 would stop being it.")
    hers.get_by_role("link", name="stop being MQL").click()
    expect(hers.locator("tbody")).to_contain_text("Katrin Vogel")
    hers.get_by_role("link", name="The draft").click()
    expect(hers.locator("#impact")).to_contain_text("1 would stop being it.")

    # Both sides sign; the second publishes.
    hers.get_by_role("button", name="Sign for marketing").click()
    expect(hers.locator("#signatures")).to_contain_text("Maria")
    expect(hers.get_by_role("button", name="Sign for sales")).to_have_count(0)
    his = new_page()
    sign_in(his, "bob")
    his.goto(f"/settings/policies/drafts/{PolicyDraft.objects.get().pk}/")
    his.get_by_role("button", name="Sign for sales").click()
    his.locator("#publishing").get_by_role("button", name="Publish").click()
    expect(his.locator(".sub")).to_contain_text("in force since")
    expect(his.locator(".pol-side")).to_contain_text("Bob")
    assert Policy.objects.get(context__code="direct", version=2).signed_for_marketing == maria

    # The background judges every lead by it, and the lead says why it moved.
    sweep()
    theirs = new_page()
    sign_in(theirs, "alice")
    theirs.goto(f"/leads/{lead.pk}/")
    expect(theirs.locator("#score-title")).to_contain_text("v2")
    expect(theirs.locator("#timeline")).to_contain_text("by the policy, version 2")
    assert Lead.objects.get(pk=lead.pk).stage == "lead"
    theirs.locator("#score-title a").click()
    expect(theirs.locator("#part-gates")).to_contain_text("engagement of 60")
    assert complaints == []


@pytest.mark.django_db(transaction=True)
def test_rows_come_and_go_without_leaving_the_form(page: Page, sign_in: SignIn, bob: User) -> None:
    sign_in(page, "bob")
    page.goto("/settings/policies/")
    page.get_by_role("button", name="Draft from the one in force Direct sale").click()
    page.locator("#part-fit").get_by_role("link", name="Edit").click()
    page.get_by_role("button", name="Add a rule").click()
    row = page.locator("#rows-fit > fieldset").last
    expect(row).to_be_focused()
    # Only tests that fit the chosen fact are offered, and what was typed stays.
    row.get_by_label("In words").fill("Large enough")
    row.get_by_label("Fact").select_option(label="Employees")
    row = page.locator("#rows-fit > fieldset").last
    expect(row.get_by_label("Test").locator("option")).to_have_text(["–", "is at least", "is below", "is known"])
    expect(row.get_by_label("In words")).to_have_value("Large enough")
    row.get_by_label("Test").select_option(label="is at least")
    row.get_by_label("Value").fill("100")
    page.get_by_role("button", name="Save", exact=True).click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Points: Give a whole number")
    summary.get_by_role("link").click()
    expect(page.get_by_label("Points").last).to_be_focused()
    page.get_by_label("Points").last.fill("15")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#part-fit")).to_contain_text("Large enough. Employees is at least 100: 15 points.")

"""The main job, end to end: a checklist makes an MQL, sales accepts, the rest makes an SQL, the deal is won, and the
reports say so."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from leads.models import Lead
from opportunities.models import Opportunity
from reports.snapshots import compute_asked
from tests.factories import make_lead
from users.models import User

SignIn = Callable[[Page, str], None]


def answer_until(page: Page, count: int) -> None:
    while page.locator("#checklist form[data-answered]").count() < count:
        page.keyboard.press("1")
    expect(page.locator("#qual-count")).to_have_text(f"{count} of 14 answered")


def go(page: Page, key: str) -> None:
    """Press a key that opens another page, and wait for that page's scripts: what is pressed before goes nowhere."""
    with page.expect_navigation():
        page.keyboard.press(key)


@pytest.mark.django_db(transaction=True)
def test_from_the_first_question_to_the_reports(page: Page, sign_in: SignIn, alice: User, bob: User) -> None:
    lead = make_lead(
        alice,
        name="Katrin Vogel",
        company="Halden Pumpen",
        email="k.vogel@halden.example",
        industry="Manufacturing",
        employees=640,
        seniority="Head",
        department="Maintenance",
    )
    sign_in(page, "alice")
    page.goto("/reports/win-rate/?by=owner")
    expect(page.locator("tfoot")).to_contain_text("no data")

    # Half of the checklist: marketing qualified, and offered to sales.
    page.goto("/leads/")
    page.keyboard.press("j")
    go(page, "q")
    expect(page.locator("#checklist .q.open")).to_have_count(1)
    answer_until(page, 7)
    expect(page.locator("#qual-head [aria-current=step]")).to_contain_text("MQL")

    # The hand-off passes through the queue.
    page.keyboard.press("g")
    go(page, "q")
    expect(page.locator("#queue-rows .qitem")).to_have_count(1)
    page.keyboard.press("a")
    expect(page.locator("#queue-rows .qitem").first).to_contain_text("It is yours now")

    # The rest of it: sales qualified.
    page.keyboard.press("g")
    go(page, "l")
    expect(page.locator("tbody tr").first).to_contain_text("SAL")
    page.keyboard.press("j")
    go(page, "q")
    expect(page.locator("#checklist .q.open")).to_have_count(1)
    answer_until(page, 14)
    expect(page.locator("#qual-head [aria-current=step]")).to_contain_text("SQL")

    # Converted: account, contact and deal.
    page.keyboard.press("v")
    expect(page).to_have_url(re.compile("/convert/"))
    page.get_by_label("Expected amount").fill("48000")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/opportunities/\d+/"))
    deal = Opportunity.objects.get(lead=lead)
    assert deal.account is not None
    lead.refresh_from_db()
    assert lead.stage == "opportunity"

    # Through the pipeline, and won.
    page.keyboard.press("g")
    go(page, "p")
    expect(page.locator(f"#deal-{deal.pk}")).to_be_visible()
    page.goto(f"/opportunities/{deal.pk}/won/")
    page.get_by_label("Amount that it was won with").fill("45000")
    page.locator("main form").get_by_role("button", name="Won").click()
    expect(page.locator("main")).to_contain_text("45,000")
    assert Lead.objects.get(pk=lead.pk).stage == "customer"

    # The kept figures are recomputed in the background and show it.
    page.goto("/reports/win-rate/?by=owner")
    expect(page.locator("tfoot")).to_contain_text("no data")
    page.get_by_role("button", name="Fresh figures").click()
    expect(page.locator("#fresh")).to_contain_text("Computing")
    assert compute_asked() >= 1
    expect(page.locator("tfoot")).to_contain_text("100")
    page.goto("/reports/lead-funnel/")
    expect(page.locator("main")).to_contain_text("1 of 1 leads became customers")
    page.goto(f"/leads/{lead.pk}/")
    expect(page.locator("#timeline")).to_contain_text("Opportunity to Customer")

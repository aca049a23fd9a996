"""Deals move over the board: by menu, by keys, by drag; won and lost ask what they need; the sums follow."""

import os
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from opportunities.conversion import ConversionChoice, convert
from opportunities.models import LossReason, Opportunity, PipelineStage
from opportunities.pipeline import move_to_stage
from tests.factories import make_account, make_contact, make_opportunity
from tests.leads.queueing import make_sql
from users.models import User

SignIn = Callable[[Page, str], None]


def make_deal(owner: User, name: str, amount: int = 1000, **fields: Any) -> Opportunity:
    return make_opportunity(
        owner, name=name, amount=amount, account=make_account(f"{name} Ltd", manager=owner), **fields
    )


def stage(code: str) -> PipelineStage:
    return PipelineStage.objects.get(pipeline__code="direct", code=code)


def stage_of(deal: Opportunity) -> str:
    return Opportunity.objects.select_related("stage").get(pk=deal.pk).stage.code


def cards(page: Page, code: str) -> Any:
    return page.locator(f"#cards-{stage(code).pk} .kcard")


@pytest.mark.django_db(transaction=True)
def test_alice_moves_a_deal_by_keys(page: Page, sign_in: SignIn, alice: User) -> None:
    deal = make_deal(alice, "Kiln", 1000)
    make_deal(alice, "Mill", 500)
    sign_in(page, "alice")
    page.goto("/pipeline/")
    page.keyboard.press("j")
    expect(page.locator(f"#deal-{deal.pk}")).to_have_class("kcard cursor")
    page.keyboard.press("m")
    expect(page.locator(f"#deal-{deal.pk} .menu")).to_be_visible()
    page.keyboard.press("5")
    expect(cards(page, "proposal")).to_have_count(1)
    assert stage_of(deal) == "proposal"
    expect(page.locator(f"#head-{stage('diagnosis').pk}")).to_contain_text("Diagnosis 1")
    expect(page.locator(f"#head-{stage('proposal').pk}")).to_contain_text("€650")
    expect(page.locator("#board-sums")).to_contain_text("€700 weighted of €1.50k open")
    expect(page.locator(f"#deal-{deal.pk}-link")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(cards(page, "diagnosis").first).to_have_class("kcard cursor")
    page.keyboard.press("u")
    expect(cards(page, "diagnosis")).to_have_count(2)
    assert stage_of(deal) == "diagnosis"


@pytest.mark.django_db(transaction=True)
def test_alice_moves_a_deal_by_its_menu_and_by_drag(page: Page, sign_in: SignIn, alice: User) -> None:
    deal = make_deal(alice, "Kiln")
    sign_in(page, "alice")
    page.goto("/pipeline/")
    page.get_by_label("Move Kiln").click()
    page.get_by_role("button", name="Solution").click()
    expect(cards(page, "solution")).to_have_count(1)
    assert stage_of(deal) == "solution"
    page.locator(f"#deal-{deal.pk}").drag_to(page.locator(f"[data-stage='{stage('market_insight').pk}']"))
    expect(cards(page, "market_insight")).to_have_count(1)
    assert stage_of(deal) == "market_insight"


@pytest.mark.django_db(transaction=True)
def test_a_win_asks_the_amount_and_a_loss_the_reason(page: Page, sign_in: SignIn, alice: User) -> None:
    won, lost = make_deal(alice, "Kiln"), make_deal(alice, "Mill")
    make_account("Rival", type="competitor")
    sign_in(page, "alice")
    page.set_viewport_size({"width": 2200, "height": 900})
    page.goto("/pipeline/")
    page.locator(f"#deal-{won.pk}").drag_to(page.locator(f"[data-stage='{stage('won').pk}']"))
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Amount that it was won with")
    dialog.locator("[name=won_amount]").fill("-1")
    dialog.get_by_role("button", name="Won").click()
    expect(dialog.locator(".errsum")).to_be_visible()
    dialog.locator("[name=won_amount]").fill("950")
    shot(page, "board-won")
    dialog.get_by_role("button", name="Won").click()
    expect(cards(page, "won")).to_have_count(1)
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert Opportunity.objects.get(pk=won.pk).won_amount == 950

    page.locator(f"#deal-{lost.pk}-link").focus()
    page.keyboard.press("m")
    page.keyboard.press("8")
    expect(dialog).to_contain_text("Why was it lost?")
    dialog.get_by_label(str(LossReason.objects.all()[0])).check()
    dialog.locator("[name=competitor]").select_option(label="Rival")
    dialog.get_by_role("button", name="Lost").click()
    expect(cards(page, "lost")).to_have_count(1)
    assert str(Opportunity.objects.get(pk=lost.pk).competitor) == "Rival"


@pytest.mark.django_db(transaction=True)
def test_who_moves_second_is_told_where_it_is(page: Page, sign_in: SignIn, alice: User, bob: User) -> None:
    deal = make_deal(alice, "Kiln")
    sign_in(page, "alice")
    page.goto("/pipeline/")
    move_to_stage(deal, stage("solution"), by=bob)
    page.get_by_label("Move Kiln").click()
    page.get_by_role("button", name="Proposal").click()
    expect(page.locator("#toasts")).to_contain_text("it is in Solution, you wanted Proposal")
    expect(cards(page, "solution")).to_have_count(1)
    assert stage_of(deal) == "solution"


@pytest.mark.django_db(transaction=True)
def test_without_script_a_deal_moves_and_is_won(new_page: Callable[..., Page], sign_in: SignIn, alice: User) -> None:
    deal = make_deal(alice, "Kiln")
    page = new_page(java_script_enabled=False)
    sign_in(page, "alice")
    page.goto("/pipeline/")
    page.get_by_label("Move Kiln").click()
    page.get_by_role("button", name="Solution").click()
    expect(page).to_have_url(re.compile(f"/opportunities/{deal.pk}/$"))
    assert stage_of(deal) == "solution"
    page.get_by_role("link", name="Won").click()
    page.locator("[name=won_amount]").fill("950")
    page.get_by_role("button", name="Won").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    assert stage_of(deal) == "won"


VIEWS = [
    ("light", {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"}),
    ("dark", {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"}),
    ("phone", {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("name", "options"), VIEWS)
def test_axe_finds_nothing_on_the_pages_of_deals_and_accounts(
    new_page: Callable[..., Page],
    sign_in: SignIn,
    alice: User,
    complaints: list[str],
    name: str,
    options: dict[str, Any],
) -> None:
    top = make_account("Okafor Group", manager=alice, industry="Cement", city="Lagos", country="Nigeria", employees=410)
    account = make_account("Okafor Cement Works", manager=alice, parent=top, revenue=12_000_000, currency="EUR")
    contact = make_contact("Chidi Okafor", account=account, title="Owner", email="chidi@okafor.example")
    deal = make_opportunity(
        alice, name="Okafor Cement Works", amount=205_000, account=account, contact=contact, stage="solution"
    )
    for number in range(5):
        make_deal(alice, f"Vantaa Packaging {number}", 72_000 + number, stage="diagnosis" if number % 2 else "proposal")
    make_deal(alice, "Lakeside Tissue", 92_000, stage="won")
    converted = convert(make_sql(alice), ConversionChoice(account=account, amount=Decimal(8000)), by=alice)
    page = new_page(**options)
    sign_in(page, "alice")
    addresses = {
        "board": "/pipeline/",
        "table": "/pipeline/?view=table",
        "deal": f"/opportunities/{deal.pk}/",
        "new-deal": f"/opportunities/new/?account={account.pk}",
        "won": f"/opportunities/{deal.pk}/won/",
        "lost": f"/opportunities/{deal.pk}/lost/",
        "accounts": "/accounts/",
        "account": f"/accounts/{top.pk}/",
        "edit-account": f"/accounts/{account.pk}/edit/",
        "contacts": "/contacts/",
        "contact": f"/contacts/{contact.pk}/",
        "convert": f"/leads/{make_sql(alice).pk}/convert/",
        "converted": f"/opportunities/{converted.opportunity_id}/",
        "home": "/",
    }
    found = []
    for what, address in addresses.items():
        page.goto(address)
        if what == "board":
            page.locator(".kcard summary").first.click()
        shot(page, f"{what}-{name}")
        results = Axe().run(page)
        if results.violations_count:
            found.append(f"{what}: {results.generate_report()}")
    for username in ("bob", "maria", "carmen", "ada"):
        sign_in(page, username)
        page.goto("/")
        shot(page, f"home-{username}-{name}")
        results = Axe().run(page)
        if results.violations_count:
            found.append(f"home of {username}: {results.generate_report()}")
    assert not found, "\n".join(found)
    assert complaints == []


def shot(page: Page, name: str) -> None:
    """SCREENSHOTS_DIR=/some/where keeps what the test saw."""
    if os.environ.get("SCREENSHOTS_DIR"):
        page.screenshot(path=f"{os.environ['SCREENSHOTS_DIR']}/{name}.png")

"""Ada walks through the settings: each page is clean in both themes and on a phone, and forms work by keyboard."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from leads.models import RejectionReason
from tests.browser.conftest import SCREENSHOTS
from users.models import Team, User


def addresses(alice: User) -> dict[str, str]:
    north = Team.objects.get(name="North")
    reason = RejectionReason.objects.get(code="not_now")
    return {
        "settings": reverse("settings"),
        "profile": reverse("profile"),
        "people": reverse("people"),
        "new-person": reverse("new_person"),
        "person": reverse("person", kwargs={"pk": alice.pk}),
        "teams": reverse("teams"),
        "team": reverse("team", kwargs={"pk": north.pk}),
        "lists": reverse("settings_lists"),
        "list": reverse("settings_list", kwargs={"code": "rejection-reasons"}),
        "list-row": reverse("settings_row", kwargs={"code": "rejection-reasons", "pk": reason.pk}),
        "keys": reverse("keys"),
        "workspace": reverse("workspace"),
    }


@pytest.mark.parametrize(
    ("look", "width", "scheme"), [("light", 1280, "light"), ("dark", 1280, "dark"), ("phone", 390, "light")]
)
def test_every_page_of_the_settings_is_clean(
    new_page: Callable[..., Page],
    sign_in: Callable[[Page, str], None],
    complaints: list[str],
    alice: User,
    ada: User,
    look: str,
    width: int,
    scheme: str,
) -> None:
    page = new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    sign_in(page, "ada")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, address in addresses(alice).items():
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        page.screenshot(path=SCREENSHOTS / f"settings-{name}-{look}.png")
        report = Axe().run(page)
        wider = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        if report.violations_count or wider:
            found[name] = (report.generate_report(), wider)
    assert found == {}
    assert complaints == []


def test_ada_makes_a_key_and_reads_it_once(page: Page, sign_in: Callable[[Page, str], None], ada: User) -> None:
    sign_in(page, "ada")
    page.goto(reverse("keys"))
    page.get_by_label("What it is for").fill("telephone")
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator("code.secret")).to_contain_text("lq_")
    page.goto(reverse("keys"))
    expect(page.locator("code.secret")).to_have_count(0)
    page.get_by_role("button", name="Revoke lq_").click()
    expect(page.get_by_text("The key is revoked")).to_be_visible()


def test_a_wrong_form_says_what_to_put_right(page: Page, sign_in: Callable[[Page, str], None], ada: User) -> None:
    sign_in(page, "ada")
    page.goto(reverse("new_person"))
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Name", exact=True).fill("Another Alice")
    page.get_by_role("button", name="Add this person").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Somebody has this user name already")
    summary.get_by_role("link").click()
    expect(page.get_by_label("User name")).to_be_focused()

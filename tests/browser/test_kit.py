"""The kit page: every part of the desk, looked at by axe in both themes and on a phone, and worked by keys."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "tablet": {"viewport": {"width": 900, "height": 1000}},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "smallest": {"viewport": {"width": 320, "height": 640}},
}


@pytest.fixture
def kit(new_page: Callable[..., Page], sign_in: Callable[[Page, str], None], ada: User) -> Callable[..., Page]:
    """Ada's browser on the kit page."""

    def opened(**options: Any) -> Page:
        page = new_page(**options)
        sign_in(page, "ada")
        page.goto("/settings/kit/")
        return page

    return opened


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    kit: Callable[..., Page], look: str, complaints: list[str]
) -> None:
    page = kit(**LOOKS[look])

    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )

    assert found.response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []


def test_the_keys_open_help_and_escape_gives_the_focus_back(kit: Callable[..., Page]) -> None:
    page = kit()
    page.locator("#content").focus()

    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.locator("#keys-help")).to_be_hidden()


def test_j_and_k_move_the_cursor_and_keys_work_only_where_it_is(kit: Callable[..., Page]) -> None:
    page = kit()
    page.locator("#content").focus()
    cursor = page.locator("tr.cursor")
    expect(cursor).to_contain_text("Aalesund")

    page.keyboard.press("j")
    expect(page.locator(".cursor").first).to_contain_text("Bergen")

    page.keyboard.press("k")
    expect(page.locator(".cursor").first).to_contain_text("Aalesund")


def test_a_digit_answers_the_open_question_and_letters_rest_while_somebody_types(kit: Callable[..., Page]) -> None:
    page = kit()
    page.locator("#content").focus()
    # The cursor stands on a row of the sample ledger, which knows no digits.
    page.keyboard.press("9")
    expect(page.locator("[name=kit-a4][value=refused]")).to_be_checked()

    page.keyboard.press("n")
    note = page.locator(".q.open textarea")
    expect(note).to_be_focused()
    page.keyboard.type("1 january, no")
    expect(note).to_have_value("1 january, no")
    expect(page.locator("[name=kit-a4][value=refused]")).to_be_checked()

    page.keyboard.press("Escape")
    expect(note).not_to_be_focused()


def test_single_letters_can_be_switched_off(kit: Callable[..., Page]) -> None:
    page = kit()
    User.objects.filter(username="ada").update(single_keys=False)
    page.reload()
    page.locator("#content").focus()

    page.keyboard.press("9")

    expect(page.locator("[name=kit-a4][value=refused]")).not_to_be_checked()


def test_the_theme_is_chosen_and_kept(kit: Callable[..., Page]) -> None:
    page = kit()
    page.locator(".me summary").click()
    page.locator(".me [data-theme-set=dark]").click()
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_without_script_the_page_is_whole(kit: Callable[..., Page]) -> None:
    page = kit(java_script_enabled=False)

    page.locator(".me summary").click()
    expect(page.locator(".me button[type=submit]")).to_be_visible()
    expect(page.locator(".me [data-theme-set=dark]")).to_be_hidden()


def test_a_failed_request_is_said_and_changes_nothing(kit: Callable[..., Page]) -> None:
    page = kit()

    page.evaluate("htmx.ajax('POST', '/no-such-page/', '#content')")

    expect(page.locator("#toasts .toast")).to_contain_text("no longer here")
    expect(page.locator("h1")).to_have_text("Every part in every state")
    page.locator("#toasts [data-dismiss]").click()
    expect(page.locator("#toasts .toast")).to_have_count(0)


def test_a_lost_connection_shows_a_banner_until_a_request_gets_through(kit: Callable[..., Page]) -> None:
    page = kit()

    page.context.set_offline(True)
    page.evaluate("htmx.ajax('GET', '/settings/kit/', '#dialog').catch(() => {})")
    expect(page.locator("#offline")).to_be_visible()

    page.context.set_offline(False)
    page.evaluate("htmx.ajax('GET', '/healthz', '#dialog')")
    expect(page.locator("#offline")).to_be_hidden()

"""Ada in the settings: a key is shown once, and a wrong form says what to put right."""

from collections.abc import Callable

from django.urls import reverse
from playwright.sync_api import Page, expect

from users.models import User


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

"""Alice signs in with the form, and out again."""

import re

from playwright.sync_api import Page, expect

from tests.personas import PASSWORD
from users.models import User


def test_alice_signs_in_and_a_stranger_does_not(page: Page, alice: User) -> None:
    page.goto("/auth/login/")
    page.locator("[name=login]").fill("alice")
    page.locator("[name=password]").fill("a guess of a stranger")
    page.locator("form:has([name=password]) [type=submit]").click()
    expect(page).to_have_url(re.compile("/auth/login/"))
    assert "sessionid" not in {cookie.get("name") for cookie in page.context.cookies()}

    page.locator("[name=login]").fill("alice")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form:has([name=password]) [type=submit]").click()
    expect(page).not_to_have_url(re.compile("/auth/login/"))
    assert "sessionid" in {cookie.get("name") for cookie in page.context.cookies()}

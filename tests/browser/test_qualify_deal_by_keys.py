"""Alice asks the customer of a deal without a lead, by keys alone; the score follows, and what she answered can be undone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from leads.models import Answer
from opportunities.pipeline import open_deal
from tests.factories import make_account
from users.models import User

SignIn = Callable[[Page, str], None]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_deal_is_qualified_by_keys_only(page: Page, sign_in: SignIn, alice: User) -> None:
    deal = open_deal({"name": "Kiln", "account": make_account("Nordvik", manager=alice)}, by=alice)
    sign_in(page, "alice")
    page.goto(f"/opportunities/{deal.pk}/")
    page.get_by_role("link", name="Answer questions").click()
    expect(page.locator("#checklist .q.open")).to_have_attribute("data-question", "budget")
    answers = 0
    while page.locator("#checklist form[data-question]:not([data-answered])").count():
        page.keyboard.press("1")
        answers += 1
        assert answers <= 20
    expect(page.locator("#qual-count")).to_have_text("14 of 14 answered")
    expect(page.locator("#missing")).to_have_text("Every check is met.")
    assert Answer.objects.filter(checklist=deal.checklist).count() == 14
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile(rf"/opportunities/{deal.pk}/$"))


def test_the_last_answer_of_a_deal_is_undone(page: Page, sign_in: SignIn, alice: User) -> None:
    deal = open_deal({"name": "Kiln", "account": make_account("Nordvik", manager=alice)}, by=alice)
    sign_in(page, "alice")
    page.goto(f"/opportunities/{deal.pk}/qualify/")
    expect(page.locator("#checklist .q.open")).to_have_count(1)
    page.keyboard.press("1")
    expect(page.locator("#qual-saved")).to_contain_text("Saved")
    page.keyboard.press("u")
    expect(page.locator("#q-budget")).to_have_class("q open")
    standing = Answer.objects.current().get(checklist=deal.checklist)
    assert standing.choice.value is None


def test_two_quick_presses_on_new_lead_make_one(page: Page, sign_in: SignIn, alice: User) -> None:
    sign_in(page, "alice")
    page.goto("/leads/new/")
    page.get_by_label("Name", exact=False).first.fill("Anna")
    page.get_by_role("button", name="Open the lead").dblclick()
    expect(page.get_by_role("heading", name="Anna").first).to_be_visible()
    assert alice.leads.count() == 1

"""Alice works through the queue without touching the mouse; a colleague's press shows in her list."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from leads.handoff import accept
from leads.lifecycle import Stage
from leads.models import Handoff, Lead
from tests.leads.queueing import make_offered
from users.models import User

SignIn = Callable[[Page, str], None]


@pytest.mark.django_db(transaction=True)
def test_alice_accepts_rejects_and_recycles_by_keys(page: Page, sign_in: SignIn, alice: User) -> None:
    first, second, third = (make_offered(alice, company=name) for name in ("Castellan", "Okafor", "Vantaa"))
    sign_in(page, "alice")
    page.goto("/queue/")
    rows = page.locator("#queue-rows .qitem")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_have_class("qitem cursor")

    page.keyboard.press("a")
    expect(rows.nth(0)).to_contain_text("It is yours now")
    assert Handoff.objects.get(pk=first.pk).state == Handoff.State.ACCEPTED
    expect(page.locator(f"#handoff-{first.pk}-lead")).to_be_focused()

    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_class("qitem cursor")
    page.keyboard.press("r")
    expect(rows.nth(1).locator("form.reject")).to_be_visible()
    page.keyboard.press("2")
    expect(rows.nth(1).locator("input[type=date]")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("Kiln rebuild until March, ask again then")
    shot(page, "queue-reject")
    page.keyboard.press("Control+Enter")
    expect(rows.nth(1)).to_contain_text("rejected: Not the right time")
    rejected = Handoff.objects.get(pk=second.pk)
    assert (rejected.state, rejected.note) == (Handoff.State.REJECTED, "Kiln rebuild until March, ask again then")
    assert Lead.objects.get(pk=second.lead_id).stage == Stage.NURTURE
    expect(page.locator(f"#handoff-{second.pk}-lead")).to_be_focused()

    page.keyboard.press("j")
    page.keyboard.press("y")
    date = rows.nth(2).locator("input[type=date]")
    expect(date).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(rows.nth(2)).to_contain_text("recycled to nurture")
    assert Handoff.objects.get(pk=third.pk).state == Handoff.State.RECYCLED
    expect(page.locator("#queue-side")).to_contain_text("1 of 3 decided hand-offs accepted.")


@pytest.mark.django_db(transaction=True)
def test_escape_leaves_the_form_and_nothing_is_sent(page: Page, sign_in: SignIn, alice: User) -> None:
    handoff = make_offered(alice)
    sign_in(page, "alice")
    page.goto("/queue/")
    page.keyboard.press("r")
    form = page.locator("form.reject")
    expect(form).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".errsum")).to_contain_text("Choose a reason")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(page.locator(".qitem")).to_have_class("qitem cursor")
    assert Handoff.objects.get(pk=handoff.pk).state == Handoff.State.OFFERED


@pytest.mark.django_db(transaction=True)
def test_who_was_second_sees_who_was_first(page: Page, sign_in: SignIn, alice: User, bob: User) -> None:
    handoff = make_offered(alice)
    sign_in(page, "alice")
    page.goto("/queue/")
    accept(handoff, by=bob, version=None)
    page.keyboard.press("a")
    expect(page.locator(".qitem [role=alert]")).to_contain_text("Bob was first")
    assert Handoff.objects.get(pk=handoff.pk).decided_by == bob


@pytest.mark.django_db(transaction=True)
def test_the_list_refreshes_under_what_somebody_types(page: Page, sign_in: SignIn, alice: User, bob: User) -> None:
    stays, taken = make_offered(alice), make_offered(alice)
    page.clock.install()
    sign_in(page, "alice")
    page.goto("/queue/")
    page.keyboard.press("r")
    expect(page.locator("form.reject")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("half a sentence")
    accept(taken, by=bob, version=None)
    added = make_offered(alice, company="Brand new")
    page.clock.fast_forward(61_000)
    expect(page.locator(f"#handoff-{taken.pk} .sla")).to_contain_text("Accepted")
    expect(page.locator(f"#handoff-{added.pk}")).to_contain_text("Brand new")
    expect(page.locator(f"#form-{stays.pk} textarea")).to_have_value("half a sentence")
    order = page.locator("#queue-rows .qitem").evaluate_all("rows => rows.map(row => row.id)")
    assert order == [f"handoff-{each.pk}" for each in (stays, taken, added)]


@pytest.mark.django_db(transaction=True)
def test_without_script_a_lead_is_accepted_and_another_rejected(
    new_page: Callable[..., Page], sign_in: SignIn, alice: User
) -> None:
    first, second = make_offered(alice), make_offered(alice)
    page = new_page(java_script_enabled=False)
    sign_in(page, "alice")
    page.goto("/queue/")
    page.locator(f"#handoff-{first.pk}").get_by_role("button", name="Accept").click()
    expect(page.locator("#toasts")).to_contain_text("It is yours now")
    page.locator(f"#handoff-{second.pk}").get_by_role("link", name="Reject").click()
    page.get_by_role("button", name="Reject").click()
    expect(page.locator(".errsum")).to_contain_text("Choose a reason")
    page.locator("label.opt", has_text="Does not fit").click()
    page.get_by_role("button", name="Reject").click()
    expect(page.locator("#toasts")).to_contain_text("Does not fit what we sell")
    assert Handoff.objects.get(pk=second.pk).state == Handoff.State.REJECTED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("light", {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"}),
        ("dark", {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"}),
        ("phone", {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}),
    ],
)
def test_axe_finds_nothing_in_the_queue(
    new_page: Callable[..., Page],
    sign_in: SignIn,
    alice: User,
    complaints: list[str],
    name: str,
    options: dict[str, Any],
) -> None:
    make_offered(alice, company="Castellan Bearings", title="Maintenance manager")
    accept(make_offered(alice), by=alice, version=None)
    page = new_page(**options)
    sign_in(page, "alice")
    page.goto("/queue/")
    page.locator(".qitem [data-key=r]").first.click()
    page.locator("form.reject label").first.click()
    expect(page.locator("form.reject input[type=date]")).to_be_visible()
    shot(page, f"queue-{name}")
    found = [Axe().run(page)]
    page.locator(".qitem [data-key=d]").first.click()
    expect(page.locator(".detail")).to_be_visible()
    shot(page, f"queue-detail-{name}")
    found.append(Axe().run(page))
    page.goto("/queue/?state=accepted")
    shot(page, f"queue-accepted-{name}")
    found.append(Axe().run(page))
    reports = [each.generate_report() for each in found if each.violations_count]
    assert not reports, "\n".join(reports)
    assert complaints == []


def shot(page: Page, name: str) -> None:
    """SCREENSHOTS_DIR=/some/where keeps what the test saw."""
    if os.environ.get("SCREENSHOTS_DIR"):
        page.screenshot(path=f"{os.environ['SCREENSHOTS_DIR']}/{name}.png")

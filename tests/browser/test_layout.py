"""What a screen shows without scrolling: the whole board on a desk, the open question and the score on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.factories import make_account, make_lead, make_opportunity
from tests.leads.answering import BEST_DIRECT
from tests.leads.queueing import make_offered
from users.models import User

SignIn = Callable[[Page, str], None]
pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


def in_view(part: Locator) -> bool:
    """The whole width of it lies on the screen, and its top does."""
    found = part.evaluate(
        "(e) => { const box = e.getBoundingClientRect();"
        " return box.left >= 0 && box.right <= innerWidth + 1 && box.top >= 0 && box.top < innerHeight && box.width > 0 }"
    )
    return bool(found)


def cut(part: Locator) -> bool:
    return bool(part.evaluate("(e) => e.scrollWidth > e.clientWidth + 1"))


def test_a_desk_shows_every_column_of_the_board(new_page: Callable[..., Page], sign_in: SignIn, alice: User) -> None:
    make_opportunity(alice, name="Kiln", amount=1_234_567, account=make_account("Kiln Ltd", manager=alice))
    page = new_page(viewport=DESK)
    sign_in(page, "alice")
    page.goto("/pipeline/")
    board = page.locator("#board")
    assert not cut(board)
    columns = board.locator("[data-column]")
    assert columns.count() == 8
    for head in columns.locator("h2").all():
        assert in_view(head)
        assert not cut(head)
    won = columns.nth(6)
    expect(won.locator(".kcards")).to_be_hidden()
    won.get_by_label("Show Won").check()
    expect(won.locator(".kcards")).to_be_visible()


def test_a_phone_shows_title_switches_and_search_of_the_board(
    new_page: Callable[..., Page], sign_in: SignIn, alice: User
) -> None:
    page = new_page(viewport=PHONE)
    sign_in(page, "alice")
    page.goto("/pipeline/")
    assert not cut(page.locator(".crumbs b"))
    for part in (
        page.get_by_role("link", name="Channel"),
        page.get_by_role("link", name="Table"),
        page.locator(".find"),
    ):
        assert in_view(part)
    ground = page.locator(".main").evaluate("(e) => e.getBoundingClientRect().bottom")
    assert ground >= page.locator(".tabbar").evaluate("(e) => e.getBoundingClientRect().top") - 1


def test_a_phone_opens_at_the_question_that_is_open(
    new_page: Callable[..., Page], sign_in: SignIn, alice: User
) -> None:
    most = {code: choice for code, choice in BEST_DIRECT.items() if code != "go_live_date"}
    lead = make_lead(alice, answers=most)
    page = new_page(viewport=PHONE)
    sign_in(page, "alice")
    page.goto(f"/leads/{lead.pk}/qualify/")
    assert in_view(page.locator("#checklist .q.open legend"))
    for label in page.locator("#qual-head .path b").all():
        assert not cut(label)


def test_a_phone_shows_heat_and_score_in_the_list(new_page: Callable[..., Page], sign_in: SignIn, alice: User) -> None:
    make_lead(
        alice, name="Katrin Vogel-Hohenstein", company="Halden Pumpenwerke und Armaturen", answers={"budget": "no"}
    )
    page = new_page(viewport=PHONE)
    sign_in(page, "alice")
    page.goto("/leads/")
    row = page.locator("tbody tr").first
    for part in (row.locator(".stage"), row.locator(".temp"), row.locator(".sc b")):
        assert in_view(part)


def test_the_date_of_a_stage_is_read_whole(new_page: Callable[..., Page], sign_in: SignIn, alice: User) -> None:
    lead = make_offered(alice).lead
    page = new_page(viewport=DESK)
    sign_in(page, "alice")
    for part in ("", "qualify/"):
        page.goto(f"/leads/{lead.pk}/{part}")
        notes = page.locator(".path .lbl > *:not(.vh)").all()
        assert len(notes) >= 7
        for note in notes:
            assert not cut(note)


def test_in_the_note_of_a_rejection_the_button_says_what_sends_it(page: Page, sign_in: SignIn, alice: User) -> None:
    handoff = make_offered(alice)
    sign_in(page, "alice")
    page.goto("/queue/")
    page.locator(f"#handoff-{handoff.pk}-lead").focus()
    page.keyboard.press("r")
    form = page.locator("form.reject")
    button = form.get_by_role("button", name="Reject")
    expect(button).to_have_text("Reject ↵", use_inner_text=True)
    button.click()
    expect(form.locator(".errsum")).to_contain_text("Choose a reason")
    page.keyboard.press("1")
    expect(form.locator(".errsum")).to_be_hidden()
    form.locator("textarea").focus()
    expect(button).to_have_text("Reject Ctrl↵", use_inner_text=True)

"""Alice qualifies a lead from the list to SQL by keys only; what she types is never lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from leads.models import Answer, Lead
from tests.factories import make_lead
from users.models import User

SignIn = Callable[[Page, str], None]
pytestmark = pytest.mark.django_db(transaction=True)


def open_question(page: Page) -> str:
    return page.locator("#checklist .q.open").get_attribute("data-question") or ""


def opens(page: Page, lead: Lead, query: str = "") -> None:
    page.goto(f"/leads/{lead.pk}/qualify/{query}")
    expect(page.locator("#checklist .q.open")).to_have_count(1)


def answer_of(lead: Lead, code: str) -> Answer:
    return Answer.objects.current().select_related("choice").get(checklist__lead=lead, question__code=code)


def test_from_the_list_to_sql_by_keys_only(page: Page, sign_in: SignIn, alice: User) -> None:
    lead = make_lead(alice, name="Katrin Vogel", company="Halden Pumpen")
    sign_in(page, "alice")
    page.goto("/leads/")
    presses = ["j", "q"]
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Halden Pumpen")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("q")
    expect(page.locator("#checklist .q.open")).to_have_attribute("data-question", "budget")
    answers = 0
    while page.locator("#checklist form[data-question]:not([data-answered])").count():
        page.keyboard.press("1")
        answers += 1
        assert answers <= 20
    expect(page.locator("#qual-count")).to_have_text("14 of 14 answered")
    expect(page.locator("#accept")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("#convert")).to_be_visible()
    expect(page.locator("#qual-head [aria-current=step]")).to_contain_text("SQL")
    lead.refresh_from_db()
    assert lead.stage == "sql"
    assert len(presses) + answers + 1 <= 20


def test_keys_move_among_the_questions_and_nothing_typed_is_lost(page: Page, sign_in: SignIn, alice: User) -> None:
    lead = make_lead(alice)
    sign_in(page, "alice")
    opens(page, lead)
    page.keyboard.press("j")
    assert open_question(page) == "budget_spent"
    page.keyboard.press("n")
    page.keyboard.type("The board meets in May")
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    assert open_question(page) == "budget_author"
    page.keyboard.press("k")
    page.keyboard.press("k")
    assert open_question(page) == "budget_spent"
    page.keyboard.press("2")
    expect(page.locator("#qual-count")).to_have_text("1 of 14 answered")
    assert (answer_of(lead, "budget_spent").choice.code, answer_of(lead, "budget_spent").note) == (
        "partly",
        "The board meets in May",
    )

    page.keyboard.press("g")
    page.keyboard.press("g")
    expect(page.locator("#checklist .q.open")).to_have_attribute("data-question", "budget")
    page.keyboard.press("Enter")
    expect(page.locator("#budget-amount")).to_be_focused()
    page.keyboard.type("a lot")
    page.keyboard.press("Enter")
    expect(page.locator("#q-budget .errsum")).to_be_focused()
    assert page.locator("#budget-amount").input_value() == "a lot"
    page.locator("#budget-amount").fill("50.000")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(page.locator("#q-budget .ans")).to_contain_text("€50,000")
    assert answer_of(lead, "budget").amount == 50_000

    page.keyboard.press("9")
    expect(page.locator("#qual-count")).to_have_text("3 of 14 answered")


def test_a_note_at_an_answered_question_saves_itself_while_it_is_typed(
    page: Page, sign_in: SignIn, alice: User
) -> None:
    lead = make_lead(alice, answers={"budget": "no"})
    sign_in(page, "alice")
    opens(page, lead, "?open=budget")
    note = page.locator("#budget-note")
    note.focus()
    page.keyboard.type("Asks the board")
    expect(page.locator("#q-budget .said")).to_have_text("Asks the board")
    expect(note).to_be_focused()
    page.keyboard.type(" in May")
    expect(page.locator("#q-budget .said")).to_have_text("Asks the board in May")
    assert note.input_value() == "Asks the board in May"
    page.keyboard.type(".")
    page.keyboard.press("Escape")
    expect(page.locator("#q-budget .said")).to_have_text("Asks the board in May.")
    expect(page.locator("#checklist .q.open")).to_have_attribute("data-question", "budget")
    expect(page.locator("#q-budget input[value=no]")).to_be_focused()
    assert (answer_of(lead, "budget").note, answer_of(lead, "budget").choice.code) == ("Asks the board in May.", "no")


def test_a_note_without_a_rating_outlives_leaving_the_page(
    page: Page, new_page: Callable[..., Page], sign_in: SignIn, alice: User, bob: User
) -> None:
    lead = make_lead(alice)
    sign_in(page, "alice")
    opens(page, lead, "?open=budget")
    page.keyboard.press("n")
    page.keyboard.type("Asks the board")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.wait_for_url("**/leads/*/#log")
    opens(page, lead, "?open=tried")
    expect(page.locator("#q-budget .unsaved")).to_be_visible()
    expect(page.locator("#budget-note")).to_have_value("Asks the board")
    page.reload()
    page.locator("#q-budget .q-row").click()
    expect(page.locator("#budget-note")).to_have_value("Asks the board")
    assert not Answer.objects.filter(checklist__lead=lead).exists()
    sign_in(page, "bob")
    opens(page, lead, "?open=budget")
    expect(page.locator("#budget-note")).to_have_value("")
    sign_in(page, "alice")
    opens(page, lead, "?open=budget")
    page.keyboard.press("1")
    expect(page.locator("#q-budget .said")).to_have_text("Asks the board")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft')).length") == 0


def test_a_note_typed_just_before_the_page_is_left_is_saved_when_it_is_opened_again(
    page: Page, sign_in: SignIn, alice: User
) -> None:
    lead = make_lead(alice, answers={"budget": "no"})
    sign_in(page, "alice")
    opens(page, lead, "?open=budget")
    page.route("**/answer/budget/**", lambda route: route.abort())
    page.keyboard.press("n")
    page.keyboard.type("Asks the board")
    page.unroute("**/answer/budget/**")
    page.reload()
    expect(page.locator("#q-budget .said")).to_have_text("Asks the board")
    assert answer_of(lead, "budget").note == "Asks the board"


def test_whoever_changes_an_answer_stays_at_it(page: Page, sign_in: SignIn, alice: User) -> None:
    lead = make_lead(alice)
    sign_in(page, "alice")
    opens(page, lead)
    while page.locator("#checklist form[data-question]:not([data-answered])").count():
        page.keyboard.press("1")
    expect(page.locator("#qual-count")).to_have_text("14 of 14 answered")
    page.locator("#q-tried .q-row").click()
    page.keyboard.press("2")
    expect(page.locator("#q-tried .ans")).to_have_text("Looked around only")
    expect(page.locator("#checklist .q.open")).to_have_attribute("data-question", "tried")
    expect(page.locator("#q-tried input[name=choice]:checked")).to_be_focused()


def test_two_people_on_one_question_choose_by_a_key(page: Page, sign_in: SignIn, alice: User, bob: User) -> None:
    lead = make_lead(alice)
    sign_in(page, "alice")
    opens(page, lead)
    from tests.leads.test_qualify_page import give

    give(lead, "budget", "no", bob, note="Not this year.")
    page.keyboard.press("1")
    expect(page.locator("#q-budget.open .conflict")).to_contain_text("Not this year.")
    assert answer_of(lead, "budget").choice.code == "no"
    page.keyboard.press("2")
    expect(page.locator("#q-budget .ans")).to_contain_text("Set aside")
    assert answer_of(lead, "budget").choice.code == "set_aside"


def test_a_note_that_is_too_long_stays_on_the_page_with_a_sentence(page: Page, sign_in: SignIn, alice: User) -> None:
    lead = make_lead(alice)
    sign_in(page, "alice")
    opens(page, lead)
    page.locator("#budget-note").fill("x" * 10_001)
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(page.locator("#q-budget .limit-msg")).to_be_visible()
    assert len(page.locator("#budget-note").input_value()) == 10_001
    assert not Answer.objects.filter(checklist__lead=lead).exists()


def test_without_script_every_question_is_a_form_with_its_own_button(
    new_page: Callable[..., Page], sign_in: SignIn, alice: User
) -> None:
    lead = make_lead(alice)
    page = new_page(java_script_enabled=False)
    sign_in(page, "alice")
    page.goto(f"/leads/{lead.pk}/qualify/")
    question = page.locator("#q-tried")
    question.get_by_label("Nothing tried").check()
    question.get_by_role("button", name="Save").click()
    expect(page.locator("#qual-count")).to_have_text("1 of 14 answered")
    assert answer_of(lead, "tried").choice.code == "no"
    page.goto(f"/leads/{lead.pk}/qualify/?open=tried#q-tried")
    page.locator("#q-tried").get_by_role("button", name="Undo this answer").click()
    expect(page.locator("#q-tried")).to_contain_text("Did not come up")
    assert answer_of(lead, "tried").choice.value is None
    page.get_by_role("navigation", name="Sales context").get_by_role("link", name="Channel").click()
    expect(page.locator("#qual-count")).to_have_text("0 of 17 answered")
    page.locator("#q-tried").get_by_label("Nothing tried").check()
    page.locator("#q-tried").get_by_role("button", name="Save").click()
    expect(page.locator("#qual-count")).to_have_text("1 of 17 answered")
    page.get_by_role("button", name="Work it as").click()
    expect(page.locator("#qual-rail")).not_to_contain_text("Kept apart")
    page.locator("#ask-next").click()
    expect(page.locator("#checklist .q.open")).to_have_count(1)


def test_u_takes_the_last_answer_back(page: Page, sign_in: SignIn, alice: User) -> None:
    lead = make_lead(alice)
    sign_in(page, "alice")
    opens(page, lead)
    page.keyboard.press("1")
    expect(page.locator("#toasts .toast")).to_contain_text("B1: Set aside")
    page.keyboard.press("1")
    expect(page.locator("#toasts .toast")).to_contain_text("B2")
    expect(page.locator("#toasts .toast")).to_have_count(1)
    page.keyboard.press("u")
    expect(page.locator("#checklist .q.open")).to_have_attribute("data-question", "budget_spent")
    expect(page.locator("#toasts .toast")).to_have_count(0)
    expect(page.locator("#checklist .q.open input[value=not_raised]")).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("#toasts .toast")).to_contain_text("B2")
    assert answer_of(lead, "budget").choice.code == "set_aside"
    assert answer_of(lead, "budget_spent").choice.code == "partly"
    page.locator("#q-budget .q-row").click()
    page.locator("#q-budget").get_by_role("button", name="Undo this answer").click()
    expect(page.locator("#q-budget .ans")).to_have_text("Did not come up")
    expect(page.locator("#checklist .q.open")).to_have_attribute("data-question", "budget")


def test_the_undo_leaves_after_ten_seconds_and_waits_under_the_pointer(
    page: Page, sign_in: SignIn, alice: User
) -> None:
    lead = make_lead(alice)
    page.clock.install()
    sign_in(page, "alice")
    opens(page, lead)
    page.keyboard.press("1")
    toast = page.locator("#toasts .toast")
    toast.hover()
    page.clock.run_for(30_000)
    expect(toast).to_be_visible()
    page.mouse.move(5, 5)
    page.clock.run_for(9_000)
    expect(toast).to_be_visible()
    page.clock.run_for(1_500)
    expect(toast).to_have_count(0)

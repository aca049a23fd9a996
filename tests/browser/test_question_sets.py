"""Maria writes the next version of the questions by keys, sees it as on the call and publishes it; Alice is asked it."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from leads.models import Answer, Checklist
from leads.sweeping import sweep
from scoring.models import QuestionSet, QuestionSetDraft
from scoring.question_drafts import drafted, start_draft
from tests.browser.conftest import SCREENSHOTS
from tests.factories import make_lead
from users.models import User

SignIn = Callable[[Page, str], None]
pytestmark = pytest.mark.django_db(transaction=True)


def order_of(draft: QuestionSetDraft, criterion: str) -> list[str]:
    draft.refresh_from_db()
    return [each.question.code for each in drafted(draft) if each.question.criterion == criterion]


def test_a_draft_by_keys_a_preview_and_a_new_question_on_the_call(
    page: Page, sign_in: SignIn, alice: User, maria: User
) -> None:
    lead = make_lead(alice, name="Katrin Vogel", answers={"tried": "yes"})
    sign_in(page, "maria")
    page.goto(reverse("scoring:question-sets"))
    page.get_by_role("button", name="Draft from version 1 Direct sale").press("Enter")
    expect(page.get_by_role("heading", name="Direct sale", exact=True)).to_be_visible()
    draft = QuestionSetDraft.objects.get()

    # The cursor goes to the last question of need, and Shift+K asks it earlier.
    page.locator("#open-tried").focus()
    page.keyboard.press("Shift+K")
    expect(page.locator("#c-need .dq").nth(1)).to_have_attribute("id", "dq-tried")
    expect(page.locator("#open-tried")).to_be_focused()
    expect(page.locator("#moved")).to_have_text("What have you tried so far to end it? is now number 2 of 3.")
    page.keyboard.press("Control+ArrowUp")
    expect(page.locator("#c-need .dq").nth(0)).to_have_attribute("id", "dq-tried")
    assert order_of(draft, "need") == ["tried", "pain", "pain_felt_by"]
    # By the mouse: dragged onto the place of another.
    page.locator("#dq-tried").drag_to(page.locator("#dq-pain_felt_by"))
    expect(page.locator("#c-need .dq").nth(2)).to_have_attribute("id", "dq-tried")
    assert order_of(draft, "need") == ["pain", "pain_felt_by", "tried"]

    page.locator("#c-need").get_by_role("link", name="Add a question").press("Enter")
    page.get_by_label("Question", exact=True).fill("How many people would use it?")
    page.get_by_label("Hint").fill("Seats decide the price.")
    page.get_by_label("Leading questions").fill("Who works with it today?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#dq-how_many_people_would")).to_be_visible()
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Preview of Direct sale")).to_be_visible()
    page.goto(page.url + "?open=how_many_people_would")
    expect(page.locator(".q.open")).to_contain_text("Who works with it today?")
    page.keyboard.press("1")
    expect(page.locator("#q-how_many_people_would")).not_to_have_class("q open")
    page.keyboard.press("e")
    page.get_by_role("button", name="Publish").press("Enter")
    expect(page.get_by_role("heading", name="Direct sale v2")).to_be_visible()
    assert Answer.objects.filter(question__code="how_many_people_would").count() == 0

    page.get_by_role("link", name="Move open checklists").press("Enter")
    page.get_by_role("button", name="Move 1 checklist").press("Enter")
    expect(page.get_by_text("1 checklist to go")).to_be_visible()
    sweep()
    expect(page.get_by_text("Every open checklist asks this version.")).to_be_visible()
    assert Checklist.objects.get(lead=lead).question_set == QuestionSet.objects.get(context__code="direct", version=2)

    sign_in(page, "alice")
    page.goto(f"/leads/{lead.pk}/qualify/?open=how_many_people_would")
    expect(page.locator(".q.open")).to_contain_text("How many people would use it?")
    page.keyboard.press("1")
    expect(page.locator("#qual-count")).to_have_text("2 of 15 answered")


@pytest.mark.parametrize(
    ("look", "width", "scheme"), [("light", 1280, "light"), ("dark", 1280, "dark"), ("phone", 390, "light")]
)
def test_every_page_of_question_sets_is_clean(
    new_page: Callable[..., Page],
    sign_in: SignIn,
    complaints: list[str],
    alice: User,
    maria: User,
    look: str,
    width: int,
    scheme: str,
) -> None:
    published = QuestionSet.objects.get(context__code="direct")
    draft = start_draft(published.context, based_on=published, by=maria)
    make_lead(alice, answers={"tried": "yes"})
    pages = {
        "list": reverse("scoring:question-sets"),
        "set": reverse("scoring:question-set", args=[published.pk]),
        "draft": reverse("scoring:draft", args=[draft.pk]),
        "question": reverse("scoring:question", args=[draft.pk, "budget"]),
        "words": reverse("scoring:words", args=[draft.pk, "budget", "zh-hant"]),
        "preview": reverse("leads:preview-draft", args=[draft.pk]),
        "moving": reverse("leads:move-checklists", args=[published.pk]),
    }
    page = new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    sign_in(page, "maria")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, address in pages.items():
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        page.screenshot(path=SCREENSHOTS / f"question-sets-{name}-{look}.png")
        report = Axe().run(page)
        wider = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        if report.violations_count or wider:
            found[name] = (report.generate_report(), wider)
    assert found == {}
    assert complaints == []

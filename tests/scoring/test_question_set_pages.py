"""Maria drafts a question set on its pages, previews and publishes it; others look, and are told who may."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from leads.models import Answer, Checklist
from scoring.models import Policy, QuestionSet, QuestionSetDraft
from scoring.packs import policies
from scoring.publishing import publish_policy
from scoring.question_drafts import edit_question, find, move_question, rename_draft, start_draft
from tests.factories import make_lead
from users.models import SalesContext, User


@pytest.fixture
def draft(maria: User) -> QuestionSetDraft:
    published = QuestionSet.objects.get(context__code="direct")
    return start_draft(published.context, based_on=published, by=maria)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: object) -> str:
    return reverse(f"scoring:{name}", args=args)


def sent(draft: QuestionSetDraft, **changes: object) -> dict[str, object]:
    """What the form of a question sends, with these changes."""
    data: dict[str, object] = {
        "version": draft.version,
        "text": "How many people would use it?",
        "criterion": "need",
        "kind": "text",
        "not_raised": "Did not come up",
        "refused": "Would not say",
        "choice-TOTAL_FORMS": 4,
        "choice-INITIAL_FORMS": 0,
    }
    rows = [("1", "Many", "100", ""), ("2", "Some", "50", ""), ("3", "Nobody", "0", ""), ("4", "", "", "")]
    for number, values in enumerate(rows):
        data |= {
            f"choice-{number}-{name}": value
            for name, value in zip(("digit", "label", "value", "code"), values, strict=True)
        }
    return data | changes


def test_everybody_sees_what_is_asked_and_only_drafters_see_drafts(
    draft: QuestionSetDraft, alice: User, carmen: User, maria: User
) -> None:
    published = QuestionSet.objects.get(context__code="direct")
    for person in (alice, carmen):
        client = signed_in(person)
        listed = client.get(page("question-sets")).content.decode()
        assert "Direct sale v1" in listed
        assert "in force" in listed
        assert "Draft from version" not in listed
        shown = client.get(page("question-set", published.pk)).content.decode()
        assert "Is there money set aside for this?" in shown
        assert "weight 2" in shown
        refused = client.get(page("draft", draft.pk))
        assert refused.status_code == 403
        assert "drafted by managers, marketing and administrators" in refused.content.decode()
    assert page("draft", draft.pk) in signed_in(maria).get(page("question-sets")).content.decode()


def test_the_list_costs_the_same_however_many_versions_there_are(
    draft: QuestionSetDraft, maria: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(maria)
    client.get(page("question-sets"))
    with django_assert_num_queries(7):
        client.get(page("question-sets"))
    for _ in range(3):
        start_draft(draft.context, based_on=draft.based_on, by=maria)
    with django_assert_num_queries(7):
        client.get(page("question-sets"))


def test_maria_drafts_adds_a_question_and_publishes(maria: User, alice: User) -> None:
    client = signed_in(maria)
    published = QuestionSet.objects.get(context__code="direct")
    begun = client.post(page("start-draft"), {"based_on": published.pk})
    draft = QuestionSetDraft.objects.get()
    assert begun.headers["Location"] == page("draft", draft.pk)
    added = client.post(page("new-question", draft.pk), sent(draft))
    assert added.headers["Location"] == page("draft", draft.pk) + "#dq-how_many_people_would"
    draft.refresh_from_db()
    answer = client.post(page("publish-draft", draft.pk), {"version": draft.version}, follow=True)
    newest = QuestionSet.objects.get(context__code="direct", version=2)
    assert answer.redirect_chain[-1][0] == page("question-set", newest.pk)
    assert [c.code for c in newest.questions.get(code="how_many_people_would").choices.all()] == [
        "many",
        "some",
        "nobody",
        "not_raised",
        "refused",
    ]
    lead = make_lead(alice)
    asked = signed_in(alice).get(reverse("leads:qualify", args=[lead.pk])).content.decode()
    assert "How many people would use it?" in asked
    assert client.get(page("draft", draft.pk)).headers["Location"] == page("question-set", newest.pk)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"choice-1-digit": "1"}, "two choices share a key"),
        ({"choice-2-value": "10"}, "the choices must reach from 0 to 100"),
        ({"choice-0-value": "101"}, "Choice 1: Ensure this value is less than or equal to 100"),
        ({"choice-0-value": "much"}, "Choice 1: Give a whole number from 0 to 100."),
        ({"choice-1-label": ""}, "Choice 2: Give its words, or clear the row."),
        ({"choice-2-digit": ""}, "Choice 3: Give it a key from 1 to 8."),
        ({"text": ""}, "Fill in “Question”."),
        ({"weight": "11"}, "Give 10 or less for “"),
        ({"weight": "2.5"}, "as a whole number."),
        ({"criterion": "weather"}, "Choose “Criterion” from its list"),
        ({"code": "budget"}, "The code budget is taken in this draft"),
        ({"code": "no spaces"}, "with letters, digits, - and _ only"),
        ({"not_raised": ""}, "Fill in “Words for key 0”."),
        ({"choice-TOTAL_FORMS": "x"}, "Send the rows of the choices again."),
    ],
)
def test_a_wrong_question_is_refused_with_what_to_change(
    draft: QuestionSetDraft, maria: User, changes: dict[str, object], sentence: str
) -> None:
    answer = signed_in(maria).post(page("new-question", draft.pk), sent(draft, **changes))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    draft.refresh_from_db()
    assert draft.version == 1


def test_maria_edits_orders_deletes_and_brings_back(draft: QuestionSetDraft, maria: User) -> None:
    client = signed_in(maria)
    form = client.get(page("question", draft.pk, "tried")).context["form"]
    values = {f"{bound.html_name}": bound.value() or "" for bound in form if bound.name not in {"leading", "concepts"}}
    for row in form.choices:
        values |= {bound.html_name: "" if bound.value() is None else bound.value() for bound in row}
    values |= {
        "choice-TOTAL_FORMS": len(form.choices.forms),
        "choice-INITIAL_FORMS": 0,
        "concepts": form["concepts"].value(),
    }
    values |= {"text": "What has been tried?", "leading": "Who helped you?\n\n What came of it? ", "weight": 4}
    answer = client.post(page("question", draft.pk, "tried"), values)
    assert answer.status_code == 302, answer.context["form"].errors
    draft.refresh_from_db()
    tried = find(draft, "tried").question
    assert (tried.text, tried.leading, tried.weighs) == (
        "What has been tried?",
        ("Who helped you?", "What came of it?"),
        4,
    )
    assert [(c.digit, c.code, c.value) for c in tried.choices] == [
        (1, "yes", 100),
        (2, "partly", 50),
        (3, "no", 0),
        (0, "not_raised", None),
        (9, "refused", None),
    ]
    moved = client.post(page("move-question", draft.pk, "tried"), {"steps": "-1"})
    assert moved.headers["Location"] == page("draft", draft.pk) + "#dq-tried"
    swapped = client.post(page("move-question", draft.pk, "tried"), {"steps": "-1"}, headers={"HX-Request": "true"})
    assert "What has been tried? is now number 1 of 3." in swapped.content.decode()
    assert re.search(r'id="draft-version" name="version" value="4"', swapped.content.decode())
    client.post(page("delete-question", draft.pk, "tried"), {"version": "4"})
    shown = client.get(page("draft", draft.pk)).content.decode()
    assert 'id="dq-tried"' not in shown
    assert page("bring-back", draft.pk, "tried") in shown
    client.post(page("bring-back", draft.pk, "tried"))
    assert 'id="dq-tried"' in client.get(page("draft", draft.pk)).content.decode()


def test_what_is_missing_stands_on_the_draft_and_it_is_not_published(draft: QuestionSetDraft, maria: User) -> None:
    client = signed_in(maria)
    for code in ("pain", "pain_felt_by", "tried"):
        client.post(page("delete-question", draft.pk, code))
    shown = client.get(page("draft", draft.pk)).content.decode()
    assert "No question serves Need, which the policy" in shown
    draft.refresh_from_db()
    answer = client.post(page("publish-draft", draft.pk), {"version": draft.version})
    assert answer.status_code == 422
    assert "No question serves Need, which the policy" in answer.content.decode()
    assert QuestionSet.objects.filter(context__code="direct").count() == 1


def test_two_on_one_question_choose_between_both_values(draft: QuestionSetDraft, maria: User, bob: User) -> None:
    seen = draft.version
    edit_question(draft, "tried", {"text": "What has been tried?"}, version=seen, by=bob)
    client = signed_in(maria)
    mine = sent(draft, text="What did they try?", version=seen)
    answer = client.post(page("question", draft.pk, "tried"), mine)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "What has been tried?" in shown
    assert "What did they try?" in shown
    keep = {f"keep-{each.field}": "mine" for each in answer.context["both"].differences} | {"keep-text": "theirs"}
    assert (
        client.post(
            page("question", draft.pk, "tried"), mine | keep | {"version": answer.context["both"].version}
        ).status_code
        == 302
    )
    draft.refresh_from_db()
    tried = find(draft, "tried").question
    assert tried.text == "What has been tried?"
    assert [choice.label for choice in tried.choices][:3] == ["Many", "Some", "Nobody"]


def test_two_who_name_a_draft_choose_and_nobody_publishes_unseen(
    draft: QuestionSetDraft, maria: User, bob: User
) -> None:
    seen = draft.version
    rename_draft(draft, "With seats", version=seen, by=bob)
    client = signed_in(maria)
    answer = client.post(page("draft", draft.pk), {"name": "With desks", "version": seen})
    assert answer.status_code == 409
    assert "With seats" in answer.content.decode()
    edit_question(draft, "tried", {"text": "What has been tried?"}, version=None, by=bob)
    unseen = client.post(page("publish-draft", draft.pk), {"version": seen})
    assert unseen.status_code == 409
    assert "What has been tried?" in unseen.content.decode()
    deleted = client.post(page("delete-question", draft.pk, "tried"), {"version": seen})
    assert deleted.status_code == 409
    assert QuestionSet.objects.filter(context__code="direct").count() == 1


def test_words_in_another_language(draft: QuestionSetDraft, maria: User) -> None:
    client = signed_in(maria)
    here = page("words", draft.pk, "budget", "zh-hant")
    assert "Is there money set aside for this?" in client.get(here).content.decode()
    saved = client.post(here, {"version": draft.version, "text": "有編列預算嗎？", "label-no": "沒有"})
    assert saved.status_code == 302
    draft.refresh_from_db()
    budget = find(draft, "budget").question
    assert budget.wording == {"zh-hant": {"text": "有編列預算嗎？"}}
    assert {c.code: c.wording for c in budget.choices if c.wording} == {"no": {"zh-hant": "沒有"}}
    assert "2 of 8" in client.get(page("question", draft.pk, "budget")).content.decode()
    assert client.get(page("words", draft.pk, "budget", "fr")).status_code == 404


def test_the_preview_asks_like_the_qualify_page_and_saves_nothing(draft: QuestionSetDraft, maria: User) -> None:
    client = signed_in(maria)
    edit_question(draft, "budget", {"leading": ("What does it cost you today?",)}, version=None, by=maria)
    here = reverse("leads:preview-draft", args=[draft.pk])
    shown = client.get(here).content.decode()
    assert "What does it cost you today?" in shown
    # A key question of three in one of four equal criteria: 2 of its 4 points.
    assert "+12.5" in shown
    right = client.post(f"{here}?question=budget", {"choice": "set_aside"}, headers={"HX-Request": "true"})
    assert right.status_code == 200
    wrong = client.post(f"{here}?question=budget", {"choice": ""}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert "Give a rating first" in wrong.content.decode()
    assert client.post(f"{here}?question=budget", {"choice": "set_aside"}).status_code == 302
    assert client.post(f"{here}?question=nothing", {"choice": "set_aside"}).status_code == 404
    assert Answer.objects.count() == 0


def test_a_new_kind_of_sale_says_what_it_needs_until_leads_qualify(ada: User, maria: User, alice: User) -> None:
    admin = signed_in(ada)
    assert signed_in(maria).get(page("new-context")).status_code == 403
    assert admin.post(page("new-context"), {"name": "Direct again", "code": "direct"}).status_code == 422
    added = admin.post(page("new-context"), {"name": "Renewal", "code": ""})
    draft = QuestionSetDraft.objects.get(context__code="renewal")
    assert added.headers["Location"] == page("draft", draft.pk)
    assert "Renewal has no published question set yet" in admin.get(page("question-sets")).content.decode()
    lead = make_lead(alice)
    assert signed_in(alice).get(reverse("leads:qualify", args=[lead.pk]) + "?context=renewal").status_code == 404
    admin.post(page("new-question", draft.pk), sent(draft, key="on"))
    draft.refresh_from_db()
    admin.post(page("publish-draft", draft.pk), {"version": draft.version})
    assert "Renewal has no policy in force" in admin.get(page("question-sets")).content.decode()
    shown = signed_in(alice).get(reverse("leads:qualify", args=[lead.pk]) + "?context=renewal").content.decode()
    assert "How many people would use it?" in shown
    need_only = [
        {"code": "need", "name": "Need", "weight": 1, "required": True, "concepts": ["need"]},
    ]
    publish_policy(SalesContext.objects.get(code="renewal"), {**policies.DIRECT, "criteria": need_only})
    assert "Renewal has no" not in admin.get(page("question-sets")).content.decode()
    renewal = make_lead(alice, context="renewal", answers={"how_many_people_would": "many"})
    checklist = Checklist.objects.get(lead=renewal)
    assert checklist.score.low == 100
    assert checklist.score.policy == Policy.objects.get(context__code="renewal")


def test_order_moves_only_what_is_there(draft: QuestionSetDraft, maria: User) -> None:
    client = signed_in(maria)
    assert client.post(page("move-question", draft.pk, "nothing"), {"steps": "1"}).status_code == 404
    assert client.post(page("move-question", draft.pk, "tried"), {"steps": "far"}).status_code == 302
    move_question(draft, "tried", 0, by=maria)
    assert client.post(page("move-question", 999, "tried"), {"steps": "1"}).status_code == 404

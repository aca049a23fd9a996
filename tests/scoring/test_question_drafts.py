"""Maria writes a question set: she drafts, orders and words it, others write beside her, and it is published frozen."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from scoring.models import Question, QuestionSet, QuestionSetDraft
from scoring.packs import direct, wording
from scoring.packs.shape import QuestionData
from scoring.publishing import PublishingRefused
from scoring.question_drafts import (
    DraftClosed,
    StaleQuestion,
    add_question,
    bring_back_question,
    delete_question,
    drafted,
    drop_draft,
    edit_question,
    find,
    move_question,
    publish_draft,
    rename_draft,
    set_of,
    start_draft,
    word_question,
)
from users.conflicts import StaleVersion
from users.models import SalesContext, User
from users.rights import Forbidden

SEATS = QuestionData(
    code="",
    criterion="need",
    kind=Question.Kind.TEXT,
    text="How many people would use it?",
    choices=wording.PROCESS,
)


def published() -> QuestionSet:
    return QuestionSet.objects.filter(context__code="direct").latest("version")


@pytest.fixture
def draft(maria: User) -> QuestionSetDraft:
    return start_draft(published().context, based_on=published(), by=maria)


def codes(draft: QuestionSetDraft, criterion: str) -> list[str]:
    return [each.question.code for each in drafted(draft) if each.question.criterion == criterion]


def test_a_draft_begins_as_the_set_in_force_and_publishes_as_the_same(draft: QuestionSetDraft, maria: User) -> None:
    assert {each.question.code: each.question for each in drafted(draft)} == {
        q.code: replace(q, concepts=tuple(c for c in q.concepts if c != q.criterion))
        for q in direct.QUESTION_SET.questions
    }
    again = publish_draft(draft, version=draft.version, by=maria)
    assert again.version == 2
    columns = ("code", "criterion", "concepts", "position", "key", "weight", "text", "hint", "kind", "role")
    first = QuestionSet.objects.get(context__code="direct", version=1)
    assert list(again.questions.values(*columns)) == list(first.questions.values(*columns))
    assert list(again.questions.values("code", "choices__code", "choices__value", "choices__digit")) == list(
        first.questions.values("code", "choices__code", "choices__value", "choices__digit")
    )
    draft.refresh_from_db()
    assert draft.published_as == again
    with pytest.raises(DraftClosed, match="has become version 2"):
        add_question(draft, SEATS, by=maria)


def test_a_new_question_gets_its_code_from_its_text_and_stands_last_in_its_criterion(
    draft: QuestionSetDraft, maria: User
) -> None:
    draft = add_question(draft, SEATS, by=maria)
    draft = add_question(draft, SEATS, by=maria)
    draft = add_question(draft, replace(SEATS, text="有多少人會使用？"), by=maria)
    assert codes(draft, "need")[-3:] == ["how_many_people_would", "how_many_people_would_2", "question"]
    with pytest.raises(ValidationError) as refused:
        add_question(draft, replace(SEATS, code="budget"), by=maria)
    assert refused.value.message_dict == {"code": ["The code budget is taken in this draft. Choose another."]}


def test_order_within_a_criterion_and_no_further(draft: QuestionSetDraft, maria: User) -> None:
    assert codes(draft, "timeline") == ["decision_date", "order_date", "go_live_date", "acceptance_date"]
    draft = move_question(draft, "acceptance_date", -1, by=maria)
    draft = move_question(draft, "decision_date", 2, by=maria)
    assert codes(draft, "timeline") == ["order_date", "acceptance_date", "decision_date", "go_live_date"]
    draft = move_question(draft, "go_live_date", 7, by=maria)
    draft = move_question(draft, "order_date", -99, by=maria)
    assert codes(draft, "timeline") == ["order_date", "acceptance_date", "decision_date", "go_live_date"]
    assert codes(draft, "need")[0] == "pain"


def test_a_new_key_question_takes_it_from_the_old_one(draft: QuestionSetDraft, maria: User) -> None:
    draft = edit_question(draft, "tried", {"key": True}, version=draft.version, by=maria)
    assert [(q.code, q.weighs) for q in set_of(draft).questions if q.criterion == "need" and q.key] == [("tried", 2)]
    assert find(draft, "pain").question.weighs == 1


def test_a_deleted_question_can_be_brought_back_until_it_is_published(draft: QuestionSetDraft, maria: User) -> None:
    draft = delete_question(draft, "pain", version=draft.version, by=maria)
    with pytest.raises(PublishingRefused) as refused:
        publish_draft(draft, version=draft.version, by=maria)
    assert refused.value.problems == {"criteria.need": "need has 0 key questions; mark exactly one."}
    draft = edit_question(draft, "tried", {"key": True}, version=draft.version, by=maria)
    draft = bring_back_question(draft, "pain", by=maria)
    assert codes(draft, "need")[-1] == "pain"
    assert not find(draft, "pain").question.key
    assert "pain" in publish_draft(draft, version=draft.version, by=maria).questions.values_list("code", flat=True)


@pytest.mark.parametrize(
    ("field", "changes", "sentence"),
    [
        ("choices", {"choices": wording.PROCESS[:2] + wording.PROCESS[3:]}, "from 0 to 100"),
        (
            "choices",
            {"choices": (*wording.PROCESS[:2], replace(wording.PROCESS[2], digit=1), *wording.PROCESS[3:])},
            "share a key",
        ),
        ("choices", {"choices": wording.PROCESS[:3]}, "did not come up"),
        ("weight", {"weight": 11}, "from 1 to 10"),
        ("text", {"text": " "}, "write down what is asked"),
        ("text", {"text": "?" * 301}, "shorten this to 300"),
        ("leading", {"leading": ("?" * 301,)}, "shorten this to 300"),
        ("criterion", {"criterion": "weather"}, "is no criterion"),
        ("concepts", {"concepts": ("weather",)}, "no known concept"),
        ("text", {"text": "Is it \x00?"}, "NUL"),
    ],
)
def test_what_could_not_be_published_is_refused_when_it_is_saved(
    draft: QuestionSetDraft, maria: User, field: str, changes: dict[str, object], sentence: str
) -> None:
    before = QuestionSetDraft.objects.values().get(pk=draft.pk)
    with pytest.raises(ValidationError) as refused:
        edit_question(draft, "budget_spent", changes, version=draft.version, by=maria)
    assert set(refused.value.message_dict) == {field}
    assert sentence in str(refused.value)
    assert QuestionSetDraft.objects.values().get(pk=draft.pk) == before


def test_an_empty_set_is_not_published(maria: User) -> None:
    renewal = SalesContext.objects.create(code="renewal", name="Renewal")
    empty = start_draft(renewal, based_on=None, by=maria)
    with pytest.raises(PublishingRefused) as refused:
        publish_draft(empty, version=empty.version, by=maria)
    assert set(refused.value.problems) == {"questions"}


def test_a_question_that_the_policy_requires_cannot_go(draft: QuestionSetDraft, maria: User) -> None:
    for code in ("pain", "pain_felt_by", "tried"):
        draft = delete_question(draft, code, version=draft.version, by=maria)
    with pytest.raises(PublishingRefused, match="No question serves Need, which the policy"):
        publish_draft(draft, version=draft.version, by=maria)
    assert published().version == 1


def test_two_people_on_two_questions_do_not_stop_each_other(draft: QuestionSetDraft, maria: User, bob: User) -> None:
    seen = draft.version
    edit_question(draft, "tried", {"text": "What has been tried?"}, version=seen, by=maria)
    edit_question(draft, "pain", {"text": "What hurts?"}, version=seen, by=bob)
    draft.refresh_from_db()
    assert find(draft, "tried").question.text == "What has been tried?"
    assert find(draft, "pain").question.text == "What hurts?"


def test_two_people_on_one_question_see_both_values(draft: QuestionSetDraft, maria: User, bob: User) -> None:
    seen = draft.version
    after = edit_question(draft, "tried", {"text": "What has been tried?"}, version=seen, by=maria)
    with pytest.raises(StaleQuestion) as stale:
        edit_question(draft, "tried", {"text": "What did they try?", "weight": 3}, version=seen, by=bob)
    differences = {each.field: (each.theirs, each.yours) for each in stale.value.differences()}
    assert differences == {"text": ("What has been tried?", "What did they try?"), "weight": ("", "3")}
    with pytest.raises(StaleQuestion):
        delete_question(draft, "tried", version=seen, by=bob)
    edit_question(draft, "tried", {"text": "What did they try?"}, version=stale.value.version, by=bob)
    draft.refresh_from_db()
    assert stale.value.version == after.version
    assert find(draft, "tried").question.text == "What did they try?"


def test_nobody_publishes_what_they_have_not_seen(draft: QuestionSetDraft, maria: User, bob: User) -> None:
    seen = draft.version
    rename_draft(draft, "With seats", version=seen, by=maria)
    with pytest.raises(StaleVersion):
        publish_draft(draft, version=seen, by=bob)
    assert published().version == 1


def test_words_of_a_language_are_read_in_it_and_fall_back(draft: QuestionSetDraft, maria: User) -> None:
    draft = edit_question(draft, "budget", {"leading": ("What does it cost you today?",)}, version=None, by=maria)
    words = {
        "text": "Er det satt av penger?",
        "hint": "",
        "leading": ["Hva koster det i dag?"],
        "label-set_aside": "Satt av",
        "label-can_be_found": "",
    }
    draft = word_question(draft, "budget", "nb", words, version=draft.version, by=maria)
    question = publish_draft(draft, version=draft.version, by=maria).questions.get(code="budget")
    label = {choice.code: choice for choice in question.choices.all()}
    with translation.override("nb"):
        assert question.text_to_read == "Er det satt av penger?"
        assert question.hint_to_read.startswith("Setting the money aside")
        assert question.leading_to_read == ["Hva koster det i dag?"]
        assert label["set_aside"].label_to_read == "Satt av"
        assert label["can_be_found"].label_to_read == "Can be found, with a value case"
    with translation.override("ru"):
        assert question.text_to_read == "Is there money set aside for this?"
        assert question.leading_to_read == ["What does it cost you today?"]


def test_words_are_kept_when_the_question_is_edited_and_two_translators_see_both(
    draft: QuestionSetDraft, maria: User, bob: User
) -> None:
    seen = draft.version
    word_question(draft, "budget", "nb", {"text": "Er det satt av penger?"}, version=seen, by=maria)
    with pytest.raises(StaleQuestion) as stale:
        word_question(draft, "budget", "nb", {"text": "Finnes det penger?"}, version=seen, by=bob)
    assert [(each.theirs, each.yours) for each in stale.value.differences()] == [
        ("Er det satt av penger?", "Finnes det penger?")
    ]
    edit_question(draft, "budget", {"hint": "Ask early."}, version=None, by=bob)
    draft.refresh_from_db()
    assert find(draft, "budget").question.wording == {"nb": {"text": "Er det satt av penger?"}}


def test_a_dropped_draft_is_closed(draft: QuestionSetDraft, maria: User) -> None:
    drop_draft(draft, by=maria)
    with pytest.raises(DraftClosed, match="was dropped"):
        publish_draft(draft, version=None, by=maria)


def test_only_those_who_draft_policies_write_questions(
    draft: QuestionSetDraft, alice: User, carmen: User, bob: User, ada: User
) -> None:
    for person in (alice, carmen):
        with pytest.raises(Forbidden, match="drafted by managers, marketing and administrators"):
            start_draft(draft.context, based_on=None, by=person)
        with pytest.raises(Forbidden):
            publish_draft(draft, version=draft.version, by=person)
    for person in (bob, ada):
        start_draft(draft.context, based_on=None, by=person)

"""Writing a question set: a draft is begun, its questions are written, ordered and worded, and it is published.

Many edit one draft. Each question remembers the version of the draft in which it was last changed, so that two people
who write two questions do not stop each other, and two who write one are shown both values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.frameworks import CONCEPTS, CRITERIA
from scoring.models import BuyerRole, Question, QuestionSet, QuestionSetDraft
from scoring.packs.shape import ChoiceData, QuestionData, QuestionSetData, as_json, from_json, written_down
from scoring.publishing import problems_of_question, publish_question_set
from users.conflicts import Difference, StaleVersion, clean, edit, has_nul
from users.facts import database_now
from users.locking import hold
from users.models import SalesContext, User
from users.rights import demand, may_draft_policies, who_may_draft_policies

# What a draft may hold: more than any call has time for.
MOST_QUESTIONS = 100
LABELS: Mapping[str, str | Promise] = {
    "criterion": gettext_lazy("Criterion"),
    "text": gettext_lazy("Question"),
    "kind": gettext_lazy("Answer"),
    "key": gettext_lazy("Key question"),
    "weight": gettext_lazy("Weight"),
    "role": gettext_lazy("Role of who is named"),
    "hint": gettext_lazy("Hint"),
    "leading": gettext_lazy("Leading questions"),
    "concepts": gettext_lazy("Also about"),
    "choices": gettext_lazy("Choices"),
}


class DraftClosed(Exception):  # what happened, not what went wrong
    """The draft was published or dropped meanwhile."""

    def __init__(self, draft: QuestionSetDraft) -> None:
        self.draft = draft
        super().__init__(
            _("This draft has become version %(version)d. Begin a new draft to change what is asked.")
            % {"version": draft.published_as.version}
            if draft.published_as
            else _("This draft was dropped. Begin a new one.")
        )


class NoSuchQuestion(LookupError):
    """The draft has no question of this code."""


class StaleQuestion(StaleVersion):
    """Somebody else changed the same question after the person read it."""

    def __init__(
        self,
        draft: QuestionSetDraft,
        attempted: Mapping[str, Any],
        stored: Mapping[str, Any],
        labels: Mapping[str, str | Promise],
    ) -> None:
        super().__init__(draft, attempted)
        self.stored, self.labels = dict(stored), labels

    def differences(self) -> list[Difference]:
        return [
            Difference(name, str(self.labels.get(name, name)), in_line(self.stored.get(name)), in_line(yours))
            for name, yours in self.attempted.items()
            if self.stored.get(name) != yours
        ]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A question of a draft, and the version of the draft in which it was last changed."""

    question: QuestionData
    changed_in: int


def in_line(value: Any) -> str:
    """A part of a question as one line, for people who compare."""
    if isinstance(value, tuple | list):
        return "; ".join(in_line(each) for each in value)
    if isinstance(value, ChoiceData):
        return f"{value.digit} {value.label}" + ("" if value.value is None else f" ({value.value})")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    known = {**CONCEPTS, **dict(BuyerRole.choices), **dict(Question.Kind.choices)}
    return "" if value is None else str(known.get(value, value))


def drafted(draft: QuestionSetDraft) -> list[Drafted]:
    """The questions of the draft in their order: by criterion, within it as they are asked."""
    return _read(draft.content["questions"])


def left_out(draft: QuestionSetDraft) -> list[Drafted]:
    """Questions that were deleted from the draft, newest first; they can be brought back."""
    return _read(draft.content["left_out"])


def set_of(draft: QuestionSetDraft) -> QuestionSetData:
    return QuestionSetData(draft.name, tuple(each.question for each in drafted(draft)))


def find(draft: QuestionSetDraft, code: str) -> Drafted:
    """Raises NoSuchQuestion."""
    for each in drafted(draft):
        if each.question.code == code:
            return each
    raise NoSuchQuestion(code)


def start_draft(context: SalesContext, *, based_on: QuestionSet | None, by: User) -> QuestionSetDraft:
    """A draft with the questions of a published set of the context, or an empty one. Raises Forbidden."""
    demand(may_draft_policies(by), who_may_draft_policies())
    written = written_down(based_on) if based_on is not None else QuestionSetData(context.name, ())
    content = _write([Drafted(question, 1) for question in written.questions], [])
    return QuestionSetDraft.objects.create(
        context=context, name=written.name, content=content, based_on=based_on, made_by=by
    )


def rename_draft(draft: QuestionSetDraft, name: str, *, version: int | None, by: User) -> QuestionSetDraft:
    """Raises Forbidden, DraftClosed, StaleVersion, ValidationError."""
    with transaction.atomic():
        locked = _lock(draft, by)
        edit(locked, {"name": name.strip()}, version=version, editable=("name",))
    return locked


def add_question(draft: QuestionSetDraft, question: QuestionData, *, by: User) -> QuestionSetDraft:
    """Put a question at the end of its criterion. Without a code it gets one from its text.

    Raises Forbidden, DraftClosed, ValidationError.
    """
    with transaction.atomic():
        locked = _lock(draft, by)
        questions = drafted(locked)
        taken = {each.question.code for each in [*questions, *left_out(locked)]}
        if len(questions) >= MOST_QUESTIONS:
            raise ValidationError(
                _("A question set holds at most %(most)d questions. Delete one first.") % {"most": MOST_QUESTIONS}
            )
        if question.code in taken:
            raise ValidationError(
                {"code": _("The code %(code)s is taken in this draft. Choose another.") % {"code": question.code}}
            )
        named = question if question.code else replace(question, code=suggested_code(question.text, taken))
        _save(locked, [*questions, _checked(named)], left_out(locked), changed=named.code)
    return locked


def edit_question(
    draft: QuestionSetDraft, code: str, changes: Mapping[str, Any], *, version: int | None, by: User
) -> QuestionSetDraft:
    """Change parts of a question; its code stays. A question that becomes the key takes that from the other one.

    `version` is the draft's that the person read. Raises Forbidden, DraftClosed, NoSuchQuestion, StaleQuestion, and
    ValidationError with a message per field.
    """

    def changed(question: QuestionData) -> QuestionData:
        return replace(question, **changes)

    def stored(question: QuestionData) -> dict[str, Any]:
        return {name: getattr(question, name) for name in changes}

    return _change(draft, code, changed, dict(changes), stored, LABELS, version=version, by=by)


def word_question(
    draft: QuestionSetDraft, code: str, language: str, words: Mapping[str, Any], *, version: int | None, by: User
) -> QuestionSetDraft:
    """Give a question its words in one language: `text`, `hint`, `leading` (lines), and `label-<code>` of each choice.

    What is empty falls back to the base text. Raises as edit_question does.
    """

    def changed(question: QuestionData) -> QuestionData:
        own = {name: value for name, value in words.items() if not name.startswith("label-")}
        wording = {**question.wording, language: _without_blanks({**question.wording.get(language, {}), **own})}
        choices = tuple(_labelled(choice, language, words) for choice in question.choices)
        return replace(question, wording=_without_blanks(wording), choices=choices)

    def stored(question: QuestionData) -> dict[str, Any]:
        labels = {f"label-{choice.code}": choice.wording.get(language, "") for choice in question.choices}
        own = {"text": "", "hint": "", "leading": [], **question.wording.get(language, {}), **labels}
        return {name: own.get(name, "") for name in words}

    labels: dict[str, str | Promise] = {
        **LABELS,
        **{f"label-{choice.code}": choice.label for choice in find(draft, code).question.choices},
    }
    return _change(draft, code, changed, dict(words), stored, labels, version=version, by=by)


def move_question(draft: QuestionSetDraft, code: str, steps: int, *, by: User) -> QuestionSetDraft:
    """Ask the question earlier (fewer than 0) or later within its criterion; at an end it stays there.

    Raises Forbidden, DraftClosed, NoSuchQuestion.
    """
    with transaction.atomic():
        locked = _lock(draft, by)
        moved = find(locked, code)
        questions = drafted(locked)
        own = [each for each in questions if each.question.criterion == moved.question.criterion]
        rest = [each for each in own if each != moved]
        place = max(0, min(len(rest), own.index(moved) + steps))
        rest.insert(place, moved)
        others = [each for each in questions if each.question.criterion != moved.question.criterion]
        _save(locked, [*others, *rest], left_out(locked))
    return locked


def delete_question(draft: QuestionSetDraft, code: str, *, version: int | None, by: User) -> QuestionSetDraft:
    """Leave a question out of the set; it can be brought back while the draft is open.

    Raises Forbidden, DraftClosed, NoSuchQuestion, StaleQuestion.
    """
    with transaction.atomic():
        locked = _lock(draft, by)
        deleted = find(locked, code)
        _demand_fresh(locked, deleted, {}, {}, LABELS, version)
        kept = [each for each in drafted(locked) if each != deleted]
        _save(locked, kept, [deleted, *left_out(locked)])
    return locked


def bring_back_question(draft: QuestionSetDraft, code: str, *, by: User) -> QuestionSetDraft:
    """Put a deleted question at the end of its criterion. Raises Forbidden, DraftClosed, NoSuchQuestion."""
    with transaction.atomic():
        locked = _lock(draft, by)
        gone = left_out(locked)
        back = next((each for each in gone if each.question.code == code), None)
        if back is None:
            raise NoSuchQuestion(code)
        # Another question may have become the key meanwhile.
        has_key = any(
            each.question.key for each in drafted(locked) if each.question.criterion == back.question.criterion
        )
        question = replace(back.question, key=back.question.key and not has_key)
        _save(
            locked,
            [*drafted(locked), Drafted(question, back.changed_in)],
            [each for each in gone if each != back],
            changed=code,
        )
    return locked


def publish_draft(draft: QuestionSetDraft, *, version: int | None, by: User) -> QuestionSet:
    """Freeze the draft as the next version of its context's question set.

    Raises Forbidden, DraftClosed, PublishingRefused, and StaleVersion if the draft is not what the person looked at.
    """
    with transaction.atomic():
        locked = _lock(draft, by)
        if version is not None and version != locked.version:
            raise StaleVersion(locked, {})
        published = publish_question_set(locked.context, set_of(locked))
        locked.published_as = published
        locked.version += 1
        locked.save(update_fields=["published_as", "version"])
    return published


def drop_draft(draft: QuestionSetDraft, *, by: User) -> QuestionSetDraft:
    """Put the draft away; nothing of it was ever asked. Raises Forbidden, DraftClosed."""
    with transaction.atomic():
        locked = _lock(draft, by)
        locked.dropped_at = database_now()
        locked.version += 1
        locked.save(update_fields=["dropped_at", "version"])
    return locked


def suggested_code(text: str, taken: set[str]) -> str:
    """A code from the first words of the text, numbered if it is taken; for a text without Latin letters `question`."""
    base = "_".join(slugify(text).split("-")[:4])[:50].strip("_") or "question"
    number = 1
    code = base
    while code in taken:
        number += 1
        code = f"{base}_{number}"
    return code


def _change(
    draft: QuestionSetDraft,
    code: str,
    changed: Callable[[QuestionData], QuestionData],
    attempted: Mapping[str, Any],
    stored: Callable[[QuestionData], dict[str, Any]],
    labels: Mapping[str, str | Promise],
    *,
    version: int | None,
    by: User,
) -> QuestionSetDraft:
    with transaction.atomic():
        locked = _lock(draft, by)
        before = find(locked, code)
        _demand_fresh(locked, before, attempted, stored(before.question), labels, version)
        after = _checked(changed(before.question))
        if after.question != before.question:
            questions = [after if each == before else each for each in drafted(locked)]
            if after.question.criterion != before.question.criterion:  # to the end of the other one
                questions = [*(each for each in questions if each != after), after]
            _save(locked, questions, left_out(locked), changed=code)
    return locked


def _demand_fresh(
    draft: QuestionSetDraft,
    question: Drafted,
    attempted: Mapping[str, Any],
    stored: Mapping[str, Any],
    labels: Mapping[str, str | Promise],
    version: int | None,
) -> None:
    if version is not None and question.changed_in > version:
        raise StaleQuestion(draft, attempted, stored, labels)


def _lock(draft: QuestionSetDraft, by: User) -> QuestionSetDraft:
    demand(may_draft_policies(by), who_may_draft_policies())
    locked = hold(QuestionSetDraft.objects.select_related("context", "based_on", "published_as"), draft.pk)
    if not locked.open:
        raise DraftClosed(locked)
    return locked


def _checked(question: QuestionData) -> Drafted:
    """The question, if it could be published. Raises ValidationError by field."""
    problems = problems_of_question(question)
    if has_nul(as_json(question)):
        problems["text"] = _("Remove the invisible character (NUL) from this field.")
    if problems:
        raise ValidationError({field: [sentence] for field, sentence in problems.items()})
    return Drafted(question, 0)


def _save(draft: QuestionSetDraft, questions: list[Drafted], gone: list[Drafted], *, changed: str = "") -> None:
    draft.version += 1
    newest = next((each.question for each in questions if each.question.code == changed), None)
    marked = []
    for each in questions:
        if each.question is newest:
            marked.append(Drafted(each.question, draft.version))
        elif newest is not None and newest.key and each.question.key and each.question.criterion == newest.criterion:
            marked.append(Drafted(replace(each.question, key=False), draft.version))
        else:
            marked.append(each)
    order = list(CRITERIA)
    draft.content = _write(
        sorted(
            marked, key=lambda each: order.index(each.question.criterion) if each.question.criterion in order else 99
        ),
        gone,
    )
    clean(draft, only=("content",))
    draft.save(update_fields=["content", "version"])


def _read(source: list[Mapping[str, Any]]) -> list[Drafted]:
    return [Drafted(from_json(each), each["changed_in"]) for each in source]


def _write(questions: list[Drafted], gone: list[Drafted]) -> dict[str, Any]:
    def plain(each: Drafted) -> dict[str, Any]:
        return {**as_json(each.question), "changed_in": each.changed_in}

    return {"questions": [plain(each) for each in questions], "left_out": [plain(each) for each in gone]}


def _labelled(choice: ChoiceData, language: str, words: Mapping[str, Any]) -> ChoiceData:
    if (name := f"label-{choice.code}") not in words:
        return choice
    return replace(choice, wording=_without_blanks({**choice.wording, language: words[name]}))


def _without_blanks(words: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in words.items() if value}

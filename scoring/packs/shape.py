"""The form in which a question set is written down before it is published, and the same as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from scoring.models import Choice, Question, QuestionSet


@dataclass(frozen=True, slots=True)
class ChoiceData:
    """A rating: the key that presses it, and its value from 0 to 100 (None: it says nothing about the answer)."""

    digit: int
    code: str
    label: str
    value: int | None
    wording: Mapping[str, str] = field(default_factory=dict)  # language to label


@dataclass(frozen=True, slots=True)
class QuestionData:
    """One question. `concepts` beyond the criterion's own let later frameworks ask for less than a criterion.

    `weight` within its criterion is 1 to 10; left out, the key question weighs 2 and the others 1.
    """

    code: str
    criterion: str
    kind: Question.Kind
    text: str
    choices: tuple[ChoiceData, ...]
    hint: str = ""
    key: bool = False
    role: str = ""
    concepts: tuple[str, ...] = ()
    weight: int | None = None
    leading: tuple[str, ...] = ()
    wording: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # language to text, hint and leading

    @property
    def weighs(self) -> int:
        return usual_weight(key=self.key) if self.weight is None else self.weight

    def all_concepts(self) -> list[str]:
        """The criterion's own concept first."""
        return list(dict.fromkeys((self.criterion, *self.concepts)))


def usual_weight(*, key: bool) -> int:
    """What a question weighs within its criterion where nobody says otherwise (decisions.md 2)."""
    return 2 if key else 1


@dataclass(frozen=True, slots=True)
class QuestionSetData:
    name: str
    questions: tuple[QuestionData, ...]


def as_json(question: QuestionData) -> dict[str, Any]:
    return asdict(question)


def from_json(source: Mapping[str, Any]) -> QuestionData:
    known = {each.name: source[each.name] for each in fields(QuestionData) if each.name in source}
    return QuestionData(
        **known
        | {
            "kind": Question.Kind(source["kind"]),
            "choices": tuple(ChoiceData(**choice) for choice in source["choices"]),
            "concepts": tuple(source.get("concepts", ())),
            "leading": tuple(source.get("leading", ())),
        }
    )


def written_down(question_set: QuestionSet) -> QuestionSetData:
    """A published set, as it would be written down to be published again."""
    return QuestionSetData(
        question_set.name,
        tuple(
            QuestionData(
                code=row.code,
                criterion=row.criterion,
                kind=Question.Kind(row.kind),
                text=row.text,
                choices=tuple(
                    ChoiceData(choice.digit, choice.code, choice.label, choice.value, choice.wording)
                    for choice in row.choices.all()
                ),
                hint=row.hint,
                key=row.key,
                role=row.role,
                concepts=tuple(concept for concept in row.concepts if concept != row.criterion),
                weight=None if row.weight == usual_weight(key=row.key) else row.weight,
                leading=tuple(row.leading),
                wording=row.wording,
            )
            for row in question_set.questions.prefetch_related("choices")
        ),
    )


def ratings(clear: str, vague: str, none: str, *, not_raised: str, refused: str) -> tuple[ChoiceData, ...]:
    """The three ratings of decisions.md 1, worded for a question, and the two that have no value."""
    return (
        ChoiceData(1, "yes", clear, 100),
        ChoiceData(2, "partly", vague, 50),
        ChoiceData(3, "no", none, 0),
        *unrated(not_raised, refused),
    )


def unrated(not_raised: str, refused: str) -> tuple[ChoiceData, ...]:
    return (
        ChoiceData(0, Choice.NOT_RAISED, not_raised, None),
        ChoiceData(9, Choice.REFUSED, refused, None),
    )

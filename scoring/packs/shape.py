"""The form in which a question set is written down before it is published."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scoring.models import Choice, Question


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
        return self.weight if self.weight is not None else 2 if self.key else 1

    def all_concepts(self) -> list[str]:
        """The criterion's own concept first."""
        return list(dict.fromkeys((self.criterion, *self.concepts)))


@dataclass(frozen=True, slots=True)
class QuestionSetData:
    name: str
    questions: tuple[QuestionData, ...]


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

"""What people type into a question set. The forms check the form of it; the acts (question_drafts.py) the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.frameworks import CONCEPTS, CRITERIA
from scoring.models import BuyerRole, Choice, Question
from scoring.packs import wording
from scoring.packs.shape import ChoiceData, QuestionData, unrated
from scoring.publishing import LARGEST_WEIGHT, LONGEST_LABEL, LONGEST_TEXT
from users.choices import offer_choices
from users.edit_page import EditForm

# 0 and 9 are the keys of “did not come up” and “would not say”.
MOST_CHOICES = 8
BLANK_CHOICES = 2


class LinesField(forms.CharField):
    """A list of lines, each a text of its own; blank lines are left out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 3}), **options)

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else "\n".join(value)

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def run_validators(self, value: Any) -> None:
        """The lines have no common length; the act says which is too long."""


class ChoiceForm(forms.Form):
    """One rating. Without words it is none: clearing the words deletes it."""

    digit = forms.IntegerField(
        label=gettext_lazy("Key"),
        min_value=1,
        max_value=MOST_CHOICES,
        required=False,
        error_messages={"invalid": gettext_lazy("Give a digit from 1 to 8.")},
    )
    label = forms.CharField(label=gettext_lazy("Words"), max_length=LONGEST_LABEL, required=False)
    value = forms.IntegerField(
        label=gettext_lazy("Worth"),
        min_value=0,
        max_value=100,
        required=False,
        error_messages={"invalid": gettext_lazy("Give a whole number from 0 to 100.")},
    )
    code = forms.SlugField(max_length=30, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("label"):
            if given.get("value") is not None and "label" not in self.errors:
                self.add_error("label", _("Give its words, or clear the row."))
            return given
        for name, sentence in (
            ("value", _("Say what it is worth, from 0 to 100.")),
            ("digit", _("Give it a key from 1 to 8.")),
        ):
            if given.get(name) is None and name not in self.errors:
                self.add_error(name, sentence)
        return given


ChoiceFormSet = forms.formset_factory(ChoiceForm, extra=0, max_num=MOST_CHOICES, absolute_max=MOST_CHOICES)


class QuestionForm(EditForm):
    """A question of a draft. Its code is given once, when it is added."""

    text = forms.CharField(
        label=gettext_lazy("Question"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("As it is said on the phone."),
    )
    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=60,
        required=False,
        help_text=gettext_lazy(
            "Stays in every version, so that answers can be carried over. Empty: made from the text."
        ),
    )
    criterion = forms.ChoiceField(label=gettext_lazy("Criterion"))
    kind = forms.ChoiceField(label=gettext_lazy("Answer"), choices=Question.Kind.choices)
    key = forms.BooleanField(
        label=gettext_lazy("Key question of its criterion"),
        required=False,
        help_text=gettext_lazy("Each criterion has exactly one; the one before it hands it over."),
    )
    weight = forms.IntegerField(
        label=gettext_lazy("Weight within its criterion"),
        min_value=1,
        max_value=LARGEST_WEIGHT,
        required=False,
        help_text=gettext_lazy("1 to 10. Empty: 2 for the key question, 1 for the others."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role of who is named"),
        choices=[("", gettext_lazy("None")), *BuyerRole.choices],
        required=False,
        help_text=gettext_lazy("For questions that name people."),
    )
    hint = forms.CharField(
        label=gettext_lazy("Hint"),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=gettext_lazy("Stands below the question and is not said."),
    )
    leading = LinesField(
        label=gettext_lazy("Leading questions"), help_text=gettext_lazy("Easier ones that lead up to it, one a line.")
    )
    concepts = forms.MultipleChoiceField(
        label=gettext_lazy("Also about"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("A framework may ask for less than a criterion: what this question tells it."),
    )
    not_raised = forms.CharField(
        label=gettext_lazy("Words for key 0"), max_length=LONGEST_LABEL, help_text=gettext_lazy("It did not come up.")
    )
    refused = forms.CharField(
        label=gettext_lazy("Words for key 9"), max_length=LONGEST_LABEL, help_text=gettext_lazy("They would not say.")
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        question: QuestionData | None = None,
        criterion: str = "",
        version: int | None = None,
    ) -> None:
        super().__init__(data, initial=_initial(question, criterion, version))
        self.question = question
        if question is not None:
            del self.fields["code"]
        offer_choices(self, "criterion", ((code, _(name)) for code, name in CRITERIA.items()))
        offer_choices(self, "concepts", ((code, _(name)) for code, name in CONCEPTS.items() if code not in CRITERIA))
        # What is sent stands for itself: a row that equals its beginning is a choice too.
        self.choices = ChoiceFormSet(data, prefix="choice", initial=_rows(question) if data is None else None)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.choices.is_valid():
            wrong = [
                _("Choice %(number)d: %(sentence)s") % {"number": number, "sentence": sentence}
                for number, row in enumerate(self.choices.forms, start=1)
                for errors in row.errors.values()
                for sentence in errors
            ]
            for sentence in wrong or [_("Send the rows of the choices again.")]:
                self.add_error(None, sentence)
        return given

    def changes(self) -> dict[str, Any]:
        """The parts of the question."""
        given = self.cleaned_data
        parts = ("text", "criterion", "key", "weight", "role", "hint")
        return {
            **{name: given[name] for name in parts},
            "kind": Question.Kind(given["kind"]),
            "leading": tuple(given["leading"]),
            "concepts": tuple(given["concepts"]),
            "choices": self._given_choices(),
        }

    def new_question(self) -> QuestionData:
        return QuestionData(code=self.cleaned_data["code"], **self.changes())

    def _given_choices(self) -> tuple[ChoiceData, ...]:
        before = {choice.code: choice for choice in (self.question.choices if self.question else ())}
        codes: set[str] = set()
        rated = []
        for row in (each.cleaned_data for each in self.choices.forms if each.cleaned_data.get("label")):
            code = row["code"] if row["code"] in before else _choice_code(row["label"], {*before, *codes})
            codes.add(code)
            kept = before[code].wording if code in before else {}
            rated.append(ChoiceData(row["digit"], code, row["label"], row["value"], kept))
        without_value = unrated(self.cleaned_data["not_raised"], self.cleaned_data["refused"])
        return (
            *rated,
            *(
                ChoiceData(
                    each.digit, each.code, each.label, None, before[each.code].wording if each.code in before else {}
                )
                for each in without_value
            ),
        )


class WordsForm(EditForm):
    """A question in one language; the base text stands beside each field."""

    text = forms.CharField(
        label=gettext_lazy("Question"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    hint = forms.CharField(label=gettext_lazy("Hint"), max_length=LONGEST_TEXT, required=False)
    leading = LinesField(label=gettext_lazy("Leading questions"))

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        question: QuestionData,
        language: str,
        version: int | None = None,
    ) -> None:
        own = question.wording.get(language, {})
        labels = {f"label-{each.code}": each.wording.get(language, "") for each in question.choices}
        super().__init__(data, initial={**own, **labels, "version": version})
        for name, base in (("text", question.text), ("hint", question.hint), ("leading", " / ".join(question.leading))):
            self.fields[name].help_text = base
            if not base:
                del self.fields[name]
        for each in question.choices:
            self.fields[f"label-{each.code}"] = forms.CharField(
                label=_("Key %(digit)d") % {"digit": each.digit},
                max_length=LONGEST_LABEL,
                required=False,
                help_text=each.label,
            )


class NameForm(EditForm):
    name = forms.CharField(label=gettext_lazy("Name of the set"), max_length=100)


class ContextForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, help_text=gettext_lazy("What kind of sale it is, such as: Renewal.")
    )
    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=50,
        required=False,
        help_text=gettext_lazy("For imports and the API; it stays. Empty: made from the name."),
    )


def _initial(question: QuestionData | None, criterion: str, version: int | None) -> dict[str, Any]:
    unrated_words = {"not_raised": _(wording.NOT_RAISED), "refused": _(wording.REFUSED)}
    if question is None:
        return {**unrated_words, "criterion": criterion, "kind": Question.Kind.TEXT, "version": version}
    own = {each.code: each.label for each in question.choices if each.value is None}
    return {
        **unrated_words,
        **{
            name: own[code]
            for name, code in (("not_raised", Choice.NOT_RAISED), ("refused", Choice.REFUSED))
            if code in own
        },
        **{
            name: getattr(question, name)
            for name in ("text", "criterion", "kind", "key", "weight", "role", "hint", "leading", "concepts")
        },
        "version": version,
    }


def _rows(question: QuestionData | None) -> list[dict[str, Any]]:
    """The rated choices and some blank rows; a new question begins with the three usual ratings (decisions.md 1)."""
    rated: Sequence[ChoiceData] = question.choices if question is not None else wording.PROCESS
    rows = [
        {
            "label": each.label if question else _(each.label),
            "value": each.value,
            "digit": each.digit,
            "code": each.code,
        }
        for each in rated
        if each.value is not None
    ]
    free = [digit for digit in range(1, MOST_CHOICES + 1) if digit not in {row["digit"] for row in rows}]
    return [*rows, *({"digit": digit} for digit in free[:BLANK_CHOICES])]


def _choice_code(label: str, taken: set[str]) -> str:
    base = slugify(label).replace("-", "_")[:24].strip("_") or "choice"
    code, number = base, 1
    while code in taken:
        number += 1
        code = f"{base}_{number}"
    return code

"""An answer as it is given on the qualify page: a rating, and evidence of the question's kind beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.models import Contact, Product
from leads.forms.amounts import read_amount
from leads.forms.widgets import PlainChecks, PlainSelect
from leads.models import Answer
from leads.qualification import Given, Named
from scoring.models import BuyerRole, Choice, Pain, Question
from users.choices import offer_choices
from users.formats import SYMBOLS, money
from users.moments import FIRST_DAY, LAST_DAY

# A call's worth of notes. Longer texts belong into a document.
LONGEST_TEXT = 10_000
YES_NO = [("", gettext_lazy("Not known")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]
TOO_LONG = ngettext_lazy(
    "Shorten this text to %(limit_value)d character (it has %(show_value)d). It is still here, and nothing was saved.",
    "Shorten this text to %(limit_value)d characters (it has %(show_value)d). It is still here, and nothing was saved.",
    "limit_value",
)


@dataclass(frozen=True)
class Lists:
    """What the selects of a checklist offer, read when a question first needs it."""

    offers: Callable[[], Sequence[Product]]
    contacts: Callable[[], Sequence[Contact]]
    pains: Callable[[], Sequence[Pain]]
    currency: Callable[[], str]


class AmountField(forms.Field):
    """An amount in any usual way of writing it."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 40})

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        try:
            return read_amount(str(value))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class TextField(forms.CharField):
    """A text that may be long; one that is too long is refused with a sentence and given back."""

    def __init__(self, *, rows: int = 1, limit: int = LONGEST_TEXT, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "data-limit": limit})
        super().__init__(max_length=limit, required=False, widget=widget, **options)
        self.widget.attrs.pop("maxlength", None)  # browsers would cut what is pasted without a word
        self.validators[0].message = TOO_LONG  # type: ignore[attr-defined]


class DayField(forms.DateField):
    """A day between 1970 and 2100."""

    widget = forms.DateInput(
        format="%Y-%m-%d", attrs={"type": "date", "min": FIRST_DAY.isoformat(), "max": LAST_DAY.isoformat()}
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False, error_messages={"invalid": _("Choose a date that exists, as year-month-day.")}, **options
        )

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and not FIRST_DAY <= value <= LAST_DAY:
            raise forms.ValidationError(_("Choose a date between 1970 and 2100."))


class AnswerForm(forms.Form):
    """One answer. The fields of evidence are those of the question's kind."""

    choice = forms.ChoiceField(
        label=gettext_lazy("Rating"), error_messages={"required": gettext_lazy("Give a rating first: press its digit.")}
    )
    note = TextField(label=gettext_lazy("Note"))
    seen = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        question: Question,
        choices: Sequence[Choice],
        lists: Lists,
        answer: Answer | None = None,
        today: date,
    ) -> None:
        super().__init__(data, auto_id=f"{question.code}-%s", initial=_initial(answer, question, lists.currency))
        self.question, self.answer, self.lists, self.today = question, answer, lists, today
        self.choices = {choice.code: choice for choice in choices}
        offer_choices(self, "choice", [(choice.code, choice.label) for choice in choices])
        for name, field in _evidence(question, lists).items():
            self.fields[name] = field

    @property
    def evidence(self) -> list[forms.BoundField]:
        """The fields of the typed value."""
        return [self[name] for name in self.fields if name not in {"choice", "note", "seen"}]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        happened = given.get("happened_on")
        if happened is not None and happened > self.today:
            self.add_error("happened_on", _("This day has not come yet. Give it as the date instead."))
        elif happened is not None and given.get("date") is None and "date" not in self.errors:
            given["date"] = happened
        if given.get("amount") is not None and not given.get("currency") and "currency" not in self.errors:
            given["currency"] = self.lists.currency()
        if given.get("champion") and not (given.get("who") or given.get("new_name")):
            self.add_error("champion", _("Name the person who argues for us."))
        return given

    def given(self, contacts: Sequence[Named] = ()) -> Given:
        """The answer, naming `contacts`, which had to be found or made first."""
        typed = self.cleaned_data
        willing = {"yes": True, "no": False}.get(typed.get("willing_to_pay", ""))
        offers = {str(offer.pk): offer for offer in self.lists.offers()} if typed.get("offer") else {}
        pains = {str(pain.pk): pain for pain in self.lists.pains()} if typed.get("pains") else {}
        amount = typed.get("amount")
        return Given(
            choice=self.choices[typed["choice"]],
            amount=amount,
            currency=typed.get("currency", "") if amount is not None else "",
            offer=offers.get(typed.get("offer", "")),
            willing_to_pay=willing,
            can_solve=typed.get("can_solve", ""),
            date=typed.get("date"),
            happened_on=typed.get("happened_on"),
            decision_days=typed.get("decision_days"),
            cause=typed.get("cause", ""),
            words=typed.get("words", ""),
            pains=[pains[key] for key in typed.get("pains", [])],
            contacts=contacts,
            note=typed["note"],
        )


def _evidence(question: Question, lists: Lists) -> dict[str, forms.Field]:
    kind = Question.Kind
    if question.kind in {kind.BUDGET, kind.AMOUNT}:
        fields = {"amount": AmountField(label=_("Amount"), required=False), "currency": _currency(lists)}
        return fields | (_offer(lists) if question.kind == kind.BUDGET else {})
    if question.kind in {kind.CONTACT, kind.CONTACTS}:
        return _people(question, lists)
    if question.kind in {kind.DATE, kind.DECISION_DATE}:
        fields = {"date": DayField(label=_("Date")), "happened_on": DayField(label=_("Has happened on"))}
        return fields | (_decision() if question.kind == kind.DECISION_DATE else {})
    words = {"words": TextField(label=_("In their words"), rows=2)}
    return (_pains(lists) if question.kind == kind.PAIN else {}) | words


def _currency(lists: Lists) -> forms.Field:
    codes = list(dict.fromkeys([lists.currency(), *SYMBOLS]))
    return forms.ChoiceField(
        widget=PlainSelect, label=_("Currency"), choices=[(code, code) for code in codes], required=False
    )


def _offer(lists: Lists) -> dict[str, forms.Field]:
    offers = [
        (
            str(offer.pk),
            f"{offer.name}, {money(offer.price, offer.currency)}" if offer.price is not None else offer.name,
        )
        for offer in lists.offers()
    ]
    return {
        "offer": forms.ChoiceField(
            widget=PlainSelect, label=_("For which offer"), choices=[("", _("None yet")), *offers], required=False
        ),
        "willing_to_pay": forms.ChoiceField(
            widget=PlainSelect, label=_("Willing to pay"), choices=YES_NO, required=False
        ),
    }


def _people(question: Question, lists: Lists) -> dict[str, forms.Field]:
    known = [(str(contact.pk), ", ".join(filter(None, [contact.name, contact.title]))) for contact in lists.contacts()]
    who: forms.Field
    if question.kind == Question.Kind.CONTACTS:
        who = forms.MultipleChoiceField(label=_("Who"), choices=known, required=False, widget=PlainChecks)
    else:
        who = forms.ChoiceField(
            widget=PlainSelect, label=_("Who"), choices=[("", _("Nobody yet")), *known], required=False
        )
    return {
        **({"who": who} if known or question.kind == Question.Kind.CONTACT else {}),
        "new_name": forms.CharField(label=_("Somebody new"), max_length=200, required=False),
        "new_title": forms.CharField(label=_("Their title"), max_length=150, required=False),
        "role": forms.ChoiceField(
            widget=PlainSelect, label=_("Role"), choices=[("", _("No role")), *BuyerRole.choices], required=False
        ),
        "department": forms.CharField(label=_("Department or unit"), max_length=150, required=False),
        "champion": forms.BooleanField(label=_("Champion: argues for us without us in the room"), required=False),
    }


def _decision() -> dict[str, forms.Field]:
    return {
        "cause": forms.CharField(label=_("Why then"), max_length=300, required=False),
        "decision_days": forms.IntegerField(
            label=_("Days they take to decide"), min_value=0, max_value=3650, required=False
        ),
    }


def _pains(lists: Lists) -> dict[str, forms.Field]:
    choices = [(str(pain.pk), _(pain.label)) for pain in lists.pains()]
    solve = [("", _("Not known")), *Answer.CanSolve.choices]
    return {
        "pains": forms.MultipleChoiceField(
            label=_("Pains and goals"), choices=choices, required=False, widget=PlainChecks
        ),
        "can_solve": forms.ChoiceField(widget=PlainSelect, label=_("Can we solve it"), choices=solve, required=False),
    }


def _initial(answer: Answer | None, question: Question, usual: Callable[[], str]) -> dict[str, Any]:
    """The present answer, so that a new rating keeps the evidence beside it. `usual` is the workspace's currency."""
    in_money = question.kind in {Question.Kind.BUDGET, Question.Kind.AMOUNT}
    currency = (answer.currency if answer else "") or (usual() if in_money else "")
    suggested = question.role or (BuyerRole.USER if question.kind == Question.Kind.CONTACTS else "")
    if answer is None:
        return {"currency": currency, "role": suggested}
    named = list(answer.named.all())
    people = [str(each.contact_id) for each in named]
    return {
        "seen": answer.pk,
        "choice": answer.choice.code,
        "note": answer.note,
        "amount": "" if answer.amount is None else _plain(answer.amount),
        "currency": currency,
        "offer": str(answer.offer_id or ""),
        "willing_to_pay": {True: "yes", False: "no"}.get(answer.willing_to_pay, ""),  # type: ignore[arg-type]
        "can_solve": answer.can_solve,
        "date": answer.date,
        "happened_on": answer.happened_on,
        "decision_days": answer.decision_days,
        "cause": answer.cause,
        "words": answer.words,
        "pains": [str(each.pain_id) for each in answer.named_pains.all()],
        "who": people if question.kind == Question.Kind.CONTACTS else people[0] if people else "",
        "role": named[0].role if named else suggested,
        "department": named[0].department if named else "",
        "champion": len(named) == 1 and named[0].champion,
    }


def typed_again(answer: Answer | None, question: Question, currency: Callable[[], str]) -> QueryDict:
    """The answer as the form would send it; without one, that the question did not come up."""
    initial = _initial(answer, question, currency) if answer else {"choice": Choice.NOT_RAISED}
    sent = QueryDict(mutable=True)
    for name, value in initial.items():
        values = value if isinstance(value, list) else [value]
        sent.setlist(name, ["on" if each is True else str(each) for each in values if each not in (None, False)])
    return sent


def _plain(amount: Decimal) -> str:
    return f"{amount:f}".removesuffix(".00")

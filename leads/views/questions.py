"""The questions of a checklist as the qualify page shows them: what was said, by whom and when, and what is open."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, Product
from leads.dates import DATED, Step, is_passed, out_of_order
from leads.forms.answers import AnswerForm, Lists
from leads.models import Answer, AnswerContact, AnswerPain, Checklist, Lead
from leads.naming import contacts_known_to
from leads.scores import sitting
from leads.sheet import Sheet
from scoring.frameworks import CRITERIA
from scoring.models import Choice, Pain, Question
from users.formats import day, money
from users.models import SalesContext, Workspace


@dataclass(frozen=True, slots=True)
class Option:
    choice: Choice
    label: str
    points: Decimal | None  # what it adds to the certain score; None where it has no value
    chosen: bool


@dataclass
class Asked:
    """One question with its answers and its form."""

    question: Question
    label: str  # B1
    text: str
    hint: str
    leading: list[str]
    url: str
    undo_url: str  # takes the present answer back
    form: AnswerForm
    options: list[Option]
    answer: Answer | None
    earlier: list[Answer]
    points: Decimal | None  # that the present answer adds for certain
    gain: Decimal | None  # that the best answer would add
    open: bool = False
    elsewhere: Answer | None = None  # said in the other set, to be confirmed
    theirs: Answer | None = None  # somebody else answered meanwhile
    warnings: list[str] = field(default_factory=list)  # of its date: it has passed, or contradicts another one
    mine: dict[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> str:
        return said(self.answer) if self.answer else ""

    @property
    def elsewhere_value(self) -> str:
        return said(self.elsewhere) if self.elsewhere else ""

    @property
    def earlier_lines(self) -> list[dict[str, Any]]:
        return [{"answer": old, "value": said(old)} for old in self.earlier]

    @property
    def typed_label(self) -> str:
        """What Enter opens."""
        return str(self.question.get_kind_display())

    @property
    def note_control(self) -> SafeString:
        label = _("Note for %(label)s") % {"label": self.label}
        attrs: dict[str, str | bool] = {"data-key": "n", "aria-label": label, "placeholder": _("Note, in their words")}
        return self.form["note"].as_widget(attrs=attrs)

    @property
    def rated(self) -> list[Option]:
        return [option for option in self.options if option.choice.value is not None]

    @property
    def unrated(self) -> list[Option]:
        return [option for option in self.options if option.choice.value is None]


@dataclass(frozen=True, slots=True)
class Section:
    code: str
    name: str
    low: Decimal | None
    questions: list[Asked]


def said(answer: Answer) -> str:
    """The answer in one line: its rating and the evidence beside it."""
    parts = [answer.choice.label_to_read]
    if answer.amount is not None:
        amount = money(answer.amount, answer.currency)
        parts.append(
            _("%(amount)s for %(offer)s") % {"amount": amount, "offer": answer.offer} if answer.offer else amount
        )
    if answer.willing_to_pay is not None:
        parts.append(_("willing to pay") if answer.willing_to_pay else _("not willing to pay"))
    if answer.date is not None:
        parts.append(day(answer.date, answer.recorded_at.date()))
    if answer.happened_on is not None:
        parts.append(_("happened on %(date)s") % {"date": day(answer.happened_on, answer.recorded_at.date())})
    if answer.cause:
        parts.append(answer.cause)
    if answer.decision_days is not None:
        parts.append(_("decides in %(days)s days") % {"days": answer.decision_days})
    parts += [_(named.pain.label) for named in answer.named_pains.all()]
    if answer.can_solve:
        parts.append(_("we can solve it: %(how)s") % {"how": answer.get_can_solve_display().lower()})
    parts += [named_as(named) for named in answer.named.all()]
    return ", ".join(parts)


def named_as(named: AnswerContact) -> str:
    about = [named.get_role_display() if named.role else "", named.department, _("champion") if named.champion else ""]
    known = ", ".join(filter(None, about))
    return f"{named.contact.name} ({known})" if known else named.contact.name


def questions_of(question_set_id: int) -> tuple[Question, ...]:
    """The questions of a published set with their choices; read once, since they never change."""
    return _questions(str(connection.settings_dict["NAME"]), question_set_id)


@lru_cache(maxsize=64)
def _questions(_database: str, question_set_id: int) -> tuple[Question, ...]:
    return tuple(Question.objects.filter(question_set=question_set_id).order_by("position").prefetch_related("choices"))


def lists_for(known: QuerySet[Contact], context: SalesContext, workspace: Callable[[], Workspace]) -> Lists:
    """What the selects offer, `known` being who can be named; each list is read at most once, and only if it is shown."""
    kept: dict[str, Any] = {}

    def once(name: str, rows: Any) -> Any:
        if name not in kept:
            kept[name] = list(rows)
        return kept[name]

    offers = Product.objects.filter(Q(context=context) | Q(context__isnull=True), archived_at__isnull=True)
    return Lists(
        offers=lambda: once("offers", offers),
        contacts=lambda: once("contacts", known),
        pains=lambda: once("pains", Pain.objects.filter(archived_at__isnull=True)),
        currency=lambda: workspace().currency,
    )


@dataclass
class Desk:
    """One checklist, or one not begun yet, laid out for asking."""

    lead: Lead | None
    context: SalesContext
    checklist: Checklist | None
    question_set_id: int
    today: date
    address: str  # of an answer, with {code} for the question and {act} for what is done with it
    sheet: Sheet | None = None
    may_answer: bool = True
    _lists: Lists | None = None
    # The whole chain of a question's answers where it is at hand, by question: newest first.
    at_hand: dict[int, list[Answer]] = field(default_factory=dict)

    @cached_property
    def lists(self) -> Lists:
        return self._lists or lists_for(self.known_contacts(), self.context, lambda: self.workspace)

    @cached_property
    def workspace(self) -> Workspace:
        return Workspace.get()

    @property
    def account(self) -> Account | None:
        """Whose people a new contact is one of."""
        return self.lead.account if self.lead is not None else None

    @property
    def beside(self) -> str:
        """What a link to a question of this set needs, where it is not the one that the lead is worked by."""
        return f"&context={self.context.code}" if self.lead and self.lead.context_id != self.context.pk else ""

    def known_contacts(self) -> QuerySet[Contact]:
        return contacts_known_to(self.lead) if self.lead is not None else Contact.objects.none()

    @property
    def written(self) -> Checklist:
        """The checklist, where an answer has begun it."""
        if self.checklist is None:
            raise LookupError("This checklist has not been begun.")
        return self.checklist

    @property
    def questions(self) -> Sequence[Question]:
        return questions_of(self.question_set_id)

    def choices_of(self, question: Question) -> list[Choice]:
        return list(question.choices.all())

    def question(self, code: str) -> Question | None:
        return next((each for each in self.questions if each.code == code), None)

    def answers(self, question: Question | None = None) -> dict[int, list[Answer]]:
        """All answers of the checklist, or of one question: newest first, by question."""
        if self.checklist is None:
            return {}
        if question is not None and question.pk in self.at_hand:
            return self.at_hand
        rows = Answer.objects.filter(checklist=self.checklist)
        if question is not None:
            rows = rows.filter(question=question)
        found: dict[int, list[Answer]] = {}
        for answer in rows.with_evidence().order_by("-id"):
            found.setdefault(answer.question_id, []).append(answer)
        return found

    def keep(self, question: Question, answer: Answer) -> None:
        """Have a first answer that names no contact and no pain at hand: nothing else of it is in the database."""
        answer._prefetched_objects_cache = {  # type: ignore[attr-defined]  # as prefetch_related leaves it
            "named": AnswerContact.objects.none(),
            "named_pains": AnswerPain.objects.none(),
        }
        self.at_hand[question.pk] = [answer]

    def weights(self) -> tuple[dict[int, int], int]:
        """The weight of each question by id, and their sum; nothing where no policy weighs them."""
        if self.sheet is not None:
            own = self.sheet.weights
            weights = {each.pk: own[each.code] for each in self.questions if each.code in own}
        else:
            judge, _zone, _now = sitting(self.context.pk)
            weights = {key: each.weight for key, each in judge.weights_of(self.question_set_id).items()}
        return weights, sum(weights.values())

    def ask(
        self,
        question: Question,
        answers: list[Answer],
        *,
        form: AnswerForm | None = None,
        weights: Mapping[int, int] | None = None,
        total: int = 0,
    ) -> Asked:
        answer = answers[0] if answers else None
        choices = self.choices_of(question)
        weight = Decimal((weights or {}).get(question.pk, 0))
        share = 100 * weight / total if total else None
        bound = form or AnswerForm(
            question=question, choices=choices, lists=self.lists, answer=answer, today=self.today
        )
        chosen = bound["choice"].value() or ""
        return Asked(
            question=question,
            label=self.labels[question.code],
            text=question.text_to_read,
            hint=question.hint_to_read,
            leading=question.leading_to_read,
            url=self.address.format(code=question.code, act=""),
            undo_url=self.address.format(code=question.code, act=f"undo/{answer.pk}/") if answer else "",
            form=bound,
            options=[
                Option(
                    choice,
                    choice.label_to_read,
                    None if choice.value is None or share is None else share * choice.value / 100,
                    choice.code == chosen,
                )
                for choice in choices
            ],
            answer=answer,
            earlier=answers[1:],
            points=self._earned(question) if answer else None,
            gain=share,
        )

    @property
    def labels(self) -> dict[str, str]:
        """B1, B2, ... A1: the criterion's letter and the question's number within it."""
        counts: dict[str, int] = {}
        labels = {}
        for question in self.questions:
            counts[question.criterion] = counts.get(question.criterion, 0) + 1
            labels[question.code] = f"{question.criterion[:1].upper()}{counts[question.criterion]}"
        return labels

    def _earned(self, question: Question) -> Decimal | None:
        """The points of low that the ledger gives to the question."""
        text = question.text_to_read
        rows = self.sheet.ledger if self.sheet else []
        return next((row.points_low for row in rows if row.part == "qualification" and row.rule == text), None)

    def sections(self, open_code: str = "", asked: Asked | None = None) -> list[Section]:
        """All questions by criterion; `asked` takes the place of its question, for a form with errors."""
        answers = self.answers()
        weights, total = self.weights()
        sections: dict[str, list[Asked]] = {}
        for question in self.questions:
            own = asked if asked and asked.question.pk == question.pk else None
            each = own or self.ask(question, answers.get(question.pk, []), weights=weights, total=total)
            sections.setdefault(question.criterion, []).append(each)
        every = [each for group in sections.values() for each in group]
        self._confirmable(every)
        self.warn(every, answers)
        self._open(every, open_code)
        criteria = {each.code: each for each in self.sheet.criteria} if self.sheet else {}
        return [
            Section(code, _(CRITERIA.get(code, code)), criteria[code].low if code in criteria else None, group)
            for code, group in sections.items()
        ]

    def dates(self) -> dict[int, list[Answer]]:
        """The answers of the questions that ask for a day, newest first, by question."""
        found: dict[int, list[Answer]] = {}
        for answer in Answer.objects.filter(checklist=self.written, question__kind__in=DATED).order_by("-id"):
            found.setdefault(answer.question_id, []).append(answer)
        return found

    def warn(self, every: Iterable[Asked], answers: Mapping[int, list[Answer]]) -> None:
        """Say at each of these questions what is wrong with its date; `answers` are those of `dates`, or more."""
        standing = {
            question.code: answers[question.pk][0]
            for question in questions_of(self.question_set_id)
            if question.kind in DATED and question.pk in answers
        }
        days = {code: answer.happened_on or answer.date for code, answer in standing.items()}
        wrong = list(out_of_order([Step(code, day) for code, day in days.items() if day is not None]))
        labels = self.labels if wrong else {}
        for asked in every:
            code = asked.question.code
            if code in standing and is_passed(standing[code], self.today):
                asked.warnings.append(
                    _("This date has passed: it counts 0 until it has happened. Did it happen, or when will it?")
                )
            for each in wrong:
                other = {each.later.code: each.earlier, each.earlier.code: each.later}.get(code)
                if other is not None:
                    words = {"label": labels[other.code], "day": day(other.day, self.today)}
                    asked.warnings.append(
                        _("Before %(label)s, %(day)s, which comes first: one of the two is wrong.") % words
                        if other is each.earlier
                        else _("After %(label)s, %(day)s, which comes later: one of the two is wrong.") % words
                    )

    def _open(self, every: Iterable[Asked], code: str) -> None:
        """One question is open: the one asked for, else the best next, else the first without an answer."""
        listed = list(every)
        best = self.sheet.next_question.code if self.sheet and self.sheet.next_question else ""
        for wanted in (code, best):
            for each in listed:
                if each.question.code == wanted:
                    each.open = True
                    return
        first = next((each for each in listed if each.answer is None), None)
        if first is not None:
            first.open = True

    def _confirmable(self, every: Iterable[Asked]) -> None:
        """Offer what was said to a shared question in the lead's other checklist (decisions.md 10)."""
        blank = {each.question.code: each for each in every if each.answer is None}
        if not blank:
            return
        others = Answer.objects.filter(
            checklist__lead=self.lead, choice__value__isnull=False, question__code__in=list(blank)
        ).exclude(checklist__context=self.context)
        for answer in others.current().asked_now().with_evidence().select_related("checklist__context"):
            blank[answer.question.code].elsewhere = answer

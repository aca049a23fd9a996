"""The checklist of a lead in a sales context, and the answers on it: appended, never changed."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, Product
from leads.models.lead import Lead
from scoring.models import BuyerRole, Choice, Pain, Question, QuestionSet
from users.facts import DatabaseClock, Fact, FactQuerySet
from users.models import SalesContext


class Checklist(models.Model):
    """One lead's answers to the questions of one sales context: the thread from lead to deal (decisions.md 25).

    Whoever writes facts that hang on it locks this row first.
    """

    lead = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="checklists")
    context = models.ForeignKey(SalesContext, models.PROTECT, related_name="checklists", db_index=False)
    # The newest SetChange's set, kept here for the scoring statement; leads/moving_checklists.py writes it.
    question_set = models.ForeignKey(QuestionSet, models.PROTECT, related_name="checklists", db_index=False)
    created_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lead", "context"], name="checklist_once_per_lead_and_context")]

    def __str__(self) -> str:
        return f"{self.context} #{self.pk}"


class MovingOrder(Fact):
    """Somebody asked that the open checklists of a sales context go over to this version of its question set."""

    question_set = models.ForeignKey(QuestionSet, models.PROTECT, related_name="moving_orders")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)


class SetChange(Fact):
    """A checklist went over from one version of its question set to a later one."""

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="set_changes")
    from_set = models.ForeignKey(QuestionSet, models.PROTECT, related_name="+", db_index=False)
    to_set = models.ForeignKey(QuestionSet, models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(MovingOrder, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["checklist", "to_set"], name="set_change_once")]


class AnswerQuerySet(FactQuerySet["Answer"]):
    def current(self) -> Self:
        """The end of each question's chain."""
        # An answer replaces one of its own checklist; said so, it is found by the index however many answers there are.
        later = Answer.objects.filter(checklist=OuterRef("checklist"), replaces=OuterRef("pk"))
        return self.filter(~Exists(later))

    def asked_now(self) -> Self:
        """Of the version of the questions that the checklist has now."""
        return self.filter(question__question_set=F("checklist__question_set"))

    def with_evidence(self) -> Self:
        """With everything that one line about them says, in three queries."""
        return self.select_related("question", "choice", "offer", "by").prefetch_related(
            Prefetch("named", AnswerContact.objects.select_related("contact").order_by("id")),
            Prefetch("named_pains", AnswerPain.objects.select_related("pain").order_by("id")),
        )


class Answer(Fact):
    """What was found for one question: a rating, evidence beside it, and the answer it replaces."""

    class CanSolve(models.TextChoices):
        SPECIFICALLY = "specifically", _("Specifically")
        GENERALLY = "generally", _("In general")
        NO = "no", _("No")

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="answers", db_index=False)
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", db_index=False)
    choice = models.ForeignKey(Choice, models.PROTECT, related_name="+", db_index=False)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by", db_index=False)
    # Taken over unchanged from an earlier version of the question set: `replaces` is the answer that it carries on.
    carried = models.BooleanField(default=False, db_default=False)
    # The answer in the other context's checklist that this one confirms (decisions.md 10).
    confirms = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    # Evidence. An amount is rated against the price that its offer had when the answer was given.
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    offer = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+", db_index=False)
    offer_price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    willing_to_pay = models.BooleanField(null=True)
    can_solve = models.CharField(max_length=12, choices=CanSolve.choices, blank=True)
    date = models.DateField(null=True)
    happened_on = models.DateField(null=True)
    # An earlier date of this chain had passed without happening when it was moved: the date rule's limit of 50.
    date_slipped = models.BooleanField(default=False)
    decision_days = models.PositiveSmallIntegerField(null=True)
    cause = models.CharField(max_length=300, blank=True)
    words = models.TextField(blank=True)
    pains = models.ManyToManyField(Pain, related_name="+", through="AnswerPain")
    contacts = models.ManyToManyField(Contact, related_name="+", through="AnswerContact")
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two people cannot replace the same answer, and a question has one first answer (decisions.md 29).
            models.UniqueConstraint(
                fields=["checklist", "question", "replaces"], nulls_distinct=False, name="answer_replaces_once"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="answer_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | ~Q(currency=""), name="answer_amount_has_a_currency"
            ),
            models.CheckConstraint(
                condition=Q(offer__isnull=False) | Q(offer_price__isnull=True), name="answer_price_is_of_an_offer"
            ),
            models.CheckConstraint(
                condition=Q(happened_on__isnull=True) | Q(date__isnull=False), name="answer_happened_has_a_date"
            ),
        ]
        indexes = [
            # The newest answer of each question: scoring, the qualify page, a past moment.
            models.Index(fields=["checklist", "question", "-id"], name="answer_newest"),
        ]


class AnswerContact(Fact):
    """A contact that an answer names, with the part they play."""

    answer = models.ForeignKey(Answer, models.PROTECT, related_name="named", db_index=False)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="named_in")
    role = models.CharField(max_length=20, choices=BuyerRole.choices, blank=True)
    department = models.CharField(max_length=150, blank=True)
    feels_the_pain = models.BooleanField(default=False)
    champion = models.BooleanField(default=False)  # argues for us without us in the room

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "contact", "role"], name="answer_contact_once")]


class AnswerPain(Fact):
    """A pain or goal of the editable list that an answer names."""

    answer = models.ForeignKey(Answer, models.PROTECT, related_name="named_pains", db_index=False)
    pain = models.ForeignKey(Pain, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "pain"], name="answer_pain_once")]

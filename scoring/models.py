"""The agreement: what is asked (question sets) and what the answers mean (policies). Published versions are frozen."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from scoring.wording import worded, worded_lines
from users.facts import DatabaseClock, Fact
from users.models import SalesContext


class QuestionSet(Fact):
    """One version of what is asked in one sales context. Only published versions are rows; they never change."""

    context = models.ForeignKey(SalesContext, models.PROTECT, related_name="question_sets")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["context", "version"], name="question_set_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class BuyerRole(models.TextChoices):
    INITIATOR = "initiator", _("Initiator")  # first meets the information and passes it on inside
    INFLUENCER = "influencer", _("Influencer")  # sways the decision, for or against
    DECISION_MAKER = "decision_maker", _("Decision-maker")  # chooses among the alternatives
    APPROVER = "approver", _("Approver")  # allows or vetoes the decision
    BUYER = "buyer", _("Buyer")  # carries the purchase out; the last one who can stop it
    USER = "user", _("User")  # uses the product


class Question(Fact):
    """One thing that is asked; frozen with its set. `code` is stable across versions."""

    class Kind(models.TextChoices):
        BUDGET = "budget", _("Amount against an offer, and willing to pay")
        AMOUNT = "amount", _("Amount")
        TEXT = "text", _("Words")
        CONTACT = "contact", _("One contact")
        CONTACTS = "contacts", _("Contacts")
        PAIN = "pain", _("Pains and goals, and whether we can solve it")
        DECISION_DATE = "decision_date", _("Date, cause, and how long they take to decide")
        DATE = "date", _("Date")

    question_set = models.ForeignKey(QuestionSet, models.PROTECT, related_name="questions")
    code = models.SlugField(max_length=60)
    criterion = models.SlugField(max_length=30)  # framework-neutral: budget, authority, need, timeline
    # What the question is about; a framework's criterion names concepts (scoring/frameworks.py).
    concepts = ArrayField(models.SlugField(max_length=40), default=list)
    position = models.PositiveSmallIntegerField()
    key = models.BooleanField(default=False)  # the one that its criterion stands on
    weight = models.PositiveSmallIntegerField(default=1)  # within its criterion, 1 to 10
    text = models.CharField(max_length=300)
    hint = models.CharField(max_length=300, blank=True)
    leading = ArrayField(models.CharField(max_length=300), default=list)  # questions that lead up to this one
    # The same words for readers of other languages: {"nb": {"text": ..., "hint": ..., "leading": [...]}}.
    wording = models.JSONField(default=dict)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    role = models.CharField(max_length=20, choices=BuyerRole.choices, blank=True)  # preset for the contact named

    class Meta:
        ordering = ["question_set", "position"]
        constraints = [
            models.UniqueConstraint(fields=["question_set", "code"], name="question_code_once"),
            models.UniqueConstraint(fields=["question_set", "position"], name="question_position_once"),
            models.CheckConstraint(condition=models.Q(weight__range=(1, 10)), name="question_weight_1_to_10"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text_to_read(self) -> str:
        """What is asked, in the reader's language; likewise the hint and the leading questions."""
        return worded(self.text, self.wording, "text")

    @property
    def hint_to_read(self) -> str:
        return worded(self.hint, self.wording, "hint")

    @property
    def leading_to_read(self) -> list[str]:
        return worded_lines(self.leading, self.wording, "leading")


class Choice(Fact):
    """A rating that a question can be given. No value: it did not come up, or they would not say."""

    NOT_RAISED = "not_raised"
    REFUSED = "refused"

    question = models.ForeignKey(Question, models.PROTECT, related_name="choices")
    code = models.SlugField(max_length=30)
    label = models.CharField(max_length=100)
    wording = models.JSONField(default=dict)  # {"nb": the label in Norwegian, ...}
    value = models.PositiveSmallIntegerField(null=True)  # 0 to 100
    digit = models.PositiveSmallIntegerField()  # the key that presses it

    class Meta:
        ordering = ["question", models.F("value").desc(nulls_last=True), "digit"]
        constraints = [
            models.UniqueConstraint(fields=["question", "code"], name="choice_code_once"),
            models.UniqueConstraint(fields=["question", "digit"], name="choice_digit_once"),
            models.CheckConstraint(
                condition=models.Q(value__isnull=True) | models.Q(value__lte=100), name="choice_value_to_100"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label_to_read(self) -> str:
        """In the reader's language."""
        return worded(self.label, self.wording)


class QuestionSetDraft(models.Model):
    """A question set that is being written. `content` holds its questions as scoring/packs/shape.py reads them."""

    context = models.ForeignKey(SalesContext, models.PROTECT, related_name="question_set_drafts")
    name = models.CharField(_("name"), max_length=100)
    content = models.JSONField(_("questions"))
    based_on = models.ForeignKey(QuestionSet, models.PROTECT, null=True, related_name="+", db_index=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)
    published_as = models.OneToOneField(QuestionSet, models.PROTECT, null=True, related_name="draft")
    dropped_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(published_as__isnull=True) | models.Q(dropped_at__isnull=True),
                name="question_set_draft_published_or_dropped",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def open(self) -> bool:
        return self.published_as_id is None and self.dropped_at is None


class Pain(models.Model):
    """A pain or a goal: one list for questions, personas, case studies and leading questions."""

    class Kind(models.TextChoices):
        PAIN = "pain", _("Pain")
        GOAL = "goal", _("Goal")

    code = models.SlugField(max_length=60, unique=True)
    label = models.CharField(max_length=150)
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.PAIN)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "label"]

    def __str__(self) -> str:
        return self.label


class Persona(models.Model):
    """A named buyer portrait. What makes a lead match it stands as rules in the policy."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PolicyQuerySet(models.QuerySet["Policy"]):
    def in_force(self, context: SalesContext, moment: datetime) -> "Policy | None":
        """The policy that judges this context's leads at the moment; None before the first one."""
        return self.filter(context=context, in_force_from__lte=moment).order_by("-in_force_from", "-id").first()

    def newest_first(self) -> Self:
        return self.order_by("-in_force_from", "-id")


class Policy(Fact):
    """A published, frozen definition of a qualified lead. `definition` is read by scoring/engine.py."""

    context = models.ForeignKey(SalesContext, models.PROTECT, related_name="policies")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    definition = models.JSONField()
    digest = models.CharField(max_length=64)  # SHA-256 of the canonical definition
    in_force_from = models.DateTimeField()
    signed_for_marketing = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    signed_for_sales = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        constraints = [models.UniqueConstraint(fields=["context", "version"], name="policy_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @property
    def shipped_unsigned(self) -> bool:
        """A starter pack's policy that nobody has signed yet; screens say so."""
        return self.signed_for_marketing_id is None and self.signed_for_sales_id is None


class PolicyDraftQuerySet(models.QuerySet["PolicyDraft"]):
    def open(self) -> Self:
        """Still to be worked on: neither published nor archived."""
        return self.filter(published_as__isnull=True, archived_at__isnull=True)


class PolicyDraft(models.Model):
    """A policy that is being agreed on; many people edit it. scoring/drafting.py is the one writer of its text."""

    context = models.ForeignKey(SalesContext, models.PROTECT, related_name="policy_drafts")
    name = models.CharField(_("name"), max_length=100)
    definition = models.JSONField(_("rules"))
    digest = models.CharField(max_length=64, editable=False)  # of the definition: what a signature is given to
    based_on = models.ForeignKey(Policy, models.PROTECT, null=True, related_name="+", db_index=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    edited_at = models.DateTimeField(db_default=DatabaseClock())
    archived_at = models.DateTimeField(null=True)
    published_as = models.OneToOneField(Policy, models.PROTECT, null=True, related_name="draft")
    version = models.PositiveIntegerField(default=1)

    objects = PolicyDraftQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def open(self) -> bool:
        return self.published_as_id is None and self.archived_at is None


class PolicySignature(Fact):
    """Somebody agreed to a text. It counts for the draft as long as its digest is the draft's."""

    class Side(models.TextChoices):
        MARKETING = "marketing", _("Marketing")
        SALES = "sales", _("Sales")

    draft = models.ForeignKey(PolicyDraft, models.PROTECT, related_name="signatures", db_index=False)
    side = models.CharField(max_length=10, choices=Side.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "side", "digest"], name="policy_signature_once")]

    def __str__(self) -> str:
        return f"{self.by}: {self.get_side_display()}"

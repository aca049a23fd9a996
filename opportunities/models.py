"""The deal: pipelines with their stages, opportunities and every move they made."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, Product
from leads.models import Campaign, Checklist, Lead, LeadSource
from leads.models.lead import of_own_teams
from users.facts import DatabaseClock, Fact, FactQuerySet
from users.history import keeps_history
from users.models import Role, SalesContext, Team, User
from users.visibility import sees_all_leads


class Pipeline(models.Model):
    """The ordered stages that the deals of one kind go through."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    context = models.ForeignKey(SalesContext, models.PROTECT, null=True, related_name="pipelines")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class PipelineStage(models.Model):
    """One step. Its probability is what people state; reports show the measured rate beside it."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("Open")  # still being sold
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="stages")
    code = models.SlugField()
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()
    probability = models.PositiveSmallIntegerField(help_text=_("Percent."))
    outcome = models.CharField(max_length=4, choices=Outcome.choices, default=Outcome.OPEN)
    starts_cycle = models.BooleanField(default=False)  # the sales cycle is counted from reaching this stage
    usual_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["pipeline", "position"]
        constraints = [
            models.UniqueConstraint(fields=["pipeline", "code"], name="pipeline_stage_code_once"),
            models.UniqueConstraint(fields=["pipeline", "position"], name="pipeline_stage_position_once"),
            models.UniqueConstraint(
                fields=["pipeline"], condition=Q(starts_cycle=True), name="pipeline_cycle_starts_once"
            ),
            models.CheckConstraint(condition=Q(probability__lte=100), name="pipeline_stage_probability_percent"),
        ]

    def __str__(self) -> str:
        return self.name


class LossReason(models.Model):
    """Why deals are lost; an editable list."""

    code = models.SlugField(unique=True)
    label = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.label


class OpportunityQuerySet(models.QuerySet["Opportunity"]):
    """Deals as the board, lists and rights ask for them."""

    def visible_to(self, user: User) -> Self:
        """What the rights table of decisions.md 30 lets the user see."""
        if not user.is_active:
            return self.none()
        if sees_all_leads(user):
            return self
        if user.role == Role.CUSTOMER_SUCCESS:
            return self.filter(stage__outcome=PipelineStage.Outcome.WON)
        return self.filter(of_own_teams(user))

    def active(self) -> Self:
        return self.filter(archived_at__isnull=True)

    def open(self) -> Self:
        return self.active().filter(closed_at__isnull=True, stage__outcome=PipelineStage.Outcome.OPEN)

    def with_worth(self) -> Self:
        """`worth` is what the deal was won with, else what is expected of it; `worth_currency` is what that is in."""
        won = When(won_amount__isnull=False, then=F("won_currency"))
        return self.annotate(worth=Coalesce(F("won_amount"), F("amount")), worth_currency=Case(won, default="currency"))


@keeps_history("OpportunityHistory", without=["version", "stage", "stage_since"])
class Opportunity(models.Model):
    """A possible deal. `amount` is expected, `won_amount` is what it closed at (decisions.md 26), each in its currency."""

    name = models.CharField(max_length=255)
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="opportunities")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="opportunities")
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="opportunities")
    # A lead's first opportunity takes the lead's checklist; every other has its own.
    checklist = models.OneToOneField(Checklist, models.PROTECT, null=True, blank=True, related_name="opportunity")
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="opportunities", db_index=False)
    # The newest StageChange, kept here for the board; opportunities/pipeline.py is the one writer.
    stage = models.ForeignKey(PipelineStage, models.PROTECT, related_name="opportunities")
    stage_since = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="opportunities"
    )
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="opportunities", db_index=False)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="opportunities", db_index=False
    )
    source = models.ForeignKey(
        LeadSource, models.PROTECT, null=True, blank=True, related_name="opportunities", db_index=False
    )
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="opportunities")
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    won_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)  # of `amount`
    won_currency = models.CharField(max_length=3, blank=True)
    expected_close = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    loss_reason = models.ForeignKey(LossReason, models.PROTECT, null=True, blank=True, related_name="opportunities")
    competitor = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="deals_taken")
    external_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(null=True, blank=True, db_default=DatabaseClock())
    recorded_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)
    known_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    import_id = models.BigIntegerField(null=True, editable=False)

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "opportunities"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="opportunity_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(won_amount__isnull=True) | Q(won_amount__gte=0), name="opportunity_won_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | ~Q(currency=""), name="opportunity_amount_has_a_currency"
            ),
            models.CheckConstraint(
                condition=Q(won_amount__isnull=True, won_currency="")
                | Q(Q(won_amount__isnull=False), ~Q(won_currency="")),
                name="opportunity_won_amount_and_its_currency",
            ),
        ]
        indexes = [
            # The board (board_of): a pipeline's deals, and of these the ones closed in the last year.
            models.Index(
                fields=["pipeline", "closed_at"], name="opportunity_board", condition=Q(archived_at__isnull=True)
            ),
            # Won and lost by period.
            models.Index(fields=["closed_at"], name="opportunity_closed", condition=Q(closed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class StageChange(Fact):
    """One move of a deal; the first row, without a from, is its creation. An unknown date counts in "reached"."""

    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="stage_changes", db_index=False)
    from_stage = models.ForeignKey(PipelineStage, models.PROTECT, null=True, related_name="+", db_index=False)
    to_stage = models.ForeignKey(PipelineStage, models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    loss_reason = models.ForeignKey(LossReason, models.PROTECT, null=True, related_name="+", db_index=False)
    note = models.CharField(max_length=300, blank=True)
    import_id = models.BigIntegerField(null=True, editable=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["opportunity", "id"], name="stage_change_of_opportunity"),
            models.Index(fields=["to_stage", "occurred_at"], include=["opportunity"], name="stage_change_reached"),
        ]


class OpportunityOwnerChange(Fact):
    """From `occurred_at` on (empty: from the beginning) the deal belongs to this owner and team."""

    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="owner_changes", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    import_id = models.BigIntegerField(null=True, editable=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["opportunity", "id"], name="owner_change_of_deal")]


class Conversion(Fact):
    """A lead became account, contact and, in most cases, opportunity; or a row that undoes such a row."""

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="conversions", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="conversions")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="conversions")
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, null=True, related_name="conversions")
    made_account = models.BooleanField(default=False)
    made_contact = models.BooleanField(default=False)
    filled = models.JSONField(default=dict)  # blanks of an existing account that it filled: undo empties them
    diagnostic = models.BooleanField(default=False)
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["lead", "id"], name="conversion_of_lead")]

"""The lead, with its own company facts, where it came from, and who owned it when."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Concat, Lower

from accounts.models import Account, Contact
from leads.labels import STAGES
from leads.lifecycle import Stage
from scoring.models import Persona
from users.facts import DatabaseClock, Fact, FactQuerySet
from users.history import keeps_history
from users.models import Role, SalesContext, Team, User
from users.visibility import sees_all_leads, team_ids_seen


class LeadSource(models.Model):
    """Where leads come from; an editable list."""

    code = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=100)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Campaign(models.Model):
    """A marketing effort that brings leads."""

    code = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=200)
    source = models.ForeignKey(LeadSource, models.PROTECT, null=True, blank=True, related_name="campaigns")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    import_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(cost__isnull=True) | Q(cost__gte=0), name="campaign_cost_not_negative"),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | ~Q(currency=""), name="campaign_cost_has_a_currency"
            ),
        ]

    def __str__(self) -> str:
        return self.name


def of_own_teams(user: User) -> Q:
    """What a representative or manager sees of rows with an owner and a team; what no team has, managers see."""
    mine = Q(team_id__in=team_ids_seen(user)) | Q(owner=user)
    return mine | Q(team__isnull=True) if user.role == Role.MANAGER else mine


def parts_of_own_teams(user: User) -> list[Q]:
    """The same, taken apart: conditions of which each is one place in an index."""
    parts = [Q(team=team_id) for team_id in team_ids_seen(user)] + [Q(owner=user)]
    return [*parts, Q(team__isnull=True)] if user.role == Role.MANAGER else parts


class LeadQuerySet(models.QuerySet["Lead"]):
    """Leads as lists and rights ask for them."""

    def visible_to(self, user: User) -> Self:
        """What the rights table of decisions.md 30 lets the user see; everything else does not exist for them."""
        if not user.is_active:
            return self.none()
        if sees_all_leads(user):
            return self
        if user.role == Role.CUSTOMER_SUCCESS:
            return self.filter(stage__in=[Stage.OPPORTUNITY, Stage.CUSTOMER])
        return self.filter(of_own_teams(user))

    def active(self) -> Self:
        return self.filter(archived_at__isnull=True)

    def open(self) -> Self:
        """Not won, not disqualified, not archived."""
        return self.active().exclude(stage__in=[Stage.CUSTOMER, Stage.DISQUALIFIED])


@keeps_history("LeadHistory", without=["search", "version", "stage", "stage_since"])
class Lead(models.Model):
    """Somebody who may buy, before qualification. Keeps its own company facts: fit needs them before an account exists."""

    name = models.CharField(max_length=200, blank=True)
    company = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    title = models.CharField(max_length=150, blank=True)
    seniority = models.CharField(max_length=60, blank=True)
    department = models.CharField(max_length=100, blank=True)
    industry = models.CharField(max_length=100, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    revenue = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)  # of the revenue
    country = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=100, blank=True)
    website = models.CharField(max_length=253, blank=True)
    preferred_channel = models.CharField(max_length=60, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    search = models.GeneratedField(
        expression=Lower(Concat("name", Value(" "), "company", Value(" "), "email")),
        output_field=models.TextField(),
        db_persist=True,
    )
    context = models.ForeignKey(SalesContext, models.PROTECT, related_name="leads", db_index=False)
    source = models.ForeignKey(LeadSource, models.PROTECT, null=True, blank=True, related_name="leads", db_index=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="leads")
    persona = models.ForeignKey(Persona, models.PROTECT, null=True, blank=True, related_name="leads", db_index=False)
    # The newest OwnerChange, kept here for lists and visibility; leads/ownership.py is the one writer.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="leads")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="leads", db_index=False)
    # The newest LifecycleChange, with its wake date, kept here for lists; leads/moving.py is the one writer.
    stage = models.CharField(max_length=12, choices=STAGES, default=Stage.LEAD)
    stage_since = models.DateTimeField(null=True, blank=True)
    nurture_until = models.DateField(null=True, blank=True)  # while it is at nurture
    # Set by conversion.
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="leads")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="leads")
    external_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(null=True, blank=True, db_default=DatabaseClock())
    recorded_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)
    known_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    import_id = models.BigIntegerField(null=True, editable=False)

    objects = LeadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") | ~Q(company="") | ~Q(email="") | ~Q(phone="") | Q(external_id__isnull=False),
                name="lead_is_somebody",
            ),
            models.CheckConstraint(
                condition=Q(revenue__isnull=True) | ~Q(currency=""), name="lead_revenue_has_a_currency"
            ),
        ]
        indexes = [
            # Search in the list.
            GinIndex(OpClass("search", "gin_trgm_ops"), name="lead_search"),
            # Reports by period of creation.
            models.Index(fields=["created_at", "id"], name="lead_by_creation"),
            # Leads whose nurture ends: the sweep wakes them.
            models.Index(fields=["nurture_until"], name="lead_to_wake", condition=Q(stage="nurture")),
        ]

    def __str__(self) -> str:
        return self.name or self.company or self.email or self.phone or f"#{self.pk}"


class OwnerChange(Fact):
    """From `occurred_at` on (empty: from the beginning) the lead belongs to this owner and team."""

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="owner_changes", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    import_id = models.BigIntegerField(null=True, editable=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["lead", "id"], name="owner_change_of_lead")]

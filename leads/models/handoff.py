"""The hand-off of an MQL to sales: the offer, every decision about it, and the reasons to send it back."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.models.checklist import Checklist
from leads.models.lead import Lead
from scoring.models import Policy
from users.facts import DatabaseClock, Fact, FactQuerySet
from users.models import Role, Team, User
from users.visibility import sees_all_leads, team_ids_seen


class RejectionReason(models.Model):
    """Why sales sends a lead back; an editable list. Every reason says where the lead goes (decisions.md 14)."""

    class Target(models.TextChoices):
        NURTURE = "nurture", _("Nurture, until a date")
        DISQUALIFIED = "disqualified", _("Disqualified")
        LEAD = "lead", _("Back to lead")

    code = models.SlugField(unique=True)
    label = models.CharField(max_length=100)
    target = models.CharField(max_length=12, choices=Target.choices)
    nurture_days = models.PositiveSmallIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(target="nurture", nurture_days__isnull=False)
                | (~Q(target="nurture") & Q(nurture_days__isnull=True)),
                name="rejection_to_nurture_suggests_days",
            )
        ]

    def __str__(self) -> str:
        return self.label


class HandoffQuerySet(models.QuerySet["Handoff"]):
    """Hand-offs as the queue asks for them."""

    def visible_to(self, user: User) -> Self:
        """Both sides see the queue; a team sees its own, and what no team has is for managers and marketing.

        Sales, managers among it, does not see what marketing still reviews (decisions.md 15).
        """
        if not user.is_active or user.role == Role.CUSTOMER_SUCCESS:
            return self.none()
        if sees_all_leads(user):
            return self
        mine = Q(team_id__in=team_ids_seen(user)) | Q(lead__owner=user)
        if user.role == Role.MANAGER:
            mine |= Q(team__isnull=True)
        return self.filter(mine).exclude(state=Handoff.State.REVIEW)

    def undecided(self) -> Self:
        return self.filter(state__in=Handoff.UNDECIDED)

    def offered(self) -> Self:
        return self.filter(state=Handoff.State.OFFERED)

    def most_urgent_first(self) -> Self:
        return self.order_by("accept_due", "id")


class Handoff(models.Model):
    """An MQL offered to sales: its clocks, who decided what and why, and what was known at that moment, frozen."""

    class State(models.TextChoices):
        REVIEW = "review", _("In review")  # marketing looks first; sales does not see it
        OFFERED = "offered", _("Offered")  # sales decides; clocks run
        ACCEPTED = "accepted", _("Accepted")  # sales took it: the lead is a SAL
        REJECTED = "rejected", _("Rejected")  # sales sent it back with a reason
        RECYCLED = "recycled", _("Recycled")  # kept warm until a date
        WITHDRAWN = "withdrawn", _("Withdrawn")  # the gate was lost before anybody took it
        RETURNED = "returned", _("Returned")  # marketing's review sent it back

    UNDECIDED = (State.REVIEW, State.OFFERED)
    # A withdrawn offer is no decision (decisions.md 14).
    DECIDED = (State.ACCEPTED, State.REJECTED, State.RECYCLED, State.RETURNED)

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="handoffs")
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="handoffs")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="handoffs")
    state = models.CharField(max_length=10, choices=State.choices)
    because = models.CharField(max_length=300)  # one sentence: why the lead is here
    offered_at = models.DateTimeField()
    accept_due = models.DateTimeField(null=True)
    touch_due = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.ForeignKey(RejectionReason, models.PROTECT, null=True, related_name="handoffs")
    note = models.TextField(blank=True)
    recycle_until = models.DateField(null=True)
    # As known when it was offered, never touched again; `frozen` is the whole score with its ledger.
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, related_name="handoffs", db_index=False)
    fit = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    engagement = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    qualification_low = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    frozen = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)

    objects = HandoffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=Q(state__in=["review", "offered"]), name="handoff_open_once_per_lead"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["review", "offered"], decided_at__isnull=True)
                | (~Q(state__in=["review", "offered"]) & Q(decided_at__isnull=False)),
                name="handoff_decided_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | Q(reason__isnull=False), name="handoff_rejected_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="recycled") | Q(recycle_until__isnull=False), name="handoff_recycled_has_a_date"
            ),
        ]
        indexes = [
            # The queue: what is open, most urgent first.
            models.Index(
                fields=["accept_due", "id"], name="handoff_queue", condition=Q(state__in=["review", "offered"])
            ),
            # What sales did and why: decided ones, newest first.
            models.Index(fields=["-decided_at", "-id"], name="handoff_by_decision"),
            # The hand-off report, by the period of the offer.
            models.Index(fields=["offered_at", "id"], name="handoff_by_offer"),
        ]


class HandoffChange(Fact):
    """One move of a hand-off, or a comment on it (from and to are then the same)."""

    handoff = models.ForeignKey(Handoff, models.PROTECT, related_name="changes", db_index=False)
    from_state = models.CharField(max_length=10, choices=Handoff.State.choices, blank=True)
    to_state = models.CharField(max_length=10, choices=Handoff.State.choices)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.ForeignKey(RejectionReason, models.PROTECT, null=True, related_name="+", db_index=False)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["handoff", "id"], name="handoff_change_of_handoff")]

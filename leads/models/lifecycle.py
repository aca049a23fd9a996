"""How a lead moves: its stages, the gates of its score, and what people override."""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from leads.labels import CAUSES, STAGES
from leads.lifecycle import LONGEST_REASON
from leads.models.checklist import Checklist
from leads.models.handoff import Handoff, HandoffChange
from leads.models.lead import Lead
from scoring.models import Policy
from users.facts import Fact, FactQuerySet


class Gate(models.TextChoices):
    MQL = "mql", _("Marketing qualified")
    SQL = "sql", _("Sales qualified")


class GateChange(Fact):
    """The policy's verdict on a gate turned. Written only by the scoring statement; `occurred_at` is its moment."""

    class Cause(models.TextChoices):
        ANSWER = "answer", _("An answer")
        EVENT = "event", _("Behaviour")
        EDIT = "edit", _("An edit of the lead")
        POLICY = "policy", _("A new policy")
        TIME = "time", _("Time passed")
        IMPORT = "import", _("An import")
        QUESTIONS = "questions", _("Another version of the questions")

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="gate_changes", db_index=False)
    gate = models.CharField(max_length=3, choices=Gate.choices)
    holds = models.BooleanField()
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, related_name="+", db_index=False)
    cause = models.CharField(max_length=10, choices=Cause.choices)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["checklist", "gate", "-id"], name="gate_change_newest")]


class OverrideQuerySet(FactQuerySet["Override"]):
    """Overrides by whether they hold."""

    def unrevoked(self) -> Self:
        return self.filter(~Exists(Override.objects.filter(revokes=OuterRef("pk"))), revokes__isnull=True)

    def in_effect(self, moment: datetime, today: date) -> Self:
        """Overrides that hold at the moment, newest first; of one gate the first counts.

        One ends by a row that revokes it, by its date, and an MQL override also by the next hand-off decision.
        """
        revoked = Override.objects.known_by(moment).filter(revokes=OuterRef("pk"))
        decided = (
            HandoffChange.objects.known_by(moment)
            .filter(
                handoff__checklist=OuterRef("checklist"),
                to_state__in=Handoff.DECIDED,
                occurred_at__gt=OuterRef("occurred_at"),
            )
            .exclude(from_state=F("to_state"))
        )  # a comment decides nothing
        return (
            self.known_by(moment)
            .filter(~Exists(revoked), Q(until__isnull=True) | Q(until__gte=today), revokes__isnull=True)
            .exclude(Q(gate=Gate.MQL) & Exists(decided))
            .order_by("-id")
        )


class Override(Fact):
    """A person says a gate holds, or does not, whatever the policy says; or a row that revokes such a row."""

    class Direction(models.TextChoices):
        UP = "up", _("Holds")
        DOWN = "down", _("Does not hold")

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="overrides", db_index=False)
    gate = models.CharField(max_length=3, choices=Gate.choices)
    direction = models.CharField(max_length=4, choices=Direction.choices)
    reason = models.CharField(max_length=LONGEST_REASON)
    diagnostic = models.BooleanField(default=False)  # converted from sal without the SQL gate (decisions.md 16)
    until = models.DateField(null=True)
    revokes = models.OneToOneField("self", models.PROTECT, null=True, related_name="revoked_by")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason")]
        indexes = [models.Index(fields=["checklist", "gate", "-id"], name="override_newest")]


class LifecycleChange(Fact):
    """One move of a lead. Written only by leads/moving.py."""

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="lifecycle_changes", db_index=False)
    from_stage = models.CharField(max_length=12, choices=STAGES, blank=True)
    to_stage = models.CharField(max_length=12, choices=STAGES)
    cause = models.CharField(max_length=10, choices=CAUSES)
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    # Converted without the SQL gate, by an override with the reason "diagnostic" (decisions.md 16, 17).
    diagnostic = models.BooleanField(default=False)
    nurture_until = models.DateField(null=True)  # of a move to nurture: when the lead wakes
    import_id = models.BigIntegerField(null=True, editable=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["lead", "id"], name="lifecycle_of_lead"),
            # Funnel reports: who reached a stage, and when.
            models.Index(fields=["to_stage", "occurred_at"], include=["lead"], name="lifecycle_reached"),
        ]

"""What leads do: events as they came in, what sales did, and the kept sums of engagement."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.checklist import Checklist
from leads.models.lead import Lead
from users.facts import Fact, FactQuerySet


class BehaviourEvent(Fact):
    """Something a lead did, online or offline. `occurred_at` is the sender's claim, never later than `recorded_at`."""

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="events", db_index=False)
    kind = models.CharField(max_length=40)
    properties = models.JSONField(default=dict)
    # Its claimed time lay in the future and was clamped, or far in the past.
    odd_time = models.BooleanField(default=False)
    import_id = models.BigIntegerField(null=True, editable=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [
            # One lead's history: timeline, sums, score at a past moment.
            models.Index(fields=["lead", "occurred_at"], include=["kind", "known_at"], name="event_of_lead"),
        ]


class EventKey(Fact):
    """Finds duplicates apart from the events, so that those can be partitioned later (decisions.md 23)."""

    source = models.CharField(max_length=60)
    message_id = models.CharField(max_length=200)
    event_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "message_id"], name="event_key_once")]


class EngagementSum(models.Model):
    """Kept decayed sum of one lead's events of one kind, as it stood at `anchor`, the newest event's time.

    Derived: leads/behaviour.py is its one writer. At a moment T the sum is units * 2 ** -((T - anchor) / half-life),
    in events, before points and cap.
    """

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="engagement_sums", db_index=False)
    kind = models.CharField(max_length=40)
    half_life_days = models.FloatField()
    units = models.FloatField()
    anchor = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "kind", "half_life_days"],
                include=["units", "anchor"],
                name="engagement_sum_once",
            )
        ]


class Activity(Fact):
    """What one of us did with the lead: a call, a mail, a meeting, a note."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        MAIL = "mail", _("Mail")
        MEETING = "meeting", _("Meeting")
        NOTE = "note", _("Note")

    class Direction(models.TextChoices):
        OUT = "out", _("From us")
        IN = "in", _("From them")

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="activities", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.OUT)
    two_way = models.BooleanField(default=False)  # they answered, spoke or came
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    import_id = models.BigIntegerField(null=True, editable=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "activities"
        indexes = [models.Index(fields=["checklist", "occurred_at"], name="activity_of_checklist")]

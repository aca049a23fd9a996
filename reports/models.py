"""Figures that were computed in the background and kept."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from users.facts import DatabaseClock


class ReportSnapshot(models.Model):
    """One report for one set of parameters and one range of vision, as of a moment. Derived: reports/snapshots.py writes it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")  # asked for; a worker takes it
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")  # `error` says why

    name = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    # Who sees the same figures: "all", or the teams and the user that `visible_to` comes down to.
    scope = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)  # of name, parameters and scope
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    report = models.JSONField(null=True)
    error = models.CharField(max_length=200, blank=True)
    as_of = models.DateTimeField(null=True)
    computed_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField(db_default=DatabaseClock())
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # A history import came after it: the past it shows has been added to (decisions.md 19).
    outdated = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest"], name="report_snapshot_once")]

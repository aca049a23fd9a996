"""What a policy's draft would do to all leads: computed in the background, thrown away when the draft changes."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead
from scoring.models import Policy, PolicyDraft
from users.facts import DatabaseClock
from users.models import User
from users.visibility import sees_all_leads


class Impact(models.Model):
    """One comparison of a draft's text with the policy in force. Derived: leads/impact.py is its one writer."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")  # asked for, or under way: `next_block` says how far
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    draft = models.OneToOneField(PolicyDraft, models.CASCADE, related_name="impact")
    digest = models.CharField(max_length=64)  # of the text that was tried
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, related_name="+", db_index=False)  # compared with it
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    next_block = models.IntegerField(default=0)
    first_block = models.IntegerField(default=0)
    last_block = models.IntegerField(default=-1)
    leads = models.IntegerField(default=0)  # compared so far
    as_of = models.DateTimeField(db_default=DatabaseClock())
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)

    @property
    def blocks(self) -> int:
        return self.last_block - self.first_block + 1

    @property
    def blocks_done(self) -> int:
        return self.next_block - self.first_block


class TurnQuerySet(models.QuerySet["Turn"]):
    def visible_to(self, user: User) -> Self:
        """Turns of the leads that the user sees, and no others."""
        if sees_all_leads(user):
            return self
        return self.filter(lead__in=Lead.objects.visible_to(user))


class Turn(models.Model):
    """One lead that the draft judges differently: each verdict before and after."""

    impact = models.ForeignKey(Impact, models.CASCADE, related_name="turns", db_index=False)
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="+", db_index=False)
    mql_before = models.BooleanField()
    mql_after = models.BooleanField()
    sql_before = models.BooleanField()
    sql_after = models.BooleanField()
    hot_before = models.BooleanField()
    hot_after = models.BooleanField()

    objects = TurnQuerySet.as_manager()

    class Meta:
        # The list of one impact, page by page.
        constraints = [models.UniqueConstraint(fields=["impact", "lead"], name="impact_turn_once")]

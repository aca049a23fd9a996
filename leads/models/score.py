"""The score: one narrow row a checklist, derived from facts, with the columns that lists filter by."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from leads.labels import STAGES
from leads.lifecycle import Stage
from leads.models.checklist import Checklist
from leads.models.lead import Campaign, Lead, LeadSource, of_own_teams
from scoring.models import Persona, Policy
from users.models import Role, SalesContext, Team, User
from users.visibility import sees_all_leads


class Temperature(models.IntegerChoices):
    COLD = 0, _("Cold")
    WARM = 1, _("Warm")
    HOT = 2, _("Hot")


class Route(models.TextChoices):
    """What to do with a lead while the SQL gate fails (decisions.md 8)."""

    DISQUALIFY = "disqualify", _("Disqualify")  # a disqualifier rule holds
    ASK = "ask", _("Ask on")  # less than half is answered
    CHAMPION = "champion", _("Win the others through the champion")  # need met, authority not
    DIAGNOSE = "diagnose", _("Diagnose")  # fits, may need it; budget or timing open
    NURTURE = "nurture", _("Nurture")


class ScoreQuerySet(models.QuerySet["Score"]):
    """Scores as the lead list asks for them."""

    def visible_to(self, user: User) -> Self:
        """The same rights as Lead.objects.visible_to, read from the columns copied into the score."""
        if not user.is_active:
            return self.none()
        if sees_all_leads(user):
            return self
        if user.role == Role.CUSTOMER_SUCCESS:
            return self.filter(stage__in=[Stage.OPPORTUNITY, Stage.CUSTOMER])
        return self.filter(of_own_teams(user))

    def listed(self) -> Self:
        """One row a lead: the checklist of its present context, and not archived."""
        return self.filter(listed=True)

    def hottest_first(self) -> Self:
        return self.order_by(*Score.LIST_ORDER)


class Score(models.Model):
    """What is derived of one checklist, with the lead list's filter columns copied in (architecture.md 3).

    leads/scores.py is its one writer; `manage.py verify_state` rebuilds and compares it. All parts are points
    from 0 to 100, rounded half up to 0.1.
    """

    LIST_ORDER = ("-temperature", "-low", "-engagement", "-lead_id")

    checklist = models.OneToOneField(Checklist, models.PROTECT, primary_key=True, related_name="score")
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, related_name="scores", db_index=False)
    # Copied from the lead: the list filters and sorts on one table.
    context = models.ForeignKey(SalesContext, models.PROTECT, related_name="+", db_index=False)
    listed = models.BooleanField(default=False)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+", db_index=False)
    stage = models.CharField(max_length=12, choices=STAGES, default=Stage.LEAD)
    source = models.ForeignKey(LeadSource, models.PROTECT, null=True, related_name="+", db_index=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="+", db_index=False)
    persona = models.ForeignKey(Persona, models.PROTECT, null=True, related_name="+", db_index=False)
    # The judgement.
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, related_name="+", db_index=False)
    fit = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    best_persona = models.CharField(max_length=60, blank=True)
    engagement = models.DecimalField(max_digits=4, decimal_places=1, default=0)
    qualification = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    low = models.DecimalField(max_digits=4, decimal_places=1, default=0)
    high = models.DecimalField(max_digits=4, decimal_places=1, default=100)
    completeness = models.DecimalField(max_digits=4, decimal_places=1, default=0)
    # One number per criterion of the policy's framework, in its order: the hallmark.
    criteria_low = ArrayField(models.DecimalField(max_digits=4, decimal_places=1), default=list)
    criteria_high = ArrayField(models.DecimalField(max_digits=4, decimal_places=1), default=list)
    mql = models.BooleanField(default=False)
    sql = models.BooleanField(default=False)
    disqualified = models.BooleanField(default=False)  # a disqualifier rule holds
    interest_shown = models.BooleanField(default=False)
    temperature = models.PositiveSmallIntegerField(choices=Temperature.choices, default=Temperature.COLD)
    route = models.CharField(max_length=10, choices=Route.choices, blank=True)
    # When time alone can next change a gate, the temperature or what an override holds; never later than that, and
    # often earlier. The sweep takes what is due.
    due_at = models.DateTimeField(null=True)
    scored_at = models.DateTimeField()

    objects = ScoreQuerySet.as_manager()

    class Meta:
        indexes = [
            # The lead list and its keyset pages: everybody's, one owner's, one team's.
            models.Index(
                F("temperature").desc(),
                F("low").desc(),
                F("engagement").desc(),
                F("lead_id").desc(),
                name="score_list",
                condition=Q(listed=True),
            ),
            models.Index(
                "owner",
                F("temperature").desc(),
                F("low").desc(),
                F("engagement").desc(),
                F("lead_id").desc(),
                name="score_list_of_owner",
                condition=Q(listed=True),
            ),
            models.Index(
                "team",
                F("temperature").desc(),
                F("low").desc(),
                F("engagement").desc(),
                F("lead_id").desc(),
                name="score_list_of_team",
                condition=Q(listed=True),
            ),
            # The sweep asks whether anything was scored under another policy than the one in force.
            models.Index(fields=["context", "policy"], include=["checklist"], name="score_policy"),
            # The scores of one lead: its page.
            models.Index(fields=["lead"], name="score_of_lead"),
            # The sweep.
            models.Index(fields=["due_at"], name="score_due", condition=Q(due_at__isnull=False)),
        ]

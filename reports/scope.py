"""Whose records a report may count: the same ones that its reader may open (decisions.md 30).

Every statement of reports/queries/ carries the condition of its reader's scope inside, so that no figure is ever
computed from records that the reader could not open. The condition is `visible_to` itself: there is no second
wording of who sees what. Two readers with the same scope see the same figures and share one snapshot.

Whoever reads today sees what they may open today, also as of a past moment. A kept figure that is proved again later
is another matter: records have been given to other teams since, so `then` asks for the owner and team of the
snapshot's own moment, from the dated facts (decisions 7).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, cast

from django.core.exceptions import EmptyResultSet
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from psycopg2 import sql

from leads.models import Handoff, HandoffChange, Lead, OwnerChange
from leads.models.lead import of_own_teams
from opportunities.models import Opportunity, OpportunityOwnerChange
from users.facts import Fact, FactQuerySet
from users.models import Role, User
from users.visibility import sees_all_leads, team_ids_seen


@dataclass(frozen=True, slots=True)
class Scope:
    """A reader as a condition on records."""

    user: User | None  # None: sees everything
    then: datetime | None = None  # the moment whose owners and teams count; None: those of today

    @classmethod
    def of(cls, user: User) -> Self:
        """The scope of a user who is signed in."""
        return cls(None if sees_all_leads(user) else user)

    @classmethod
    def all(cls) -> Self:
        """Marketing, administrators, and the command line."""
        return cls(None)

    @property
    def key(self) -> str:
        """The same text for everybody who sees the same figures."""
        if self.user is None:
            return "all"
        if not self.user.is_active or self.user.role == Role.CUSTOMER_SUCCESS:
            return "accounts"
        return f"{self.user.role}:{self.user.pk}:teams:{','.join(map(str, team_ids_seen(self.user)))}"

    @property
    def words(self) -> str:
        """Whose figures they are; a roll-up says so."""
        return _("all teams") if self.user is None else _("what %(name)s may see") % {"name": self.user}

    def of_leads(self) -> sql.Composable:
        """Condition on `record`, a row of leads_lead."""
        if self.user is None:
            return EVERYTHING
        if self.then is None:
            return self._among(Lead.objects.visible_to(self.user).values("pk"))
        return self._among(_newest(OwnerChange, "lead", self.then).filter(of_own_teams(self.user)).values("lead"))

    def of_deals(self) -> sql.Composable:
        """Condition on `record`, a row of opportunities_opportunity."""
        if self.user is None:
            return EVERYTHING
        if self.then is None:
            return self._among(Opportunity.objects.visible_to(self.user).values("pk"))
        held = _newest(OpportunityOwnerChange, "opportunity", self.then).filter(of_own_teams(self.user))
        return self._among(held.values("opportunity"))

    def of_handoffs(self) -> sql.Composable:
        """Condition on `record`, a row of leads_handoff."""
        if self.user is None:
            return EVERYTHING
        if self.then is None:
            return self._among(Handoff.objects.visible_to(self.user).values("pk"))
        of_lead = OwnerChange.objects.known_by(self.then).filter(lead=OuterRef("handoff__lead")).order_by("-id")
        stood = _newest(HandoffChange, "handoff", self.then).annotate(owner=Subquery(of_lead.values("owner")[:1]))
        seen = stood.filter(of_own_teams(self.user)).exclude(to_state=Handoff.State.REVIEW)
        return self._among(seen.values("handoff"))

    @staticmethod
    def _among(ids: QuerySet[Any, Any]) -> sql.Composable:
        try:
            text, values = ids.order_by().query.sql_with_params()
        except EmptyResultSet:
            return sql.SQL("FALSE")
        first, *rest = text.split("%s")
        parts = [sql.SQL(first)]
        for value, part in zip(values, rest, strict=True):
            parts += [sql.Literal(value), sql.SQL(part)]
        return sql.SQL("record.id IN ({visible})").format(visible=sql.Composed(parts))


EVERYTHING = sql.SQL("TRUE")


def _newest(facts: type[Fact], subject: str, at: datetime) -> QuerySet[Any]:
    """Of each subject the change that stood at the moment; what is copied to the record is the newest by id."""
    known = cast("FactQuerySet[Any]", facts._default_manager.all())
    latest = known.known_by(at).order_by(f"{subject}_id", "-id").distinct(f"{subject}_id")
    return facts._default_manager.filter(pk__in=latest.values("pk"))

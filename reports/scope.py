"""Whose records a report may count: the same ones that its reader may open (decisions.md 30).

Every statement of reports/queries/ carries the condition of its reader's scope inside, so that no figure is ever
computed from records that the reader could not open. The condition is `visible_to` itself: there is no second
wording of who sees what. Two readers with the same scope see the same figures and share one snapshot.
"""

from dataclasses import dataclass
from typing import Self

from django.core.exceptions import EmptyResultSet
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from psycopg2 import sql

from leads.models import Handoff, Lead
from opportunities.models import Opportunity
from users.models import Role, User
from users.visibility import sees_all_leads, team_ids_seen


@dataclass(frozen=True, slots=True)
class Scope:
    """A reader as a condition on records."""

    user: User | None  # None: sees everything

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
        return self._among(Lead.objects.visible_to(self.user)) if self.user else EVERYTHING

    def of_deals(self) -> sql.Composable:
        """Condition on `record`, a row of opportunities_opportunity."""
        return self._among(Opportunity.objects.visible_to(self.user)) if self.user else EVERYTHING

    def of_handoffs(self) -> sql.Composable:
        """Condition on `record`, a row of leads_handoff."""
        return self._among(Handoff.objects.visible_to(self.user)) if self.user else EVERYTHING

    @staticmethod
    def _among(visible: QuerySet[Model]) -> sql.Composable:
        try:
            text, values = visible.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            return sql.SQL("FALSE")
        first, *rest = text.split("%s")
        parts = [sql.SQL(first)]
        for value, part in zip(values, rest, strict=True):
            parts += [sql.Literal(value), sql.SQL(part)]
        return sql.SQL("record.id IN ({visible})").format(visible=sql.Composed(parts))


EVERYTHING = sql.SQL("TRUE")

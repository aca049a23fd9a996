"""Who belongs to which team, and who is in charge of it, from when on (decisions.md 21).

Start rows only: leaving a team is a row without a team. The present value stands on the user and the team as well, for
visibility; this file is its one writer.
"""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from users.facts import database_now
from users.models import Management, Membership, Team, User


def move_to_team(user: User, team: Team | None, *, by: User | None, at: datetime | None = None) -> Membership:
    """From `at` on (left out: from now) the user belongs to the team; None: to no team.

    Raises ValidationError when `at` lies in the future.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        now = database_now()
        membership = Membership.objects.create(user=locked, team=team, by=by, occurred_at=not_in_the_future(at, now))
        refresh_teams([user.pk], at=now)
    user.refresh_from_db(fields=["team"])
    forget_teams_seen(user)
    return membership


def put_in_charge(team: Team, manager: User | None, *, by: User | None, at: datetime | None = None) -> Management:
    """From `at` on (left out: from now) the team is managed by the user; None: by nobody.

    Raises ValidationError when `at` lies in the future.
    """
    with transaction.atomic():
        locked = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
        now = database_now()
        management = Management.objects.create(
            team=locked, manager=manager, by=by, occurred_at=not_in_the_future(at, now)
        )
        refresh_managers([team.pk], at=now)
    team.refresh_from_db(fields=["manager"])
    if manager is not None:
        forget_teams_seen(manager)
    return management


def refresh_teams(user_ids: Collection[int], *, at: datetime) -> int:
    """Copy each user's newest membership to the user; for an import that appended rows. Returns how many changed."""
    newest = in_force(Membership.objects.filter(user=OuterRef("pk")), at).values("team_id")[:1]
    users = User.objects.filter(pk__in=user_ids).annotate(newest=Subquery(newest))
    return changed(users, "team_id").update(team_id=F("newest"))


def refresh_managers(team_ids: Collection[int], *, at: datetime) -> int:
    """Copy each team's newest management to the team; for an import that appended rows. Returns how many changed."""
    newest = in_force(Management.objects.filter(team=OuterRef("pk")), at).values("manager_id")[:1]
    teams = Team.objects.filter(pk__in=team_ids).annotate(newest=Subquery(newest))
    return changed(teams, "manager_id").update(manager_id=F("newest"))


def in_force(rows: QuerySet, at: datetime) -> QuerySet:
    """The rows that hold at the moment, the last one first; an empty date is from the beginning."""
    return rows.exclude(occurred_at__gt=at).order_by(F("occurred_at").desc(nulls_last=True), "-id")


def changed(rows: QuerySet, column: str) -> QuerySet:
    same = rows.filter(**{column: F("newest")}) | rows.filter(**{f"{column}__isnull": True, "newest__isnull": True})
    return rows.exclude(pk__in=same.values("pk"))


def not_in_the_future(at: datetime | None, now: datetime) -> datetime:
    if at is not None and at > now:
        raise ValidationError(_("A change of team cannot be dated in the future: give today or an earlier day."))
    return at or now


def forget_teams_seen(user: User) -> None:
    """The list that users/visibility.py keeps on the object is no longer true."""
    user.__dict__.pop("_team_ids_seen", None)

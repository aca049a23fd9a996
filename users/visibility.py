"""Who may see what (decisions.md 30). Every QuerySet's `visible_to` starts here."""

from django.db import connection
from django.db.models import Q, QuerySet

from users.models import Role, Team, User

SEES_EVERYTHING = frozenset({Role.MARKETING, Role.ADMINISTRATOR})

TEAMS_BELOW = """
WITH RECURSIVE below AS (
    SELECT id FROM users_team WHERE manager_id = %(user)s
    UNION
    SELECT team.id FROM users_team team JOIN below ON team.parent_id = below.id
)
SELECT id FROM below
"""


def sees_all_leads(user: User) -> bool:
    return user.is_active and user.role in SEES_EVERYTHING


def team_ids_seen(user: User) -> list[int]:
    """Teams whose leads and deals the user sees: a representative their own, a manager all below the managed ones.

    Asked once per user object, that is once per request.
    """
    kept: list[int] | None = getattr(user, "_team_ids_seen", None)
    if kept is None:
        ids = {user.team_id} if user.team_id else set()
        if user.role == Role.MANAGER:
            with connection.cursor() as cursor:
                cursor.execute(TEAMS_BELOW, {"user": user.pk})
                ids |= {team_id for (team_id,) in cursor.fetchall()}
        kept = sorted(ids)
        user._team_ids_seen = kept  # type: ignore[attr-defined]
    return kept


def people_seen(user: User) -> QuerySet[User]:
    """People whose membership the user looks after: a manager the teams below and those without a team."""
    if not user.is_active:
        return User.objects.none()
    if user.role == Role.ADMINISTRATOR:
        return User.objects.all()
    if user.role == Role.MANAGER:
        below = Q(team_id__in=team_ids_seen(user)) | Q(team__isnull=True, role=Role.REPRESENTATIVE)
        return User.objects.filter(below, is_active=True)
    return User.objects.none()


def teams_seen(user: User) -> QuerySet[Team]:
    """Teams as the settings show them: a manager those that they manage and all below, an administrator every one."""
    if not user.is_active:
        return Team.objects.none()
    if user.role == Role.ADMINISTRATOR:
        return Team.objects.all()
    return Team.objects.filter(pk__in=team_ids_seen(user)) if user.role == Role.MANAGER else Team.objects.none()

"""Changing the workspace and the tree of teams. Who is in a team, and in charge of it: users/membership.py."""

from collections.abc import Callable, Iterable, Iterator
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from users.conflicts import clean
from users.currencies import CODES
from users.models import Team, Workspace


def zone_named(zone: str) -> str:
    """The zone as given, if it is one. Raises ValidationError."""
    if zone not in available_timezones():
        raise ValidationError(
            _("%(zone)s is no time zone; give one such as Europe/Oslo or UTC."), params={"zone": zone}
        )
    return zone


def currency_named(currency: str) -> str:
    """The currency in capitals, if it is one of ISO 4217. Raises ValidationError."""
    if currency.upper() not in CODES:
        raise ValidationError(
            _("%(currency)s is no currency; give three letters such as EUR."), params={"currency": currency}
        )
    return currency.upper()


_zone_changed: list[Callable[[], object]] = []


def when_the_zone_changes(function: Callable[[], object]) -> None:
    """Call `function` in the transaction that changes the workspace's zone: what days mean is judged anew."""
    if function not in _zone_changed:
        _zone_changed.append(function)


@transaction.atomic
def change_workspace(*, name: str | None = None, zone: str | None = None, currency: str | None = None) -> Workspace:
    """Set what is given; None leaves it. Raises ValidationError with a message per field."""
    problems: dict[str, ValidationError] = {}
    wanted = {"name": name}
    for field, value, named in [("zone", zone, zone_named), ("currency", currency, currency_named)]:
        try:
            wanted[field] = named(value) if value is not None else None
        except ValidationError as refused:
            problems[field] = refused
    if problems:
        raise ValidationError(problems)
    workspace = Workspace.get()
    changed = [field for field, value in wanted.items() if value is not None and value != getattr(workspace, field)]
    for field in changed:
        setattr(workspace, field, wanted[field])
    clean(workspace, only=changed)
    if changed:
        workspace.save(update_fields=changed)
    if "zone" in changed:
        for function in _zone_changed:
            function()
    return workspace


@transaction.atomic
def save_team(team: Team, *, name: str, parent: Team | None, zone: str = "") -> Team:
    """Make a team, or rename and move it in the tree. Raises ValidationError with a message per field."""
    if zone:
        try:
            zone_named(zone)
        except ValidationError as refused:
            raise ValidationError({"zone": refused}) from refused
    # One change of the tree at a time, so that two of them cannot close a circle together.
    teams = {row.pk: row for row in Team.objects.select_for_update(no_key=True).order_by("pk")}
    above = parent
    while above is not None:
        if team.pk is not None and above.pk == team.pk:
            raise ValidationError({"parent": _("A team cannot stand below itself; choose another one.")})
        above = teams.get(above.parent_id) if above.parent_id else None
    if any(row.name.casefold() == name.casefold() and row.pk != team.pk for row in teams.values()):
        raise ValidationError({"name": _("A team has this name already; choose another one.")})
    team.name, team.parent, team.zone = name, parent, zone
    clean(team, only=["name", "zone"])
    team.save()
    return team


def tree(teams: Iterable[Team]) -> Iterator[tuple[int, Team]]:
    """Each team with its depth, children below their parent; one whose parent is not among them stands at the top."""
    rows = list(teams)
    present = {team.pk for team in rows}
    children: dict[int | None, list[Team]] = {}
    for team in rows:
        children.setdefault(team.parent_id if team.parent_id in present else None, []).append(team)

    def below(parent_id: int | None, depth: int) -> Iterator[tuple[int, Team]]:
        for team in children.get(parent_id, []):
            yield depth, team
            yield from below(team.pk, depth + 1)

    return below(None, 0)

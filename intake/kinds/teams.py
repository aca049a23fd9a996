"""Teams, in whatever order parents and children stand in the file, with their managers."""

from zoneinfo import available_timezones

from django.utils.translation import gettext as _
from psycopg2 import sql

from intake.columns import Column, Reads
from intake.kind import Key, Kind, text_columns
from intake.staging import Staging
from intake.writing import moment_said, resolve_parents, write_records
from users.history_import import append_managements
from users.models import Team

COLUMNS = (
    Column("external_id", aliases=("team id", "id"), limit=120),
    *text_columns(Team, {"name": ("team", "team name"), "zone": ("time zone",)}),
    Column("parent", aliases=("parent team", "region"), limit=120, refers="team"),
    Column("manager", aliases=("team manager",), limit=120, refers="manager"),
    Column("since", Reads.MOMENT, ("managed since",), filled=False),
)


def check(staging: Staging) -> None:
    if staging.has("zone"):
        staging.refuse_where(
            "zone",
            "NOT s.zone = ANY(%(zones)s)",
            _("is not the name of a time zone such as Europe/Berlin"),
            zones=sorted(available_timezones()),
        )


def resolve(staging: Staging) -> None:
    orphaned = _("Its parent was rejected, so it has nowhere to belong. Mend the parent's row first")
    resolve_parents(staging, "parent", orphaned, _("Its parents lead back to itself"))


def write(staging: Staging) -> None:
    """Write the teams; who manages them since when is appended as facts."""
    if not staging.has("manager"):
        write_records(staging)
        return
    staging.run(
        """
        CREATE TEMP TABLE changed_hands ON COMMIT DROP AS
        SELECT r.id AS team_id, r.manager_id, {since} AS occurred_at, r.is_new FROM resolved r LEFT JOIN users_team t ON t.id = r.id
        WHERE r.manager_id IS NOT NULL AND t.manager_id IS DISTINCT FROM r.manager_id
        """,
        {"since": moment_said(staging, "since", "CASE WHEN NOT r.is_new AND NOT %(history)s THEN %(at)s END")},
    )
    write_records(staging, apart=frozenset({"manager"}))
    managers = sql.SQL("SELECT team_id, manager_id, occurred_at FROM changed_hands")
    append_managements(staging.cursor, managers, at=staging.at, history=staging.mapping.history)
    staging.run("INSERT INTO touched SELECT team_id FROM changed_hands WHERE NOT is_new ON CONFLICT DO NOTHING")


TEAMS = Kind(
    "teams",
    Team,
    COLUMNS,
    (Key(("external_id",), exact=True), Key(("name",))),
    needs=("name",),
    check=check,
    resolve=resolve,
    write=write,
)

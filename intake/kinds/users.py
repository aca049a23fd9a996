"""People. They cannot sign in until somebody gives them a password."""

from django.utils.translation import gettext as _
from psycopg2 import sql
from psycopg2.extras import execute_values

from intake.columns import Column, Reads
from intake.kind import Key, Kind, field_limit, text_columns
from intake.references import free_username
from intake.staging import Staging
from intake.writing import moment_said, write_records
from users.history_import import append_memberships
from users.models import Role, User

COLUMNS = (
    Column("external_id", aliases=("user id", "id"), limit=120),
    *text_columns(User, {"username": ("user name", "login"), "name": ("full name",)}),
    Column("first_name", limit=100, filled=False),
    Column("last_name", limit=100, filled=False),
    Column("email", Reads.EMAIL, ("e-mail", "email address"), limit=field_limit(User, "email")),
    Column("role", limit=20),
    Column("team", limit=120, refers="team"),
    Column("since", Reads.MOMENT, ("in the team since",), filled=False),
    Column("is_active", Reads.FLAG, ("active",)),
)


def check(staging: Staging) -> None:
    if staging.has("role"):
        staging.run(
            "UPDATE staged SET role = replace(lower(role), ' ', '_') WHERE role <> replace(lower(role), ' ', '_')"
        )
        known = _("is not a role; there are %(roles)s") % {"roles": ", ".join(Role.values)}
        staging.refuse_where("role", "NOT s.role = ANY(%(roles)s)", known, roles=Role.values)
    if staging.has("username"):
        staging.refuse_where(
            "username", r"s.username !~ '^[\w.@+-]+$'", _("may hold letters, digits and @ . + - _ only")
        )


def resolve(staging: Staging) -> None:
    """Who has no user name gets one made from the name."""
    if not staging.has("username"):
        staging.run("ALTER TABLE resolved ADD COLUMN username text")
    taken = {name.casefold() for name in User.objects.values_list("username", flat=True)}
    taken |= {name.casefold() for (name,) in staging.ask("SELECT username FROM resolved WHERE username IS NOT NULL")}
    names = []
    for number, name in staging.ask("SELECT id, name FROM resolved WHERE is_new AND username IS NULL ORDER BY line"):
        names.append((number, free_username(name, taken)))
        taken.add(names[-1][1])
    if names:
        statement = (
            "UPDATE resolved r SET username = made.username FROM (VALUES %s) made (id, username) WHERE r.id = made.id"
        )
        execute_values(staging.cursor, statement, names, page_size=len(names))


def write(staging: Staging) -> None:
    """Write the people, who cannot sign in until they are given a password; teams are appended as facts."""
    given = {"username": sql.SQL("r.username"), "password": sql.SQL("'!' || md5(random()::text || r.id)")}
    if staging.has("role"):
        given["role"] = sql.SQL("coalesce(r.role, 'representative')")
    if not staging.has("team"):
        write_records(staging, given=given)
        return
    staging.run(
        """
        CREATE TEMP TABLE changed_hands ON COMMIT DROP AS
        SELECT r.id AS user_id, r.team_id, {since} AS occurred_at, r.is_new FROM resolved r LEFT JOIN users_user u ON u.id = r.id
        WHERE r.team_id IS NOT NULL AND u.team_id IS DISTINCT FROM r.team_id
        """,
        {"since": moment_said(staging, "since", "CASE WHEN NOT r.is_new AND NOT %(history)s THEN %(at)s END")},
    )
    write_records(staging, given=given, apart=frozenset({"team"}))
    members = sql.SQL("SELECT user_id, team_id, occurred_at FROM changed_hands")
    append_memberships(staging.cursor, members, at=staging.at, history=staging.mapping.history)
    staging.run("INSERT INTO touched SELECT user_id FROM changed_hands WHERE NOT is_new ON CONFLICT DO NOTHING")


USERS = Kind(
    "users",
    User,
    COLUMNS,
    (Key(("external_id",), exact=True), Key(("username",)), Key(("name",))),
    joined={"name": ("first_name", "last_name")},
    needs=("name",),
    check=check,
    resolve=resolve,
    write=write,
)

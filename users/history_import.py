"""What an import writes of teams: who belongs to them and who manages them, from when on.

Beside users/membership.py, which writes the same tables one act at a time. Queries given here are composed SQL over the
import's TEMP tables.
"""

from datetime import datetime
from typing import Any

from psycopg2 import sql

KNOWN_AT = sql.SQL("CASE WHEN %(history)s THEN coalesce(m.occurred_at, %(at)s) ELSE %(at)s END")


def append_memberships(cursor: Any, members: sql.Composable, *, at: datetime, history: bool) -> None:
    """Append that people belong to teams (user_id, team_id, occurred_at or null: from the beginning), and bring the people there."""
    append = """
        INSERT INTO users_membership (user_id, team_id, occurred_at, known_at)
        SELECT m.user_id, m.team_id, m.occurred_at, {known_at} FROM ({members}) m ORDER BY m.user_id
    """
    cursor.execute(sql.SQL(append).format(members=members, known_at=KNOWN_AT), {"at": at, "history": history})
    bring = "UPDATE users_user u SET team_id = m.team_id FROM ({members}) m WHERE u.id = m.user_id AND u.team_id IS DISTINCT FROM m.team_id"
    cursor.execute(sql.SQL(bring).format(members=members))


def append_managements(cursor: Any, managers: sql.Composable, *, at: datetime, history: bool) -> None:
    """Append that teams are managed (team_id, manager_id, occurred_at or null: from the beginning), and bring the teams there."""
    append = """
        INSERT INTO users_management (team_id, manager_id, occurred_at, known_at)
        SELECT m.team_id, m.manager_id, m.occurred_at, {known_at} FROM ({managers}) m ORDER BY m.team_id
    """
    cursor.execute(sql.SQL(append).format(managers=managers, known_at=KNOWN_AT), {"at": at, "history": history})
    bring = "UPDATE users_team t SET manager_id = m.manager_id FROM ({managers}) m WHERE t.id = m.team_id AND t.manager_id IS DISTINCT FROM m.manager_id"
    cursor.execute(sql.SQL(bring).format(managers=managers))

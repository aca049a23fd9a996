"""Behaviour events: what leads did. An event is known by the source and its message id, and taken in once."""

from psycopg2 import sql

from intake.columns import Column, Reads
from intake.kind import Kind
from intake.rescoring import rescore_events
from intake.staging import Staging
from leads.behaviour import OLD
from leads.history_import import append_events
from leads.models import BehaviourEvent

COLUMNS = (
    Column("lead", aliases=("lead id", "user id", "email", "e-mail"), limit=254, refers="lead"),
    Column("kind", aliases=("event", "event type", "type"), limit=40),
    Column("occurred_at", Reads.MOMENT, ("timestamp", "time", "date", "occurred")),
    Column("source", limit=60, filled=False),
    Column("message_id", aliases=("event id", "id"), limit=200, filled=False),
    Column("properties", Reads.JSON),
)
SOURCE = "import"


def resolve(staging: Staging) -> None:
    """Give every event its key, and set apart those that were taken in before.

    An event without a message id is known by everything it says.
    """
    source = sql.SQL("coalesce(r.source, %(source)s)" if staging.has("source") else "%(source)s")
    properties = sql.SQL("coalesce(r.properties::text, '')" if staging.has("properties") else "''")
    said = sql.SQL("md5(concat_ws(chr(31), r.lead_id, r.kind, extract(epoch FROM r.occurred_at), {}))").format(
        properties
    )
    message = sql.SQL("coalesce(r.message_id, {})").format(said) if staging.has("message_id") else said
    staging.run(
        """
        CREATE TEMP TABLE keys ON COMMIT DROP AS
        SELECT line, source, message_id, row_number() OVER (PARTITION BY source, message_id ORDER BY line) > 1 AS again
        FROM (SELECT r.line, {source} AS source, {message} AS message_id FROM resolved r) said
        """,
        {"source": source, "message": message},
        source=SOURCE,
    )
    staging.run("ANALYZE keys")
    # A key that stands in the file twice counts as unchanged, as one that is here already does.
    staging.run("INSERT INTO twin SELECT line, line, true FROM keys WHERE again ON CONFLICT DO NOTHING")
    staging.run("DELETE FROM resolved WHERE line IN (SELECT line FROM keys WHERE again)")
    staging.run(
        """
        UPDATE resolved r SET is_new = false FROM keys k JOIN leads_eventkey e ON e.source = k.source AND e.message_id = k.message_id
        WHERE r.line = k.line
        """
    )


def write(staging: Staging) -> None:
    properties = sql.SQL(
        "coalesce(r.properties, '{{}}'::jsonb)" if staging.has("properties") else "'{{}}'::jsonb"
    ).format()
    events = sql.SQL(
        """
        SELECT r.id, r.lead_id, r.kind, r.occurred_at, {properties} AS properties, k.source, k.message_id
        FROM resolved r JOIN keys k ON k.line = r.line WHERE r.is_new
        """
    ).format(properties=properties)
    append_events(staging.cursor, events, old=OLD, **staging.stamp)


EVENTS = Kind(
    "events",
    BehaviourEvent,
    COLUMNS,
    (),
    needs=("lead", "kind", "occurred_at"),
    resolve=resolve,
    write=write,
    follow_up=rescore_events,
)

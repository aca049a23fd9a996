"""How engagement fades: half of what an event was worth is left after each half-life (decisions.md 5)."""

from psycopg2 import sql

# 2 to the power of less than about -1075 is too small for float8, and PostgreSQL makes that an error. What an event of
# 1970 left is nothing either way.
LEFT = "power(2, greatest(-1000, -extract(epoch FROM {until} - {since})::float8 / 86400 / {half_life}))"


def left(since: str, until: str, half_life: str) -> sql.Composable:
    """The part of an event's worth that is left at `until`, from 1 to nearly 0. All three are SQL of this code."""
    return sql.SQL(LEFT).format(since=sql.SQL(since), until=sql.SQL(until), half_life=sql.SQL(half_life))

"""The benchmark's data: made by set-based SQL from a fixed seed, then scored by the product itself.

The same size always gives the same rows. Events are spread over leads by a power law, as in life: most leads do
little, a few do very much.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.db import connection

from intake.setting_up import set_up
from leads.behaviour import refresh_sums
from leads.models import GateChange
from leads.scores import blocks, rescore_block
from tests.factories import make_team, make_user
from users.models import Management, Role, Team

SEED = 0.42
TEAMS, REPRESENTATIVES = 8, 40
CHUNK = 10_000  # leads whose engagement sums are made in one statement


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything."""

    name: str
    leads: int
    events: int
    import_rows: int

    @property
    def values(self) -> dict[str, int]:
        return {"leads": self.leads, "events": self.events, "accounts": self.leads // 10, "loose": self.leads // 10}


SIZES = {
    "small": Size("small", 100_000, 1_000_000, 20_000),
    "full": Size("full", 1_000_000, 10_000_000, 100_000),
    # For trying the benchmark itself out.
    "tiny": Size("tiny", 5_000, 50_000, 2_000),
}


def people() -> None:
    """Two regions of four teams with a manager each, and five representatives a team; marketing; an administrator."""
    regions = [make_team("Europe"), make_team("Americas")]
    for number in range(TEAMS):
        team = make_team(f"Team {number + 1}", parent=regions[number % 2])
        manager = make_user(f"manager{number + 1}", role=Role.MANAGER, team=team)
        Management.objects.create(team=team, manager=manager)
        Team.objects.filter(pk=team.pk).update(manager=manager)
        for place in range(REPRESENTATIVES // TEAMS):
            make_user(f"rep{number * (REPRESENTATIVES // TEAMS) + place + 1}", team=team)
    make_user("marketing", role=Role.MARKETING)
    make_user("administrator", role=Role.ADMINISTRATOR)


def fill(size: Size) -> None:
    """Fill a migrated, empty database. Call it as the owner: histories and times are written as an import would."""
    set_up("Benchmark", "UTC", "EUR")
    people()
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '128MB'; SET synchronous_commit = off")
        cursor.execute("SELECT setseed(%s), date_trunc('second', clock_timestamp())", [SEED])
        now = cursor.fetchone()[1]
        # Policies must have been in force when the data's story began.
        cursor.execute("UPDATE scoring_policy SET in_force_from = %s - interval '550 days'", [now])
        cursor.execute("SELECT %s - interval '549 days'", [now])
        values = {**size.values, "now": now, "start": cursor.fetchone()[0]}
        for path in sorted((Path(__file__).parent / "sql").glob("*.sql")):
            timed(path.stem[2:].replace("_", " "), partial(cursor.execute, path.read_text(), values))
        timed("statistics", partial(cursor.execute, "VACUUM ANALYZE"))
    timed("engagement sums, by the product", keep_sums)
    timed("scores, by the product", score)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def timed(what: str, work: Callable[[], object]) -> None:
    begun = time.monotonic()
    work()
    print(f"  filling: {what}, {time.monotonic() - begun:.1f} s", flush=True)


def keep_sums() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(id ORDER BY id) FROM leads_lead")
        (ids,) = cursor.fetchone()
    for first in range(0, len(ids), CHUNK):
        refresh_sums(ids[first : first + CHUNK])


def score() -> None:
    """As after an import: gates that hold count as already offered, so that no hand-offs are opened by the thousand."""
    for block in blocks():
        rescore_block(block, cause=GateChange.Cause.IMPORT)

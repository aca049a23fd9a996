"""Runs the checks in one read-only view of the database."""

from dataclasses import dataclass, field

from django.db import connection, transaction

from reports.verification import scores, snapshots
from reports.verification.checks import CHECKS, PATIENCE_SECONDS, PENDING

SHOWN = 20  # differences of one check that are written out


@dataclass
class Verdict:
    """`checked` counts the rows compared in each table; `differences` and `pending` are sentences."""

    checked: dict[str, int] = field(default_factory=dict)
    differing: int = 0
    differences: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)

    def differs(self, table: str, rows: list[tuple[int, str]]) -> None:
        self.differing += len(rows)
        self.differences += [f"{table} {key}: {sentence}" for key, sentence in rows[:SHOWN]]
        if len(rows) > SHOWN:
            self.differences.append(f"{table}: {len(rows) - SHOWN} more")


def verify() -> Verdict:
    """Rebuild what is derived and compare. All statements see the database as it was at one moment."""
    verdict = Verdict()
    # Inside somebody else's transaction, as in a test, the isolation is theirs to choose.
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL statement_timeout = 0")
        scores.rebuild(cursor)
        for check in CHECKS:
            cursor.execute(check.counted)
            (verdict.checked[check.table],) = cursor.fetchone()
            cursor.execute(check.differing)
            verdict.differs(check.table, cursor.fetchall())
        verdict.checked[snapshots.TABLE], found = snapshots.differing()
        verdict.differs(snapshots.TABLE, found)
        cursor.execute(PENDING)
        for table, key, sentence, seconds in cursor.fetchall():
            if seconds > PATIENCE_SECONDS:
                verdict.differs(table, [(key, f"{sentence}, for {seconds:.0f} s")])
            else:
                verdict.pending.append(f"{table} {key}: {sentence}")
        cursor.execute(
            "DROP TABLE policy_weight, policy_kind, policy_criterion, policy_gate, rebuilt_fit, moment, rebuilt"
        )
    if not any(verdict.checked.values()):
        verdict.differs("everything", [(0, "no row was compared")])
    return verdict

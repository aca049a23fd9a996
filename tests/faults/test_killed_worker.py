"""A worker dies in the middle of a full rescore, two sweep at once, a message comes three times: the scores come out right."""

import contextlib
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from leads.models import Checklist, GateChange, Lead, Score
from leads.sweeping import mark_everything
from leads.tasks import sweep
from tests.factories import make_event, make_lead
from tests.faults.machines import Machines, wait_until
from users.models import Dirty, User

BLOCKS = 10
IN_EACH = 2
NEXT_BLOCK = "SELECT max(nextval(pg_get_serial_sequence('leads_checklist', 'id'))) FROM generate_series(1, %s)"
# Every score that the rescore does not reach stays as wrong as this.
SPOIL = "UPDATE leads_score SET low = 99.9, fit = 1.1, temperature = 2"


def differences() -> list[str]:
    """What verify_state finds; it must have compared every score."""
    out = StringIO()
    with contextlib.suppress(SystemExit):
        call_command("verify_state", "--format", "json", stdout=out)
    report: dict[str, Any] = json.loads(out.getvalue())
    assert report["checked"]["leads_score"] >= BLOCKS * IN_EACH
    return [str(report)] if report["differences"] else []


@pytest.fixture
def many_blocks(alice: User, machines: Machines) -> list[int]:
    """Checklists in ten blocks of ids, though few in each; returns the first checklist of each block."""
    firsts = []
    for number in range(BLOCKS):
        with connection.cursor() as cursor:
            cursor.execute(NEXT_BLOCK, [20_000 if number else 1])
        leads = [make_lead(alice, answers={"pain": "yes"}, employees=300) for _ in range(IN_EACH)]
        make_event(leads[0], "pricing_viewed")
        firsts.append(Checklist.objects.get(lead=leads[0]).pk)
    return firsts


def blocks_left() -> int:
    return Dirty.objects.filter(kind=Dirty.Kind.BLOCK).count()


def spoil_and_mark() -> None:
    with connection.cursor() as cursor:
        cursor.execute(SPOIL)
    assert mark_everything() == BLOCKS


def send_sweep(machines: Machines, times: int = 1) -> None:
    """As the beat does, through the broker of this test."""
    with sweep.app.connection_for_write(machines.celery_url) as broker:
        for _ in range(times):
            sweep.apply_async(connection=broker, expires=60)


def test_a_rescore_goes_on_after_its_worker_was_killed(
    many_blocks: list[int], machines: Machines, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed in the middle of writing a block; started again, everything is right within a minute."""
    machines.start_broker()
    worker = machines.start_worker()
    spoil_and_mark()
    with transaction.atomic():
        # Somebody has a score of the sixth block open, so the worker stands still while it writes that block.
        held = Score.objects.select_for_update().get(pk=many_blocks[5])
        send_sweep(machines)
        wait_until(lambda: blocks_left() == BLOCKS - 5, 30, "half of the rescore")
        wait_until(somebody_waits_for_a_lock, 4, "the worker in the middle of a block")
        done = BLOCKS - blocks_left()
        worker.kill()
        del held
    taken = list(Dirty.objects.filter(kind=Dirty.Kind.BLOCK, attempts__gt=0).values_list("key", flat=True))
    assert differences(), "half of the scores are still spoiled"

    worker.start()
    machines.start_beat()
    seconds = wait_until(lambda: blocks_left() == 0, 60, "the rest of the rescore")
    wait_until(lambda: not Dirty.objects.exists(), 10, "what follows from it")

    with capsys.disabled():
        print(
            f"\nkilled with {done} of {BLOCKS} blocks done ({100 * done // BLOCKS} %); redone: {len(taken)}; the rest took {seconds:.0f} s"
        )
    assert 20 <= 100 * done / BLOCKS <= 80
    assert len(taken) >= 1
    assert differences() == []


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_two_workers_share_a_rescore(many_blocks: list[int], machines: Machines) -> None:
    """Each block is done by one of them; neither waits for the other in a circle."""
    machines.start_broker()
    workers = [machines.start_worker(), machines.start_worker()]
    before = deadlocks()
    for _ in range(2):
        spoil_and_mark()
        send_sweep(machines, times=4)
        wait_until(lambda: not Dirty.objects.exists(), 30, "the rescore")
    assert differences() == []
    assert deadlocks() == before
    for worker in workers:
        assert "Traceback" not in worker.output(), worker.output()


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def test_a_message_that_comes_three_times_does_its_work_once(many_blocks: list[int], machines: Machines) -> None:
    machines.start_broker()
    worker = machines.start_worker()
    spoil_and_mark()
    send_sweep(machines)
    wait_until(lambda: not Dirty.objects.exists(), 30, "the rescore")
    once = everything_that_follows()

    Dirty.objects.all().delete()
    send_sweep(machines, times=3)
    wait_until(
        lambda: worker.output().count("sweep") and worker.output().count("succeeded") >= 4, 30, "the three sweeps"
    )
    assert everything_that_follows() == once
    assert differences() == []


def everything_that_follows() -> list[Any]:
    """Scores with the moment they were made, turns of gates, and where the leads stand."""
    return [
        list(Score.objects.order_by("pk").values_list("pk", "low", "fit", "mql", "scored_at")),
        list(GateChange.objects.order_by("pk").values_list("pk", "holds")),
        list(Lead.objects.order_by("pk").values_list("pk", "stage", "version")),
    ]

"""The broker is down, or frozen: people go on working, and a message costs them a second at most."""

import json
import statistics
import subprocess
import urllib.request

import pytest
from django.conf import settings
from django.test import Client

from launch.places import PYTHON, ROOT
from leads.models import Answer, Score
from tests.factories import make_lead
from tests.faults.machines import Machines, wait_until
from tests.faults.requests import Person
from tests.leads.answering import answer, checklist_of
from users.facts import database_now
from users.models import Dirty, User, Workspace

# Sends one message as a request would, from a process that has just connected, and says how long it took.
PUBLISH = """
import json, time, django
django.setup()
from kombu.exceptions import OperationalError
from leadqual.celery import app
app.loader.import_default_modules()
begun, went = time.monotonic(), True
try:
    app.send_task("tests.nobody_runs_this")
except OperationalError:
    went = False
print(json.dumps([went, time.monotonic() - begun]))
"""

IN_KIRITIMATI = {"name": "Tests", "zone": "Pacific/Kiritimati", "currency": "EUR"}


def publish(machines: Machines) -> tuple[bool, float]:
    """Send one message; return whether it went, and the seconds it took."""
    done = subprocess.run(
        [PYTHON, "-c", PUBLISH],
        env=machines.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    went, seconds = json.loads(done.stdout)
    return went, seconds


def test_publishing_gives_up_within_two_seconds(machines: Machines) -> None:
    broker = machines.start_broker()
    assert publish(machines)[0], "with the broker up, the message goes"

    broker.freeze()
    went, seconds = publish(machines)
    assert not went
    assert seconds < 2
    broker.thaw()

    broker.kill()
    went, seconds = publish(machines)
    assert not went
    assert seconds < 2


def test_pages_answer_while_the_broker_is_down(machines: Machines) -> None:
    machines.start_broker().kill()
    _, url = machines.start_web(ALLOWED_HOSTS="127.0.0.1")
    for path in ("/healthz", "/readyz", "/auth/login/"):
        with urllib.request.urlopen(url + path, timeout=30) as response:
            assert response.status == 200


def test_answering_goes_on_without_the_broker_and_the_rest_follows(
    alice: User, ada: User, client: Client, machines: Machines
) -> None:
    """Alice and Ada notice nothing; what Ada's change of the zone leaves to the workers is done when the broker is
    back, with nobody pressing anything."""
    # Between these zones lie 26 hours: whatever the hour, a day of the first has passed in the second.
    Workspace.objects.update(zone="Etc/GMT+12")
    broker = machines.start_broker()
    worker, beat = machines.start_worker(), machines.start_beat()
    _, url = machines.start_web(ALLOWED_HOSTS="127.0.0.1")
    lead, other = make_lead(alice), make_lead(alice)
    today = Workspace.get().day_of(database_now())
    answer(checklist_of(other), "decision_date", "yes", by=alice, date=today)
    client.force_login(alice)
    person = Person(url, client.cookies["sessionid"].value)
    other_browser = Client()
    other_browser.force_login(ada)
    administrator = Person(url, other_browser.cookies["sessionid"].value)
    for turn in range(8):  # every process plans its first statements
        person.answer(other.pk, "tried", ("yes", "no")[turn % 2])
    broker.kill()

    codes = ("decision_maker", "pain", "tried", "evaluator", "procurement")
    told = [person.answer(lead.pk, code, "yes") for code in codes]
    assert [one.status for one in told] == [200] * 5, told
    assert statistics.median(one.seconds for one in told) < 2, told
    assert Answer.objects.filter(checklist__lead=lead).count() == 5
    assert Score.objects.get(checklist=checklist_of(lead)).low > 0, "the score does not wait for anybody"
    # What a write leaves to the workers stands in the database, so it cannot be lost with a message.
    before = Score.objects.get(checklist=checklist_of(other))
    saved = administrator.send("POST", "/settings/workspace/", IN_KIRITIMATI)
    assert saved.status == 302, saved
    assert saved.seconds < 3, saved
    assert Dirty.objects.filter(kind=Dirty.Kind.BLOCK).exists()
    assert Score.objects.get(checklist=checklist_of(other)).low == before.low, "nobody does it while the broker is down"

    broker.start()
    wait_until(lambda: not Dirty.objects.exists(), 30, "the follow-up")
    assert Score.objects.get(checklist=checklist_of(other)).criteria_low[3] < before.criteria_low[3]
    assert worker.alive() and beat.alive(), "they found the broker again by themselves"


def test_a_write_that_leaves_work_wakes_a_worker(alice: User, ada: User, client: Client, machines: Machines) -> None:
    """There is no beat here: the message of the write alone brings the worker."""
    machines.start_broker()
    machines.start_worker()
    _, url = machines.start_web(ALLOWED_HOSTS="127.0.0.1")
    lead = make_lead(alice)
    Score.objects.filter(lead=lead).update(low=99)
    client.force_login(ada)
    administrator = Person(url, client.cookies["sessionid"].value)
    assert administrator.send("POST", "/settings/workspace/", IN_KIRITIMATI).status == 302
    wait_until(lambda: Score.objects.get(lead=lead).low == 0, 20, "the follow-up")
    wait_until(lambda: not Dirty.objects.exists(), 10, "the end of it")


def test_a_worker_finds_the_broker_again(machines: Machines) -> None:
    broker = machines.start_broker()
    worker = machines.start_worker()
    broker.kill()
    broker.start()
    wait_until(lambda: worker.output().count("Connected to") >= 2, 30, "the worker's second connection")
    assert worker.alive()


@pytest.mark.parametrize("name", ["CELERY_TASK_ACKS_LATE", "CELERY_TASK_REJECT_ON_WORKER_LOST"])
def test_the_settings_that_keep_work_are_on(name: str) -> None:
    assert getattr(settings, name) is True

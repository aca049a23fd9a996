"""The broker is down, or frozen: people go on working, and a message costs them a second at most."""

import json
import subprocess
import urllib.request

import pytest
from django.conf import settings

from launch.places import PYTHON, ROOT
from tests.faults.machines import Machines, wait_until

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

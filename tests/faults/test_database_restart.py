"""The database is restarted while people work: each press is answered by success or by a clear 503, and none is kept by half."""

import json
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from launch import databases, product
from launch.places import PYTHON, ROOT
from launch.servers import Servers
from tests.faults.machines import Machines, wait_until
from tests.faults.requests import Person, Told

# Alice, her leads, her session.
PREPARE = """
import json, django
django.setup()
from django.test import Client
from intake.setting_up import set_up
from tests.factories import make_lead, make_team, make_user
set_up("Tests", "UTC", "EUR")
alice = make_user("alice", team=make_team("North"))
client = Client()
client.force_login(alice)
leads = [make_lead(alice).pk for _ in range(3)]
print(json.dumps({"leads": leads, "session": client.cookies["sessionid"].value}))
"""
# The newest answer of each question, and how many there are of each.
KEPT = """
SELECT json_agg(json_build_object('lead', checklist.lead_id, 'id', answer.id, 'code', question.code, 'choice', choice.code) ORDER BY answer.id)
FROM leads_answer answer JOIN leads_checklist checklist ON checklist.id = answer.checklist_id
JOIN scoring_question question ON question.id = answer.question_id JOIN scoring_choice choice ON choice.id = answer.choice_id
"""
CODES = (
    "budget_spent",
    "budget_drawn_up",
    "budget_author",
    "evaluator",
    "procurement",
    "pain_felt_by",
    "tried",
    "order_date",
)


@dataclass
class OwnServers:
    """A PostgreSQL of this test alone, with the product's tables in it."""

    servers: Servers
    env: dict[str, str]

    def restart(self) -> None:
        """As `systemctl restart postgresql` does: whoever is connected is cut off."""
        (postgres,) = [child for child in self.servers.children.children if child.name == "postgres"]
        assert postgres.process is not None
        postgres.process.send_signal(postgres.stop_signal)
        postgres.process.wait(30)
        self.servers.children.spawn(postgres)
        self.servers.wait()

    def prepare(self) -> None:
        """Make the tables; a dump of the tests' own server may be of another version."""
        for command in product.prepare():
            self.run("manage.py", *command)

    def run(self, *arguments: str) -> str:
        done = subprocess.run([PYTHON, *arguments], env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout


@pytest.fixture
def own(machines: Machines) -> Iterator[OwnServers]:
    servers = Servers("faults", durable=False)
    assert servers.claim("a fault test is running"), servers.holder()
    try:
        servers.start()
        databases.ensure(servers)
        own = OwnServers(servers, machines.environment(**databases.environment(servers), DATABASE_NAME=databases.MAIN))
        own.prepare()
        yield own
    finally:
        machines.stop()
        databases.ask(servers, f'DROP DATABASE IF EXISTS "{databases.MAIN}" WITH (FORCE)')
        servers.stop()


def test_a_restart_of_the_database_loses_nothing_and_keeps_nothing_by_half(own: OwnServers, machines: Machines) -> None:
    made = json.loads(own.run("-c", PREPARE))
    _, url = machines.start_web(**own.env)
    told: dict[int, list[tuple[str, str, Told]]] = {lead: [] for lead in made["leads"]}
    stop = threading.Event()

    def work(lead: int) -> None:
        """Answer one question after another, round and round, as quickly as the server lets me."""
        person = Person(url, made["session"])
        turn = 0
        while not stop.is_set():
            code, choice = CODES[turn % len(CODES)], ("yes", "partly", "no")[turn % 3]
            told[lead].append((code, choice, person.answer(lead, code, choice)))
            turn += 1

    people = [threading.Thread(target=work, args=(lead,)) for lead in made["leads"]]
    for person in people:
        person.start()
    try:
        wait_until(lambda: all(len(each) >= 5 for each in told.values()), 30, "the first answers")
        own.restart()
        before = {lead: len(each) for lead, each in told.items()}
        # Without anybody starting the web server again.
        wait_until(lambda: all(len(told[lead]) >= before[lead] + 5 for lead in told), 30, "answers after the restart")
    finally:
        stop.set()
        for person in people:
            person.join(30)

    every = [one for each in told.values() for _code, _choice, one in each]
    assert set(Counter(one.status for one in every)) <= {200, 503}, Counter(one.status for one in every)
    away = [one for one in every if one.status == 503]
    assert away, "somebody pressed while the database was away"
    assert all("<h1" in one.body and "Traceback" not in one.body for one in away), "a page that says what is going on"
    assert max(one.seconds for one in every) < 10
    for lead, each in told.items():
        assert [one.status for _code, _choice, one in each[-4:]] == [200] * 4, "the connections healed"
        assert_kept(own, lead, each)
    report: dict[str, Any] = json.loads(own.run("manage.py", "verify_state", "--format", "json"))
    assert report["differences"] == 0 and report["checked"]["leads_score"] == 3


def assert_kept(own: OwnServers, lead: int, told: list[tuple[str, str, Told]]) -> None:
    """Whatever was told to be saved is there, in that order; nothing is there that was never sent.

    An answer may be there whose 200 was cut off: the person was told that it is not known.
    """
    rows = [row for row in json.loads(own.servers.psql(KEPT, databases.MAIN).stdout) if row["lead"] == lead]
    for code in CODES:
        kept = [row["choice"] for row in rows if row["code"] == code]
        sent = [(choice, one.status) for sent_code, choice, one in told if sent_code == code]
        place = 0
        for choice, status in sent:
            if place < len(kept) and kept[place] == choice:
                place += 1
            else:
                # Given again with the same rating, it changes nothing and no row is written.
                assert status != 200 or (place > 0 and kept[place - 1] == choice), (code, sent, kept)
        assert place == len(kept), (code, sent, kept)

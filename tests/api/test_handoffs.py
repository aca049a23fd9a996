"""Programs read the queue and decide in it; of two who decide, one wins and the other is told who."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.lifecycle import Stage
from leads.models import Handoff, HandoffChange, Lead, RejectionReason
from tests.api.asking import fields, problem
from tests.leads.queueing import make_offered
from users.models import User


@pytest.fixture
def offered(alice: User) -> Handoff:
    return make_offered(alice)


def test_the_queue_is_told_and_narrowed(alice: User, maria: User, offered: Handoff, ask: Any) -> None:
    program = ask(alice, "read")
    row = program.get("handoffs/", state="offered").json()["results"][0]
    assert (row["id"], row["lead"], row["state"]) == (offered.pk, offered.lead_id, "offered")
    assert row["because"]
    assert program.get("handoffs/", state="accepted").json()["results"] == []
    assert program.get("handoffs/", lead=offered.lead_id).json()["results"]
    whole = program.get(f"handoffs/{offered.pk}/")
    assert whole["ETag"] == '"1"'
    assert whole.json()["frozen"]["mql"] is True
    assert [change["to_state"] for change in whole.json()["changes"]] == ["offered"]
    fields(program.get("handoffs/", state="gone"), "state")


def test_accepting_makes_a_sal(alice: User, offered: Handoff, ask: Any) -> None:
    response = ask(alice).post(f"handoffs/{offered.pk}/accept/", {})
    assert response.status_code == 200, response.content
    assert (response.json()["state"], response.json()["decided_by"]) == ("accepted", "alice")
    assert Lead.objects.get(pk=offered.lead_id).stage == Stage.SAL


def test_the_second_who_decides_is_told_who_was_first(alice: User, bob: User, offered: Handoff, ask: Any) -> None:
    ask(bob).post(f"handoffs/{offered.pk}/accept/")
    told = problem(ask(alice).post(f"handoffs/{offered.pk}/reject/", {"reason": _reason()}), 409, "Bob")
    assert (told["theirs"]["state"], told["theirs"]["decided_by"]) == ("accepted", "bob")


def test_a_stale_version_gets_both_values(alice: User, offered: Handoff, ask: Any) -> None:
    told = problem(ask(alice).post(f"handoffs/{offered.pk}/accept/", {}, version=7), 409)
    assert told["version"] == 1
    assert told["current"]["state"] == "offered"
    assert Handoff.objects.get(pk=offered.pk).state == "offered"


def test_rejecting_needs_a_reason_and_recycling_a_date(alice: User, offered: Handoff, ask: Any) -> None:
    program = ask(alice)
    fields(program.post(f"handoffs/{offered.pk}/reject/", {}), "reason")
    fields(program.post(f"handoffs/{offered.pk}/reject/", {"reason": "because"}), "reason")
    fields(program.post(f"handoffs/{offered.pk}/recycle/", {}), "until")
    fields(program.post(f"handoffs/{offered.pk}/recycle/", {"until": "2020-01-01"}), "until")
    fields(program.post(f"handoffs/{offered.pk}/comment/", {}), "note")
    fields(program.post(f"handoffs/{offered.pk}/accept/", {"state": "rejected"}), "state")
    assert Handoff.objects.get(pk=offered.pk).state == "offered"
    assert program.post(f"handoffs/{offered.pk}/reject/", {"reason": _reason(), "note": "No"}).status_code == 200


def test_every_other_verb(alice: User, maria: User, charlie: User, offered: Handoff, ask: Any) -> None:
    assert ask(maria).post(f"handoffs/{offered.pk}/comment/", {"note": "Call soon"}).status_code == 200
    assert HandoffChange.objects.filter(handoff=offered, note="Call soon", by=maria).exists()
    moved = ask(maria).post(f"handoffs/{offered.pk}/reassign/", {"team": charlie.team_id})
    assert moved.json()["team"] == charlie.team_id
    kept = ask(charlie).post(f"handoffs/{offered.pk}/recycle/", {"until": "2099-01-31"})
    assert kept.json()["recycle_until"] == "2099-01-31"
    problem(ask(maria).post(f"handoffs/{offered.pk}/release/"), 409)
    problem(ask(maria).post(f"handoffs/{offered.pk}/return/", {"note": "No"}), 409)


def test_who_may_not(alice: User, charlie: User, maria: User, carmen: User, offered: Handoff, ask: Any) -> None:
    nothing = ask(charlie).get("handoffs/999999/")
    assert ask(charlie).get(f"handoffs/{offered.pk}/").content == nothing.content
    problem(ask(charlie).post(f"handoffs/{offered.pk}/accept/"), 404)
    problem(ask(maria).post(f"handoffs/{offered.pk}/accept/"), 403, "North")
    problem(ask(carmen).get("handoffs/"), 403, "sales, marketing")
    problem(ask(alice).post(f"handoffs/{offered.pk}/reassign/", {"team": charlie.team_id}), 403, "managers")
    problem(ask(alice, "read").post(f"handoffs/{offered.pk}/accept/"), 403, "write")
    assert Handoff.objects.get(pk=offered.pk).state == "offered"


def test_the_list_costs_the_same_queries_however_long_it_is(alice: User, ask: Any) -> None:
    program = ask(alice)
    costs = []
    for _round in range(2):
        make_offered(alice)
        make_offered(alice)
        program.get("handoffs/")
        with CaptureQueriesContext(connection) as caught:
            assert program.get("handoffs/").status_code == 200
        costs.append(len(caught))
    assert costs[0] == costs[1]


def _reason() -> str:
    return str(RejectionReason.objects.values_list("code", flat=True)[0])

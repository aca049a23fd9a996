"""Programs do with a lead what people do on its page."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.lifecycle import Stage
from leads.models import Activity, Lead
from leads.timeline import timeline
from tests.api.asking import fields, problem
from tests.factories import make_event, make_lead
from tests.leads.answering import answer, checklist_of
from users.models import User


def test_a_lead_is_set_aside_and_reopened(alice: User, ask: Any) -> None:
    lead, program = make_lead(alice), ask(alice)
    address = f"leads/{lead.pk}/"
    fields(program.post(address + "nurture/", {}), "until", "reason")
    problem(program.post(address + "nurture/", {"until": "2020-01-01", "reason": "Later"}), 409, "after today")
    fields(program.post(address + "nurture/", {"until": "9999-01-01", "reason": "Never"}), "until")
    far = {"gate": "mql", "direction": "up", "reason": "Never ends", "until": "2101-01-01"}
    fields(program.post(address + "override/", far), "until")
    kept = program.post(address + "nurture/", {"until": "2099-01-01", "reason": "Next budget"})
    assert (kept.status_code, kept.json()["stage"], kept.json()["nurture_until"]) == (200, "nurture", "2099-01-01")
    assert program.post(address + "reopen/", {"reason": "They called"}).json()["stage"] == "lead"
    assert program.post(address + "disqualify/", {"reason": "Competitor"}).json()["stage"] == "disqualified"
    problem(program.post(address + "disqualify/", {"reason": "x"}), 409, "cannot go")


def test_a_lead_is_archived_and_brought_back(alice: User, ask: Any) -> None:
    lead, program = make_lead(alice), ask(alice)
    assert program.post(f"leads/{lead.pk}/archive/").json()["archived_at"]
    assert program.get("leads/").json()["results"] == []
    assert program.post(f"leads/{lead.pk}/restore/").json()["archived_at"] is None


def test_a_lead_is_given_away_by_who_may(alice: User, bob: User, maria: User, charlie: User, ask: Any) -> None:
    lead = make_lead(alice)
    problem(ask(alice).post(f"leads/{lead.pk}/assign/", {"owner": "charlie"}), 403, "manager")
    problem(ask(bob).post(f"leads/{lead.pk}/assign/", {"owner": "charlie"}), 403)
    fields(ask(bob).post(f"leads/{lead.pk}/assign/", {}), "owner")
    assert ask(maria).post(f"leads/{lead.pk}/assign/", {"owner": "charlie"}).json()["owner"] == "charlie"
    assert ask(maria).post(f"leads/{lead.pk}/assign/", {"owner": None}).json()["owner"] is None
    assert Lead.objects.get(pk=lead.pk).team == charlie.team


def test_what_is_given_out_of_sight_is_done_and_no_longer_told(alice: User, ada: User, ask: Any) -> None:
    lead = make_lead(alice)
    User.objects.filter(pk=ada.pk).update(role="manager")
    Lead.objects.filter(pk=lead.pk).update(owner=ada, team=None)
    program = ask(ada)
    gone = program.post(f"leads/{lead.pk}/assign/", {"owner": None, "team": None})
    assert gone.status_code in {200, 204, 403}


def test_a_stale_verb_changes_nothing(alice: User, ask: Any) -> None:
    lead = make_lead(alice)
    told = problem(ask(alice).post(f"leads/{lead.pk}/disqualify/", {"reason": "No"}, version=99), 409)
    assert told["current"]["stage"] == "lead"
    assert Lead.objects.get(pk=lead.pk).stage == Stage.LEAD


def test_a_gate_is_overridden_and_the_override_ended(alice: User, ask: Any) -> None:
    lead, program = make_lead(alice), ask(alice)
    address = f"leads/{lead.pk}/"
    fields(program.post(address + "override/", {"gate": "mql", "direction": "up"}), "reason")
    fields(program.post(address + "override/", {"gate": "x", "direction": "y", "reason": "z"}), "gate", "direction")
    wrong = {"gate": "mql", "direction": "up", "reason": "x", "diagnostic": True}
    fields(program.post(address + "override/", wrong), "diagnostic")
    done = program.post(address + "override/", {"gate": "mql", "direction": "up", "reason": "I know them"})
    assert done.json()["stage"] == "mql", done.content
    score = program.get(address + "score/").json()
    assert (score["mql"], score["override"]["gate"], score["override"]["by"]) == (False, "mql", "Alice")
    assert program.post(address + "revoke/", {"gate": "mql"}).json()["stage"] == "lead"
    fields(program.post(address + "revoke/", {"gate": "mql"}), "gate")


def test_a_call_is_logged(alice: User, ask: Any) -> None:
    lead, program = make_lead(alice), ask(alice)
    sent = program.post(f"leads/{lead.pk}/activities/", {"kind": "call", "two_way": True, "note": "Spoke"})
    assert sent.status_code == 200, sent.content
    assert Activity.objects.get(checklist__lead=lead).by == alice
    fields(program.post(f"leads/{lead.pk}/activities/", {"kind": "note"}), "note")
    fields(program.post(f"leads/{lead.pk}/activities/", {"kind": "dance"}), "kind")


def test_a_lead_is_worked_in_another_context(alice: User, ask: Any) -> None:
    lead = make_lead(alice)
    assert ask(alice).post(f"leads/{lead.pk}/context/", {"context": "channel"}).json()["context"] == "channel"
    fields(ask(alice).post(f"leads/{lead.pk}/context/", {"context": "nothing"}), "context")


def test_only_an_mql_is_offered_by_hand(alice: User, ask: Any) -> None:
    problem(ask(alice).post(f"leads/{make_lead(alice).pk}/offer/"), 409, "MQL")


def test_who_may_not(alice: User, charlie: User, maria: User, carmen: User, ask: Any) -> None:
    lead = make_lead(alice)
    bodies: dict[str, Any] = {
        "nurture": {"until": "2099-01-01", "reason": "x"},
        "disqualify": {"reason": "x"},
        "reopen": {"reason": "x"},
        "override": {"gate": "mql", "direction": "up", "reason": "x"},
        "activities": {"kind": "call"},
        "context": {"context": "channel"},
    }
    for name, body in bodies.items():
        for stranger in (charlie, carmen):
            problem(ask(stranger).post(f"leads/{lead.pk}/{name}/", body), 404)
        problem(ask(maria).post(f"leads/{lead.pk}/{name}/", body), 403, "Alice")
        problem(ask(alice, "read").post(f"leads/{lead.pk}/{name}/", body), 403)
    lead.refresh_from_db()
    assert (lead.stage, lead.context.code, lead.version) == ("lead", "direct", lead.version)
    assert not Activity.objects.exists()


def test_what_happened_is_told_newest_first_and_by_pages(alice: User, charlie: User, ask: Any) -> None:
    lead = make_lead(alice)
    make_event(lead)
    for rating in ("no", "set_aside", "no"):
        answer(checklist_of(lead), "budget", rating, by=alice)
    program = ask(alice, "read")
    whole = program.get(f"leads/{lead.pk}/timeline/").json()
    assert len(whole["results"]) == len(timeline(lead).items)
    assert whole["results"][0]["kind"] == "answer"
    found, address = [], f"leads/{lead.pk}/timeline/?limit=2"
    while address:
        part = program.get(address).json()
        found += part["results"]
        address = part["next"] and part["next"].split("/api/v1/")[1]
    assert found == whole["results"]
    fields(program.get(f"leads/{lead.pk}/timeline/", cursor="x"), "cursor")
    problem(ask(charlie).get(f"leads/{lead.pk}/timeline/"), 404)


def test_a_long_timeline_costs_what_a_short_one_does(alice: User, ask: Any) -> None:
    lead, program = make_lead(alice), ask(alice)
    costs = []
    for _round in range(2):
        answer(checklist_of(lead), "budget", "no" if _round else "set_aside", by=alice)
        program.get(f"leads/{lead.pk}/timeline/")
        with CaptureQueriesContext(connection) as caught:
            program.get(f"leads/{lead.pk}/timeline/")
        costs.append(len(caught))
    assert costs[0] == costs[1]

"""Programs read, make and change leads, and ask for their scores."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from leads.models import Lead, OwnerChange
from tests.api.asking import Program, fields, problem
from tests.factories import make_lead
from tests.leads.answering import BEST_DIRECT, answer, checklist_of
from tests.leads.queueing import make_sql
from users.facts import database_now
from users.models import User


def test_the_list_is_in_the_order_of_the_score_and_pages_by_key(alice: User, ask: Any) -> None:
    leads = [make_lead(alice, answers=dict(list(BEST_DIRECT.items())[:n])) for n in (0, 3, 1, 5, 2)]
    program = ask(alice)
    whole = program.get("leads/").json()
    assert [lead["id"] for lead in whole["results"]] == [leads[n].pk for n in (3, 1, 4, 2, 0)]
    assert whole["next"] is None
    found, address = [], "leads/?limit=2"
    while address:
        page = program.get(address).json()
        assert len(page["results"]) <= 2
        found += [lead["id"] for lead in page["results"]]
        address = page["next"] and page["next"].split("/api/v1/")[1]
    assert found == [lead["id"] for lead in whole["results"]]


def test_the_list_takes_the_filters_of_the_lead_list(alice: User, charlie: User, maria: User, ask: Any) -> None:
    ours, theirs = make_lead(alice, name="Kari Nordmann", source="website"), make_lead(charlie, source="referral")
    sql = make_sql(alice)
    program = ask(maria)

    def found(**query: Any) -> set[int]:
        return {lead["id"] for lead in program.get("leads/", **query).json()["results"]}

    assert found() == {ours.pk, theirs.pk, sql.pk}
    assert found(owner="charlie") == {theirs.pk}
    assert found(stage=["sql", "sal"]) == {sql.pk}
    assert found(search="nordm") == {ours.pk}
    assert found(source="referral") == {theirs.pk}
    assert found(temperature="cold") == {ours.pk, theirs.pk}


def test_a_lead_is_told_with_its_version_and_score(alice: User, ask: Any) -> None:
    lead = make_lead(alice, answers={"budget": "set_aside"}, revenue=1000)
    response = ask(alice, "read").get(f"leads/{lead.pk}/")
    told = response.json()
    assert response["ETag"] == f'"{lead.version}"'
    assert (told["owner"], told["context"], told["source"]) == ("alice", "direct", "website")
    assert told["revenue"] == "1000.00"
    assert told["score"]["low"] > 0
    assert told["score"]["temperature"] == "cold"


def test_a_new_lead_belongs_to_the_representative_who_sends_it(alice: User, ask: Any) -> None:
    response = ask(alice).post("leads/", {"company": "Nordvik", "email": "kari@nordvik.no", "source": "website"})
    assert response.status_code == 201
    lead = Lead.objects.get(pk=response.json()["id"])
    assert (lead.owner, lead.team, lead.company) == (alice, alice.team, "Nordvik")
    assert response["Location"] == f"/api/v1/leads/{lead.pk}/"
    assert response["ETag"] == f'"{lead.version}"'
    assert OwnerChange.objects.filter(lead=lead).count() == 1


def test_what_a_new_lead_cannot_be_is_named(alice: User, ask: Any) -> None:
    program = ask(alice)
    fields(program.post("leads/", {}), "name")
    fields(program.post("leads/", {"email": "no address"}), "email")
    fields(program.post("leads/", {"name": "A", "employees": -1, "revenue": "a lot"}), "employees", "revenue")
    fields(program.post("leads/", {"name": "A", "source": "nowhere", "owner": "nobody"}), "source", "owner")
    fields(program.post("leads/", {"name": "A", "attributes": {"shoe_size": 44}}), "attributes")
    fields(program.post("leads/", {"name": "A", "stage": "customer", "score": 100}), "stage", "score")
    fields(program.post("leads/", {"name": "x" * 201}), "name")
    assert not Lead.objects.exists()


def test_a_lead_is_changed_by_who_has_read_it(alice: User, ask: Any) -> None:
    lead = make_lead(alice, company="Nordvik")
    program = ask(alice)
    response = program.patch(f"leads/{lead.pk}/", {"company": "Nordvik AS", "employees": 300}, version=lead.version)
    assert response.status_code == 200
    assert response["ETag"] == f'"{lead.version + 1}"'
    lead.refresh_from_db()
    assert (lead.company, lead.employees, lead.version) == ("Nordvik AS", 300, 2)


def test_a_change_without_a_version_is_refused(alice: User, ask: Any) -> None:
    lead = make_lead(alice)
    problem(ask(alice).patch(f"leads/{lead.pk}/", {"company": "New"}), 428, "If-Match")
    fields(ask(alice).patch(f"leads/{lead.pk}/", {"company": "New"}, version="*"), "If-Match")
    assert Lead.objects.get(pk=lead.pk).company == lead.company


def test_a_stale_change_gets_both_values_and_writes_nothing(alice: User, ask: Any) -> None:
    lead = make_lead(alice, company="Nordvik", city="Oslo")
    program = ask(alice)
    assert program.patch(f"leads/{lead.pk}/", {"company": "Theirs"}, version=1).status_code == 200
    told = problem(program.patch(f"leads/{lead.pk}/", {"company": "Mine", "city": "Oslo"}, version=1), 409)
    assert told["conflicts"] == [{"field": "company", "theirs": "Theirs", "yours": "Mine"}]
    assert told["version"] == told["current"]["version"] == 2
    assert Lead.objects.get(pk=lead.pk).company == "Theirs"


def test_what_is_not_visible_is_not_there(
    alice: User, charlie: User, carmen: User, bob: User, maria: User, ada: User, ask: Any
) -> None:
    lead = make_lead(alice)
    for address in (f"leads/{lead.pk}/", f"leads/{lead.pk}/score/"):
        nothing = ask(charlie).get(address.replace(str(lead.pk), "999999"))
        for stranger in (charlie, carmen):
            response = ask(stranger).get(address)
            problem(response, 404)
            assert response.content == nothing.content
        for person in (alice, bob, maria, ada):
            assert ask(person).get(address).status_code == 200
    assert ask(charlie).patch(f"leads/{lead.pk}/", {"city": "X"}, version=1).content == nothing.content
    assert ask(charlie).get("leads/").json()["results"] == []


def test_visible_but_not_allowed_names_who_may(alice: User, carmen: User, ask: Any) -> None:
    other = make_lead(None, team=alice.team)
    Lead.objects.filter(pk=other.pk).update(stage="customer")
    problem(ask(carmen).patch(f"leads/{other.pk}/", {"city": "X"}, version=1), 403, "North")
    problem(ask(carmen).post("leads/", {"name": "X"}), 403, "sales and marketing")


def test_a_lead_is_not_given_to_somebody_who_is_out_of_reach(alice: User, charlie: User, ask: Any) -> None:
    problem(ask(alice).post("leads/", {"name": "X", "owner": "charlie"}), 403)
    problem(ask(alice).post("leads/", {"name": "X", "team": charlie.team_id}), 403)
    assert not Lead.objects.exists()


def test_a_score_is_explained_now_and_then(alice: User, ask: Any) -> None:
    lead = make_lead(alice)
    before = database_now()
    answer(checklist_of(lead), "budget", "set_aside", by=alice)
    program = ask(alice, "read")
    now = program.get(f"leads/{lead.pk}/score/").json()
    then = program.get(f"leads/{lead.pk}/score/", as_of=before.isoformat()).json()
    assert then["low"] == 0
    assert now["low"] > 0
    assert sum(row["points_low"] for row in now["ledger"] if row["part"] == "qualification") == pytest.approx(
        now["low"]
    )
    assert now["next_question"]["code"]
    early = program.get(f"leads/{lead.pk}/score/", as_of=(before - timedelta(days=900)).isoformat())
    assert early.status_code == 200
    assert early.json()["policy"] is None


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-13-01", "9999-12-31", "2999-01-01T00:00:00Z", "1", "'", "0001-01-01"]
)
def test_no_moment_is_a_clear_refusal(alice: User, ask: Any, moment: str) -> None:
    fields(ask(alice).get(f"leads/{make_lead(alice).pk}/score/", as_of=moment), "as_of")


STRANGE = ["'", "--", "pg_sleep(5)", "\x00", "-1", "9" * 30, "1 OR 1=1", "%00", "ⅷ", "{}"]
NAMES = ["owner__password", "_connector", "_negated", "a__b", "lead__owner__password__startswith", "format", "page"]


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_parameter_is_named(alice: User, ask: Any, name: str) -> None:
    fields(ask(alice).get("leads/", **{name: "x"}), name)


@pytest.mark.parametrize("value", STRANGE)
@pytest.mark.parametrize("name", ["cursor", "limit", "stage", "owner", "team", "source", "temperature", "mine"])
def test_a_strange_value_is_named(alice: User, ask: Any, name: str, value: str) -> None:
    fields(ask(alice).get(f"leads/?{urlencode({name: value})}"), name)


def test_a_parameter_is_given_once_and_a_page_is_not_endless(alice: User, ask: Any) -> None:
    fields(ask(alice).get("leads/?limit=1&limit=2"), "limit")
    fields(ask(alice).get("leads/", limit=201), "limit")
    fields(ask(alice).patch(f"leads/{make_lead(alice).pk}/?force=1", {}, version=1), "force")


def queries_of(program: Program, address: str) -> int:
    program.get(address)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert program.get(address).status_code == 200
    return len(caught)


def test_a_list_costs_the_same_queries_however_long_it_is(maria: User, alice: User, ask: Any) -> None:
    program = ask(maria)
    make_lead(alice)
    few = queries_of(program, "leads/"), queries_of(program, "checklists/")
    for _number in range(4):
        make_lead(alice)
    assert (queries_of(program, "leads/"), queries_of(program, "checklists/")) == few
    assert max(few) < 14


def test_a_program_asks_for_the_leads_with_a_passed_day(alice: User, ask: Any) -> None:
    today = database_now().date()
    late, fine = make_lead(alice), make_lead(alice)
    answer(checklist_of(late), "order_date", "yes", by=alice, date=today - timedelta(days=1))
    answer(checklist_of(fine), "order_date", "yes", by=alice, date=today)
    found = ask(alice, "read").get("leads/", passed="1").json()["results"]
    assert [row["id"] for row in found] == [late.pk]

"""Programs read the agreement, campaigns, imports and reports."""

from typing import Any

import pytest

from intake.models import Import
from reports.computing import compute
from reports.models import ReportSnapshot
from reports.parameters import Wish
from reports.rendering import as_json
from reports.scope import Scope
from scoring.models import QuestionSet
from tests.api.asking import fields, problem
from tests.factories import make_campaign, make_lead, make_opportunity
from users.models import User


def test_question_sets_are_told_with_their_questions(charlie: User, ask: Any) -> None:
    program = ask(charlie, "read")
    sets = program.get("question-sets/", context="direct").json()["results"]
    assert len(sets) == 1
    whole = program.get(f"question-sets/{sets[0]['id']}/").json()
    assert whole == sets[0]
    assert len(whole["questions"]) == 14
    assert {"code", "label", "wording", "value", "digit"} == set(whole["questions"][0]["choices"][0])
    assert len(program.get("question-sets/").json()["results"]) == 2
    fields(program.get("question-sets/", context="x"), "context")


def test_policies_are_told_and_frozen(carmen: User, ask: Any) -> None:
    program = ask(carmen)
    policies = program.get("policies/", context="direct").json()["results"]
    assert policies[0]["definition"]["gates"]
    assert policies[0]["shipped_unsigned"] is True
    address = f"policies/{policies[0]['id']}/"
    assert program.get(address).json() == policies[0]
    problem(program.patch(address, {"name": "Mine"}, version=1), 405)
    problem(program.post("policies/", {"name": "Mine"}), 405)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
def test_a_published_question_set_is_not_edited_by_programs(ada: User, method: str, ask: Any) -> None:
    """Whatever the role: the answer says where it is changed instead."""
    published = QuestionSet.objects.get(context__code="direct")
    answer = ask(ada).send(method.upper(), f"question-sets/{published.pk}/", b"{}")
    problem(answer, 405, "A published question set never changes: draft its next version in the settings.")
    assert QuestionSet.objects.get(pk=published.pk).name == published.name


def test_campaigns_are_told(carmen: User, ask: Any) -> None:
    campaign = make_campaign("Spring fair", source="website")
    program = ask(carmen, "read")
    assert program.get("campaigns/", source="website").json()["results"][0]["name"] == "Spring fair"
    assert program.get(f"campaigns/{campaign.pk}/").json()["code"] == "spring-fair"
    fields(program.get("campaigns/", source="x"), "source")


def test_imports_are_told_to_those_who_may_import(alice: User, maria: User, ada: User, ask: Any) -> None:
    leads = Import.objects.create(kind="leads", file_name="leads.csv", read=3, errors_file="/secret/place.csv")
    users = Import.objects.create(kind="users", file_name="users.csv")
    problem(ask(alice).get("imports/"), 403, "Marketing")
    problem(ask(alice).get(f"imports/{leads.pk}/"), 403, "Marketing")
    assert [row["id"] for row in ask(maria).get("imports/").json()["results"]] == [leads.pk]
    problem(ask(maria).get(f"imports/{users.pk}/"), 404)
    assert [row["id"] for row in ask(ada).get("imports/", kind="users").json()["results"]] == [users.pk]
    assert "/secret" not in ask(ada).get(f"imports/{leads.pk}/").content.decode()
    fields(ask(ada).get("imports/", kind="x"), "kind")


def test_a_report_is_the_page_s(alice: User, charlie: User, maria: User, ask: Any) -> None:
    make_opportunity(alice, stage="won")
    make_opportunity(charlie, stage="won")
    told = ask(maria).get("reports/win-rate/", by="owner", fresh="1").json()
    expected = as_json(compute(Wish("win-rate", by="owner"), Scope.of(maria)))
    for part in ("name", "columns", "by", "period", "filters"):
        assert told[part] == expected[part]
    assert len(told["rows"]) == 2
    assert len(ask(alice).get("reports/win-rate/", by="owner").json()["rows"]) == 1


def test_a_report_takes_period_and_filters(maria: User, alice: User, ask: Any) -> None:
    make_lead(alice)
    program = ask(maria)
    query = {"from": "2020-01-01", "to": "2039-12-31", "by": "source", "filter": ["source=website", "context=direct"]}
    told = program.get("reports/lead-funnel/", **query).json()
    assert told["period"] == {"from": "2020-01-01", "to": "2039-12-31"}
    assert set(told["filters"]) == {"source", "context"}
    assert ReportSnapshot.objects.count() == 1
    past = program.get("reports/lead-funnel/", as_of="2020-01-01").json()
    assert past["as_of"].startswith("2020-01-01")


@pytest.mark.parametrize(
    "query",
    [
        {"by": "owner__password"},
        {"from": "yesterday"},
        {"from": "2026-02-01", "to": "2026-01-01"},
        {"as_of": "Europe/X');--"},
        {"filter": "password=1"},
        {"filter": "x"},
        {"view": "'"},
        {"compare": "--"},
        {"zone": "UTC"},
        {"fresh": "yes"},
        {"by": "x" * 101},
    ],
)
def test_what_a_report_cannot_be_asked_says_what_can(maria: User, ask: Any, query: dict[str, Any]) -> None:
    told = problem(ask(maria).get("reports/lead-funnel/", **query), 400)
    assert told["detail"]


def test_who_may_not_read_a_report(carmen: User, ask: Any) -> None:
    problem(ask(carmen).get("reports/win-rate/"), 403)
    problem(ask(carmen).get("reports/no-such-report/"), 404)

"""A program reads the lists whose codes, user names and ids it has to send."""

from typing import Any

import pytest

from opportunities.models import LossReason, Pipeline
from tests.api.asking import fields, problem
from tests.factories import make_product
from users.facts import database_now
from users.models import User


def test_people_and_teams_are_told_without_their_secrets(carmen: User, alice: User, bob: User, ask: Any) -> None:
    program = ask(carmen, "read")
    people = {row["username"]: row for row in program.get("people/").json()["results"]}
    assert people["alice"] == {
        "username": "alice", "name": "Alice", "role": "representative", "team": alice.team_id, "is_active": True,
    }  # fmt: skip
    teams = {row["name"]: row for row in program.get("teams/").json()["results"]}
    assert (teams["North"]["id"], teams["North"]["manager"]) == (alice.team_id, "bob")


def test_pipelines_are_told_with_their_stages_in_order(alice: User, ask: Any) -> None:
    told = {row["code"]: row for row in ask(alice, "read").get("pipelines/").json()["results"]}
    assert set(told) == set(Pipeline.objects.values_list("code", flat=True))
    stages = told["direct"]["stages"]
    assert [stage["position"] for stage in stages] == sorted(stage["position"] for stage in stages)
    assert [stage["outcome"] for stage in stages][-2:] == ["won", "lost"]
    assert told["direct"]["context"] == "direct"


def test_archived_rows_are_told_as_such(alice: User, ask: Any) -> None:
    LossReason.objects.filter(code="competitor").update(archived_at=database_now())
    make_product("Kiln", price=900)
    program = ask(alice, "read")
    reasons = {row["code"]: row["archived_at"] for row in program.get("loss-reasons/").json()["results"]}
    assert reasons["competitor"] is not None
    assert {value for code, value in reasons.items() if code != "competitor"} == {None}
    [product] = [row for row in program.get("products/").json()["results"] if row["code"] == "kiln"]
    assert (product["price"], product["currency"]) == ("900.00", "EUR")


@pytest.mark.parametrize("name", ["contexts", "personas", "account-types", "lead-sources", "rejection-reasons"])
def test_each_list_goes_page_by_page_and_is_read_only(alice: User, ask: Any, name: str) -> None:
    program = ask(alice)
    whole = [row["code"] for row in program.get(f"{name}/").json()["results"]]
    first = program.get(f"{name}/", limit="1").json()
    assert [row["code"] for row in first["results"]] == whole[:1]
    assert bool(first["next"]) is (len(whole) > 1)
    problem(program.post(f"{name}/", {"code": "mine"}), 405)
    fields(program.get(f"{name}/", search="x"), "search")

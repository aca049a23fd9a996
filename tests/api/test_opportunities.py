"""Programs convert leads, and open, move, win and lose deals."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from leads.models import Lead
from opportunities.models import Conversion, LossReason, Opportunity, StageChange
from tests.api.asking import fields, problem
from tests.factories import make_account, make_lead, make_opportunity
from tests.leads.queueing import make_sql
from users.models import User


def stages(deal: Opportunity, outcome: str = "open") -> list[str]:
    return list(deal.pipeline.stages.filter(outcome=outcome).order_by("position").values_list("code", flat=True))


def test_a_lead_is_converted_once_and_undone(alice: User, ask: Any) -> None:
    lead, program = make_sql(alice), ask(alice)
    address = f"leads/{lead.pk}/convert/"
    seen = program.get(address).json()
    assert (seen["refused"], seen["account_manager"], seen["converted"]) == ("", "alice", None)
    fields(program.post(address, {}), "account_manager")
    choice = {"account_manager": "alice", "pipeline": seen["pipelines"][0], "amount": "50000.00"}
    made = program.post(address, choice)
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["made_account"] is True
    deal = program.get(f"opportunities/{told['opportunity']}/").json()
    assert (deal["lead"], deal["amount"], deal["outcome"]) == (lead.pk, "50000.00", "open")
    assert program.post(address, choice).json()["id"] == told["id"]
    assert Conversion.objects.count() == 1
    undone = program.post(address + "undo/")
    assert undone.json()["undoes"] == told["id"]
    assert program.post(address + "undo/").json()["id"] == undone.json()["id"]
    assert Lead.objects.get(pk=lead.pk).stage == "sql"


def test_what_cannot_be_converted_or_undone_says_why(alice: User, ask: Any) -> None:
    lead, program = make_lead(alice), ask(alice)
    assert "Only an SQL" in program.get(f"leads/{lead.pk}/convert/").json()["refused"]
    problem(program.post(f"leads/{lead.pk}/convert/", {"account_manager": "alice"}), 409, "Only an SQL")
    problem(program.post(f"leads/{lead.pk}/convert/undo/"), 409, "never converted")
    sql = make_sql(alice)
    made = program.post(f"leads/{sql.pk}/convert/", {"account_manager": "alice", "amount": 10}).json()
    deal = Opportunity.objects.get(pk=made["opportunity"])
    assert program.post(f"opportunities/{deal.pk}/move/", {"stage": stages(deal)[1]}, version=1).status_code == 200
    told = problem(program.post(f"leads/{sql.pk}/convert/undo/"), 409)
    assert told["first"]


def test_who_may_not_convert(alice: User, charlie: User, maria: User, carmen: User, ask: Any) -> None:
    lead = make_sql(alice)
    for stranger in (charlie, carmen):
        problem(ask(stranger).get(f"leads/{lead.pk}/convert/"), 404)
        problem(ask(stranger).post(f"leads/{lead.pk}/convert/", {}), 404)
    problem(ask(maria).get(f"leads/{lead.pk}/convert/"), 403, "Alice")
    problem(ask(maria).post(f"leads/{lead.pk}/convert/", {"account_manager": "alice"}), 403, "Alice")
    assert not Conversion.objects.exists()
    assert not Account.objects.exists()


def test_a_deal_is_opened_changed_and_moved(alice: User, ask: Any) -> None:
    account, program = make_account(manager=alice), ask(alice)
    made = program.post("opportunities/", {"account": account.pk, "amount": 1000})
    assert made.status_code == 201, made.content
    deal = Opportunity.objects.get(pk=made.json()["id"])
    assert (deal.owner, deal.currency, deal.name) == (alice, "EUR", account.name)
    address = f"opportunities/{deal.pk}/"
    changed = program.patch(address, {"amount": "2000.00", "name": "Press"}, version=1)
    assert (changed.json()["amount"], changed["ETag"]) == ("2000.00", '"2"')
    second = stages(deal)[1]
    problem(program.post(address + "move/", {"stage": second}), 428)
    moved = program.post(address + "move/", {"stage": second}, version=2)
    assert (moved.json()["stage"], moved["ETag"]) == (second, '"3"')
    stale = problem(program.post(address + "move/", {"stage": stages(deal)[0]}, version=2), 409)
    assert stale["conflicts"] == [{"field": "stage", "theirs": second, "yours": stages(deal)[0]}]
    assert StageChange.objects.filter(opportunity=deal).count() == 2


def test_a_deal_is_won_taken_back_and_lost(alice: User, ask: Any) -> None:
    deal, program = make_opportunity(alice, account=make_account(manager=alice)), ask(alice)
    address = f"opportunities/{deal.pk}/"
    (won,), (lost,) = stages(deal, "won"), stages(deal, "lost")
    body: dict[str, Any] = {"stage": won, "amount": "900.50", "currency": "USD"}
    closed = program.post(address + "move/", body, version=1).json()
    assert (closed["outcome"], closed["won_amount"], closed["won_currency"]) == ("won", "900.50", "USD")
    assert (closed["amount"], closed["currency"]) == ("10000.00", "EUR")
    problem(program.post(address + "move/", {"stage": stages(deal)[0]}, version=closed["version"]), 409, "reopen")
    again = program.post(address + "reopen/", {}, version=closed["version"]).json()
    assert again["outcome"] == "open"
    fields(program.post(address + "move/", {"stage": lost}, version=again["version"]), "loss_reason")
    reason = LossReason.objects.values_list("code", flat=True)[0]
    rival = make_account("Rival", type="competitor")
    body = {"stage": lost, "loss_reason": reason, "competitor": deal.account_id}
    fields(program.post(address + "move/", body, version=again["version"]), "competitor")
    body["competitor"] = rival.pk
    gone = program.post(address + "move/", body, version=again["version"]).json()
    assert (gone["outcome"], gone["loss_reason"], gone["competitor"]) == ("lost", reason, rival.pk)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, {"stage"}),
        ({"stage": "nowhere"}, {"stage"}),
        ({"stage": "won", "amount": -1}, {"amount"}),
        ({"stage": "won", "loss_reason": "price"}, {"loss_reason"}),
        ({"stage": "diagnosis", "amount": 5}, {"amount"}),
        ({"stage": "won", "closed_at": "2020-01-01"}, {"closed_at"}),
    ],
)
def test_what_a_move_cannot_be_is_named(alice: User, ask: Any, body: dict[str, Any], named: set[str]) -> None:
    LossReason.objects.get_or_create(code="price", defaults={"label": "Price"})
    deal = make_opportunity(alice)
    fields(ask(alice).post(f"opportunities/{deal.pk}/move/", body, version=1), *named)
    assert StageChange.objects.count() == 1


def test_what_a_deal_cannot_be_is_named(alice: User, charlie: User, ask: Any) -> None:
    program, account = ask(alice), make_account(manager=alice)
    theirs = make_lead(charlie)
    fields(program.post("opportunities/", {}), "name")
    fields(program.post("opportunities/", {"name": "Press"}), "account")
    fields(program.post("opportunities/", {"account": account.pk, "amount": -1}), "amount")
    fields(program.post("opportunities/", {"account": account.pk, "lead": theirs.pk}), "lead")
    fields(program.post("opportunities/", {"account": account.pk, "lead": 10**12}), "lead")
    fields(program.post("opportunities/", {"account": account.pk, "team": 1, "stage": "won"}), "team", "stage")
    fields(program.post("opportunities/", {"account": account.pk, "expected_close": "0001-01-01"}), "expected_close")
    problem(program.post("opportunities/", {"account": account.pk, "owner": "charlie"}), 403)
    assert not Opportunity.objects.exists()


def test_who_sees_and_moves_deals(alice: User, bob: User, charlie: User, maria: User, carmen: User, ask: Any) -> None:
    deal = make_opportunity(alice)
    won = make_opportunity(alice, stage="won")
    for stranger in (charlie, carmen):
        problem(ask(stranger).get(f"opportunities/{deal.pk}/"), 404)
    assert [row["id"] for row in ask(carmen).get("opportunities/").json()["results"]] == [won.pk]
    assert ask(charlie).get("opportunities/").json()["results"] == []
    second = stages(deal)[1]
    problem(ask(maria).post(f"opportunities/{deal.pk}/move/", {"stage": second}, version=1), 403, "Alice")
    problem(ask(maria).patch(f"opportunities/{deal.pk}/", {"name": "X"}, version=1), 403, "Alice")
    problem(ask(maria).post("opportunities/", {"account": make_account(manager=alice).pk}), 403)
    problem(ask(carmen).post(f"opportunities/{won.pk}/reopen/", {}, version=1), 403, "Alice")
    problem(ask(alice).post(f"opportunities/{deal.pk}/assign/", {"owner": "charlie"}), 403)
    assert Opportunity.objects.get(pk=deal.pk).version == 1
    assert ask(bob).post(f"opportunities/{deal.pk}/assign/", {"owner": "bob"}).json()["owner"] == "bob"


def test_deals_are_narrowed(alice: User, ask: Any) -> None:
    deal, won = make_opportunity(alice), make_opportunity(alice, stage="won")
    program = ask(alice, "read")

    def found(**query: Any) -> list[int]:
        return [row["id"] for row in program.get("opportunities/", **query).json()["results"]]

    assert found() == [won.pk, deal.pk]
    assert found(outcome="won") == [won.pk]
    assert found(stage="diagnosis") == [deal.pk]
    assert found(pipeline="channel") == []
    assert found(owner="alice", team=alice.team_id) == [won.pk, deal.pk]
    fields(program.get("opportunities/", outcome="x"), "outcome")
    fields(program.get("opportunities/", sort="owner__password"), "sort")


def test_the_list_costs_the_same_queries_however_long_it_is(alice: User, ask: Any) -> None:
    program = ask(alice)
    costs = []
    for _round in range(2):
        make_opportunity(alice)
        make_opportunity(alice)
        program.get("opportunities/")
        with CaptureQueriesContext(connection) as caught:
            assert program.get("opportunities/").status_code == 200
        costs.append(len(caught))
    assert costs[0] == costs[1]

"""Who sees which figures: the statement counts what the reader may open, and nothing else."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from psycopg2 import sql

from leads.models import Handoff, Lead
from opportunities.models import Opportunity
from reports.catalogue import REPORTS
from reports.computing import compute
from reports.parameters import Wish
from reports.rendering import as_json
from reports.scope import Scope
from tests.factories import make_lead, make_opportunity
from tests.reports.records_of_a_year import advance, day, hand_off, move
from users.models import User

MARKER = "Zebra-foreign"


def figures(user: User, name: str, **asked: Any) -> Any:
    payload = as_json(compute(Wish(name, as_of="2026-10-01T00:00", **asked), Scope.of(user)))
    return {part: payload[part] for part in ("rows", "totals")}


def foreign_work(charlie: User) -> None:
    """What another team does, dated and known in the past, so that every report could count it."""
    lead = make_lead(charlie, at=day(10), name=MARKER, company=MARKER)
    advance(lead, "mql", day(11))
    advance(lead, "sal", day(12))
    hand_off(lead, "accepted", day(11), day(11) + timedelta(hours=2), by=charlie)
    won = make_opportunity(charlie, at=day(12), amount=77_777, name=MARKER)
    move(won, "won", day(20))
    make_opportunity(charlie, at=day(13), amount=88_888, name=MARKER, account=None)


@pytest.mark.parametrize("name", REPORTS)
def test_a_representatives_report_does_not_change_with_another_teams_work(
    year: None, alice: User, charlie: User, name: str
) -> None:
    by = next(iter(REPORTS[name].dimensions), "")
    before, everything = (
        figures(alice, name, by=by),
        json.dumps(as_json(compute(Wish(name, by=by), Scope.all()))["totals"], default=str),
    )
    foreign_work(charlie)
    assert figures(alice, name, by=by) == before
    # The same work does show to those who see all.
    assert json.dumps(as_json(compute(Wish(name, by=by), Scope.all()))["totals"], default=str) != everything


@pytest.mark.parametrize("username", ["alice", "bob", "charlie", "dora", "maria", "ada", "carmen"])
def test_the_statement_counts_what_the_reader_may_open(year: None, username: str) -> None:
    make_lead(None, at=day(3))
    user = User.objects.get(username=username)
    scope = Scope.of(user)
    for model, table, condition in (
        (Lead, "leads_lead", scope.of_leads()),
        (Opportunity, "opportunities_opportunity", scope.of_deals()),
        (Handoff, "leads_handoff", scope.of_handoffs()),
    ):
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT id FROM {} record WHERE {}").format(sql.Identifier(table), condition))
            counted = {pk for (pk,) in cursor.fetchall()}
        assert counted == set(model.objects.visible_to(user).values_list("pk", flat=True)), model


@pytest.mark.parametrize("name", REPORTS)
def test_foreign_records_are_found_in_no_page(
    year: None, client: Client, alice: User, charlie: User, name: str
) -> None:
    foreign_work(charlie)
    client.force_login(alice)
    for address in (f"/reports/{name}/", f"/reports/{name}/csv/", f"/reports/{name}/json/"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert MARKER not in answer.content.decode()
    report = as_json(compute(Wish(name), Scope.of(alice)))
    for row in [*report["rows"]]:
        for link in row["links"].values():
            assert MARKER not in client.get(link).content.decode()


def test_a_manager_sees_the_teams_below_and_marketing_sees_all(year: None, bob: User, maria: User, alice: User) -> None:
    assert figures(bob, "lead-funnel")["totals"]["leads"] < figures(maria, "lead-funnel")["totals"]["leads"]
    assert figures(bob, "lead-funnel")["totals"]["leads"] >= figures(alice, "lead-funnel")["totals"]["leads"]


def test_customer_success_reads_what_is_wrong_with_accounts_and_no_sales_figures(
    year: None, client: Client, carmen: User
) -> None:
    client.force_login(carmen)
    refused = client.get("/reports/win-rate/")
    assert refused.status_code == 403
    assert "representatives, managers, marketing and administrators" in refused.content.decode()
    assert client.get("/reports/win-rate/records/?column=won").status_code == 403
    assert client.get("/reports/win-rate/csv/").status_code == 403
    quality = client.get("/reports/data-quality/json/").json()
    assert [row["check"] for row in quality["rows"]] == ["accounts_without_manager"]
    assert quality["rows"][0]["records"] == 4
    listed = client.get(quality["rows"][0]["link"])
    assert listed.status_code == 200


def test_nobody_reads_without_signing_in(client: Client, workspace: Any) -> None:
    for address in (
        "/reports/",
        "/reports/win-rate/",
        "/reports/win-rate/records/",
        "/reports/win-rate/csv/",
        "/reports/progress/1/",
    ):
        assert client.get(address).status_code == 302

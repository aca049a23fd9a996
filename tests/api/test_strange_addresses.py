"""Every parameter of every address, with values that break careless programs: told in clear words, never a fault."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from intake.models import Import
from leadqual.api_urls import urlpatterns
from tests.api.asking import Program
from tests.factories import make_account, make_campaign, make_contact, make_lead, make_opportunity
from tests.leads.queueing import make_offered
from users.models import User

STRANGE = [
    "'",
    '"',
    "--",
    ";DROP TABLE leads_lead",
    "1 OR 1=1",
    "pg_sleep(5)",
    "\x00",
    "%00",
    "\U0001f600",
    "-1",
    "0",
    str(2**63),
    "9" * 400,
    "1e999",
    "NaN",
    "٣",
    "{}",
    "[]",
    "null",
    "../../etc/passwd",
    "Europe/X');--",
    "eyJhIjoxfQ==",
    "W10=",
    "WzEsMiwzLDRd",
    "x" * 3000,
    "<script>",
]


def lists() -> dict[str, Any]:
    """Addresses that take parameters, with their view."""
    views = {str(each.pattern): each.callback.cls for each in urlpatterns}  # type: ignore[attr-defined]
    return {route: view for route, view in views.items() if getattr(view, "query", None) is not None}


@pytest.mark.parametrize("route", sorted(lists()))
def test_a_strange_value_is_refused_or_finds_nothing(route: str, ada: User, alice: User, ask: Any) -> None:
    lead = make_lead(alice)
    address = route.replace("<int:pk>", str(lead.pk)).replace("<slug:name>", "lead-funnel")
    program: Program = ask(ada)
    names = list(lists()[route].query.base_fields)
    # A sample of pairs: each parameter with each third value, beginning elsewhere for each parameter.
    for number, name in enumerate(names):
        for value in STRANGE[number % 3 :: 3]:
            response = program.get(f"{address}?{urlencode({name: value})}")
            assert response.status_code in {200, 400}, (address, name, value, response.content)
            if response.status_code == 400:
                told = response.json()
                assert told["detail"]
                assert name in told["errors"] or route.startswith("reports/"), told


@pytest.mark.parametrize("pk", [0, 2**63, 10**30])
def test_a_number_that_no_record_has(pk: int, ada: User, ask: Any) -> None:
    program: Program = ask(ada)
    for route in sorted(str(each.pattern) for each in urlpatterns):
        if "<int:pk>" in route:
            address = route.replace("<int:pk>", str(pk))
            assert program.get(address).status_code in {404, 405}, address
            assert program.post(address, {}).status_code in {404, 405}, address


LISTS = ["leads", "checklists", "handoffs", "accounts", "contacts", "opportunities", "campaigns", "imports"]


def test_every_list_costs_the_same_however_long_it_is(ada: User, alice: User, ask: Any) -> None:
    program: Program = ask(ada)
    costs: list[dict[str, int]] = []
    for _round in range(2):
        for number in range(2):
            account = make_account(manager=alice)
            make_contact(account=account)
            make_opportunity(alice, account=account)
            make_campaign()
            make_offered(alice)
            Import.objects.create(kind="leads", file_name=f"{number}.csv", by=ada)
        cost = {}
        for name in LISTS:
            program.get(f"{name}/")
            with CaptureQueriesContext(connection) as caught:
                assert len(program.get(f"{name}/").json()["results"]) >= 2
            cost[name] = len(caught)
        costs.append(cost)
    assert costs[0] == costs[1]

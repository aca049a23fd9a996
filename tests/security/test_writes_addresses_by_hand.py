"""Parameters, cursors and moments that no link of ours holds: refused or ignored, never a fault of ours."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from leads.models import Checklist
from tests.factories import make_account, make_lead, make_opportunity
from tests.leads.queueing import make_offered
from users.models import User

pytestmark = pytest.mark.django_db

FAR_OFFSET = "2026-01-01T00:00:00-23:59"  # PostgreSQL knows offsets below 16 hours only
BEFORE_EVERYTHING = "0001-01-01T00:00:00+23:59"
LONG_NUMBER = "9" * 5000  # longer than int() reads


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


CURSORS = {
    "half of a pair": cursor("\ud800", 1),
    "an object": cursor({"a": 1}, 1),
    "infinity": base64.urlsafe_b64encode(b"[1e999,1]").decode(),
    "no number": base64.urlsafe_b64encode(b"[NaN,1]").decode(),
    "a list": cursor([1], 1),
    "a flag": cursor(True, 1),
    "nothing": cursor(None, 1),
    "a moment beyond the last year": cursor("9999-12-31T23:59:59-23:59", 1),
    "a long number": base64.urlsafe_b64encode(b'["a",' + b"9" * 30 + b"]").decode(),
    "too many": cursor(1, 2, 3),
    "no JSON": "AAAA",
    "no base64": "%%%",
}
# Address and parameter; every value of ODD is put there.
ADDRESSES = [
    ("/leads/", "after"),
    ("/leads/", "before"),
    ("/leads/", "search"),
    ("/leads/", "source"),
    ("/leads/{lead}/", "as_of"),
    ("/leads/{lead}/", "before"),
    ("/leads/{lead}/qualify/", "from"),
    ("/leads/{lead}/qualify/", "open"),
    ("/pipeline/", "owner"),
    ("/queue/", "reason"),
    ("/queue/refresh/", "shown"),
    ("/accounts/propose/", "account"),
    ("/opportunities/new/", "lead"),
    ("/reports/lead-funnel/", "as_of"),
    ("/reports/lead-funnel/", "from"),
    ("/reports/lead-funnel/", "filter"),
    ("/reports/lead-funnel/csv/", "filter"),
    ("/reports/win-rate/json/", "as_of"),
    ("/reports/lead-funnel/records/?column=leads&by=source&", "group"),
    ("/reports/lead-funnel/records/?column=leads&by=owner&", "group"),
    ("/reports/lead-funnel/records/?column=leads&by=source&", "after"),
    ("/reports/stage-conversion/records/?column=reached&by=owner&step=1&", "group"),
    ("/reports/stage-conversion/records/?column=reached&", "step"),
    ("/reports/data-quality/records/?column=records&", "check"),
    ("/auth/login/", "next"),
]
ODD = [
    "\x00",
    "source=\x00",
    "sector=\x00",
    "'",
    "';SELECT pg_sleep(5)--",
    "²",
    "-1",
    "2_NaN_1_1",
    "2_sNaN_0_1",
    "1_1E400_0_1",
    LONG_NUMBER,
    "9999-12-31",
    "0001-01-01",
    BEFORE_EVERYTHING,
    FAR_OFFSET,
    f"{FAR_OFFSET}~answer~1",
    f"2026-01-01T00:00:00+00:00~answer~{LONG_NUMBER}",
    "{{7*7}}",
    "../../etc/passwd",
]


@pytest.mark.parametrize(("address", "parameter"), ADDRESSES)
def test_an_odd_value_is_refused_or_ignored(client: Client, alice: User, address: str, parameter: str) -> None:
    client.force_login(alice)
    where = address.format(lead=make_lead(alice).pk)
    path, _mark, query = where.partition("?")
    known = dict(pair.split("=") for pair in query.strip("&").split("&")) if query else {}
    for value in ODD:
        status = client.get(path, known | {parameter: value}).status_code
        assert status < 500, (parameter, value[:60])


@pytest.mark.parametrize("kind", CURSORS)
def test_a_cursor_of_ones_own_shows_the_first_page_or_is_refused(
    client: Client, alice: User, ask: Callable[..., Any], kind: str
) -> None:
    make_offered(alice)
    make_account("Anvil", manager=alice)
    client.force_login(alice)
    for address in ("/accounts/", "/contacts/", "/queue/", "/pipeline/?view=table"):
        for word in ("after", "before"):
            joint = "&" if "?" in address else "?"
            assert client.get(f"{address}{joint}{word}={CURSORS[kind]}").status_code == 200, address
    program = ask(alice)
    for address in ("accounts/", "contacts/", "handoffs/", "leads/", "opportunities/", "checklists/"):
        assert program.get(address, cursor=CURSORS[kind]).status_code in {200, 400}, address


def test_a_real_cursor_still_leads_to_the_next_page(alice: User, ask: Callable[..., Any]) -> None:
    for _number in range(2):
        make_offered(alice)
        make_account(manager=alice)
        make_opportunity(alice, account=make_account(manager=alice))
    program = ask(alice)
    for address in ("accounts/", "handoffs/", "leads/", "opportunities/"):
        first = program.get(address, limit=1).json()
        second = program.client.get(first["next"], headers=program.headers).json()
        assert second["results"][0]["id"] != first["results"][0]["id"], address


@pytest.mark.parametrize("moment", [FAR_OFFSET, BEFORE_EVERYTHING, "9999-12-31", "0001-01-01"])
def test_a_moment_that_the_database_does_not_know_is_no_fault(
    alice: User, ask: Callable[..., Any], moment: str
) -> None:
    program = ask(alice)
    lead = make_lead(alice)
    for address in (f"leads/{lead.pk}/score/", "reports/lead-funnel/"):
        assert program.get(address, as_of=moment).status_code in {200, 400}, address


def test_a_number_longer_than_a_number_can_be_is_no_fault(client: Client, alice: User) -> None:
    client.force_login(alice)
    handoff = make_offered(alice)
    lead = handoff.lead_id
    question = Checklist.objects.get(lead=lead).question_set.questions.first()
    assert question is not None
    sent = {
        f"/leads/{lead}/edit/": {"version": LONG_NUMBER, "name": "Ines"},
        f"/leads/{lead}/qualify/{question.code}/": {"confirms": LONG_NUMBER},
        f"/leads/{lead}/accept/": {"version": LONG_NUMBER},
        f"/queue/{handoff.pk}/accept/": {"version": LONG_NUMBER},
    }
    for address, body in sent.items():
        assert client.post(address, body).status_code < 500, address

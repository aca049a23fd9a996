"""Who asks without a key, with a wrong one, or sends what nobody can read, is told what to do instead."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Lead
from tests.api.asking import ROOT, Program, fields, problem
from tests.factories import make_lead, make_opportunity
from tests.leads.queueing import make_offered
from users.keys import create_key
from users.models import ApiKey, User
from users.people import edit_person


def test_without_a_key_nothing_is_told(alice: User, ask: Any) -> None:
    nobody = ask(None)
    for address in ("leads/", "leads/1/", "schema/", "nothing/", "handoffs/1/accept/"):
        response = nobody.get(address)
        problem(response, 401)
        assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", "Bearer a b", "Bearer " + "x" * 5000, "Basic eDp4", "Bearer \xff\xfe"]
)
def test_a_wrong_key_does_not_work(alice: User, header: str) -> None:
    problem(Client().get(ROOT + "leads/", headers={"Authorization": header}), 401)


def test_a_key_stops_with_its_person_its_end_and_its_revocation(alice: User, ada: User, ask: Any) -> None:
    program = ask(alice)
    assert program.get("leads/").status_code == 200
    key = ApiKey.objects.get(user=alice)
    assert key.last_used_on == timezone.now().date()
    ApiKey.objects.filter(user=alice).update(expiry=timezone.now() - timedelta(seconds=1))
    problem(program.get("leads/"), 401)
    ApiKey.objects.filter(user=alice).update(expiry=None)
    assert program.get("leads/").status_code == 200
    User.objects.filter(pk=alice.pk).update(is_active=False)
    problem(program.get("leads/"), 401)
    User.objects.filter(pk=alice.pk).update(is_active=True)
    edit_person(User.objects.get(pk=alice.pk), {"is_active": False})
    assert not ApiKey.objects.filter(user=alice).exists()
    problem(program.get("leads/"), 401)


def test_a_reading_key_reads(alice: User, ask: Any) -> None:
    lead = make_lead(alice)
    reader = ask(alice, "read")
    assert reader.get(f"leads/{lead.pk}/").status_code == 200
    problem(reader.post("leads/", {"name": "X"}), 403, "scope write")
    problem(reader.patch(f"leads/{lead.pk}/", {"name": "X"}, version=1), 403, "scope write")
    _key, text = create_key(alice)
    ApiKey.objects.filter(user=alice).update(scopes=[])
    problem(Client().get(ROOT + "leads/", headers={"Authorization": f"Bearer {text}"}), 403)


def test_a_session_works_with_its_token_only(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.get(ROOT + "leads/").status_code == 200
    problem(client.post(ROOT + "leads/", {"name": "X"}, content_type="application/json"), 403, "CSRF")
    assert not Lead.objects.exists()


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"name"', 400),
        (b'{"name": "a", "name": "b"}', 400),
        (b'{"employees": NaN}', 400),
        (b'{"employees": -Infinity}', 400),
        (b'{"employees": 1e999}', 400),
        (b'{"employees": 9223372036854775808}', 400),
        (b'{"employees": ' + b"9" * 5000 + b"}", 400),
        (b'{"name": "\\u0000"}', 400),
        (b'{"name": "\\ud800"}', 400),
        (b'{"a\\u0000b": "x"}', 400),
        (b'{"name": "\xff"}', 400),
        (b'{"attributes": ' + b'{"a":' * 25 + b"1" + b"}" * 25 + b"}", 400),
        (b'{"attributes": ' + DEEP.encode(), 400),
        (b'{"name": {"a": 1}, "email": [1], "phone": true, "employees": "many", "source": {}, "attributes": []}', 400),
        (b'{"name": "' + b"x" * 1_100_000 + b'"}', 413),
    ],
)
def test_what_cannot_be_read_is_refused(alice: User, ask: Any, raw: bytes, status: int) -> None:
    problem(ask(alice).send("POST", "leads/", raw), status)
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/html", "x"]
)
def test_only_json_is_taken(alice: User, ask: Any, kind: str) -> None:
    problem(ask(alice).send("POST", "leads/", b'{"name": "X"}', kind), 415)
    assert not Lead.objects.exists()


def test_a_wrong_field_is_named_with_its_path(alice: User, ask: Any) -> None:
    fields(ask(alice).send("POST", "leads/", b'{"employees": 9223372036854775808}'), "employees")
    fields(ask(alice).send("POST", "leads/", b'{"name": "a\\u0000b"}'), "name")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE"])
def test_what_an_address_does_not_do(alice: User, ask: Any, method: str) -> None:
    problem(ask(alice).send(method, "leads/", b""), 405)


def test_an_address_that_is_none_is_not_found(alice: User, ask: Any) -> None:
    for address in ("", "nothing/", "leads/x/", "leads/1", f"leads/{2**70}/", "leads/-1/", "leads//"):
        problem(ask(alice).get(address), 404)


def test_a_fault_of_ours_is_told_without_its_inside(alice: User, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("leads.api.leads.open_case", fault)
    program: Program = ask(alice)
    program.client.raise_request_exception = False
    told = problem(program.post("leads/", {"name": "X"}), 500)
    assert "secret" not in json.dumps(told)


def test_too_many_requests_are_told_when_to_go_on(alice: User, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.THROTTLE_RATES", {"user": "2/min", "anon": "2/min"})
    program = ask(alice)
    answers = [program.get("leads/") for _number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(problem_header(answers[2])) > 0


def problem_header(response: Any) -> str:
    problem(response, 429)
    return str(response["Retry-After"])


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("maria", "leads/{lead}/nurture/"),
        ("maria", "leads/{lead}/override/"),
        ("maria", "leads/{lead}/context/"),
        ("maria", "handoffs/{handoff}/reject/"),
        ("alice", "handoffs/{handoff}/reassign/"),
        ("bob", "handoffs/{handoff}/return/"),
        ("alice", "campaigns/"),
        ("maria", "accounts/"),
        ("carmen", "contacts/"),
        ("carmen", "leads/"),
        ("maria", "opportunities/{deal}/move/"),
        ("alice", "opportunities/{deal}/assign/"),
    ],
)
def test_whoever_may_not_is_told_who_may_whatever_they_sent(
    request: pytest.FixtureRequest, alice: User, ask: Any, who: str, path: str
) -> None:
    handoff = make_offered(alice)
    address = path.format(lead=handoff.lead_id, handoff=handoff.pk, deal=make_opportunity(alice).pk)
    program = ask(request.getfixturevalue(who))
    for body in ({}, {"nothing": "that is known", "until": 5}):
        problem(program.post(address, body), 403)

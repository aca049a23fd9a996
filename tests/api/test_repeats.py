"""A POST that arrives again with its Idempotency-Key is answered again and done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from leadqual.api_urls import urlpatterns
from leads.models import Lead
from tests.api.asking import Program, fields, problem
from users.api.once import forget_old_keys
from users.facts import database_now
from users.models import IdempotencyKey, User


def test_a_repetition_gets_the_first_answer(alice: User, ask: Any) -> None:
    program = ask(alice)
    first = program.post("leads/", {"name": "Kari"}, once="key-1")
    again = program.post("leads/", {"name": "Kari"}, once="key-1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert again["Idempotent-Replayed"] == "true"
    assert Lead.objects.count() == 1


def test_a_key_is_for_one_request(alice: User, bob: User, ask: Any) -> None:
    program = ask(alice)
    program.post("leads/", {"name": "Kari"}, once="key-1")
    problem(program.post("leads/", {"name": "Ola"}, once="key-1"), 422, "Idempotency-Key")
    assert ask(bob).post("leads/", {"name": "Ola"}, once="key-1").status_code == 201
    assert Lead.objects.count() == 2


def test_a_refused_request_is_corrected_under_its_key(alice: User, ask: Any) -> None:
    program = ask(alice)
    fields(program.post("leads/", {"email": "wrong"}, once="key-1"), "email")
    assert not IdempotencyKey.objects.exists()
    assert program.post("leads/", {"email": "a@b.no"}, once="key-1").status_code == 201


@pytest.mark.parametrize("key", [" ", "a b", "x" * 201, "é"])
def test_a_key_that_is_none(alice: User, ask: Any, key: str) -> None:
    fields(ask(alice).post("leads/", {"name": "Kari"}, once=key), "Idempotency-Key")
    assert not Lead.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_acts_and_all_get_its_answer(alice: User) -> None:
    many = 8
    barrier = Barrier(many)
    program = Program(alice)

    def press(_number: int) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return program.post("leads/", {"name": "Kari"}, once="key-1")
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as pool:
        answers = list(pool.map(press, range(many)))
    assert {answer.status_code for answer in answers} == {201}, [answer.content for answer in answers]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Lead.objects.count() == 1


def test_a_key_is_remembered_for_seven_days(alice: User, ask: Any) -> None:
    program = ask(alice)
    program.post("leads/", {"name": "Kari"}, once="key-1")
    assert forget_old_keys(database_now() + timedelta(days=6)) == 0
    assert forget_old_keys(database_now() + timedelta(days=8)) == 1
    program.post("leads/", {"name": "Kari"}, once="key-1")
    assert Lead.objects.count() == 2


def views() -> dict[str, Any]:
    """Every view of the API by its route."""
    return {str(each.pattern): each.callback.cls for each in urlpatterns}  # type: ignore[attr-defined]


def test_every_post_of_the_api_can_be_repeated() -> None:
    posts = {route: view.post for route, view in views().items() if hasattr(view, "post")}
    assert len(posts) >= 9
    assert [route for route, post in posts.items() if not getattr(post, "is_once", False)] == []

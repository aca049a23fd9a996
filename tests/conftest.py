"""What every test stands on: a real PostgreSQL as the app's role, and no network but this machine's."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from tests.database import TestDatabase

pytest_plugins = ["tests.personas"]


@pytest.fixture(scope="session")
def test_database(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
    populate: Callable[[], None],
) -> Iterator[TestDatabase]:
    database = TestDatabase()
    with django_db_blocker.unblock():
        database.make(populate)
    with pytest.MonkeyPatch.context() as patch:
        # Instead of emptying all tables, which would take the people away and needs a right that the app has not.
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: database.restore())
        yield database
    with django_db_blocker.unblock():
        database.drop()


@pytest.fixture(scope="session")
def django_db_setup(test_database: TestDatabase) -> None:
    """What pytest-django asks for before the first test that needs the database."""


@pytest.fixture
def empty_database(test_database: TestDatabase, transactional_db: None) -> None:
    """No workspace, nobody in it: how a server looks after its first migration."""
    test_database.restore_empty()


@pytest.fixture(autouse=True, scope="session")
def no_network_but_this_machine() -> Iterator[None]:
    """A test that reaches for another machine fails at once and says so."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"A test tried to reach {address}; tests use this machine only.")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def pytest_configure() -> None:
    # Argon2 is slow on purpose; the tests make many people. tests/test_settings.py looks at the real setting.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

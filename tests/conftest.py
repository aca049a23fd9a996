"""What every test stands on: a real PostgreSQL as the app's role, and no network but this machine's."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

from tests.database import a_test_database

pytest_plugins = ["tests.personas"]


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, django_db_modify_db_settings: None
) -> Iterator[None]:
    """The test database of pytest-django, made as the owner and used as the app's role."""
    with contextlib.ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(a_test_database())
        yield
        with django_db_blocker.unblock():
            stack.close()


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

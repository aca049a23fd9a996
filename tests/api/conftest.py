"""Programs of the personas."""

from collections.abc import Callable

import pytest

from tests.api.asking import Program
from users.models import User


@pytest.fixture
def ask() -> Callable[..., Program]:
    """`ask(alice)` is a program with a key of hers."""

    def program(user: User | None, *scopes: str) -> Program:
        return Program(user, *scopes)

    return program

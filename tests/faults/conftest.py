"""Machines that a test may kill. Every test here commits, because other processes must see its rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.machines import Machines


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture
def machines(transactional_db: None, tmp_path: Path) -> Iterator[Machines]:
    """Starts workers, web servers and a broker; stops what is left at the end."""
    made = Machines(tmp_path)
    yield made
    made.stop()

"""Files to import, written by the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from intake.importing import Imported, import_file


def take_in(folder: Path, kind: str, text: str, mapping: dict[str, Any] | None = None, **options: Any) -> Imported:
    """Import the text as a file of its own."""
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    return import_file(kind, path, mapping, **options)


def counts(done: Imported) -> tuple[int, int, int, int, int]:
    """read, created, updated, unchanged, rejected"""
    return done.read, done.created, done.updated, done.unchanged, done.rejected


@contextmanager
def new_connection() -> Iterator[Any]:
    """Somebody else at the same database."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        yield other
    finally:
        other.rollback()
        other.close()

"""Files to import, written by the tests."""

from pathlib import Path
from typing import Any

from intake.importing import Imported, import_file


def take_in(folder: Path, kind: str, text: str, mapping: dict[str, Any] | None = None, **options: Any) -> Imported:
    """Import the text as a file of its own."""
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    return import_file(kind, path, mapping, **options)


def counts(done: Imported) -> tuple[int, int, int, int, int]:
    """read, created, updated, unchanged, rejected"""
    return done.read, done.created, done.updated, done.unchanged, done.rejected

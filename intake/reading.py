"""A delimited text file, read record by record: which encoding, which delimiter, where its header is.

What it cannot read with certainty it refuses, in a sentence that says what to do.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MAX_FILE_BYTES = 2_000_000_000
MAX_CELL = 32_000_000  # characters; beyond it a quote that nobody closed is far likelier than a text
MAX_COLUMNS = 1_000
DELIMITERS = ",;\t|"
BLOCK = 1 << 20

# Files that people take for CSV, by their first bytes.
SIGNATURES = {
    b"PK\x03\x04": gettext_lazy("an Excel workbook or another zip archive"),
    b"\xd0\xcf\x11\xe0": gettext_lazy("an old Excel workbook"),
    b"%PDF": gettext_lazy("a PDF document"),
    b"\x1f\x8b": gettext_lazy("a gzip archive"),
    b"SQLite format 3": gettext_lazy("an SQLite database"),
}
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


class FileRefused(Exception):
    """The file as a whole cannot be taken in. The text says why and what to do."""


class Record(NamedTuple):
    """The cells of one row and the line of the file on which it begins; `problem` if it could not be cut into cells."""

    line: int
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that has been looked at and can be read as often as needed."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int

    def records(self) -> Iterator[Record]:
        """Yield the rows below the header. Blank lines and rows of empty cells are passed over."""
        width = len(self.header)
        for record in cut(self.path, self.encoding, self.delimiter):
            if record.line <= self.header_line:
                continue
            cells = record.cells
            if not record.problem and len(cells) != width:
                if not any(cells[width:]) and len(cells) > width:
                    cells = cells[:width]
                else:
                    problem = _(
                        "The row has %(cells)d cells and the header %(columns)d. A text that contains the delimiter must stand in quotes."
                    )
                    yield record._replace(problem=problem % {"cells": len(cells), "columns": width})
                    continue
            yield record._replace(cells=cells)


def look_at(path: Path, encoding: str = "", delimiter: str = "") -> Source:
    """Return the file with its encoding, delimiter and header. Raise FileRefused if there is nothing to read.

    `encoding` and `delimiter` are what the mapping says; empty means to find out.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise FileRefused(_("%(path)s is a folder; name the file in it.") % {"path": path})
    except OSError as error:
        raise FileRefused(_("%(path)s cannot be opened: %(why)s.") % {"path": path, "why": error.strerror}) from error
    if size == 0:
        raise FileRefused(_("The file is empty. Export it again, with a header line."))
    if size > MAX_FILE_BYTES:
        raise FileRefused(_("The file has more than 2 GB. Split it and import the parts one after the other."))
    encoding = check_encoding(path, encoding) if encoding else find_encoding(path)
    delimiter = delimiter or find_delimiter(path, encoding)
    first = next(cut(path, encoding, delimiter), None)
    if first is None:
        raise FileRefused(_("The file holds blank lines only. Export it again, with a header line."))
    if first.problem:
        raise FileRefused(
            _("The header (line %(line)d) cannot be read: %(why)s") % {"line": first.line, "why": first.problem}
        )
    if len(first.cells) > MAX_COLUMNS:
        raise FileRefused(
            _("The header has more than %(most)d columns. Export only those that you need.") % {"most": MAX_COLUMNS}
        )
    return Source(path, encoding, delimiter, tuple(first.cells), first.line)


def cut(path: Path, encoding: str, delimiter: str) -> Iterator[Record]:
    """Yield every record that is not blank. Line ends inside quotes are kept as they are; a line may end in CR alone."""
    csv.field_size_limit(MAX_CELL)
    with path.open(encoding=encoding, newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "unexpected end of data" in str(error) or "field limit" in str(error):
                    refusal = _(
                        'A quote (") that opens at line %(line)d is never closed. Close it or remove it, and import again.'
                    )
                    raise FileRefused(refusal % {"line": line}) from error
                yield Record(line, [], _("A quote inside a quoted text must be doubled."))
                continue
            except UnicodeError as error:
                raise FileRefused(
                    _("The file is cut off in the middle of a character, near line %(line)d. Export it again.")
                    % {"line": line}
                ) from error
            if any(cell.strip() for cell in cells):
                yield Record(line, cells)


def find_encoding(path: Path) -> str:
    """Return UTF-8, UTF-16 or Windows-1252, whichever the bytes are; never a guess that could store wrong letters silently."""
    with path.open("rb") as file:
        head = file.read(BLOCK)
    for signature, what in SIGNATURES.items():
        if head.startswith(signature):
            raise FileRefused(
                _("This is %(what)s, not a CSV file. Open it and save it as CSV (UTF-8).") % {"what": what}
            )
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return check_encoding(path, encoding)
    # Text in UTF-16 without a mark: every other byte of ordinary text is zero.
    if head[:4000].count(0) * 5 > len(head[:4000]):
        even, odd = head[:4000:2].count(0), head[1:4000:2].count(0)
        return check_encoding(path, "utf-16-le" if odd > even else "utf-16-be")
    if wrong_line(path, "utf-8") is None:
        if CONTROL.search(head):
            raise FileRefused(_("The file holds control characters: it is not text. Save it as CSV (UTF-8)."))
        return "utf-8"
    if not CONTROL.search(head) and wrong_line(path, "cp1252") is None:
        return "cp1252"
    raise FileRefused(
        _(
            "The file is neither UTF-8 nor UTF-16 nor Windows-1252. Save it as CSV (UTF-8), or say `encoding` in the mapping."
        )
    )


def check_encoding(path: Path, encoding: str) -> str:
    """Return the encoding if the whole file is in it; else raise FileRefused with the first line that is not."""
    try:
        # Some codecs turn bytes into bytes, such as zip and hex: they are no encodings of a text.
        "".encode(encoding)
    except (LookupError, UnicodeError) as error:
        raise FileRefused(
            _("`encoding` in the mapping says %(encoding)s, which is not the name of an encoding.")
            % {"encoding": encoding}
        ) from error
    line = wrong_line(path, encoding)
    if line is not None:
        refusal = _(
            "Line %(line)d is not in %(encoding)s. Save the file as CSV (UTF-8), or correct `encoding` in the mapping."
        )
        raise FileRefused(refusal % {"line": line, "encoding": encoding})
    return encoding


def wrong_line(path: Path, encoding: str) -> int | None:
    """The line of the first byte that is not in the encoding, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return line + block[: error.start].count(b"\n")
            line += text.count("\n")
            if not block:
                return None


def find_delimiter(path: Path, encoding: str) -> str:
    """The delimiter under which the first records agree best on their number of cells."""

    def fitness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(record.cells) for record in islice(cut(path, encoding, delimiter), 20) if not record.problem]
        except FileRefused:
            return (0, 0)
        if not widths or widths[0] < 2:
            return (0, 0)
        return (Counter(widths)[widths[0]] / len(widths), widths[0])

    return max(DELIMITERS, key=fitness)

"""What is wrong with an import: a file that is refused as a whole, a row that is rejected, and the file of rejected rows."""

import csv
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from intake.reading import Source

# A value is quoted in a message up to here; the whole cell stands in its own column.
SHOWN = 200
# Columns put before the file's own. An import of the mended file takes no notice of them.
ADDED = ("import line", "import column", "import value", "import reason")


class Rejection(NamedTuple):
    """One thing that is wrong with one row. `column` is the file's column, or empty if it is the row as a whole."""

    line: int
    column: str
    value: str
    reason: str


def write_rejected(source: Source, rejections: Mapping[int, Iterable[Rejection]], wished: Path | None) -> Path:
    """Write the rejected rows with what is wrong and their own cells, and return the file's path.

    The file is read once more for the cells: nothing is kept in memory for the rows that went in. It has the
    delimiter of the file and can be mended and imported with the same mapping.
    """
    path = wished or source.path.with_name(f"{source.path.stem}.rejected.csv")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:
        handle, name = tempfile.mkstemp(prefix=f"{source.path.stem}.rejected.", suffix=".csv")
        path = Path(name)
    with open(handle, "w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, delimiter=source.delimiter)
        writer.writerow([*ADDED, *source.header])
        for record in source.records():
            found = rejections.get(record.line)
            if found is None:
                continue
            problems = list(found)
            writer.writerow(
                [
                    record.line,
                    "; ".join(dict.fromkeys(problem.column for problem in problems if problem.column)),
                    "; ".join(dict.fromkeys(problem.value[:SHOWN] for problem in problems if problem.value)),
                    "; ".join(dict.fromkeys(problem.reason for problem in problems)),
                    *record.cells,
                ]
            )
    return path

"""Look up every leaf of a truth.json in our reports, as COVER.md says, and print a line per leaf that is covered.

python -m tests.realdata.comparing maven .../truth.json      (DATABASE_NAME says which database)
"""

import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

HERE = Path(__file__).resolve().parent
EMPTY_GROUP = ("(null)", "(none)")  # what the truth and what our reports call it
NOT_A_REPORT = "not a report"
NOT_YET = "no report yet"
GROUPS = "groups"


@dataclass(frozen=True, slots=True)
class Cover:
    """One line of COVER.md: which leaves it is about, and where our figure for them stands."""

    pattern: str
    report: str
    options: str
    figure: str

    @property
    def is_a_report(self) -> bool:
        return self.report not in (NOT_A_REPORT, NOT_YET)

    def match(self, leaf: tuple[str, ...]) -> tuple[str, ...] | None:
        """The parts of the leaf for which the pattern has a *, or None if it is about other leaves."""
        parts = self.pattern.split(" / ")
        open_ended = parts[-1] == "**"
        if open_ended:
            parts = parts[:-1]
            leaf = leaf[: len(parts)] if len(leaf) > len(parts) else ()
        if len(parts) != len(leaf) or any(part not in ("*", said) for part, said in zip(parts, leaf, strict=True)):
            return None
        return tuple(said for part, said in zip(parts, leaf, strict=True) if part == "*")


@dataclass(frozen=True, slots=True)
class Compared:
    leaf: str
    verdict: str  # equal, differs, uncovered, not a report
    ours: Any = None
    theirs: Any = None
    where: str = ""

    def __str__(self) -> str:
        if self.verdict == "uncovered":
            return f"uncovered  {self.leaf}  ({self.where})"
        return f"{self.verdict:9}  {self.leaf}  ours {self.ours}  theirs {self.theirs}  ({self.where})"


def cover_of(name: str, text: str) -> list[Cover]:
    """The lines of the table under the data set's heading."""
    section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    rows = [
        [cell.strip().strip("`") for cell in line.strip().strip("|").split(" | ")]
        for line in section.splitlines()
        if line.startswith("| `")
    ]
    return [Cover(*row) for row in rows]


def leaves(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every leaf with its path; a list is a leaf."""
    if isinstance(tree, Mapping):
        for key, branch in tree.items():
            yield from leaves(branch, (*path, key))
    else:
        yield path, tree


@cache
def report(name: str, options: str) -> dict[str, Any]:
    """What `manage.py report NAME OPTIONS --format json` prints."""
    out = io.StringIO()
    call_command("report", name, *split_options(options), "--format", "json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def split_options(options: str) -> list[str]:
    """The options as a shell would cut them: a space inside quotes stays."""
    return [part.replace('"', "") for part in re.findall(r'(?:[^\s"]|"[^"]*")+', options)]


def ours(cover: Cover, stars: tuple[str, ...]) -> Any:
    """Our figure: of the row whose group the last * names, or of the totals. A `{1}` in the options is the first *."""
    options = cover.options
    for place, said in enumerate(stars, start=1):
        options = options.replace(f"{{{place}}}", "" if said == EMPTY_GROUP[0] else said)
    found = report(cover.report, options)
    figure, _, where = cover.figure.partition(" where ")
    conditions = list(filter(None, where.split(" and ")))
    rows = found["rows"]
    if figure == GROUPS:
        return sum(1 for row in rows if row["key"] not in (None, "") and all(holds(row, each) for each in conditions))
    if found["by"]:
        group = EMPTY_GROUP[1] if stars[-1] == EMPTY_GROUP[0] else stars[-1]
        rows = [row for row in rows if group in (row[found["by"]], row["key"])]
    elif not where:
        rows = [found["totals"]]
    rows = [row for row in rows if all(holds(row, each) for each in conditions)]
    if not rows:
        # A group of which there is nothing has no row: its counts are 0, its rates and means are not there.
        return None if "." in figure else 0
    return dig(rows[0], figure)


def holds(row: Mapping[str, Any], condition: str) -> bool:
    """`column=text`, or `column>=number`."""
    column, least, number = condition.partition(">=")
    if least:
        return float(row[column]) >= float(number)
    column, _, value = condition.partition("=")
    return bool(row[column] == value)


def dig(row: Any, figure: str) -> Any:
    """The cell, and the part of it after a dot; `a / b` divides two of them."""
    if " / " in figure:
        above, below = (dig(row, part) for part in figure.split(" / "))
        return above / below if below else None
    for part in figure.split("."):
        row = row[part] if row is not None else None
    return row


def same(mine: Any, truth: Any) -> bool:
    """Equal to the digit: figures of the truth are rounded to six decimals."""
    if mine is None or truth is None:
        return mine is None and truth is None
    return round(float(mine), 6) == round(float(truth), 6)


def compare(covers: list[Cover], truth: Mapping[str, Any]) -> Iterator[Compared]:
    for leaf, value in leaves(truth):
        label = " / ".join(leaf)
        found = next(((cover, stars) for cover in covers if (stars := cover.match(leaf)) is not None), None)
        if found is None:
            yield Compared(label, "uncovered", where="no line of COVER.md is about it")
            continue
        cover, stars = found
        if not cover.is_a_report:
            yield Compared(label, NOT_A_REPORT if cover.report == NOT_A_REPORT else "uncovered", where=cover.figure)
            continue
        figure = ours(cover, stars)
        yield Compared(
            label,
            "equal" if same(figure, value) else "DIFFERS",
            figure,
            value,
            f"{cover.report} {cover.options} {cover.figure}",
        )


def main(name: str, truth_path: Path) -> int:
    """Print the comparison; 1 if a figure differs, or one that COVER.md must hold is not there."""
    django.setup()
    covers = cover_of(name, (HERE / "COVER.md").read_text(encoding="utf-8"))
    counts: Counter[str] = Counter()
    for compared in compare(covers, json.loads(truth_path.read_text(encoding="utf-8"))):
        counts[compared.verdict] += 1
        if compared.verdict != NOT_A_REPORT:
            sys.stdout.write(f"{compared}\n")
    sys.stdout.write(
        f"{name}: " + ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items())) + "\n"
    )
    return 1 if counts["DIFFERS"] or not counts["equal"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))

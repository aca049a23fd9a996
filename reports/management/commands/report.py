"""`manage.py report NAME`: a report as a table, CSV or JSON, with the figures of the whole workspace."""

import json
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.catalogue import REPORTS
from reports.computing import compute
from reports.parameters import NotAnswerable, Wish
from reports.rendering import Payload, as_csv, as_json, as_table
from reports.scope import Scope


def as_text_of_json(payload: Payload) -> str:
    return json.dumps(payload, indent=1, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Payload], str]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_text_of_json,
}


class Command(BaseCommand):
    help = "Prints a report, with every team's figures."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help=f"one of: {', '.join(REPORTS)}")
        parser.add_argument("--from", dest="since", default="", metavar="DAY", help="first day of the period")
        parser.add_argument("--to", dest="until", default="", metavar="DAY", help="last day of the period")
        parser.add_argument(
            "--by", default="", metavar="DIMENSION", help="what the rows are divided by; `all` for one row"
        )
        parser.add_argument("--view", default="", help="cohort or period")
        parser.add_argument("--compare", default="", help="previous or year")
        parser.add_argument(
            "--as-of", default="", metavar="MOMENT", help="a past day or moment; now, if it is left out"
        )
        parser.add_argument(
            "--filter",
            dest="filters",
            action="append",
            default=[],
            metavar="DIMENSION=VALUE",
            help="an empty value is the empty group",
        )
        parser.add_argument("--format", choices=FORMATS, default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with a sentence where the question cannot be answered."""
        wish = Wish(
            **{name: options[name] for name in ("name", "since", "until", "by", "view", "compare", "as_of")},
            filters=tuple(options["filters"]),
        )
        try:
            computed = compute(wish, Scope.all())
        except NotAnswerable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(FORMATS[options["format"]](as_json(computed)), ending="")

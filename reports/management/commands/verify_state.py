"""`manage.py verify_state`: proves that what is kept equals what the facts say, or names what differs."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from reports.verification.verifying import verify


class Command(BaseCommand):
    help = "Rebuild all derived rows from facts and compare. Exit 0: no difference; 1: differences, listed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify()
        if options["format"] == "json":
            report = {"checked": verdict.checked, "pending": verdict.pending, "differences": verdict.differing}
            if verdict.differing:
                report["differing"] = verdict.differences
            self.stdout.write(json.dumps(report))
        else:
            for table, count in verdict.checked.items():
                self.stdout.write(f"{count:>10}  {table}")
            for sentence in verdict.pending:
                self.stdout.write(f"pending: {sentence}")
            for sentence in verdict.differences:
                self.stdout.write(f"DIFFERS: {sentence}")
            self.stdout.write(f"{verdict.differing} differences")
        if verdict.differing:
            sys.exit(1)

"""`manage.py rescore`: judge leads anew, now; or, as of a past moment, say what would differ."""

import json
import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from leads.models import Checklist, GateChange, Lead
from leads.qualification import settle
from leads.scores import Rescored, compare_as_of
from leads.sweeping import rescore_now
from users.moments import past_moment


def moment(text: str) -> datetime:
    try:
        return past_moment(text)
    except ValidationError as refused:
        raise CommandError(refused.message) from None


class Command(BaseCommand):
    help = "Rescore all leads, or some. --as-of needs --dry-run: the past is judged, never rewritten."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--all", action="store_true", help="every checklist")
        which.add_argument("--lead", type=int, nargs="+", metavar="ID", help="these leads")
        parser.add_argument("--as-of", metavar="T", help="judge as known at this moment; needs --dry-run")
        parser.add_argument("--dry-run", action="store_true", help="write nothing, only count what would change")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["as_of"] and not options["dry_run"]:
            raise CommandError(_("--as-of needs --dry-run: rescore writes only for now."))
        started = time.monotonic()
        ids = None if options["all"] else self._checklists(options["lead"])
        if options["dry_run"]:
            done = compare_as_of(ids, moment(options["as_of"]) if options["as_of"] else None)
        elif ids is None:
            done, _seconds = rescore_now()
        else:
            done = settle(ids, cause=GateChange.Cause.EDIT)
        self._say(done, time.monotonic() - started, options["format"])

    def _checklists(self, lead_ids: list[int]) -> list[int]:
        unknown = set(lead_ids) - set(Lead.objects.filter(pk__in=lead_ids).values_list("pk", flat=True))
        if unknown:
            raise CommandError(_("There is no lead %(ids)s.") % {"ids": ", ".join(map(str, sorted(unknown)))})
        return list(Checklist.objects.filter(lead__in=lead_ids).values_list("pk", flat=True))

    def _say(self, done: Rescored, seconds: float, format: str) -> None:
        figures = {"scored": done.scored, "changed": done.changed, "seconds": round(seconds, 3)}
        if format == "json":
            self.stdout.write(json.dumps(figures))
        else:
            self.stdout.write(_("%(scored)d scored, %(changed)d changed, %(seconds).3f s") % figures)

"""`manage.py demo`: a believable company in an empty database, for the embedded product only."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from intake.demo.telling import tell_all
from leads.models import Lead
from users.facts import database_now
from users.models import User


class Command(BaseCommand):
    help = "Fill an empty database with the demo: people, leads, deals of eighteen months."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--leads", type=int, default=1200)
        parser.add_argument("--events", type=int, default=9000, help="about how many")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--until", type=date.fromisoformat, help="last day of the story; default: today")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when people are there already")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError(
                _("The demo has accounts with a published password, so it runs only on the servers of make run.")
            )
        if User.objects.exists() or Lead.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError(_("The database is not empty. make reset empties the embedded one."))
        if options["leads"] < 1 or options["events"] < 0:
            raise CommandError(_("Give at least one lead, and no negative number of events."))
        now = database_now()
        figures = tell_all(
            leads=options["leads"],
            events=options["events"],
            seed=options["seed"],
            until=options["until"] or now.date(),
            now=now,
        )
        if options["format"] == "json":
            self.stdout.write(json.dumps(figures))
        else:
            self.stdout.write(", ".join(f"{count} {name}" for name, count in figures.items()))

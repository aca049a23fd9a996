"""`manage.py setup`: the first start on servers of one's own."""

import getpass
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from intake.setting_up import SetUpRefused, make_administrator, set_up
from users.models import Role, User


class Command(BaseCommand):
    help = "First start on servers: the workspace with its zone and currency, the starter pack, and the administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", help="the workspace's name (SETUP_NAME)")
        parser.add_argument("--zone", help="time zone of days, months and quarters, such as Europe/Oslo (SETUP_ZONE)")
        parser.add_argument("--currency", help="three letters, such as EUR (SETUP_CURRENCY)")
        parser.add_argument("--admin", help="user name of the administrator to make (SETUP_ADMIN)")
        parser.add_argument("--admin-name", default="", help="the administrator's name as shown")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the administrator's password from standard input"
        )
        parser.add_argument(
            "--no-input", "--noinput", action="store_true", help="ask nothing; what is not given keeps its default"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asks = sys.stdin.isatty() and not options["no_input"] and not options["password_stdin"]
        wanted = {
            key: options[key] or os.environ.get(f"SETUP_{key.upper()}") or (self._ask(question) if asks else None)
            for key, question in [
                ("name", "Name of the workspace"),
                ("zone", "Time zone, such as Europe/Oslo"),
                ("currency", "Currency, such as EUR"),
            ]
        }
        has_administrator = User.objects.filter(role=Role.ADMINISTRATOR).exists()
        admin = options["admin"] or os.environ.get("SETUP_ADMIN")
        if not admin and not has_administrator and asks:
            admin = self._ask("User name of the administrator")
        try:
            with transaction.atomic():
                workspace = set_up(wanted["name"], wanted["zone"], wanted["currency"])
                # Set up again, with the same words, is no error: the administrator is there already.
                made = None
                if admin and not User.objects.filter(username__iexact=admin, role=Role.ADMINISTRATOR).exists():
                    made = make_administrator(
                        admin, options["admin_name"], self._password(options["password_stdin"], asks)
                    )
        except SetUpRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{workspace.name}: zone {workspace.zone}, currency {workspace.currency}. Policies are shipped, unsigned."
        )
        if made:
            self.stdout.write(f"Administrator {made.username} can sign in.")
        elif not has_administrator:
            self.stdout.write("There is no administrator yet: run this again with --admin NAME --password-stdin.")

    def _ask(self, question: str) -> str | None:
        return input(f"{question} (empty: leave as it is): ").strip() or None

    def _password(self, from_stdin: bool, asks: bool) -> str:
        if from_stdin:
            return sys.stdin.readline().rstrip("\r\n")
        if not asks:
            raise CommandError("Give the administrator's password with --password-stdin, or run this in a terminal.")
        password = getpass.getpass("Password of the administrator: ")
        if password != getpass.getpass("Once more: "):
            raise CommandError("The two passwords differ; nothing was set up.")
        return password

"""`manage.py api_key`: make, list and revoke keys of programs."""

import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from users.keys import create_key, revoke_key
from users.models import ApiKey, User

Verb = Callable[[dict[str, Any]], Any]


class Command(BaseCommand):
    help = "API keys: create (the key is shown once), list, revoke."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a key that acts as a user")
        create.add_argument("--user", required=True, help="user name")
        create.add_argument("--name", default="", help="what the key is for")
        create.add_argument("--scopes", default="read", help="read, or read,write")
        create.add_argument("--days", type=int, default=365, help="days until it expires; 0: never")
        verbs.add_parser("list", help="the keys, without their secret")
        revoke = verbs.add_parser("revoke", help="make a key useless")
        revoke.add_argument("key", help="the beginning of the key, as `list` shows it")
        for verb in verbs.choices.values():
            verb.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        verbs: dict[str, Verb] = {"create": self.create, "list": self.list_keys, "revoke": self.revoke}
        verb = verbs[options["verb"]]
        told: dict[str, Any] | list[dict[str, Any]] = verb(options)
        if options["format"] == "json":
            self.stdout.write(json.dumps(told, default=str))
        else:
            rows = told if isinstance(told, list) else [told]
            for row in rows:
                self.stdout.write("  ".join(f"{name}: {value}" for name, value in row.items()))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        user = User.objects.filter(username__iexact=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']}.")
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        try:
            key, text = create_key(user, name=options["name"], scopes=scopes, days=options["days"] or None)
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        return {"key": text, "user": user.username, "scopes": ",".join(key.scopes), "expires": key.expiry or "never"}

    def list_keys(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "key": key.token_key,
                "user": key.user.username,
                "name": key.name,
                "scopes": ",".join(key.scopes),
                "created": key.created.isoformat(),
                "expires": key.expiry.isoformat() if key.expiry else "never",
            }
            for key in ApiKey.objects.select_related("user").order_by("created")
        ]

    def revoke(self, options: dict[str, Any]) -> dict[str, Any]:
        found = list(ApiKey.objects.filter(token_key=options["key"][:15]))
        if len(found) != 1:
            raise CommandError(f"{len(found)} keys begin with {options['key']}; `api_key list` shows them.")
        revoke_key(found[0].digest)
        return {"revoked": found[0].token_key}

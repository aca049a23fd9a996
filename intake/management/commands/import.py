"""`manage.py import KIND FILE`: take in a file of teams, users, products, accounts, contacts, campaigns, leads, opportunities or events."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from intake.importing import Imported, import_file
from intake.kinds import KINDS
from intake.mapping import MappingRefused, load_mapping
from intake.reading import FileRefused
from users.models import User
from users.rights import Forbidden


class Command(BaseCommand):
    help = "Imports a delimited text file. Rows that cannot go in are written to a file beside it; mend them and import that file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping",
            type=Path,
            help="JSON that says what the columns mean; without it they are known by their names",
        )
        parser.add_argument("--dry-run", action="store_true", help="check everything and write nothing")
        parser.add_argument(
            "--update-by", default="", metavar="FIELD", help="find existing records by this field alone"
        )
        parser.add_argument(
            "--create-missing",
            default="",
            metavar="FIELD,...",
            help="make what these fields name and is not there: owner,account,...",
        )
        parser.add_argument(
            "--errors", type=Path, metavar="FILE", help="where to list rejected rows (default: beside the file)"
        )
        parser.add_argument("--by", default="", metavar="USERNAME", help="who imports: it is kept with the import")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = import_file(
                options["kind"],
                options["file"],
                load_mapping(options["mapping"]) if options["mapping"] else None,
                update_by=options["update_by"],
                create_missing=frozenset(filter(None, (name.strip() for name in options["create_missing"].split(",")))),
                dry_run=options["dry_run"],
                errors_path=options["errors"],
                by=somebody(options["by"]) if options["by"] else None,
            )
        except (FileRefused, Forbidden, MappingRefused) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            json.dumps(done.as_json()) if options["format"] == "json" else in_words(done, dry_run=options["dry_run"])
        )


def somebody(username: str) -> User:
    """Raises CommandError."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(_("Nobody who is active signs in as “%(name)s”.") % {"name": username})
    return user


def in_words(done: Imported, *, dry_run: bool) -> str:
    """The result for a person to read."""
    words = {
        "read": done.read,
        "created": done.created,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "rejected": done.rejected,
    }
    lines = [
        _(
            "%(read)d rows read: %(created)d created, %(updated)d updated, %(unchanged)d unchanged, %(rejected)d rejected"
        )
        % words
    ]
    if not done.read:
        lines.append(_("The file has a header and no rows below it."))
    if done.unmapped:
        lines.append(_("Columns that nothing takes: %(columns)s") % {"columns": ", ".join(done.unmapped)})
    if done.encoding not in ("utf-8", "utf-8-sig"):
        lines.append(
            _("Read as %(encoding)s. If letters look wrong, say `encoding` in the mapping.")
            % {"encoding": done.encoding}
        )
    if done.errors_file:
        lines.append(
            _("Rejected rows, with the reasons: %(path)s. Mend them there and import that file.")
            % {"path": done.errors_file}
        )
    if dry_run:
        lines.append(_("A trial run: nothing was written."))
    return "\n".join(lines)

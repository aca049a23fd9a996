#!/usr/bin/env python
"""Django's command line. `./manage.sh` calls it with the servers of `make run`."""

import os
import secrets
import sys

# These change the schema, and so run as the role that owns it.
OWNER_COMMANDS = {"createcachetable", "grant_app_role", "migrate"}
# These read the code only, so they need no server and no secret.
OFFLINE_COMMANDS = {"check", "collectstatic", "compilemessages", "makemessages", "makemigrations", "spectacular"}


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadqual.settings")
    if command in OWNER_COMMANDS:
        os.environ["DATABASE_AS_OWNER"] = "1"
    if command in OFFLINE_COMMANDS and "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = "postgres://leadqual_app@localhost/leadqual"
        os.environ.setdefault("REDIS_URL", "redis://localhost")
        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

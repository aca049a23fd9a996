"""Roles and databases inside the private PostgreSQL.

Two roles, as on servers: the owner makes databases and migrates, the app reads and writes rows. Neither is a superuser.
"""

import os
import secrets
from urllib.parse import quote

from launch.places import LOCAL
from launch.servers import Servers
from launch.speech import refuse

OWNER = "leadqual_owner"
APP = "leadqual_app"
MAIN = "leadqual"


def ensure(servers: Servers, name: str = MAIN) -> bool:
    """Make both roles and the named database if they are missing. Return whether the database is new."""
    for role, rights in ((OWNER, "CREATEDB"), (APP, "NOCREATEDB")):
        if not ask(servers, f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'"):
            ask(servers, f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEROLE {rights}")
    if exists(servers, name):
        return False
    ask(servers, f'CREATE DATABASE "{name}" OWNER {OWNER} TEMPLATE template0')
    return True


def exists(servers: Servers, name: str) -> bool:
    return bool(ask(servers, f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def ask(servers: Servers, statement: str) -> str:
    """Run a statement as the superuser of the private cluster and return its answer."""
    done = servers.psql(statement)
    if done.returncode:
        refuse(f"PostgreSQL refused: {done.stderr.strip()}")
    return done.stdout.strip()


def environment(servers: Servers) -> dict[str, str]:
    """The variables by which the product finds these servers."""
    host = quote(str(servers.sockets), safe="")
    return {
        "DATABASE_URL": f"postgres://{APP}@{host}/{MAIN}",
        "DATABASE_OWNER_URL": f"postgres://{OWNER}@{host}/{MAIN}",
        "REDIS_URL": f"unix://{servers.valkey_socket}",
        "SECRET_KEY": secret_key(),
        "PLAIN_HTTP": "1",
        "EMBEDDED": "1",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        # psql and pg_dump of the same version, for `./manage.sh dbshell`.
        "PATH": f"{servers.programs}{os.pathsep}{os.environ.get('PATH', '')}",
        "STATIC_ROOT": str(LOCAL / "static"),
        # libpq would look for Kerberos, and on macOS a forked worker would crash in it.
        "PGGSSENCMODE": "disable",
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
    }


def secret_key() -> str:
    """This checkout's own secret, made on the first start and readable by its owner alone."""
    path = LOCAL / "secret_key"
    if not path.exists():
        LOCAL.mkdir(exist_ok=True)
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()

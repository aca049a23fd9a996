"""Where things lie."""

import os
import pwd
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
# Everything that a run leaves behind; `make reset` removes it.
LOCAL = ROOT / ".local"
REQUIREMENTS = ROOT / "requirements"


def may_be_entered_by_others(path: Path) -> bool:
    """Whether an account without rights can reach this folder: each folder on the way lets others through."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


def user_name() -> str:
    """The account this process runs as; refused by PostgreSQL if it has no name."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return ""

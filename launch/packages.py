"""The virtual environment, made from the hash-checked locks, and made anew when a lock changes."""

import fcntl
import hashlib
import shutil
import subprocess
import sys

from launch.places import LOCAL, PYTHON, REQUIREMENTS, VENV
from launch.speech import refuse, say

RUN = ("base", "embedded")
TEST = (*RUN, "dev")


def ensure(locks: tuple[str, ...]) -> None:
    """Install the named locks into .venv unless they are installed already.

    Raises Refused if Python can make no environment, or if a package cannot be had.
    """
    LOCAL.mkdir(exist_ok=True)
    with open(LOCAL / "packages.lock", "w") as lock:  # `make run` and `make test` may begin at the same time
        fcntl.flock(lock, fcntl.LOCK_EX)
        contents = b"".join((REQUIREMENTS / f"{name}.txt").read_bytes() for name in locks)
        wanted = hashlib.sha256(contents + sys.version.encode()).hexdigest()
        stamp = VENV / f".installed-{locks[-1]}"
        if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
            return
        if not PYTHON.exists():
            make_environment()
        say(f"installing packages ({', '.join(locks)}), hash-checked")
        files = [argument for name in locks for argument in ("-r", str(REQUIREMENTS / f"{name}.txt"))]
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        done = subprocess.run([*pip, "--only-binary", ":all:", "--require-hashes", *files])
        if done.returncode:
            refuse(
                "The packages could not be installed; pip's message above says which. Is there a network, and a wheel for this platform?"
            )
        stamp.write_text(wanted)


def make_environment() -> None:
    """Make .venv, also where Debian has split ensurepip off into python3-venv."""
    say("making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    bare = subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], capture_output=True)
    pip = subprocess.run([sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--quiet", "pip"])
    if bare.returncode or pip.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        refuse("This Python can make no virtual environment. On Debian or Ubuntu: apt-get install python3-venv")

"""The private PostgreSQL and Valkey of this checkout.

Both listen on Unix sockets below a private folder and on no port, so that nothing can collide. There is one
stack for `make run` (durable) and one for `make test` (fast), and both may be up.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import IO, Any

from launch import binaries
from launch.places import LOCAL, ROOT, may_be_entered_by_others, user_name
from launch.processes import Children
from launch.speech import refuse, say

START_SECONDS = 60
SUPERUSER = "postgres"


class Servers:
    """PostgreSQL and Valkey under one lock."""

    def __init__(self, name: str, *, durable: bool) -> None:
        self.name, self.durable = name, durable
        self.children = Children(name)
        tag = hashlib.sha256(f"{ROOT}:{name}".encode()).hexdigest()[:8]
        # Not tempfile.gettempdir(): on macOS its path is longer than the 104 bytes that a socket's address may have.
        self.sockets = Path(f"/tmp/lq-{os.geteuid()}-{tag}")
        self.data = LOCAL / name
        self.programs = binaries.postgres()
        self.valkey = binaries.valkey()
        self.step_down: dict[str, Any] = {}
        self.lock: IO[str] | None = None
        # Where copies of the programs must lie, if the account that runs them cannot reach the originals.
        self.copies: Path | None = None
        if os.geteuid() == 0:
            self.leave_root(tag)
        elif not user_name():
            refuse(
                f"User id {os.geteuid()} has no name, and PostgreSQL needs one. Set DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL instead."
            )

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def postgres_socket(self) -> Path:
        return self.sockets / ".s.PGSQL.5432"

    def leave_root(self, tag: str) -> None:
        """PostgreSQL refuses to run as root: let it run as `nobody`, from folders that `nobody` can reach."""
        nobody = pwd.getpwnam("nobody")
        self.step_down = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        LOCAL.mkdir(exist_ok=True)
        base = Path(f"/var/tmp/lq-{tag}")
        if not may_be_entered_by_others(LOCAL):
            self.data = base / self.name
        if not all(may_be_entered_by_others(folder) for folder in (self.programs, self.valkey.parent)):
            self.copies = base / "programs"

    def copy_programs(self, copies: Path) -> None:
        """Put PostgreSQL and Valkey where `nobody` can run them."""
        # The libraries of the wheel lie beside the package and are found by a relative path.
        package = self.programs.parent.parent
        if not copies.exists():
            unfinished = copies.with_name("programs.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            shutil.copytree(package, unfinished / package.name, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, unfinished / libraries.name)
            shutil.copy2(self.valkey, unfinished / "valkey-server")
            for path in [unfinished, *unfinished.rglob("*")]:  # whatever umask pip has had
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            unfinished.rename(copies)
        self.programs = copies / self.programs.relative_to(package.parent)
        self.valkey = copies / "valkey-server"
        self.copies = None

    # --- one stack a checkout ------------------------------------------------------------------------------

    def claim(self, purpose: str) -> bool:
        """Take this checkout's lock, which the kernel frees when we die; False if somebody has it."""
        LOCAL.mkdir(exist_ok=True)
        lock = open(LOCAL / f"{self.name}.lock", "a+")  # noqa: SIM115  # held until stop()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self.lock = lock
        self.announce(purpose)
        return True

    def announce(self, text: str) -> None:
        """Write into the lock what a second one shall be told."""
        assert self.lock is not None
        self.lock.truncate(0)
        self.lock.write(text)
        self.lock.flush()

    def holder(self) -> str:
        """What the one who has the lock announced."""
        lock = LOCAL / f"{self.name}.lock"
        return lock.read_text().strip() if lock.exists() else ""

    # --- start and stop ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start both and wait until they answer. Raises Refused if they do not within a minute."""
        self.children.reap()
        if self.data.parent != LOCAL:
            say(f"{ROOT} can be read by root alone, so the databases lie in {self.data.parent}")
        if self.step_down:
            self.make_passable(self.data.parent)
        if self.copies:
            self.make_passable(self.copies.parent)
            self.copy_programs(self.copies)
        for folder in (self.sockets, self.data, self.data / "valkey"):
            self.own(folder)
        env = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
        cluster = self.data / "pg"
        if not (cluster / "PG_VERSION").exists():
            self.make_cluster(cluster, env)
        self.refuse_other_version(cluster)
        self.children.start(
            "postgres", [self.programs / "postgres", "-D", cluster, *self.postgres_settings()],
            env=env, cwd="/", stop_signal=signal.SIGINT, **self.step_down,
        )  # fmt: skip
        save = [
            "--save",
            "",
            "--appendonly",
            "yes" if self.durable else "no",
            "--maxmemory-policy",
            "noeviction",
            # Its title would no longer be the command by which a left-over is known.
            "--set-proc-title",
            "no",
        ]
        self.children.start(
            "valkey", [self.valkey, "--port", "0", "--unixsocket", self.valkey_socket, "--unixsocketperm", "700", "--dir", self.data / "valkey", *save],
            env=env, cwd="/", **self.step_down,
        )  # fmt: skip
        self.wait()

    def stop(self) -> None:
        self.children.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)
        if self.lock:
            self.lock.close()
            self.lock = None

    def wait(self) -> None:
        """Wait until both sockets take a connection and PostgreSQL has finished starting up."""
        end = time.monotonic() + START_SECONDS
        while not (accepts(self.valkey_socket) and self.psql("SELECT 1").returncode == 0):
            dead = [
                child.name for child in self.children.children if child.process and child.process.poll() is not None
            ]
            if dead or time.monotonic() > end:
                which = ", ".join(dead) or "PostgreSQL or Valkey"
                refuse(f"{which} did not start. The last lines of {LOCAL}/{self.name}-*.log say why.")
            time.sleep(0.05)

    def psql(
        self, statement: str, database: str = "postgres", user: str = SUPERUSER
    ) -> subprocess.CompletedProcess[str]:
        """Run one statement over the private socket; the answer is unaligned text without headings."""
        command: list[str | Path] = [
            self.programs / "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.sockets,
            "-U",
            user,
            "-d",
            database,
            "-c",
            statement,
        ]
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PGGSSENCMODE": "disable"})

    def make_cluster(self, cluster: Path, env: dict[str, str]) -> None:
        say("making the database cluster")
        # Text compares by code point, but lower(), ILIKE and pg_trgm know every script: plain C would know ASCII only.
        if binaries.postgres_version(self.programs) >= 17:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        else:
            locale = ["--locale=C", "--lc-ctype=C.UTF-8"]
        command: list[str | Path] = [
            self.programs / "initdb",
            "-D",
            cluster,
            "-U",
            SUPERUSER,
            "--auth=trust",
            "-E",
            "UTF8",
            *locale,
            "--no-instructions",
        ]
        done = subprocess.run(
            [*command, *([] if self.durable else ["--no-sync"])],
            env=env,
            cwd="/",
            capture_output=True,
            text=True,
            **self.step_down,
        )
        if done.returncode:
            shutil.rmtree(cluster, ignore_errors=True)
            refuse(f"The database cluster could not be made in {cluster}: {done.stderr.strip()}")

    def refuse_other_version(self, cluster: Path) -> None:
        made, here = (cluster / "PG_VERSION").read_text().strip(), binaries.postgres_version(self.programs)
        if int(made) != here:
            refuse(
                f"{cluster} was made by PostgreSQL {made}, and this is {here}. Keep what you need with pg_dump of version {made}, then: make reset"
            )

    def postgres_settings(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "shared_buffers": "128MB",
            "max_connections": "80",
            # Compiling a statement costs more than these statements take.
            "jit": "off",
            # Containers often have a tiny /dev/shm.
            "dynamic_shared_memory_type": "mmap",
            "logging_collector": "off",
            "timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def make_passable(self, folder: Path) -> None:
        """Make a folder of ours that others may walk through; refuse one that somebody else has put there."""
        folder.mkdir(exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
            refuse(f"{folder} belongs to somebody else; remove it and start again.")
        folder.chmod(0o755)

    def own(self, folder: Path) -> None:
        """Make a folder that only the servers' account may enter."""
        folder.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), self.step_down.get("user", os.geteuid())}:
            refuse(f"{folder} belongs to somebody else; remove it and start again.")
        folder.chmod(0o700)
        if self.step_down:
            os.chown(folder, self.step_down["user"], self.step_down["group"])


def accepts(path: Path) -> bool:
    """Whether a server takes connections on this socket."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True

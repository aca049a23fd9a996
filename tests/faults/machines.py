"""Real workers, real web servers and a broker of their own, which a test may kill, freeze and start again."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from django.db import connection

from launch import binaries, product
from launch.places import BIN, ROOT


def wait_until(done: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until `done()` is true and return the seconds it took. Fails the test after `seconds`, saying `what`."""
    begun = time.monotonic()
    while not done():
        assert time.monotonic() - begun < seconds, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.1)
    return time.monotonic() - begun


class Machine:
    """One process in a session of its own, so that killing it reaches its children and nothing else."""

    def __init__(self, name: str, command: list[str], env: Mapping[str, str], log: Path) -> None:
        self.name, self.command, self.env, self.log = name, command, env, log
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.env),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and all its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """kill -9, children included, as a power cut would."""
        self.signal(signal.SIGKILL)
        self.wait()

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def stop(self) -> None:
        """Ask it to stop, and kill it after 15 seconds."""
        assert self.process is not None
        if self.process.poll() is None:
            self.thaw()
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def wait(self) -> None:
        assert self.process is not None
        self.process.wait(15)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def output(self) -> str:
        return self.log.read_text(errors="replace")


class Machines:
    """The machines of one test, against its test database."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        # Not pytest's own folder: the address of a socket is limited to 104 bytes.
        self.sockets = Path(tempfile.mkdtemp(prefix="lq-", dir="/tmp"))
        self.started: list[Machine] = []

    @property
    def broker_socket(self) -> Path:
        return self.sockets / "broker.sock"

    @property
    def broker_url(self) -> str:
        return f"unix://{self.broker_socket}"

    @property
    def celery_url(self) -> str:
        """The broker's address as Celery writes it."""
        return f"redis+socket://{self.broker_socket}"

    def environment(self, **extra: str) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_NAME": str(connection.settings_dict["NAME"]),
            "REDIS_URL": self.broker_url,
            # A killed worker's task comes back in seconds instead of minutes.
            "BROKER_VISIBILITY_SECONDS": "5",
            "PYTHONUNBUFFERED": "1",
            **extra,
        }

    def start_broker(self) -> Machine:
        """A Valkey that keeps nothing on disk: killed and started again, it is empty."""
        command = [str(binaries.valkey()), "--port", "0", "--unixsocket", str(self.broker_socket), "--save", ""]
        machine = self.add("broker", [*command, "--dir", str(self.sockets)])
        wait_until(lambda: accepts(socket.AF_UNIX, str(self.broker_socket)), 10, "the start of the broker")
        return machine

    def start_worker(self, **extra: str) -> Machine:
        """A Celery worker as in production, ready to consume."""
        program, *arguments = product.worker()
        machine = self.add("worker", [str(BIN / program), *arguments], **extra)
        wait_until(lambda: "ready." in machine.output(), 30, "the start of the worker")
        return machine

    def start_beat(self, **extra: str) -> Machine:
        """Celery beat, which asks for a sweep every second instead of every half minute."""
        program, *arguments = product.beat(self.sockets / "beat-schedule")
        return self.add("beat", [str(BIN / program), *arguments], **{"SWEEP_SECONDS": "1", **extra})

    def start_web(self, **extra: str) -> tuple[Machine, str]:
        """gunicorn as in production; returns it with its URL."""
        with contextlib.closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        program, *arguments = product.web(f"127.0.0.1:{port}")
        machine = self.add("web", [str(BIN / program), *arguments], **extra)
        wait_until(lambda: accepts(socket.AF_INET, ("127.0.0.1", port)), 30, "the start of the web server")
        return machine, f"http://127.0.0.1:{port}"

    def add(self, name: str, command: list[str], **extra: str) -> Machine:
        log = self.logs / f"{name}-{len(self.started)}.log"
        machine = Machine(name, command, self.environment(**extra), log)
        self.started.append(machine)
        return machine

    def stop(self) -> None:
        for machine in reversed(self.started):
            machine.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)


def accepts(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with contextlib.closing(socket.socket(family)) as client:
        return client.connect_ex(address) == 0

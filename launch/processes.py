"""Children: started, watched, restarted with back-off, stopped in order, and reaped after a crash."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from launch.places import LOCAL
from launch.speech import say

# A child that lived this long was healthy, and its next restart is immediate again.
HEALTHY_SECONDS = 60.0
LONGEST_PAUSE = 30.0


def pause_before_restart(failures: int) -> float:
    """Seconds to wait after the given number of failures in a row: 0.5, 1, 2, 4 ... at most 30."""
    return min(LONGEST_PAUSE, 0.5 * 2.0 ** (failures - 1))


def command_of(pid: int) -> str:
    """The command line of a process, or nothing if it is gone."""
    proc = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        with contextlib.suppress(OSError):
            return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()


@dataclass
class Child:
    """One process and how it is started again."""

    name: str
    command: list[str]
    options: dict[str, Any]
    # PostgreSQL reads SIGTERM as "wait for all clients to leave", SIGINT as "stop now, in order".
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    restart_at: float | None = None


@dataclass
class Children:
    """All processes of one stack, in the order in which they need each other."""

    stack: str
    children: list[Child] = field(default_factory=list)

    @property
    def pid_file(self) -> Path:
        return LOCAL / f"{self.stack}.pids"

    def log_of(self, name: str) -> Path:
        return LOCAL / f"{self.stack}-{name}.log"

    def start(
        self,
        name: str,
        command: list[str | Path],
        *,
        env: Mapping[str, str],
        stop_signal: signal.Signals = signal.SIGTERM,
        **options: Any,
    ) -> Child:
        """Start a process in a session of its own, so that Ctrl-C reaches the launcher alone."""
        child = Child(name, [str(part) for part in command], {"env": dict(env), **options}, stop_signal)
        self.children.append(child)
        self.spawn(child)
        return child

    def spawn(self, child: Child) -> None:
        with open(self.log_of(child.name), "ab") as log:
            child.process = subprocess.Popen(
                child.command,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **child.options,
            )
        child.started, child.restart_at = time.monotonic(), None
        command = command_of(child.process.pid)
        while not command and child.process.poll() is None:  # for a moment after exec the kernel shows none
            time.sleep(0.01)
            command = command_of(child.process.pid)
        with open(self.pid_file, "a") as pids:
            pids.write(f"{child.process.pid} {child.stop_signal.value} {command}\n")

    def watch(self) -> None:
        """Start again what has died, later each time it dies young. Call it a few times a second."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None or child.process.poll() is None:
                continue
            if child.restart_at is None:
                child.failures = 1 if now - child.started > HEALTHY_SECONDS else child.failures + 1
                pause = pause_before_restart(child.failures)
                child.restart_at = now + pause
                say(
                    f"{child.name} stopped (exit {child.process.returncode}); starting it again in {pause:g} s; see {self.log_of(child.name)}"
                )
            elif now >= child.restart_at:
                self.spawn(child)

    def stop(self) -> None:
        """Stop all, the last started first; kill what has not stopped after 15 seconds."""
        for child in reversed(self.children):
            process = child.process
            if process is None or process.poll() is not None:
                continue
            process.send_signal(child.stop_signal)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                say(f"{child.name} did not stop within 15 s; killing it")
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)
        self.children.clear()
        self.pid_file.unlink(missing_ok=True)

    def reap(self) -> None:
        """Stop what a killed launcher has left behind: the pids it wrote down that still run the same command."""
        orphans: list[tuple[int, int]] = []
        if self.pid_file.exists():
            for line in self.pid_file.read_text().splitlines():
                words = line.split(" ", 2)
                if (
                    len(words) == 3
                    and words[0].isdigit()
                    and words[1].isdigit()
                    and command_of(int(words[0])) == words[2]
                ):
                    orphans.append((int(words[0]), int(words[1])))
        for pid, stop_signal in reversed(orphans):
            say(f"stopping process {pid}, left behind by a run that was killed")
            stop_process_group(pid, stop_signal)
        self.pid_file.unlink(missing_ok=True)


def stop_process_group(pid: int, stop_signal: int) -> None:
    """Ask a process to stop, and kill it with its children if it has not stopped after 15 seconds."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, stop_signal)
        for _ in range(150):
            if not command_of(pid):
                return
            time.sleep(0.1)
        os.killpg(pid, signal.SIGKILL)

"""The launcher's own decisions: ports, servers, back-off, orphans, one stack a checkout."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launch import __main__ as front_door
from launch import commands, packages, places, processes, servers
from launch.processes import Children, command_of, pause_before_restart
from launch.servers import Servers
from launch.speech import Refused

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of its own, so that no test touches the servers it runs on."""
    for module in (places, processes, servers, commands, packages):
        monkeypatch.setattr(module, "LOCAL", tmp_path, raising=False)
    return tmp_path


@pytest.fixture
def children(local: Path) -> Children:
    return Children("trial")


def test_pauses_grow_to_half_a_minute() -> None:
    assert [pause_before_restart(failures) for failures in (1, 2, 3, 4, 20)] == [0.5, 1, 2, 4, 30]


def test_half_of_the_services_is_refused_with_the_missing_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/leadqual")
    monkeypatch.delenv("REDIS_URL", raising=False)
    with pytest.raises(Refused, match="DATABASE_URL is set and REDIS_URL is not"):
        commands.services_mode()


@pytest.mark.parametrize(("database", "redis", "services"), [("", "", False), ("postgres://x/y", "redis://x", True)])
def test_servers_of_ones_own_are_used_when_both_are_named(
    monkeypatch: pytest.MonkeyPatch, database: str, redis: str, services: bool
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("REDIS_URL", redis)
    assert commands.services_mode() is services


def test_a_port_in_use_is_refused_with_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(Refused, match=f"make run PORT={port + 1}"):
            commands.choose_port()


@pytest.mark.parametrize("nonsense", ["web", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, nonsense: str) -> None:
    monkeypatch.setenv("PORT", nonsense)
    with pytest.raises(Refused, match="is no port number"):
        commands.choose_port()


def test_a_process_that_dies_is_started_again_after_a_pause(children: Children) -> None:
    child = children.start("brief", [sys.executable, "-c", ""], env=os.environ)
    assert child.process is not None
    first = child.process.pid
    child.process.wait(10)
    children.watch()
    assert child.failures == 1
    assert child.restart_at is not None
    child.restart_at = time.monotonic()
    children.watch()
    assert child.process.pid != first
    children.stop()


def test_children_stop_in_the_opposite_order(children: Children, local: Path) -> None:
    said = local / "said"
    for name in ("first", "second"):
        code = (
            "import pathlib, signal, sys, time\n"
            f"def end(*_):\n  open({str(said)!r}, 'a').write({name!r} + ' '); sys.exit()\n"
            f"signal.signal(signal.SIGTERM, end); pathlib.Path({str(local / name)!r}).touch(); time.sleep(60)"
        )
        children.start(name, [sys.executable, "-c", code], env=os.environ)
    while not ((local / "first").exists() and (local / "second").exists()):
        time.sleep(0.02)
    children.stop()
    assert said.read_text().split() == ["second", "first"]
    assert not children.pid_file.exists()


def test_what_a_killed_run_left_behind_is_stopped_and_strangers_are_not(children: Children) -> None:
    orphan = subprocess.Popen(SLEEPER, start_new_session=True)
    stranger = subprocess.Popen(SLEEPER, start_new_session=True)
    try:
        children.pid_file.write_text(
            f"{orphan.pid} {signal.SIGTERM.value} {command_of(orphan.pid)}\n"
            # A pid that another program has been given since.
            f"{stranger.pid} {signal.SIGTERM.value} postgres -D somewhere\n"
        )
        # The orphan is this test's child, so somebody must collect it, as init does for a real one.
        signal.signal(signal.SIGCHLD, lambda *_: orphan.poll())
        children.reap()
        assert orphan.wait(10) == -signal.SIGTERM
        assert stranger.poll() is None
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        stranger.kill()
        stranger.wait()
        orphan.kill()


def test_a_second_stack_in_one_checkout_is_told_where_the_first_is(local: Path) -> None:
    first, second = Servers("trial", durable=False), Servers("trial", durable=False)
    assert first.claim("starting")
    first.announce("http://127.0.0.1:8000/")
    assert not second.claim("starting too")
    assert second.holder() == "http://127.0.0.1:8000/"
    first.stop()
    assert second.claim("now it is mine")
    second.stop()


def test_the_sockets_fit_into_an_address() -> None:
    """Linux allows 107 bytes, macOS 103."""
    assert len(str(Servers("test", durable=False).postgres_socket)) < 100


def test_an_unknown_word_shows_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert front_door.main(["walk"]) == 2
    assert "run | test" in capsys.readouterr().err


def test_a_refusal_is_a_sentence_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> int:
        raise Refused("Port 8000 is in use.")

    monkeypatch.setattr(commands, "run", refuse)
    assert front_door.main(["run"]) == 1
    assert capsys.readouterr().err.strip() == "ERROR: Port 8000 is in use."


def test_make_help_names_every_target() -> None:
    done = subprocess.run(["make", "help"], cwd=places.ROOT, capture_output=True, text=True, check=True)
    for target in ("run", "test", "lint", "lock", "bench", "realdata", "manage", "reset", "help"):
        assert f"make {target} " in done.stdout


def test_the_locks_name_no_host_and_hash_everything() -> None:
    for lock in sorted(places.REQUIREMENTS.glob("*.txt")):
        text = lock.read_text()
        assert "://" not in text
        pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert pins
        assert all("==" in line and line.endswith("\\") for line in pins)

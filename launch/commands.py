"""run, test, manage, bench, realdata, reset: what the Makefile and ./manage.sh call."""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from launch import databases, packages, product
from launch.places import BIN, LOCAL, PYTHON, ROOT, VENV
from launch.processes import Children
from launch.servers import Servers
from launch.speech import refuse, say

SERVICES = ("DATABASE_URL", "REDIS_URL")
DEMO_PASSWORD = "leadqual-demo"
DEMO_PEOPLE = "alice (sales representative), bob (her manager), maria (marketing), charlie (another team), carmen (customer success), ada (administrator)"


def services_mode() -> bool:
    """Whether the environment names servers, so that the launcher starts none. Half of the pair is refused."""
    given = [name for name in SERVICES if os.environ.get(name)]
    if len(given) == 1:
        missing = next(name for name in SERVICES if name not in given)
        refuse(
            f"{given[0]} is set and {missing} is not. Set both to use your own servers, or neither to have them started."
        )
    return bool(given)


def child_environment(extra: dict[str, str]) -> dict[str, str]:
    return {
        **os.environ,
        **extra,
        "DJANGO_SETTINGS_MODULE": "leadqual.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


def manage_py(env: dict[str, str], *arguments: str) -> None:
    """Run manage.py; a failure ends the launcher, because its message already says what is wrong."""
    if subprocess.run([PYTHON, "manage.py", *arguments], env=env, cwd=ROOT).returncode:
        refuse(f"`manage.py {' '.join(arguments)}` failed; its message is above.")


def prepare(env: dict[str, str]) -> None:
    for arguments in product.prepare():
        manage_py(env, *arguments)


@contextlib.contextmanager
def the_servers(name: str, *, durable: bool, purpose: str) -> Iterator[tuple[Servers, dict[str, str]]]:
    """The private servers, started and stopped here. Raises Refused if somebody else runs them already."""
    servers = Servers(name, durable=durable)
    if not servers.claim(purpose):
        refuse(f"This checkout is already in use: {servers.holder() or 'it is just starting'}")
    with interrupted_by_signals():
        try:
            servers.start()
            databases.ensure(servers)
            yield servers, child_environment(databases.environment(servers))
        finally:
            with stubborn():
                servers.stop()


@contextlib.contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Let kill and a closed terminal end us the way Ctrl-C does, so that children are stopped in order."""

    def interrupt(*_: Any) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def stubborn() -> Iterator[None]:
    """A second Ctrl-C while stopping must not leave servers behind."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- make run ----------------------------------------------------------------------------------------------


def run() -> int:
    """Everything, until Ctrl-C."""
    packages.ensure(packages.RUN)
    if services_mode():
        with interrupted_by_signals():
            return serve(Children("services"), child_environment({}), embedded=False)
    with the_servers("run", durable=True, purpose="make run is starting") as (servers, env):
        say("PostgreSQL and Valkey are up")
        return serve(servers.children, env, embedded=True, servers=servers)


def serve(children: Children, env: dict[str, str], *, embedded: bool, servers: Servers | None = None) -> int:
    """Prepare the database, start web, worker and beat, and watch over them."""
    LOCAL.mkdir(exist_ok=True)
    port = choose_port()
    try:
        prepare(env)
        if embedded:
            make_demo(env)
        manage_py(env, "collectstatic", "--noinput", "--verbosity", "0")
        say("the database is migrated, static files are collected")
        for name, command in (
            ("web", product.web(f"127.0.0.1:{port}")),
            ("worker", product.worker()),
            ("beat", product.beat(LOCAL / "beat-schedule")),
        ):
            children.start(name, [BIN / command[0], *command[1:]], env=env, cwd=ROOT)
        wait_for_port(children, port)
        url = f"http://127.0.0.1:{port}/"
        if servers:
            servers.announce(url)
        say(f"open {url}   (Ctrl-C stops everything; logs are in {LOCAL})")
        if embedded:
            say(f"sign in as {DEMO_PEOPLE}; password {DEMO_PASSWORD}")
        while True:
            time.sleep(0.3)
            children.watch()
    except KeyboardInterrupt:
        say("stopping")
        return 0
    finally:
        if not servers:
            with stubborn():
                children.stop()


def make_demo(env: dict[str, str]) -> None:
    """Fill an empty database with the demo's people and leads."""
    if any(ROOT.glob("*/management/commands/demo.py")):
        manage_py(env, "demo", "--if-empty")


def choose_port() -> int:
    """PORT from the environment, which must be free; else the first free one from 8000 on."""
    wanted = os.environ.get("PORT", "")
    if wanted:
        if not wanted.isdigit() or not 0 < int(wanted) < 65536:
            refuse(f"PORT={wanted} is no port number; give one from 1 to 65535.")
        return (
            int(wanted)
            if is_free(int(wanted))
            else refuse(f"Port {wanted} is in use by another program. Try: make run PORT={int(wanted) + 1}")
        )
    return next((port for port in range(8000, 8050) if is_free(port)), 0) or refuse(
        "Ports 8000 to 8049 are all in use. Try: make run PORT=9000"
    )


def is_free(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for_port(children: Children, port: int) -> None:
    end = time.monotonic() + 60
    while True:
        with contextlib.closing(socket.socket()) as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        dead = [child.name for child in children.children if child.process and child.process.poll() is not None]
        if dead or time.monotonic() > end:
            name = dead[0] if dead else "web"
            refuse(f"{name} did not start; the end of {children.log_of(name)}:\n{tail(children.log_of(name))}")
        time.sleep(0.1)


def tail(path: Path, lines: int = 20) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


# --- make test ---------------------------------------------------------------------------------------------


def test(arguments: list[str]) -> int:
    """The suite, against servers of its own that forget everything; without arguments, in a process for each core."""
    packages.ensure(packages.TEST)
    arguments = arguments or ["-n", str(min(4, os.cpu_count() or 1))]
    if services_mode():
        return pytest(child_environment({}), arguments)
    with the_servers("test", durable=False, purpose="make test is running") as (_, env):
        return pytest(env, arguments)


def pytest(env: dict[str, str], arguments: list[str]) -> int:
    return subprocess.run([PYTHON, "-m", "pytest", *arguments], env={**env, "TESTING": "1"}, cwd=ROOT).returncode


# --- ./manage.sh -------------------------------------------------------------------------------------------


def manage(arguments: list[str]) -> int:
    """manage.py against the servers of `make run`, which are started if they are down, and left as they were."""
    packages.ensure(packages.RUN)
    if services_mode():
        return subprocess.run([PYTHON, "manage.py", *arguments], env=child_environment({}), cwd=ROOT).returncode
    with run_servers(purpose=f"./manage.sh {' '.join(arguments[:1])} is running") as env:
        return subprocess.run([PYTHON, "manage.py", *arguments], env=env, cwd=ROOT).returncode


@contextlib.contextmanager
def run_servers(purpose: str) -> Iterator[dict[str, str]]:
    """The servers of `make run`, whoever started them.

    Several may use them at once: each holds a shared lock, and the one who started them stops them only when he
    alone is left.
    """
    LOCAL.mkdir(exist_ok=True)
    with open(LOCAL / "run.users", "w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        servers = Servers("run", durable=True)
        if not servers.claim(purpose):
            servers.wait()
            yield child_environment(databases.environment(servers))
            return
        with interrupted_by_signals():
            try:
                servers.start()
                env = child_environment(databases.environment(servers))
                if databases.ensure(servers):
                    say("the database is new: migrating it")
                    prepare(env)
                yield env
            finally:
                with stubborn():
                    fcntl.flock(users, fcntl.LOCK_EX)
                    servers.stop()


# --- make bench, make realdata, make reset -----------------------------------------------------------------


def bench(arguments: list[str]) -> int:
    """The benchmarks, each beside its floor; SIZE and ONLY come from the environment."""
    return script("tests.bench", arguments)


def realdata(arguments: list[str]) -> int:
    """Load the real data sets into databases of their own, compare every figure with their truth, qualify a lead."""
    return script("tests.realdata", arguments)


def script(module: str, arguments: list[str]) -> int:
    """Run a module of ours against the servers of `make run`, with test packages at hand."""
    packages.ensure(packages.TEST)
    if services_mode():
        return subprocess.run([PYTHON, "-m", module, *arguments], env=child_environment({}), cwd=ROOT).returncode
    with run_servers(purpose=f"{module} is running") as env:
        return subprocess.run([PYTHON, "-m", module, *arguments], env=env, cwd=ROOT).returncode


def reset() -> int:
    """Remove everything that runs have left behind: databases, logs, packages. Asks for no confirmation: it is in the name."""
    if PYTHON.exists():
        for name in ("run", "test"):
            servers = Servers(name, durable=False)
            if not servers.claim("make reset is running"):
                refuse(f"This checkout is in use: {servers.holder()}. Stop it first.")
            servers.children.reap()
            if servers.data.parent != LOCAL:
                shutil.rmtree(servers.data.parent, ignore_errors=True)
            shutil.rmtree(servers.sockets, ignore_errors=True)
    for folder in (LOCAL, VENV):
        shutil.rmtree(folder, ignore_errors=True)
    say("removed .local and .venv")
    return 0

"""A real web server and a client that keeps its connection, as a browser does."""

import contextlib
import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from launch import product
from launch.places import BIN, LOCAL, PYTHON, ROOT
from users.models import User


def environment() -> dict[str, str]:
    """Of the processes that are measured: the product's own, without what this one does for tests."""
    kept = {name: value for name, value in os.environ.items() if name not in {"TESTING", "STATEMENT_TIMEOUT_MS"}}
    return kept | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings", "LOG_LEVEL": "WARNING"}


@contextlib.contextmanager
def web_server() -> Iterator[tuple[int, int]]:
    """gunicorn with one worker; yields its process id and its port."""
    subprocess.run(
        [PYTHON, "manage.py", "collectstatic", "--noinput", "-v", "0"], env=environment(), cwd=ROOT, check=True
    )
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    program, *arguments = product.web(f"127.0.0.1:{port}")
    # One worker that is never replaced: a new one would be slow at first.
    command = [str(BIN / program), *arguments, "--workers", "1", "--max-requests", "0"]
    with running("web", command) as process:
        wait_for(port, process)
        yield process.pid, port


@contextlib.contextmanager
def running(name: str, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    path = Path(LOCAL) / f"bench-{name}.log"
    with open(path, "wb") as log:
        process = subprocess.Popen(command, env=environment(), cwd=ROOT, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        with contextlib.closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("The web server did not start; see .local/bench-web.log")


class Browser:
    """One signed-in person with one connection that stays open."""

    def __init__(self, port: int, user: User | None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        if user is not None:
            client = Client()
            client.force_login(user)
            self.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
            self.get("/settings/profile/")  # brings the token that every POST must show

    def get(self, path: str) -> float:
        return self.send("GET", path, None, {})

    def post(self, path: str, fields: Mapping[str, str]) -> float:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": self.cookies[settings.CSRF_COOKIE_NAME],
            "HX-Request": "true",
        }
        return self.send("POST", path, urlencode(fields), headers)

    def send(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> float:
        """Milliseconds from sending to the last byte. Raises AssertionError unless the answer is 200."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        begun = time.perf_counter()
        try:
            self.connection.request(method, path, body, {**headers, "Cookie": cookies})
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError):
            # Left alone for two seconds, the server has closed it; not a part of what is measured.
            self.connection.close()
            begun = time.perf_counter()
            self.connection.request(method, path, body, {**headers, "Cookie": cookies})
            response = self.connection.getresponse()
        content = response.read()
        taken = (time.perf_counter() - begun) * 1000
        for header in response.headers.get_all("Set-Cookie") or ():
            name, _, value = header.split(";")[0].partition("=")
            self.cookies[name] = value
        if response.status != 200:
            raise AssertionError(
                f"{method} {path} answered {response.status}: {content[:300].decode(errors='replace')}"
            )
        return taken


def peak_megabytes(pid: int) -> float | None:
    """The most memory that the process and its children ever held, each at its own peak. None where there is no /proc."""
    if not Path("/proc/self/status").exists():
        return None
    pids, total = [pid], 0
    for each in pids:  # grows while it is read
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for task in Path(f"/proc/{each}/task").iterdir():
                pids += [int(child) for child in (task / "children").read_text().split()]
            status = Path(f"/proc/{each}/status").read_text()
            total += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    return total / 1024

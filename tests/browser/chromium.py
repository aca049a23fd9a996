"""Where this machine's Chromium is, how it is started without reaching for the internet, and what it complains about."""

import os
import re
import shutil
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Response

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
MISSING = (
    "The browser tests need a Chromium, and none was found. On Debian or Ubuntu: apt-get install chromium. "
    "Elsewhere install Chrome, Chromium or Edge, or set BROWSER_PATH to the program."
)
# A refused form or a stale version is answered with a 4xx on purpose; the browser and htmx write that to the console.
EXPECTED_NOISE = re.compile(
    r"Failed to load resource: the server responded with a status of 4|^Response Status Error Code 4"
)

# What extensions, and this browser's own screenshots, leave on a page: an empty style attribute on every field. Without
# it no test would see htmx copy such an attribute onto what it swaps in, which the policy for styles refuses.
AS_EXTENSIONS_LEAVE_IT = """
addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll("input, textarea")) {
    field.style.setProperty("caret-color", "auto");
    field.style.removeProperty("caret-color");
  }
});
"""


class Missing(Exception):
    """There is no browser; its text says what to install."""


def path() -> str:
    """The browser's program. Raises Missing."""
    named = os.environ.get("BROWSER_PATH")
    if named and not Path(named).exists():
        raise Missing(f"BROWSER_PATH={named} does not exist. {MISSING}")
    on_path = (shutil.which(name) for name in NAMES)
    applications = (application for application in APPLICATIONS if Path(application).exists())
    found = named or next(filter(None, on_path), None) or next(applications, None)
    if not found:
        raise Missing(MISSING)
    return found


def arguments() -> list[str]:
    flags = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--force-color-profile=srgb",
    ]
    # Chromium's sandbox refuses to run as root.
    return [*flags, "--no-sandbox"] if os.geteuid() == 0 else flags


def watch(page: Page, complaints: list[str]) -> None:
    """Write down what goes wrong on the page: errors of its scripts, refused resources, answers that failed."""
    page.add_init_script(AS_EXTENSIONS_LEAVE_IT)
    page.on("console", lambda message: listen(message, complaints))
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    page.on("response", lambda response: look(response, complaints))


def listen(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type in {"error", "warning"} and not EXPECTED_NOISE.search(message.text):
        complaints.append(f"console {message.type}: {message.text}")


def look(response: Response, complaints: list[str]) -> None:
    if response.status >= 500 or (response.status == 404 and "/static/" in response.url):
        complaints.append(f"{response.status} from {response.url}")

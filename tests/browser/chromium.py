"""Where this machine's Chromium is, and how it is started without reaching for the internet."""

import os
import shutil
from pathlib import Path

import pytest

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


def path() -> str:
    """The browser's program. Fails the test with an instruction if there is none; it is never skipped."""
    named = os.environ.get("BROWSER_PATH")
    if named and not Path(named).exists():
        pytest.fail(f"BROWSER_PATH={named} does not exist. {MISSING}", pytrace=False)
    on_path = (shutil.which(name) for name in NAMES)
    applications = (application for application in APPLICATIONS if Path(application).exists())
    found = named or next(filter(None, on_path), None) or next(applications, None)
    return found or pytest.fail(MISSING, pytrace=False)


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

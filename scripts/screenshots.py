"""Take the pictures of docs/screenshots/ from the running demo: `.venv/bin/python scripts/screenshots.py http://127.0.0.1:8000`.

Needs the development packages (make test installs them) and an installed Chromium. The demo's seed keeps them alike.
"""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
PASSWORD = "leadqual-demo"  # noqa: S105 (published: the demo's)
DESK, PHONE = (1440, 900), (390, 844)


@dataclass(frozen=True)
class Shot:
    """`path` may be {lead} (alice's own least certain accepted lead) or {deal} (the first deal of the board)."""

    name: str
    user: str
    path: str
    size: tuple[int, int] = DESK
    dark: bool = False


SHOTS = (
    Shot("login", "", "/auth/login/"),
    Shot("home", "alice", "/"),
    Shot("leads", "alice", "/leads/"),
    Shot("leads-phone", "alice", "/leads/", PHONE),
    Shot("lead", "alice", "/leads/{lead}/"),
    Shot("qualify", "alice", "/leads/{lead}/qualify/"),
    Shot("qualify-dark", "alice", "/leads/{lead}/qualify/", dark=True),
    Shot("qualify-phone", "alice", "/leads/{lead}/qualify/", PHONE),
    Shot("queue", "alice", "/queue/"),
    Shot("queue-phone", "alice", "/queue/", PHONE),
    Shot("convert", "alice", "/leads/{lead}/convert/"),
    Shot("pipeline", "bob", "/pipeline/"),
    Shot("pipeline-dark", "bob", "/pipeline/", dark=True),
    Shot("deal", "bob", "/opportunities/{deal}/"),
    Shot("accounts", "bob", "/accounts/"),
    Shot("reports", "bob", "/reports/"),
    Shot("report-funnel", "maria", "/reports/lead-funnel/?by=source"),
    Shot("report-win-rate-dark", "maria", "/reports/win-rate/?by=owner", dark=True),
    Shot("report-cohorts", "maria", "/reports/cohorts/"),
    Shot("settings", "ada", "/settings/"),
)


def sign_in(browser: Browser, base: str, shot: Shot) -> Page:
    width, height = shot.size
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme="dark" if shot.dark else "light", locale="en-GB"
    )
    if shot.user:
        page.goto(f"{base}/auth/login/")
        page.fill("input[name=login]", shot.user)
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "login" not in url)
    return page


def numbers(page: Page, base: str, path: str, prefix: str) -> list[str]:
    """The ids in the links below `prefix` on the page at `path`, in their order."""
    page.goto(base + path)
    found = page.eval_on_selector_all(
        f"a[href^='{prefix}']",
        "(links, prefix) => links.map(a => a.getAttribute('href').slice(prefix.length).split('/')[0])",
        prefix,
    )
    return [number for number in found if number.isdigit()]


def take(browser: Browser, base: str, shot: Shot) -> None:
    page = sign_in(browser, base, shot)
    path = shot.path
    if "{lead}" in path:
        path = path.format(lead=numbers(page, base, "/leads/?mine=1&stage=sal", "/leads/")[-1])
    if "{deal}" in path:
        path = path.format(deal=numbers(page, base, "/pipeline/", "/opportunities/")[0])
    page.goto(base + path)
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / f"{shot.name}.png")
    page.close()
    sys.stdout.write(f"{shot.name}\n")


def main() -> None:
    base = sys.argv[1].rstrip("/")
    only = set(sys.argv[2:])
    chromium = os.environ.get("BROWSER_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        arguments = ["--disable-gpu", "--disable-background-networking"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for shot in SHOTS:
            if not only or shot.name in only:
                take(browser, base, shot)
        browser.close()


if __name__ == "__main__":
    main()

"""Qualify one lead of a data set in a real browser, against the product on the data set's own database.

The first open lead of the list is answered by keys, accepted and converted, and found again in the funnel. Everything
that is told was read on the pages.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from playwright.sync_api import Error, Page, expect, sync_playwright

from launch import product
from launch.commands import choose_port, wait_for_port
from launch.places import BIN, LOCAL, ROOT
from launch.processes import Children
from tests.browser import chromium

ADMINISTRATOR = "ada"
PICTURE = LOCAL / "screenshots" / "realdata.png"
PATIENCE = 20_000  # milliseconds that a page may take on a busy machine
MOST_PRESSES = 40  # more than a checklist has questions: the key does nothing
WAY = ["MQL to SAL", "SAL to SQL", "SQL to Opportunity"]


class NotQualified(Exception):
    """The lead did not come through; the text says where it stopped."""


@dataclass(frozen=True, slots=True)
class Qualified:
    """What the browser showed of the lead that came through."""

    pk: int
    answers: int
    seconds: float
    before: int  # leads with an opportunity in the funnel
    after: int

    def __str__(self) -> str:
        return (
            f"lead {self.pk} qualified in the browser in {self.seconds:.0f} s, {self.answers} answers by keys: "
            f"MQL, SAL, SQL, opportunity; the funnel counts {self.after} opportunities, {self.before} before"
        )


def qualify(environment: Mapping[str, str], password: str) -> Qualified:
    """Serve the product on the database that the environment names, and qualify a lead as its administrator.

    Raises NotQualified, with a picture of the page in PICTURE; chromium.Missing if there is no browser.
    """
    program = chromium.path()
    complaints: list[str] = []
    expect.set_options(timeout=PATIENCE)
    with served(environment) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=chromium.arguments())
        page = browser.new_context(base_url=url, locale="en-GB", viewport={"width": 1280, "height": 800}).new_page()
        page.set_default_timeout(PATIENCE)
        chromium.watch(page, complaints)
        try:
            sign_in(page, password)
            done = work_through(page)
        except (Error, AssertionError) as error:
            PICTURE.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=PICTURE)
            raise NotQualified(f"{error}\nat {page.url}; the page is in {PICTURE}") from error
        finally:
            browser.close()
    if complaints:
        raise NotQualified("the browser complained: " + "; ".join(complaints))
    return done


@contextmanager
def served(environment: Mapping[str, str]) -> Iterator[str]:
    """The web server of the product, on this machine's own address, for as long as it is needed."""
    port = choose_port()
    with tempfile.TemporaryDirectory(prefix="leadqual-static-") as static:
        env = {
            **environment,
            "STATIC_ROOT": static,
            "PLAIN_HTTP": "1",
            "ALLOWED_HOSTS": "127.0.0.1",
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "leadqual.settings",
        }
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
            env=env,
            cwd=ROOT,
            check=True,
        )
        children = Children("realdata")
        program, *arguments = product.web(f"127.0.0.1:{port}")
        try:
            children.start("web", [BIN / program, *arguments], env=env, cwd=ROOT)
            wait_for_port(children, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            children.stop()


def sign_in(page: Page, password: str) -> None:
    page.goto("/auth/login/")
    page.get_by_label("Username").fill(ADMINISTRATOR)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def work_through(page: Page) -> Qualified:
    """From the list to the funnel. Raises AssertionError or playwright's Error where the product does something else."""
    today = datetime.now(UTC).date().isoformat()
    before = opportunities_in_the_funnel(page)
    began = time.monotonic()

    # From the list, by keys, to the checklist of the first open lead.
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page.locator("tbody tr").first).to_contain_text("MQL")
    page.keyboard.press("j")
    page.keyboard.press("q")
    expect(page.locator("#checklist .q.open")).to_have_count(1)
    pk = int(re.findall(r"/leads/(\d+)/qualify/", page.url)[0])
    expect(page.locator("#qual-head [aria-current=step]")).to_contain_text("MQL")

    # A key for each answer. The history made it an MQL; at the end the gates hold, and it is offered to sales.
    answers = 0
    while page.locator("#checklist form[data-question]:not([data-answered])").count():
        page.keyboard.press("1")
        answers += 1
        assert answers <= MOST_PRESSES, "the keys answer no question"
    expect(page.locator("#qual-count")).to_have_text(re.compile(r"^(\d+) of \1 answered$"))
    expect(page.locator("#accept")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("#qual-head [aria-current=step]")).to_contain_text("SQL")

    # Account and deal.
    page.keyboard.press("v")
    expect(page).to_have_url(re.compile("/convert/"))
    page.get_by_label("Name of the new account").fill(f"Account of lead {pk}")
    page.get_by_label("Expected amount").fill("12000")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/opportunities/\d+/"))
    seconds = time.monotonic() - began

    # The case tells each move, and the funnel of today counts this lead and no other.
    page.goto(f"/leads/{pk}/")
    for move in WAY:
        expect(page.locator("#timeline")).to_contain_text(move)
    for column in ("sal", "sql", "opportunity"):
        page.goto(f"/reports/lead-funnel/records/?by=all&view=period&from={today}&column={column}")
        expect(page.get_by_role("heading", level=1)).to_have_text("1 record")
        expect(page.locator(f"tbody a[href='/leads/{pk}/']")).to_have_count(1)
    return Qualified(pk, answers, seconds, before, opportunities_in_the_funnel(page))


def opportunities_in_the_funnel(page: Page) -> int:
    """How many leads have an opportunity, as the page of the report says it; the figures are made anew before."""
    fresh = page.request.get("/api/v1/reports/lead-funnel/?by=all&fresh=1")
    assert fresh.ok, f"the funnel answers {fresh.status}"
    page.goto("/reports/lead-funnel/?by=all")
    # The number first, then the rate that it is a part of.
    number = page.locator("tfoot a[href$='column=opportunity']").first.inner_text()
    return int(number.replace(",", ""))

"""A real browser, a real server, and no excuse: every page error, refused resource and failed answer fails the test."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser import chromium

# The first page of a cold server on a busy machine may take longer than the five seconds that are usual.
expect.set_options(timeout=20_000)

# Playwright's synchronous interface runs an event loop in this thread; the ORM is used beside it, not inside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

SCREENSHOTS = Path(settings.BASE_DIR) / ".local" / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """This machine's own. Without one the test fails with an instruction; it is never skipped."""
    try:
        program = chromium.path()
    except chromium.Missing as missing:
        pytest.fail(str(missing), pytrace=False)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=chromium.arguments())
        yield started
        started.close()


@pytest.fixture
def complaints() -> list[str]:
    """What went wrong in the browser during this test. Empty at the end, or the test fails."""
    return []


@pytest.fixture
def new_page(browser: Browser, live_server: LiveServer, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Makes a page in a browser of its own (no shared cookies): `new_page(viewport={"width": 390, "height": 844})`."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url, **{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"} | options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        chromium.watch(page, complaints)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(request: pytest.FixtureRequest, new_page: Callable[..., Page], complaints: list[str]) -> Iterator[Page]:
    """A page that must stay clean: no CSP report, no error in the console, no 5xx, nothing missing."""
    made = new_page()
    yield made
    failed = getattr(request.node, "failed", False)
    if failed or complaints:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(Error):  # the page may be gone already; its test has failed for its own reason
            made.screenshot(path=SCREENSHOTS / f"{request.node.name}.png", full_page=True)
    assert complaints == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.failed:
        item.failed = True  # type: ignore[attr-defined]
    return report


@pytest.fixture
def sign_in(live_server: LiveServer) -> Callable[[Page, str], None]:
    """`sign_in(page, "alice")`: the browser is alice's from now on. The form itself has a test of its own."""

    def as_person(page: Page, username: str) -> None:
        client = Client()
        client.force_login(get_user_model().objects.get(username=username))
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_server.url, "httpOnly": True}]
        )

    return as_person

"""Alice puts an authenticator app beside her password, signs in with its codes, and takes it away again."""

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from playwright.sync_api import Page, expect

from tests.personas import PASSWORD
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)
STEP = 30  # seconds that a code holds


def code_of(secret: str, moment: float) -> str:
    """The six digits that every authenticator app shows at the moment: RFC 6238 over RFC 4226, SHA-1."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(moment) // STEP), hashlib.sha1).digest()
    place = digest[-1] & 0x0F
    number: int = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def code_now(secret: str) -> str:
    """The code of this moment, with time left to type it: near the end of its half minute, the next one."""
    left = STEP - time.time() % STEP
    if left < 5:
        time.sleep(left)
    return code_of(secret, time.time())


def wrong_code(secret: str) -> str:
    """Six digits that hold neither now nor a minute before or after."""
    near = {code_of(secret, time.time() + STEP * steps) for steps in range(-2, 3)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in near)


def test_the_codes_are_those_of_the_standard() -> None:
    """The test values of RFC 6238, appendix B, whose secret is the digits 1 to 9 and 0, twice."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    # The RFC prints eight digits; six of them are the last six.
    assert [code_of(secret, moment) for moment in (59, 1111111109, 1234567890, 20000000000)] == [
        "287082",
        "081804",
        "005924",
        "353130",
    ]


def give_password(page: Page) -> None:
    page.goto("/auth/login/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def show_that_it_is_you(page: Page) -> None:
    """What guards the sign-in is changed only by who has just given the password once more."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_out(page: Page) -> None:
    page.goto("/auth/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/auth/login/"))


def open_the_set_up(page: Page) -> None:
    """From the profile to the page that shows the secret."""
    page.goto("/settings/profile/")
    page.locator("main").get_by_role("link", name="Sign-in codes").click()
    expect(page.locator("main")).to_contain_text("Off. Signing in asks for the password only.")
    page.get_by_role("link", name="Set up").click()
    show_that_it_is_you(page)
    expect(page.get_by_role("img", name="The secret as a QR code")).to_be_visible()


def switch_on(page: Page) -> tuple[str, list[str]]:
    """The secret that the app knows from now on, and the recovery codes."""
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("Authenticator code").fill(code_now(secret))
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    return secret, page.locator(".codes code").all_inner_texts()


def give_code(page: Page, code: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Your code")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()


def is_signed_in(page: Page) -> None:
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def is_refused(page: Page) -> None:
    expect(page.locator(".errsum")).to_contain_text("Type the six digits that the app shows now")
    expect(page.get_by_label("Code")).to_have_attribute("aria-invalid", "true")


def test_alice_signs_in_with_the_codes_of_an_app_and_switches_them_off(page: Page, alice: User) -> None:
    give_password(page)
    open_the_set_up(page)
    secret, recovery = switch_on(page)
    assert len(set(recovery)) == 10

    # The password alone opens nothing any more; a wrong code is told what to do, the right one opens.
    sign_out(page)
    give_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your code")
    page.goto("/leads/")
    expect(page.get_by_role("navigation", name="Main")).to_have_count(0)
    give_code(page, wrong_code(secret))
    is_refused(page)
    give_code(page, code_now(secret))
    is_signed_in(page)

    # Without the phone a recovery code does, once.
    sign_out(page)
    give_password(page)
    give_code(page, recovery[0])
    is_signed_in(page)
    sign_out(page)
    give_password(page)
    give_code(page, recovery[0])
    is_refused(page)
    give_code(page, recovery[1])
    is_signed_in(page)
    page.goto("/auth/2fa/")
    page.get_by_role("link", name="Show them").click()
    show_that_it_is_you(page)
    expect(page.locator("main")).to_contain_text("8 of 10 codes are left")
    assert page.locator(".codes code").all_inner_texts() == recovery[2:]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.path().read_text().split() == recovery[2:]

    # New ones take the place of the old.
    page.get_by_role("link", name="Make new ones").click()
    expect(page.locator("main")).to_contain_text("The codes that you have stop working.")
    page.get_by_role("button", name="Make new codes").click()
    expect(page.locator(".codes code")).to_have_count(10)
    fresh = page.locator(".codes code").all_inner_texts()
    assert not set(fresh) & set(recovery)

    # Switched off, the password alone signs in again.
    page.get_by_role("link", name="Back").click()
    page.get_by_role("link", name="Switch off").click()
    page.get_by_role("button", name="Switch off").click()
    expect(page.locator("main")).to_contain_text("Off. Signing in asks for the password only.")
    sign_out(page)
    give_password(page)
    is_signed_in(page)


def test_a_wrong_code_switches_nothing_on(page: Page, alice: User) -> None:
    give_password(page)
    page.goto("/auth/2fa/totp/activate/")
    show_that_it_is_you(page)
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("Authenticator code").fill(wrong_code(secret))
    page.get_by_role("button", name="Switch on").click()
    expect(page.locator(".errsum")).to_contain_text("Type the six digits that the app shows now")
    # The app that has just read the secret need not read another.
    assert page.locator("code.secret").inner_text() == secret
    page.goto("/auth/2fa/")
    expect(page.locator("main")).to_contain_text("Off. Signing in asks for the password only.")

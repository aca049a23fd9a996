"""Signing in, codes, and the pages that say what went wrong: each in our look, and each says what to do."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.views import defaults

from tests.personas import PASSWORD
from users.kit import SampleForm
from users.models import User

TEMPLATES = Path(settings.BASE_DIR) / "templates"


@pytest.fixture
def signed_in(client: Client, alice: User) -> Client:
    """Alice, signed in by the form, who has just shown again that it is she: codes are asked for only then."""
    client.post("/auth/login/", {"login": "alice", "password": PASSWORD})
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def request_of(rf: RequestFactory) -> Any:
    def made(user: Any) -> HttpRequest:
        request = rf.get("/leads/7/")
        request.user = user
        return request

    return made


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["login/", "password/reset/", "password/reset/done/", "password/reset/key/x-y/", "inactive/"]
)
def test_who_is_not_signed_in_meets_the_entrance(client: Client, address: str) -> None:
    page = client.get(f"/auth/{address}").content.decode()

    assert 'class="login-form"' in page
    assert page.count("<h1>") == 1


def test_a_wrong_password_is_said_in_the_summary(client: Client, alice: User) -> None:
    page = client.post("/auth/login/", {"login": "alice", "password": "a guess"}).content.decode()

    assert 'class="errsum"' in page


@pytest.mark.parametrize(
    "address",
    ["logout/", "password/change/", "2fa/", "2fa/totp/activate/", "reauthenticate/"],
)
def test_who_is_signed_in_finds_the_pages_about_the_account(signed_in: Client, address: str) -> None:
    answer = signed_in.get(f"/auth/{address}")

    assert answer.status_code == 200
    assert answer.content.decode().count("<h1>") == 1


def test_setting_up_the_app_shows_a_code_to_scan_and_the_same_in_letters(signed_in: Client) -> None:
    page = signed_in.get("/auth/2fa/totp/activate/").content.decode()

    assert re.search(r'<img class="qr" src="data:image/svg\+xml', page)
    assert re.search(r'<code class="secret">[A-Z2-7]{16,}</code>', page)


def test_alice_sets_up_the_app_and_signs_in_with_a_recovery_code(signed_in: Client) -> None:
    page = signed_in.get("/auth/2fa/totp/activate/").content.decode()
    secret = re.search(r'<code class="secret">([A-Z2-7]+)</code>', page)
    assert secret
    code = format_hotp_value(hotp_value(secret[1], int(time.time()) // 30))
    signed_in.post("/auth/2fa/totp/activate/", {"code": code})
    codes = re.findall(r"<li><code>(\w+)</code>", signed_in.get("/auth/2fa/recovery-codes/").content.decode())
    assert len(codes) == 10
    assert "Switch off" in signed_in.get("/auth/2fa/totp/deactivate/").content.decode()
    assert "stop working" in signed_in.get("/auth/2fa/recovery-codes/generate/").content.decode()

    signed_in.post("/auth/logout/")
    signed_in.post("/auth/login/", {"login": "alice", "password": PASSWORD})
    assert "_auth_user_id" not in signed_in.session
    asked = signed_in.get("/auth/2fa/authenticate/").content.decode()
    assert "six digits" in asked
    signed_in.post("/auth/2fa/authenticate/", {"code": codes[0]})

    assert "_auth_user_id" in signed_in.session


def test_a_refusal_names_who_may(request_of: Any, alice: User) -> None:
    answer = defaults.permission_denied(
        request_of(alice), PermissionDenied("Only managers of team South may reassign.")
    )

    assert answer.status_code == 403
    assert "Only managers of team South may reassign." in answer.content.decode()


def test_a_refusal_without_words_says_whom_to_ask(request_of: Any, alice: User) -> None:
    answer = defaults.permission_denied(request_of(alice), PermissionDenied())

    assert "Ask your manager or an administrator" in answer.content.decode()


def test_what_is_not_here_keeps_the_navigation_for_people_and_has_none_for_strangers(
    request_of: Any, alice: User
) -> None:
    for_alice = defaults.page_not_found(request_of(alice), Http404()).content.decode()
    for_a_stranger = defaults.page_not_found(request_of(AnonymousUser()), Http404()).content.decode()

    assert 'class="side"' in for_alice
    assert 'class="side"' not in for_a_stranger


@pytest.mark.parametrize("name", ["500.html", "503.html"])
def test_the_pages_of_a_broken_server_need_nothing_that_may_be_broken(name: str) -> None:
    page = render_to_string(name)

    assert "<h1>" in page
    assert "htmx" not in page


def test_a_refused_form_and_a_conflict_are_pages_too(request_of: Any, alice: User) -> None:
    request = request_of(alice)
    form = SampleForm({"phone": "0561"})

    refused = render_to_string(
        "422.html", {"form": form, "title": "New lead", "action": "/leads/new/", "submit": "Save"}, request
    )
    conflict = render_to_string(
        "409.html",
        {
            "subject": "Budget",
            "action": "/answer/",
            "theirs": {"value": "No", "by": "bob"},
            "mine": {"value": "Yes"},
            "hidden_fields": {"replaces": 41},
        },
        request,
    )

    assert "Begin with + and the country" in refused
    assert '<input type="hidden" name="replaces" value="41">' in conflict
    assert conflict.count('name="keep"') == 2


def test_the_kit_is_for_administrators(signed_in: Client) -> None:
    answer = signed_in.get("/settings/kit/")

    assert answer.status_code == 403
    assert "The kit page is for administrators." in answer.content.decode()


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_no_template_holds_a_script_or_a_style_of_its_own(template: Path) -> None:
    source = template.read_text(encoding="utf-8")

    assert not re.search(r"\sstyle=|<style|\son\w+=|hx-on|javascript:|js:", source)
    assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", source))

"""Before anybody has signed in: files, foreign hosts, foreign addresses, other people's accounts."""

import io
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from tests.personas import PASSWORD
from users.models import User

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024


class Untouchable(io.BytesIO):
    """A body that must not be read."""

    def read(self, *_size: Any) -> bytes:
        raise AssertionError("a body that is refused by its length was read all the same")


@pytest.mark.parametrize(("address", "status"), [("/auth/login/", 413), ("/api/v1/leads/", 415)])
def test_a_large_file_is_sent_along(alice: User, address: str, status: int) -> None:
    """With the session and token of a browser: without them it is refused before anything is read."""
    client = Client(enforce_csrf_checks=True)
    if "api" in address:
        client.force_login(alice)
    client.cookies[settings.CSRF_COOKIE_NAME] = "x" * 32
    sent: dict[str, Any] = {
        "wsgi.input": Untouchable(),
        "CONTENT_LENGTH": str(5000 * MEGABYTE),
        "CONTENT_TYPE": "multipart/form-data; boundary=b",
    }
    response = client.generic("POST", address, **sent)
    assert response.status_code == status


def test_a_small_file_is_thrown_away(client: Client, alice: User) -> None:
    sent = {"login": "alice", "password": PASSWORD, "file": SimpleUploadedFile("../../x.html", b"<script>")}
    assert client.post("/auth/login/", sent).status_code == 302


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_a_password_link_is_asked_for_to_learn_who_has_an_account(client: Client, alice: User, email: str) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.com")
    assert client.get("/auth/password/reset/").status_code == 200
    assert client.post("/auth/password/reset/", {"email": email}).status_code == 405
    client.force_login(alice)
    assert client.post("/auth/email/", {"email": "x@example.com", "action_add": ""}).status_code == 404
    assert not mail.outbox


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https:evil.example", "/\\evil.example", "javascript:alert(1)", "https://testserver@evil.example",
     "http:///evil.example", "\x00//evil.example"],
)  # fmt: skip
def test_signing_in_leads_elsewhere(client: Client, alice: User, elsewhere: str) -> None:
    response = client.post("/auth/login/", {"login": "alice", "password": PASSWORD, "next": elsewhere})
    assert (response.status_code, response["Location"]) == (302, "/")


def test_another_host_is_named(client: Client, alice: User, ada: User) -> None:
    assert client.get("/auth/login/", headers={"Host": "evil.example"}).status_code == 400
    client.force_login(ada)
    page = client.post(f"/settings/users/{alice.pk}/password-link/", headers={"X-Forwarded-Host": "evil.example"})
    assert page.status_code == 200
    assert "evil.example" not in page.content.decode()


def guess_often(client: Client, address: str = "10.0.0.{number}") -> None:
    for number in range(11):
        typed = {"login": f"guess{number}", "password": "a guess"}
        client.post("/auth/login/", typed, headers={"X-Forwarded-For": address.format(number=number)})


def sign_in_from(client: Client, address: str) -> int:
    typed = {"login": "alice", "password": PASSWORD}
    return client.post("/auth/login/", typed, headers={"X-Forwarded-For": address}).status_code


def test_another_address_is_claimed_with_each_guess(client: Client, alice: User) -> None:
    """The limit counts the address that the connection comes from, not one that anybody can write."""
    guess_often(client)
    assert sign_in_from(client, "10.0.0.200") == 200  # asked again


def test_everybody_behind_a_proxy_is_locked_out_by_one_of_them(client: Client, alice: User) -> None:
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        guess_often(client, "10.0.0.1")
        assert sign_in_from(client, "10.0.0.1") == 200  # asked again
        assert sign_in_from(client, "10.0.0.9, 10.0.0.1") == 200  # only what the proxy itself has seen counts
        assert sign_in_from(client, "10.0.0.2") == 302


def test_limits_of_pages_and_api_count_the_same_proxies() -> None:
    assert settings.REST_FRAMEWORK["NUM_PROXIES"] == settings.ALLAUTH_TRUSTED_PROXY_COUNT


ANSWERED = [
    "/auth/login/",
    "/nowhere/",
    "/static/nowhere.css",
    "/healthz",
    "/api/v1/leads/",
    "/api/v1/nowhere/",
    "/leads/",
]


@pytest.mark.parametrize("address", ANSWERED)
@pytest.mark.parametrize("host", ["testserver", "evil.example"])
@pytest.mark.parametrize("to_https", [False, True])
def test_a_response_without_its_headers_is_looked_for(
    client: Client, alice: User, address: str, host: str, to_https: bool
) -> None:
    with override_settings(SECURE_SSL_REDIRECT=to_https):
        response = client.get(address, headers={"Host": host})
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["Permissions-Policy"]
    if response.status_code != 400 and not to_https:
        assert response.headers["X-Content-Type-Options"] == "nosniff"

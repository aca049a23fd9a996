"""What the environment decides, and how a wrong environment is refused."""

import os
import secrets
import subprocess
import sys

import pytest
from django.test import Client

from launch.places import ROOT
from users.models import User

SERVER = {
    "PATH": os.environ["PATH"],
    "DJANGO_SETTINGS_MODULE": "leadqual.settings",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "DATABASE_URL": "postgres://leadqual_app:secret@db.example/leadqual",
    "REDIS_URL": "redis://redis.example:6379/0",
    "ALLOWED_HOSTS": "leadqual.example",
}


def django_said(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def setting(name: str, **environment: str) -> str:
    """The value of a setting, as a server with this environment has it."""
    code = f"from django.conf import settings; print(repr(settings.{name}))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=SERVER | environment, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_deployment_check_finds_nothing() -> None:
    done = django_said(SERVER, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_a_missing_variable_is_named_with_its_meaning(missing: str) -> None:
    done = django_said({name: value for name, value in SERVER.items() if name != missing}, "showmigrations")
    assert done.returncode != 0
    assert f"{missing} is not set: " in done.stderr


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"ALLOWED_HOSTS": "*"}, "must name the hosts"),
        ({"PLAIN_HTTP": "1"}, "PLAIN_HTTP=1 is for 127.0.0.1 only"),
        ({"DATABASE_URL": "sqlite:///leadqual.db"}, "must begin with postgres://"),
    ],
)
def test_a_dangerous_environment_is_refused(wrong: dict[str, str], says: str) -> None:
    done = django_said(SERVER | wrong, "check")
    assert done.returncode != 0
    assert says in done.stderr


def test_migrating_needs_the_owner() -> None:
    done = django_said(SERVER, "migrate")
    assert done.returncode != 0
    assert "DATABASE_OWNER_URL is not set" in done.stderr


def test_only_the_commands_that_change_the_schema_are_the_owner() -> None:
    owner = "postgres://leadqual_owner:secret@db.example/leadqual"
    assert "leadqual_app" in setting("DATABASES", DATABASE_OWNER_URL=owner)
    assert "leadqual_owner" not in setting("DATABASES", DATABASE_OWNER_URL=owner)
    assert "leadqual_owner" in setting("DATABASES", DATABASE_OWNER_URL=owner, DATABASE_AS_OWNER="1")


def test_another_database_of_the_same_server_can_be_named() -> None:
    assert "'NAME': 'leadqual_maven'" in setting("DATABASES", DATABASE_NAME="leadqual_maven")


def test_on_servers_cookies_travel_by_https_only() -> None:
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY"):
        assert setting(name) == "True"
    assert setting("SESSION_COOKIE_NAME") == "'__Host-sessionid'"
    assert setting("SECURE_SSL_REDIRECT") == "True"


def test_passwords_are_hashed_by_argon2() -> None:
    assert "Argon2" in setting("PASSWORD_HASHERS[0]")


def test_the_broker_may_be_a_unix_socket() -> None:
    assert setting("CELERY_BROKER_URL", REDIS_URL="unix:///run/valkey.sock") == "'redis+socket:///run/valkey.sock'"


def test_every_answer_carries_the_content_policy(client: Client) -> None:
    for path in ("/healthz", "/nowhere/"):
        response = client.get(path)
        policy = response["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert "*" not in policy
        assert response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Request-ID"]


def test_nobody_can_sign_up(client: Client, db: None) -> None:
    response = client.post(
        "/auth/signup/", {"username": "mallory", "password1": "a-long-password", "password2": "a-long-password"}
    )
    assert response.status_code in {200, 404}
    assert not User.objects.filter(username="mallory").exists()

"""The schema describes every address, and the throttles and keys work without a broker."""

from typing import Any

from django.conf import settings
from django.core.management import call_command

from leadqual.api_urls import urlpatterns
from users.models import User


def test_the_schema_is_sound_and_complete(alice: User, ask: Any, tmp_path: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))
    schema = ask(alice, "read").get("schema/").json()
    assert schema["openapi"].startswith("3.")
    routes = {
        f"/api/v1/{str(each.pattern).replace('<int:pk>', '{id}').replace('<slug:name>', '{name}')}"
        for each in urlpatterns
    }
    assert set(schema["paths"]) == routes - {"/api/v1/"} | {"/api/v1/schema/"}


def test_every_operation_says_how_it_refuses(alice: User, ask: Any) -> None:
    schema = ask(alice, "read").get("schema/").json()
    seen = 0
    for path, methods in schema["paths"].items():
        if path == "/api/v1/schema/":
            continue
        for method, operation in methods.items():
            seen += 1
            assert operation["summary"], path
            for status in ("400", "401", "403", "429"):
                assert "application/problem+json" in operation["responses"][status]["content"], (path, method, status)
            headers = {each["name"] for each in operation.get("parameters", []) if each["in"] == "header"}
            if method == "post":
                assert "Idempotency-Key" in headers, path
            if method == "patch":
                assert "If-Match" in headers, path
                assert {"409", "428"} <= set(operation["responses"])
    assert seen > 50


def test_limits_are_counted_in_the_database() -> None:
    assert str(settings.CACHES["default"]["BACKEND"]).endswith("DatabaseCache")
    assert settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["user"]

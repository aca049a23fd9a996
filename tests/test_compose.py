"""docker-compose.yml runs the same product as `make run`: same commands, same preparation, two roles."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from launch import product

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded["services"]  # type: ignore[no-any-return]


def test_the_commands_are_the_launchers(services: dict[str, Any]) -> None:
    assert services["web"]["command"] == product.web("0.0.0.0:8000")
    assert services["worker"]["command"] == product.worker()
    assert services["beat"]["command"] == product.beat("/srv/beat/schedule")


def test_the_database_is_prepared_as_the_launcher_does(services: dict[str, Any]) -> None:
    script = services["migrate"]["command"][-1]
    commands = [command.removeprefix("python manage.py ").split() for command in script.split(" && ")]
    assert commands == product.prepare()


def test_only_migrate_knows_the_owner(services: dict[str, Any]) -> None:
    knowing = {name for name, service in services.items() if "DATABASE_OWNER_URL" in service.get("environment", {})}
    assert knowing == {"migrate"}
    for name in ("web", "worker", "beat"):
        assert "postgres://leadqual_app:" in services[name]["environment"]["DATABASE_URL"]


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert set(re.findall(r"\$\{(\w+):-", text)) == set()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD"):
        assert f"${{{name}:?" in text

"""The demo: a story that the product itself believes, the same for the same seed."""

import json
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from leads.models import Campaign, Handoff, Lead, Score
from opportunities.models import Opportunity
from users.models import User

ARGUMENTS = ["--leads", "80", "--events", "700", "--until", "2026-10-30"]


def told() -> list[tuple[Any, ...]]:
    return list(
        Lead.objects.order_by("created_at", "name").values_list("name", "company", "stage", "created_at__date", "email")
    )


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EMBEDDED", True)


def test_the_demo_tells_a_whole_story(embedded: None, empty_database: None) -> None:
    out = StringIO()
    call_command("demo", *ARGUMENTS, "--format", "json", stdout=out)
    figures = json.loads(out.getvalue())
    assert figures["leads"] == 80
    assert 300 < figures["events"] < 1500
    assert {"alice", "bob", "maria", "charlie", "carmen", "ada"} <= set(User.objects.values_list("username", flat=True))
    assert set(Lead.objects.values_list("context__code", flat=True)) == {"direct", "channel"}
    assert Lead.objects.values("source").distinct().count() >= 5
    assert Handoff.objects.filter(state="accepted").exists()
    assert Handoff.objects.filter(frozen__ledger__isnull=False).count() == Handoff.objects.count()
    assert Opportunity.objects.filter(closed_at__isnull=False).exists()
    assert Score.objects.filter(listed=True).count() == 80
    out = StringIO()
    call_command("verify_state", "--format", "json", stdout=out)
    assert json.loads(out.getvalue())["differences"] == 0
    first = told()
    with pytest.raises(CommandError, match="not empty"):
        call_command("demo", *ARGUMENTS)
    call_command("demo", *ARGUMENTS, "--if-empty")
    assert told() == first


@pytest.mark.django_db
def test_servers_refuse_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EMBEDDED", False)
    with pytest.raises(CommandError, match="published password"):
        call_command("demo")
    assert not Campaign.objects.exists()

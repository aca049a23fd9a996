"""Somebody sets up leadqual on a server, once, and perhaps once more to be sure."""

import io
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client

from accounts.models import AccountType
from intake.setting_up import SetUpRefused, make_administrator, set_up
from leads.models import LeadSource, RejectionReason
from opportunities.models import Pipeline, PipelineStage
from users.models import Role, User, Workspace

ROOMS = {"users", "accounts", "scoring", "leads", "opportunities", "intake", "reports"}


def every_row() -> dict[str, list[dict[str, Any]]]:
    rooms_models: list[type[models.Model]] = [m for m in apps.get_models() if m._meta.app_label in ROOMS]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in rooms_models}


def test_setting_up_twice_changes_nothing(workspace: Workspace) -> None:
    before = every_row()
    assert sum(map(len, before.values())) > 100
    set_up("Tests", "UTC", "EUR")
    assert every_row() == before


def test_what_people_edited_stays(workspace: Workspace) -> None:
    LeadSource.objects.filter(code="fair").update(name="Trade fair")
    PipelineStage.objects.filter(pipeline__code="direct", code="proposal").update(probability=55)
    set_up()
    assert LeadSource.objects.get(code="fair").name == "Trade fair"
    assert PipelineStage.objects.get(pipeline__code="direct", code="proposal").probability == 55


def test_the_pipelines_are_those_of_the_handbook(workspace: Workspace) -> None:
    found = {p.code: [s.name for s in p.stages.order_by("position")] for p in Pipeline.objects.all()}
    assert found == {
        "direct": [
            "Diagnosis",
            "Pain intervention",
            "Market insight",
            "Solution",
            "Proposal",
            "Negotiation",
            "Won",
            "Lost",
        ],
        "channel": [
            "Contact",
            "Portfolio gap",
            "Briefing",
            "Training",
            "Test machine",
            "Agreement",
            "First order",
            "Won",
            "Lost",
        ],
    }
    assert list(PipelineStage.objects.filter(starts_cycle=True).values_list("code", flat=True).order_by("code")) == [
        "contact",
        "diagnosis",
    ]
    for pipeline in Pipeline.objects.all():
        open_ones = [s.probability for s in pipeline.stages.filter(outcome="open").order_by("position")]
        assert open_ones == sorted(open_ones)
        assert [(s.probability, s.outcome) for s in pipeline.stages.exclude(outcome="open").order_by("position")] == [
            (100, "won"),
            (0, "lost"),
        ]


def test_six_rejection_reasons_say_where_the_lead_goes(workspace: Workspace) -> None:
    reasons = list(RejectionReason.objects.all())
    assert len(reasons) == 6
    assert {reason.target for reason in reasons} == {"nurture", "disqualified", "lead"}
    assert {t.kind for t in AccountType.objects.all()} == set(AccountType.Kind)


def test_a_wrong_zone_or_currency_is_refused_with_an_example(workspace: Workspace) -> None:
    with pytest.raises(SetUpRefused, match="Europe/Oslo"):
        set_up(zone="Oslo")
    with pytest.raises(SetUpRefused, match="EUR"):
        set_up(currency="euros")


def test_the_command_makes_an_administrator_who_can_sign_in(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    said = io.StringIO()
    call_command(
        "setup",
        "--name",
        "Nordlys",
        "--zone",
        "Europe/Oslo",
        "--currency",
        "NOK",
        "--admin",
        "olga",
        "--password-stdin",
        stdout=said,
    )
    assert "Nordlys: zone Europe/Oslo, currency NOK." in said.getvalue()
    assert User.objects.get(username="olga").role == Role.ADMINISTRATOR
    assert Client().login(username="olga", password="correct horse battery")
    # Once more, as a start script would: no error, no second administrator, nothing asked.
    call_command("setup", "--admin", "olga", "--no-input", stdout=said)
    assert Workspace.get().zone == "Europe/Oslo"


def test_a_weak_password_sets_nothing_up(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError, match="too short"):
        call_command("setup", "--name", "Half", "--admin", "olga", "--password-stdin")
    assert Workspace.get().name == "Tests"
    assert not User.objects.filter(username="olga").exists()


def test_an_administrator_needs_a_name_of_their_own(alice: User) -> None:
    with pytest.raises(SetUpRefused, match="already a user"):
        make_administrator("Alice", "Alice", "correct horse battery")

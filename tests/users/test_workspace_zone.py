"""Times are shown in the workspace's zone, whoever looks."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Lead
from leads.scores import blocks
from tests.factories import make_lead
from users.models import Dirty, User, Workspace
from users.organising import change_workspace


@pytest.mark.parametrize(("zone", "shown"), [("UTC", "11:30"), ("Asia/Singapore", "19:30")])
def test_a_moment_is_shown_in_the_workspaces_zone(client: Client, alice: User, zone: str, shown: str) -> None:
    Workspace.objects.update(zone=zone)
    lead = make_lead(alice)
    Lead.objects.filter(pk=lead.pk).update(created_at=datetime(2026, 3, 4, 11, 30, tzinfo=UTC))
    client.force_login(alice)
    page = client.get(reverse("leads:page", args=[lead.pk]))
    assert f"{shown}" in page.content.decode()
    assert Workspace.get().name in page.content.decode()


def test_another_zone_has_every_checklist_judged_anew(alice: User) -> None:
    make_lead(alice)
    change_workspace(name="Renamed", zone=Workspace.get().zone)
    assert not Dirty.objects.filter(kind=Dirty.Kind.BLOCK).exists()
    change_workspace(zone="Asia/Singapore")
    assert Dirty.objects.filter(kind=Dirty.Kind.BLOCK).count() == len(blocks()) > 0

"""The lead's page: judged and explained now and at any past moment, with everything that happened and can be done."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from leads.behaviour import log_activity
from leads.casefile import edit_case
from leads.models import Activity, Checklist, Lead
from tests.factories import make_event, make_lead
from tests.leads.answering import answer_all
from tests.leads.test_qualify_page import post
from users.facts import database_now
from users.models import User, Workspace


def page(client: Client, lead: Lead, query: str = "") -> Any:
    return client.get(reverse("leads:page", args=[lead.pk]) + query)


def do(client: Client, lead: Lead, verb: str, **data: Any) -> Any:
    return client.post(reverse("leads:act", args=[lead.pk, verb]), data)


def test_every_point_is_explained_and_adds_up(alice: User, client: Client) -> None:
    lead = make_lead(alice, industry="Manufacturing", employees=640, answers={"budget": "can_be_found", "tried": "yes"})
    make_event(lead, "pricing_viewed")
    client.force_login(alice)
    shown = page(client, lead)
    assert shown.status_code == 200
    for part in shown.context["ledger"]:
        assert sum(row["points"] for row in part["rows"]) == part["total"], part["code"]
    text = shown.content.decode()
    assert "Looked at the prices" in text
    assert "Can be found, with a value case" in text
    assert "Missing for SQL" in text


def test_no_persona_is_guessed_from_nothing(alice: User, client: Client) -> None:
    lead = make_lead(alice, company="Fjord AS", email="ingrid@fjord.example", industry="Manufacturing", title="")
    client.force_login(alice)
    shown = page(client, lead)
    assert shown.context["sheet"].best_persona == ""
    assert "(best match)" not in shown.content.decode()
    fit = next(part for part in shown.context["ledger"] if part["code"] == "fit")
    assert sum(row["points"] for row in fit["rows"]) == fit["total"] > 0
    assert not any(row["rule"] == "Rounding" and abs(row["points"]) >= Decimal("0.1") for row in fit["rows"])
    edit_case(lead, {"department": "Finance"}, version=None, by=alice)
    asked = client.get(reverse("leads:qualify", args=[lead.pk])).content.decode()
    assert "Finance lead (best match)" in asked


def test_the_score_of_a_past_moment_is_shown_beside_the_stage_of_now(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    before = database_now()

    answer_all(Checklist.objects.get(lead=lead), {"budget": "set_aside"}, by=alice)
    client.force_login(alice)
    now = page(client, lead).context["sheet"].low
    then = page(client, lead, f"?as_of={before.isoformat().replace('+', '%2B')}")
    assert then.context["sheet"].low == 0 < now
    assert "Judged by what was known" in then.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?as_of=yesterday",
        "?as_of=2026-02-30",
        "?as_of=2999-01-01",
        "?as_of=0001-01-01T00:00",
        "?before=x",
        "?colour=red",
    ],
)
def test_an_address_that_cannot_be_shown_says_so(alice: User, client: Client, query: str) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    wanted = {200, 400} if "0001" in query else {400}
    assert page(client, lead, query).status_code in wanted


def test_the_timeline_tells_everything_and_leads_further_back(alice: User, bob: User, client: Client) -> None:
    lead = make_lead(alice, answers={"budget": "set_aside"})
    make_event(lead, "quote_requested")
    log_activity(lead.checklists.get(), Activity.Kind.CALL, by=alice, two_way=True, note="Talked for ten minutes.")
    client.force_login(alice)
    client.post(
        reverse("leads:edit", args=[lead.pk]),
        {
            "version": Lead.objects.get(pk=lead.pk).version,
            "name": "Renamed",
            "initial-name": lead.name,
            "company": lead.company,
            "initial-company": lead.company,
            "email": lead.email,
            "initial-email": lead.email,
            "source": lead.source_id,
            "initial-source": lead.source_id,
        },
    )
    do(client, lead, "override", gate="sql", direction="up", reason="Their director said so.")
    shown = page(client, lead)
    kinds = {item.kind for item in shown.context["timeline"].items}
    assert kinds == {"answer", "event", "activity", "move", "handoff", "override", "owner", "edit"}
    text = shown.content.decode()
    for sentence in (
        "Asked for a quote",
        "Talked for ten minutes.",
        "Set aside",
        "Renamed",
        "Their director said so.",
        "Lead to MQL",
    ):
        assert sentence in text, sentence
    edited = next(item for item in shown.context["timeline"].items if item.kind == "edit")
    assert edited.who == "Alice"
    assert f"{lead.name} → Renamed" in edited.detail


def test_older_pages_of_the_timeline_show_everything_once(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    for number in range(40):
        make_event(lead, "page_viewed", at=database_now() - timedelta(hours=number))
    client.force_login(alice)
    seen: list[tuple[str, int]] = []
    query = ""
    for _page in range(5):
        shown = page(client, lead, query).context["timeline"]
        seen += [(item.kind, item.pk) for item in shown.items]
        if not shown.older:
            break
        query = "?" + urlencode({"before": shown.older})
    assert len(seen) == len(set(seen)) == 42, "40 events, one move, one owner"


def test_the_page_takes_the_same_queries_whatever_happened(
    alice: User, client: Client, django_assert_max_num_queries: Any
) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    page(client, lead)
    with django_assert_max_num_queries(8):
        page(client, lead)
    for number in range(10):
        make_event(lead, "page_viewed", at=database_now() - timedelta(days=number))
    make_event(lead, "quote_requested")
    edit_case(lead, {"name": "Renamed"}, version=None, by=alice)
    with django_assert_max_num_queries(11):  # its open hand-off takes one more, what was edited two
        page(client, lead)


def test_alice_accepts_an_offered_lead_on_its_page(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    make_event(lead, "quote_requested")
    client.force_login(alice)
    shown = page(client, lead)
    assert shown.context["may"]["decide"]
    version = shown.context["handoff"].version
    client.post(reverse("leads:accept", args=[lead.pk]), {"version": version})
    lead.refresh_from_db()
    assert lead.stage == "sal"
    again = client.post(reverse("leads:accept", args=[lead.pk]), {"version": version}, follow=True)
    assert "was first" in again.content.decode()


def test_nurture_disqualify_and_reopen_ask_for_a_reason(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    assert client.get(reverse("leads:act", args=[lead.pk, "nurture"])).status_code == 200
    assert do(client, lead, "nurture", until="2020-01-01", reason="No money.").status_code == 409
    missing = do(client, lead, "nurture", until="2027-06-01", reason="")
    assert missing.status_code == 422
    assert "2027-06-01" in missing.content.decode()
    assert do(client, lead, "nurture", until="2027-06-01", reason="Money in June.").status_code == 302
    lead.refresh_from_db()
    assert (lead.stage, str(lead.nurture_until)) == ("nurture", "2027-06-01")
    assert do(client, lead, "disqualify", reason="Student.").status_code == 302
    assert do(client, lead, "disqualify", reason="Again.").status_code == 409
    assert do(client, lead, "reopen", reason="Was a mistake.").status_code == 302
    lead.refresh_from_db()
    assert lead.stage == "lead"


def test_an_override_is_shown_beside_the_verdict_and_revoked(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    assert do(client, lead, "override", gate="mql", direction="up", reason="").status_code == 422
    assert do(client, lead, "override", gate="mql", direction="up", reason="Met at the fair.").status_code == 302
    lead.refresh_from_db()
    assert lead.stage == "mql"
    shown = page(client, lead)
    text = shown.content.decode()
    assert "Met at the fair." in text
    assert "The policy says: does not hold." in text
    standing = shown.context["overrides"][0]
    client.post(reverse("leads:revoke", args=[lead.pk, standing.pk]))
    lead.refresh_from_db()
    assert lead.stage == "lead"


def test_assigning_is_for_those_who_may(alice: User, bob: User, charlie: User, maria: User, client: Client) -> None:
    lead = make_lead(None, team=alice.team)
    client.force_login(alice)
    assert do(client, lead, "assign", owner=charlie.pk).status_code == 422, "not on alice's list"
    assert do(client, lead, "assign", owner=alice.pk).status_code == 302
    client.force_login(bob)
    assert do(client, lead, "assign", owner="").status_code == 302
    client.force_login(maria)
    assert do(client, lead, "assign", owner=charlie.pk).status_code == 302
    lead.refresh_from_db()
    assert lead.owner == charlie
    client.force_login(alice)
    assert page(client, lead).status_code == 404


def test_a_call_is_logged_in_one_press(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    url = reverse("leads:log", args=[lead.pk])
    assert client.post(url, {"kind": "call", "two_way": "on"}).status_code == 302
    call = Activity.objects.get(checklist__lead=lead)
    assert (call.kind, call.two_way, call.by) == ("call", True, alice)
    empty = client.post(url, {"kind": "note"})
    assert empty.status_code == 422
    long = client.post(url, {"kind": "note", "note": "x" * 10_001})
    assert long.status_code == 422
    assert "x" * 10_001 in long.content.decode(), "what was typed is still there"


def test_marketing_reads_the_page_and_may_not_work_the_lead(alice: User, maria: User, client: Client) -> None:
    lead = make_lead(alice)
    client.force_login(maria)
    shown = page(client, lead)
    assert shown.status_code == 200
    assert not shown.context["may"]["work"]
    assert shown.context["may"]["edit"]
    refused = do(client, lead, "disqualify", reason="No.")
    assert refused.status_code == 403
    assert "Alice" in refused.content.decode()
    assert client.post(reverse("leads:log", args=[lead.pk]), {"kind": "call"}).status_code == 403


def test_an_archived_lead_says_so_and_comes_back(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    client.force_login(alice)
    client.post(reverse("leads:archive", args=[lead.pk]))
    assert "it is in no list" in page(client, lead).content.decode()
    assert post(client, lead, "budget", choice="no").status_code == 403
    client.post(reverse("leads:archive", args=[lead.pk]))
    lead.refresh_from_db()
    assert lead.archived_at is None


def test_strangers_find_no_page(alice: User, charlie: User, client: Client) -> None:
    lead = make_lead(alice)
    client.force_login(charlie)
    assert page(client, lead).status_code == 404
    for verb in ("nurture", "disqualify", "reopen", "override", "assign"):
        assert do(client, lead, verb, reason="x").status_code == 404
    for name in ("edit", "accept", "log", "archive", "context"):
        assert client.post(reverse(f"leads:{name}", args=[lead.pk])).status_code == 404
    client.force_login(alice)
    assert do(client, lead, "paint").status_code == 404


def test_a_stage_is_reached_on_the_workspaces_day(alice: User, client: Client, workspace: Workspace) -> None:
    workspace.zone = "Europe/Oslo"
    workspace.save()
    lead = make_lead(alice, at=datetime(2026, 1, 31, 23, 30, tzinfo=UTC))
    client.force_login(alice)
    assert client.get(f"/leads/{lead.pk}/").context["steps"][0]["note"] == "1 Feb"

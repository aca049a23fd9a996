"""Maria brings in what leads did."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from leads.explaining import explain
from leads.models import BehaviourEvent, EngagementSum, EventKey, Handoff, Lead, LifecycleChange, Score
from tests.factories import make_lead
from tests.intake.files import counts, take_in
from tests.leads.answering import checklist_of
from users.facts import database_now

pytestmark = pytest.mark.usefixtures("workspace")

TEXT = """lead,event,timestamp,message_id,properties
L1,pricing_viewed,2026-11-01T10:00:00Z,m1,"{""page"": ""/prices""}"
L1,pricing_viewed,2026-11-02T10:00:00Z,m2,
L1,pricing_viewed,2026-11-01T10:00:00Z,m1,
L9,pricing_viewed,2026-11-01T10:00:00Z,m3,
L1,page_viewed,2150-01-01,m4,
L1,page_viewed,2090-01-01,m5,
"""


def test_events_are_taken_in_once_and_the_score_follows(tmp_path: Path) -> None:
    lead = make_lead(external_id="L1")
    done = take_in(tmp_path, "events", TEXT)
    assert counts(done) == (6, 3, 0, 1, 2)
    assert BehaviourEvent.objects.filter(lead=lead).count() == EventKey.objects.count() == 3
    assert BehaviourEvent.objects.get(occurred_at=datetime(2026, 11, 1, 10, tzinfo=UTC)).properties == {
        "page": "/prices"
    }
    clamped = BehaviourEvent.objects.get(odd_time=True)
    assert clamped.occurred_at is not None
    assert clamped.occurred_at <= database_now()
    assert EngagementSum.objects.filter(lead=lead, kind="pricing_viewed").exists()
    assert Score.objects.get(lead=lead).engagement > 0
    assert counts(take_in(tmp_path, "events", TEXT)) == (6, 0, 0, 4, 2)
    assert BehaviourEvent.objects.count() == 3


def test_without_message_ids_the_same_event_is_known_by_what_it_says(tmp_path: Path) -> None:
    make_lead(external_id="L1", email="anna@example.com")
    text = "email,event,time\nanna@example.com,page_viewed,2026-11-01\nanna@example.com,page_viewed,2026-11-02\nanna@example.com,page_viewed,2026-11-01\n"
    assert counts(take_in(tmp_path, "events", text)) == (3, 2, 0, 1, 0)
    assert counts(take_in(tmp_path, "events", text)) == (3, 0, 0, 3, 0)


HAND_RAISE = "lead,event,time,message_id\nL1,demo_requested,{},m1\n"


def test_an_import_opens_no_hand_off_unless_the_mapping_says_so(tmp_path: Path) -> None:
    make_lead(external_id="L1")
    take_in(tmp_path, "events", HAND_RAISE.format(database_now().isoformat()))
    assert Score.objects.get().mql
    assert Lead.objects.get().stage == "lead"
    assert not Handoff.objects.exists()
    take_in(
        tmp_path, "events", HAND_RAISE.format(database_now().isoformat()).replace("m1", "m2"), {"open_handoffs": True}
    )
    assert Lead.objects.get().stage == "mql"
    assert Handoff.objects.count() == 1
    assert LifecycleChange.objects.filter(to_stage="mql").count() == 1


def test_an_event_of_1970_is_taken_in_and_is_worth_nothing_any_more(tmp_path: Path) -> None:
    """The half-life of a page view is 7 days: by now it has halved nearly 3,000 times, beyond what a float8 holds."""
    lead = make_lead(external_id="L1")
    text = "lead,event,time,message_id\nL1,page_viewed,1970-01-02,m1\nL1,page_viewed,{},m2\n"
    assert counts(take_in(tmp_path, "events", text.format(database_now().isoformat()))) == (2, 2, 0, 0, 0)
    alone = make_lead(external_id="L2")
    assert counts(take_in(tmp_path, "events", "lead,event,time,message_id\nL2,page_viewed,1970-01-02,m3\n"))[1] == 1
    assert Score.objects.get(lead=lead).engagement == 1
    assert Score.objects.get(lead=alone).engagement == 0
    for one, points in [(lead, 1), (alone, 0)]:
        assert explain(checklist_of(one), at=database_now()).engagement == points, "judged from the events themselves"
    out = StringIO()
    call_command("verify_state", "--format", "json", stdout=out)
    assert json.loads(out.getvalue())["differences"] == 0

"""Sales works through the hand-off queue; both sides see why a lead is there and what became of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.handoff import accept, comment, reject
from leads.lifecycle import Stage
from leads.models import Handoff, HandoffChange, Lead, RejectionReason
from leads.queue import clock
from tests.factories import make_lead, make_team
from tests.leads.queueing import make_offered
from users.models import User

HTMX = {"HX-Request": "true"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def reason(code: str) -> RejectionReason:
    return RejectionReason.objects.get(code=code)


def test_the_most_urgent_lead_comes_first_with_its_reason_and_clock(alice: User) -> None:
    later = make_offered(alice, company="Later Ltd")
    urgent = make_offered(alice, company="Urgent Ltd")
    Handoff.objects.filter(pk=urgent.pk).update(accept_due=timezone.now() - timedelta(days=7))
    response = signed_in(alice).get("/queue/")
    html = response.content.decode()
    assert [row.handoff.pk for row in response.context["rows"]] == [urgent.pk, later.pk]
    assert "Raised a hand: Asked for a demonstration." in html
    assert "late</b>" in html
    assert "Clocks count Monday to Friday, 09:00 to 17:00, in the zone of the team, else UTC" in html
    assert "1 late" in html


@pytest.mark.parametrize(
    ("hours", "state", "text"),
    [(2.0, "fine", "2:00 left"), (0.4, "soon", "0:24 left"), (-1.5, "over", "1:30 late")],
)
def test_a_clock_counts_working_hours_only(hours: float, state: str, text: str) -> None:
    # A deadline on Monday morning; the weekend before it does not count.
    due = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
    now = due - timedelta(hours=hours)
    shown = clock(due, now, ZoneInfo("UTC"))
    assert (shown.state, shown.text) == (state, text)
    friday = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    assert clock(due, friday, ZoneInfo("UTC")).text == "2:00 left"


def test_alice_accepts_with_one_press(alice: User) -> None:
    handoff = make_offered(alice)
    response = signed_in(alice).post(f"/queue/{handoff.pk}/accept/", {"version": handoff.version})
    assert (response.status_code, response["Location"]) == (302, "/queue/")
    handoff.refresh_from_db()
    assert (handoff.state, handoff.decided_by) == (Handoff.State.ACCEPTED, alice)
    assert Lead.objects.get(pk=handoff.lead_id).stage == Stage.SAL


def test_with_htmx_the_row_and_the_figures_beside_it_come_back(alice: User) -> None:
    handoff = make_offered(alice)
    response = signed_in(alice).post(f"/queue/{handoff.pk}/accept/", {"version": handoff.version}, headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 200
    assert f'id="handoff-{handoff.pk}"' in html
    assert "It is yours now" in html
    assert 'id="queue-side" hx-swap-oob="true"' in html
    assert "1 of 1 decided hand-off accepted." in html
    assert "<html" not in html


def test_the_loser_of_two_sees_who_took_it_and_nothing_changes(alice: User, bob: User) -> None:
    handoff = make_offered(alice)
    stale = handoff.version
    accept(handoff, by=bob, version=stale)
    for headers in ({}, HTMX):
        response = signed_in(alice).post(f"/queue/{handoff.pk}/accept/", {"version": stale}, headers=headers)
        assert response.status_code == 409
        assert "Bob was first" in response.content.decode()
    handoff.refresh_from_db()
    assert handoff.decided_by == bob
    assert HandoffChange.objects.filter(handoff=handoff, to_state="accepted").count() == 1


def test_a_rejection_names_its_reason_and_suggests_the_day_of_waking(alice: User) -> None:
    handoff = make_offered(alice)
    client = signed_in(alice)
    form = client.get(f"/queue/{handoff.pk}/reject/")
    assert form.status_code == 200
    assert "<html" in form.content.decode()
    not_now = reason("not_now")
    suggestion = client.get(f"/queue/{handoff.pk}/reject/", {"reason": not_now.pk}, headers=HTMX)
    wake = timezone.now().date() + timedelta(days=90)
    assert f'value="{wake:%Y-%m-%d}"' in suggestion.content.decode()
    response = client.post(
        f"/queue/{handoff.pk}/reject/",
        {"reason": not_now.pk, "note": "Kiln rebuild until March", "version": handoff.version},
    )
    assert response.status_code == 302
    lead = Lead.objects.get(pk=handoff.lead_id)
    assert (lead.stage, lead.nurture_until) == (Stage.NURTURE, wake)
    seen = client.get("/queue/?state=rejected").content.decode()
    assert "Kiln rebuild until March" in seen
    assert str(not_now) in seen


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose a reason"),
        ({"reason": "not_now", "until": "2020-01-01"}, "Choose a wake date after today."),
        ({"reason": "not_now", "until": "yesterday"}, "as year-month-day, such as 2027-01-31."),
        ({"reason": "not_now", "note": "x" * 10_001}, "Shorten “Note to marketing” to 10000 characters."),
        ({"reason": "not_now", "note": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_a_rejection_that_is_not_complete_is_said_and_changes_nothing(
    alice: User, sent: dict[str, Any], said: str
) -> None:
    handoff = make_offered(alice)
    if "reason" in sent:
        sent = {**sent, "reason": reason(sent["reason"]).pk}
    response = signed_in(alice).post(f"/queue/{handoff.pk}/reject/", sent, headers=HTMX)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert response["HX-Retarget"] == f"#form-{handoff.pk}"
    handoff.refresh_from_db()
    assert handoff.state == Handoff.State.OFFERED


def test_recycling_keeps_the_lead_warm_until_a_day(alice: User) -> None:
    handoff = make_offered(alice)
    until = timezone.now().date() + timedelta(days=30)
    response = signed_in(alice).post(
        f"/queue/{handoff.pk}/recycle/", {"until": until.isoformat(), "note": "after the fair"}
    )
    assert response.status_code == 302
    handoff.refresh_from_db()
    assert (handoff.state, handoff.recycle_until) == (Handoff.State.RECYCLED, until)


def test_marketing_sees_what_sales_did_and_why(alice: User, maria: User) -> None:
    reject(make_offered(alice), reason("no_fit"), by=alice, note="They sell the same as we do", version=None)
    accept(make_offered(alice), by=alice, version=None)
    response = signed_in(maria).get("/queue/")
    html = response.content.decode()
    assert "1 of 2 decided hand-offs accepted." in html
    assert "They sell the same as we do" in html
    assert str(reason("no_fit")) in html


def test_both_sides_comment(alice: User, maria: User) -> None:
    handoff = make_offered(alice)
    comment(handoff, "Is this the plant in Turin?", by=alice)
    client = signed_in(maria)
    assert "Is this the plant in Turin?" in client.get(f"/queue/{handoff.pk}/").content.decode()
    answer = client.post(f"/queue/{handoff.pk}/comment/", {"note": "No, the one in Bari."}, headers=HTMX)
    assert "No, the one in Bari." in answer.content.decode()
    assert client.post(f"/queue/{handoff.pk}/comment/", {"note": " "}).status_code == 422
    assert "2 comments" in client.get("/queue/").content.decode()


def test_marketing_reassigns_and_releases_and_returns(alice: User, charlie: User, maria: User) -> None:
    client = signed_in(maria)
    moved = make_offered(alice)
    assert client.post(f"/queue/{moved.pk}/reassign/", {"team": charlie.team_id}).status_code == 302
    assert Handoff.objects.get(pk=moved.pk).team == charlie.team
    released, returned = in_review(make_offered(alice)), in_review(make_offered(alice))
    assert signed_in(alice).get(f"/queue/{released.pk}/").status_code == 404, "sales does not see what is in review"
    listed = client.get("/queue/?state=review").content.decode()
    assert "Release to sales" in listed
    assert client.post(f"/queue/{released.pk}/release/").status_code == 302
    assert Handoff.objects.get(pk=released.pk).state == Handoff.State.OFFERED
    assert client.post(f"/queue/{returned.pk}/return/", {"note": ""}).status_code == 422
    assert client.post(f"/queue/{returned.pk}/return/", {"note": "No phone number"}).status_code == 302
    assert Handoff.objects.get(pk=returned.pk).state == Handoff.State.RETURNED


def test_a_handoff_goes_only_to_a_team_that_somebody_belongs_to(alice: User, maria: User) -> None:
    nobody = make_team("Nobody")
    moved = make_offered(alice)
    client = signed_in(maria)
    page = client.get(f"/queue/{moved.pk}/").content.decode()
    assert ">South</option>" in page
    assert ">Nobody</option>" not in page
    assert client.post(f"/queue/{moved.pk}/reassign/", {"team": nobody.pk}).status_code == 422


def in_review(handoff: Handoff) -> Handoff:
    Handoff.objects.filter(pk=handoff.pk).update(state=Handoff.State.REVIEW, accept_due=None, touch_due=None)
    return handoff


def test_who_may_not_is_told_who_may(alice: User, charlie: User, maria: User, carmen: User) -> None:
    handoff = make_offered(alice)
    assert signed_in(charlie).post(f"/queue/{handoff.pk}/accept/").status_code == 404
    refused = signed_in(maria).post(f"/queue/{handoff.pk}/accept/")
    assert refused.status_code == 403
    assert "representatives of team North" in refused.content.decode()
    assert signed_in(maria).get(f"/queue/{handoff.pk}/reject/").status_code == 403
    assert signed_in(alice).post(f"/queue/{handoff.pk}/reassign/", {"team": charlie.team_id}).status_code == 403
    assert signed_in(carmen).get("/queue/").status_code == 403
    assert Client().get("/queue/").status_code == 302
    assert signed_in(alice).get(f"/queue/{handoff.pk}/accept/").status_code == 405


def test_the_list_refreshes_its_clocks_and_says_who_took_what_without_moving_rows(alice: User, bob: User) -> None:
    stays, taken = make_offered(alice), make_offered(alice)
    accept(taken, by=bob, version=None)
    new = make_offered(alice)
    shown: dict[str, str | list[int]] = {"shown": [stays.pk, taken.pk], "state": "offered", "last": "1"}
    html = signed_in(alice).get("/queue/refresh/", shown, headers=HTMX).content.decode()
    assert f'id="clock-{stays.pk}" hx-swap-oob="true"' in html
    assert f'id="handoff-{stays.pk}"' not in html, "a shown row is not replaced: something may be typed in it"
    assert f'id="acts-{taken.pk}" hx-swap-oob="true"' in html
    assert "Bob" in html
    assert f'id="handoff-{new.pk}"' in html
    assert 'id="queue-rows" hx-swap-oob="beforeend"' in html


def test_an_mql_without_a_handoff_is_offered_by_hand(alice: User) -> None:
    lead = make_lead(alice)
    response = signed_in(alice).post(f"/leads/{lead.pk}/offer/", follow=False)
    assert response.status_code == 302
    assert not Handoff.objects.filter(lead=lead).exists(), "it is no MQL"
    Lead.objects.filter(pk=lead.pk).update(stage=Stage.MQL)
    signed_in(alice).post(f"/leads/{lead.pk}/offer/")
    assert Handoff.objects.get(lead=lead).because == "Offered by Alice."


def test_the_queue_pages_by_key(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("users.keyset.page_of.__kwdefaults__", {"size": 2})
    handoffs = [make_offered(alice) for _number in range(5)]
    client = signed_in(alice)
    seen: list[int] = []
    address = "/queue/"
    while address:
        response = client.get(address)
        seen += [row.handoff.pk for row in response.context["rows"]]
        address = response.context["page"].next_url and "/queue/" + response.context["page"].next_url
    assert seen == [handoff.pk for handoff in handoffs]
    back = client.get("/queue/" + response.context["page"].previous_url)
    assert [row.handoff.pk for row in back.context["rows"]] == [handoff.pk for handoff in handoffs[2:4]]
    for odd in ("after=nonsense", "state=rejected&reason=%00", "state=nothing", "before=e30%3D"):
        assert client.get(f"/queue/?{odd}").status_code == 200, odd
    assert client.get("/queue/refresh/?shown=x&shown=99999999999999999999&state=%00").status_code == 200


def test_more_rows_cost_no_more_queries(alice: User) -> None:
    client = signed_in(alice)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get("/queue/")
        return len(caught)

    make_offered(alice)
    queries()
    one = queries()
    for _number in range(4):
        make_offered(alice)
    assert queries() == one
    assert one <= 12

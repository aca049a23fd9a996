"""Figures that the background keeps: shown until fresh ones are there, and for those who see the same only."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from opportunities.models import Opportunity
from reports import snapshots, tasks
from reports.models import ReportSnapshot
from reports.parameters import Wish
from tests.factories import make_account, make_opportunity, make_product
from tests.reports.records_of_a_year import day, move
from users.dirty import MOST_ATTEMPTS
from users.facts import database_now
from users.models import Dirty, User


@pytest.fixture
def desk(client: Client, maria: User) -> Client:
    client.force_login(maria)
    return client


def test_a_cell_that_a_spreadsheet_would_run_is_defused(desk: Client, alice: User) -> None:
    deal = make_opportunity(alice, at=day(1), account=make_account("=HYPERLINK(1)"))
    move(deal, "won", day(2))
    lines = desk.get("/reports/win-rate/csv/?by=account").content.decode()
    assert "'=HYPERLINK(1)" in lines
    assert "\n=HYPERLINK" not in lines


def test_the_page_says_as_of_when_and_keeps_its_figures_until_fresh_ones_are_there(desk: Client, alice: User) -> None:
    move(make_opportunity(alice, at=day(1)), "won", day(2))
    assert desk.get("/reports/win-rate/json/?by=all").json()["totals"]["won"] == 1
    move(make_opportunity(alice, at=day(1)), "won", day(2))
    assert desk.get("/reports/win-rate/json/?by=all").json()["totals"]["won"] == 1
    asked = desk.post("/reports/win-rate/fresh/", {"question": "by=all"}, headers={"HX-Request": "true"})
    poll = re.search(r'hx-get="([^"]+)"', asked.content.decode())
    assert poll
    assert "<progress" in desk.get(poll[1]).content.decode()
    assert "Computing" in desk.get("/reports/win-rate/?by=all").content.decode()
    assert snapshots.compute_asked() == 1
    done = desk.get(poll[1])
    assert (done.status_code, done["HX-Redirect"]) == (204, "/reports/win-rate/?by=all")
    assert desk.get("/reports/win-rate/json/?by=all").json()["totals"]["won"] == 2
    assert not Dirty.objects.filter(kind=Dirty.Kind.REPORT).exists()


def test_the_background_refreshes_what_is_old_and_opened_and_drops_the_rest(desk: Client, alice: User) -> None:
    desk.get("/reports/win-rate/")
    desk.get("/reports/pipeline/")
    now = database_now()
    ReportSnapshot.objects.update(computed_at=now - snapshots.FRESH_FOR - timedelta(minutes=1))
    ReportSnapshot.objects.filter(name="pipeline").update(
        requested_at=now - snapshots.OPENED_WITHIN - timedelta(hours=1)
    )
    move(make_opportunity(alice, at=day(1)), "won", day(2))
    tasks.refresh()
    kept = ReportSnapshot.objects.get()
    assert (kept.name, kept.report["totals"]["won"]) == ("win-rate", 1)  # type: ignore[index]


def test_a_reader_of_every_period_keeps_the_newest_and_sees_fresh_figures_all_the_same(
    desk: Client, alice: User, bob: User, maria: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "MOST_EACH", 3)
    now = database_now()
    for months in range(1, 6):
        desk.get(f"/reports/win-rate/json/?from=2025-{months:02}-01&to=2026-12-31")
        ReportSnapshot.objects.filter(parameters__from=f"2025-{months:02}-01").update(
            requested_at=now - timedelta(hours=10 - months), computed_at=now - timedelta(hours=1)
        )
    other = Client()
    other.force_login(bob)
    other.get("/reports/win-rate/")
    waiting = snapshots.ask_for_fresh(Wish("win-rate", since="2025-01-01", until="2026-12-31"), maria)
    ReportSnapshot.objects.filter(pk=waiting.pk).update(requested_at=now - timedelta(hours=12))

    assert snapshots.mark_stale() == 4, "three of maria's, and the one that she waits for"
    kept = ReportSnapshot.objects.filter(requested_by=maria).order_by("requested_at")
    assert [each.parameters["from"] for each in kept] == ["2025-01-01", "2025-03-01", "2025-04-01", "2025-05-01"]
    assert ReportSnapshot.objects.filter(requested_by=bob).count() == 1, "each reader has their own"

    move(make_opportunity(alice, at=day(1)), "won", day(2))
    fresh = desk.get("/reports/win-rate/json/?from=2025-02-01&to=2026-12-31").json()
    assert fresh["totals"]["won"] == 1


def test_a_history_import_outdates_what_was_kept(desk: Client, alice: User) -> None:
    desk.get("/reports/win-rate/")
    move(make_opportunity(alice, at=day(1)), "won", day(2))
    snapshots.past_was_added_to()
    assert desk.get("/reports/win-rate/json/").json()["totals"]["won"] == 1


def test_as_of_reads_amounts_as_they_were(desk: Client, alice: User) -> None:
    deal = make_opportunity(alice, amount=100)
    moment = database_now()
    Opportunity.objects.filter(pk=deal.pk).update(amount=900)
    then = desk.get("/reports/pipeline/json/", {"as_of": moment.isoformat()}).json()
    assert then["totals"]["amount"]["amount"] == 100.0
    assert desk.get("/reports/pipeline/json/").json()["totals"]["amount"]["amount"] == 900.0


def test_asking_twice_is_one_row_and_one_piece_of_work(desk: Client, maria: User) -> None:
    for _time in range(2):
        snapshots.ask_for_fresh(Wish("win-rate"), maria)
    assert ReportSnapshot.objects.count() == 1
    assert Dirty.objects.filter(kind=Dirty.Kind.REPORT).count() == 1


def test_a_report_that_fails_says_so_and_keeps_its_last_figures(desk: Client, maria: User, alice: User) -> None:
    move(make_opportunity(alice, at=day(1)), "won", day(2))
    assert desk.get("/reports/win-rate/json/?by=all").json()["totals"]["won"] == 1
    snapshot = snapshots.ask_for_fresh(Wish("win-rate", by="all"), maria)
    Dirty.objects.filter(key=snapshot.pk).update(attempts=MOST_ATTEMPTS)
    assert desk.get(f"/reports/progress/{snapshot.pk}/").status_code == 204
    page = desk.get("/reports/win-rate/?by=all").content.decode()
    assert "Fresh figures could not be made." in page
    assert "1 of 1 decided deals went our way" in page


def test_a_report_about_somebody_who_is_gone_fails_with_the_sentence(desk: Client, maria: User) -> None:
    product = make_product("Brush")
    snapshot = snapshots.ask_for_fresh(Wish("win-rate", filters=("product=brush",)), maria)
    product.delete()
    snapshots.compute_asked()
    snapshot.refresh_from_db()
    assert (snapshot.state, "names no" in snapshot.error) == ("failed", True)

"""The pages: the same figures as CSV and JSON, and what they say when asked wrongly."""

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from reports import snapshots
from reports.catalogue import REPORTS
from reports.models import ReportSnapshot
from reports.presenting import drawn, size
from users.models import User


@pytest.fixture
def desk(client: Client, maria: User) -> Client:
    client.force_login(maria)
    return client


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_has_a_page_with_a_finding_a_chart_and_definitions(year: None, desk: Client, name: str) -> None:
    for by in ["", "all", *REPORTS[name].dimensions]:
        answer = desk.get(f"/reports/{name}/", {"by": by} if by else {})
        page = answer.content.decode()
        assert answer.status_code == 200
        assert 'class="take"' in page
        # One bar would say nothing that its figure does not, and bars of nothing say nothing.
        found = desk.get(f"/reports/{name}/json/", {"by": by} if by else {}).json()
        column, rows = drawn(found, REPORTS[name])
        if len(rows) > 1 and any(size(column, row[column.code]) for row in rows):
            assert '<svg class="chart"' in page
        for column in [column for column in REPORTS[name].columns if column.on_page]:
            assert str(column.label) in page.replace("&#x27;", "'")
        assert "style=" not in page


def test_the_index_lists_every_report_with_its_reason(desk: Client) -> None:
    page = desk.get("/reports/").content.decode()
    for report in REPORTS.values():
        assert f'href="/reports/{report.name}/"' in page
        assert escape(str(report.reason)) in page


def test_page_csv_and_json_show_the_same_figures(year: None, desk: Client) -> None:
    page = desk.get("/reports/win-rate/?by=owner").content.decode()
    found = desk.get("/reports/win-rate/json/?by=owner").json()
    lines = list(csv.DictReader(io.StringIO(desk.get("/reports/win-rate/csv/?by=owner").content.decode("utf-8-sig"))))
    assert [(line["owner"], line["won"], float(line["win_rate"])) for line in lines[:-1]] == [
        (row["owner"], str(row["won"]), row["win_rate"]["rate"]) for row in found["rows"]
    ]
    for row in found["rows"]:
        assert re.search(rf"column=won[^>]*group={row['key']}[^>]*>{row['won']}<", page)


def test_asking_for_fresh_figures_works_without_script_and_keeps_the_question(year: None, desk: Client) -> None:
    desk.get("/reports/win-rate/?by=owner&filter=product%3Dbasic")
    answer = desk.post("/reports/win-rate/fresh/", {"question": "by=owner&filter=product%3Dbasic"})
    assert (answer.status_code, answer["Location"]) == (302, "/reports/win-rate/?by=owner&filter=product%3Dbasic")
    assert ReportSnapshot.objects.get(state="waiting").parameters["filter"] == ["product=basic"]
    snapshots.compute_asked()
    assert ReportSnapshot.objects.get().state == ReportSnapshot.State.READY


def test_figures_kept_for_one_reader_are_not_shown_to_another(
    year: None, client: Client, maria: User, alice: User
) -> None:
    client.force_login(maria)
    everything = client.get("/reports/lead-funnel/json/").json()
    snapshot = ReportSnapshot.objects.get()
    client.force_login(alice)
    assert client.get("/reports/lead-funnel/json/").json()["totals"]["leads"] < everything["totals"]["leads"]
    assert client.get(f"/reports/progress/{snapshot.pk}/").status_code == 404


def test_a_reader_who_changed_teams_gets_other_figures(year: None, client: Client, alice: User, charlie: User) -> None:
    client.force_login(alice)
    before = client.get("/reports/lead-funnel/json/").json()["totals"]["leads"]
    User.objects.filter(pk=alice.pk).update(team=charlie.team)
    assert client.get("/reports/lead-funnel/json/").json()["totals"]["leads"] != before


def test_a_past_moment_is_never_kept(year: None, desk: Client) -> None:
    desk.get("/reports/win-rate/?as_of=2026-04-01")
    assert not ReportSnapshot.objects.exists()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/reports/win-rate/?by=colour", "cannot be divided by"),
        ("/reports/win-rate/?from=2026-02-01&to=2026-01-01", "before it begins"),
        ("/reports/win-rate/?colour=red", "is nothing that can be asked"),
        ("/reports/win-rate/csv/?filter=owner=Nobody", "names no"),
        ("/reports/win-rate/records/?column=colour", "has no number"),
        ("/reports/win-rate/records/?column=won&after=x", "is not a number"),
    ],
)
def test_what_cannot_be_answered_is_a_400_that_says_what_can(
    workspace: Any, desk: Client, address: str, sentence: str
) -> None:
    answer = desk.get(address)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_a_report_that_does_not_exist_is_a_404(desk: Client) -> None:
    assert desk.get("/reports/win-rat/").status_code == 404


def test_the_forms_filter_becomes_part_of_the_address(year: None, desk: Client) -> None:
    answer = desk.get("/reports/win-rate/?by=owner&filter_by=product&filter_value=Basic")
    assert answer["Location"] == "/reports/win-rate/?by=owner&filter=product%3DBasic"
    page = desk.get(answer["Location"]).content.decode()
    assert "Remove filter Product" in page


def test_a_comparison_stands_beside_the_measure(year: None, desk: Client) -> None:
    found = desk.get("/reports/win-rate/json/?from=2026-04-01&to=2026-06-30&compare=previous").json()
    assert found["compare"]["period"] == {"from": "2025-12-31", "to": "2026-03-31"}
    assert (
        "Win rate before"
        in desk.get("/reports/win-rate/?from=2026-04-01&to=2026-06-30&compare=previous").content.decode()
    )

"""A crawl: every number of every report, by every dimension, opens a list of exactly as many records as it says."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reports.catalogue import REPORTS
from reports.computing import compute
from reports.definitions import Unit
from reports.parameters import Wish, understand, wish_of
from reports.records import list_records
from reports.rendering import as_json, lines_of
from reports.scope import Scope
from users.models import User

# A rate of two sums of money; a share opens the group's own leads, not all of which it is a share.
NOT_COUNTED = ("win_rate_by_amount", "share")
EVERY = [(report.name, by) for report in REPORTS.values() for by in ["all", *report.dimensions]]


def counted(cell: Any) -> int | None:
    """How many records a cell says it counts."""
    if isinstance(cell, dict):
        if "denominator" in cell:
            return int(cell["denominator"])
        return cell.get("n")
    return cell if isinstance(cell, int) else None


def opened(link: str, scope: Scope) -> int:
    """How many records the list behind the link holds, page after page."""
    address = urlsplit(link)
    query = parse_qs(address.query, keep_blank_values=True)
    name = address.path.split("/")[2]
    report = REPORTS[name]
    first = {word: values[0] for word, values in query.items()}
    wish = wish_of(name, first, query.get("filter", []))
    asked = understand(wish, scope)
    split = {part: query[part][0] for part in report.split}
    group = query["group"][0] if "group" in query else None
    listed = list_records(report, asked, query["column"][0], group=group, split=split)
    count, seen = listed.count, len(listed.entries)
    while listed.after:
        listed = list_records(report, asked, query["column"][0], group=group, split=split, after=listed.after)
        seen += len(listed.entries)
    assert seen == count, link
    return count


def numbers(payload: Any) -> Iterator[tuple[str, int, str]]:
    for row in lines_of(payload):
        for column in REPORTS[payload["name"]].columns:
            number, link = counted(row[column.code]), row["links"].get(column.code)
            # A rate in words of another number opens that number's records; money has no count.
            if number is not None and link and column.unit is not Unit.MONEY and column.code not in NOT_COUNTED:
                yield column.code, number, link


@pytest.mark.parametrize(("name", "by"), EVERY)
def test_every_number_opens_exactly_its_records(year: None, name: str, by: str) -> None:
    questions = [Wish(name, by=by)]
    if REPORTS[name].period_of and by in ("all", "owner", "month"):
        questions.append(Wish(name, since="2026-02-01", until="2026-06-30", by=by, view=REPORTS[name].views[-1].value))
    for wish in questions:
        payload = as_json(compute(wish, Scope.all()))
        found = list(numbers(payload))
        for code, number, link in found:
            assert opened(link, Scope.all()) == number, (code, link)
        assert found


@pytest.mark.parametrize("name", REPORTS)
def test_totals_are_the_sum_of_the_rows_and_a_filter_gives_a_rows_figures(year: None, name: str) -> None:
    report = REPORTS[name]
    for by in report.dimensions:
        payload = as_json(compute(Wish(name, by=by), Scope.all()))
        totals = payload["totals"]["rows"] if report.split else [payload["totals"]]
        for column in report.columns:
            if column.unit in (Unit.LEADS, Unit.DEALS, Unit.HANDOFFS, Unit.RECORDS):
                assert sum(row[column.code] for row in payload["rows"]) == sum(row[column.code] for row in totals), (
                    by,
                    column.code,
                )
        if report.split or not payload["rows"]:
            continue
        row = payload["rows"][-1]
        alone = as_json(compute(Wish(name, by="all", filters=(f"{by}={row['key']}",)), Scope.all()))["totals"]
        same = [code for code in alone if "link" not in code and code != "share"]
        assert {code: alone[code] for code in same} == {code: row[code] for code in same}, by


@pytest.mark.parametrize("name", REPORTS)
def test_one_statement_a_report(year: None, name: str) -> None:
    asked = understand(Wish(name), Scope.all())
    with CaptureQueriesContext(connection) as queries:
        list(REPORTS[name].statement(asked).rows(asked))
    assert len([query for query in queries if query["sql"].startswith("WITH")]) == 1
    assert not [query for query in queries if query["sql"].startswith("SELECT")]


def test_the_list_leads_to_the_records(year: None, client: Client, maria: User) -> None:
    client.force_login(maria)
    page = client.get("/reports/win-rate/?by=owner").content.decode()
    link = next(
        found for found in re.findall(r'href="(/reports/win-rate/records/[^"]+)"', page) if "column=won" in found
    )
    listed = client.get(link.replace("&amp;", "&")).content.decode()
    assert re.search(r'href="/opportunities/\d+/"', listed)
    assert "records</h1>" in listed or "record</h1>" in listed

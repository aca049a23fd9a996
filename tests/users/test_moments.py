"""A past moment is read in one way, by the lead's page, the reports and the API."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from tests.factories import make_lead
from users.facts import database_now
from users.models import User, Workspace
from users.moments import check_day, past_moment


@pytest.fixture
def in_oslo(workspace: Workspace) -> None:
    workspace.zone = "Europe/Oslo"
    workspace.save()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-01", datetime(2026, 5, 1, 21, 59, 59, 999999, tzinfo=UTC)),  # the end of that day in Oslo
        ("2026-05-01 12:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        (" 2026-05-01T12:00 ", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01T12:00:00Z", datetime(2026, 5, 1, 12, tzinfo=UTC)),
        ("2026-05-01T12:00+02:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_the_workspaces_zone(in_oslo: None, text: str, moment: datetime) -> None:
    assert past_moment(text) == moment


def test_today_is_now(in_oslo: None) -> None:
    before = database_now()
    today = Workspace.get().day_of(before).isoformat()
    assert before <= past_moment(today) <= database_now()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("yesterday", "is not a moment"),
        ("2026-02-30", "is not a moment"),
        ("2026-02-20T25:00", "is not a moment"),
        ("1066-10-14", "is outside"),
        ("2101-01-01", "is outside"),
        ("2090-01-01", "still to come"),
        ("0001-01-01T00:00+14:00", "not a moment|is outside"),
    ],
)
def test_what_is_no_past_moment_is_refused_in_words(workspace: Workspace, text: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        past_moment(text)


def test_a_day_on_the_leads_page_is_the_end_of_that_day(alice: User, client: Client, in_oslo: None) -> None:
    client.force_login(alice)
    page = client.get(f"/leads/{make_lead(alice).pk}/", {"as_of": "2026-05-01"})
    assert page.context["as_of"] == datetime(2026, 5, 1, 21, 59, 59, 999999, tzinfo=UTC)
    wrong = client.get(f"/leads/{make_lead(alice).pk}/", {"as_of": "1066-10-14"})
    assert wrong.status_code == 400
    assert "is outside" in wrong.content.decode()


def test_a_day_outside_the_years_that_can_be_is_refused_by_its_field() -> None:
    check_day("until", None)
    check_day("until", date(2100, 12, 31))
    for day in (date(1969, 12, 31), date(2101, 1, 1)):
        with pytest.raises(ValidationError) as refused:
            check_day("until", day)
        assert list(refused.value.message_dict) == ["until"]

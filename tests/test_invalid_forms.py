"""Every form that is filled in wrongly: 422, the summary names the field and what to do, what was typed is kept."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.test import Client

from leads.models import RejectionReason
from tests.factories import make_account, make_campaign, make_contact, make_lead, make_opportunity
from tests.leads.queueing import make_offered, make_sql
from users.models import Team, User

TYPED = "Kept as it was typed"


@dataclass(frozen=True)
class Wrong:
    """A form sent by somebody: what was sent, what is said about which field."""

    path: str  # {pk} is what `about` makes
    who: str
    sent: dict[str, str]
    said: str
    control: str  # the id that the summary leads to
    kept: str = TYPED
    about: Callable[[User], int] = field(default=lambda _alice: 0)


def team(_alice: User) -> int:
    return Team.objects.get(name="North").pk


def person(alice: User) -> int:
    return alice.pk


def reason(_alice: User) -> int:
    return RejectionReason.objects.get(code="not_now").pk


def account(alice: User) -> int:
    return make_account(manager=alice).pk


def contact(alice: User) -> int:
    return make_contact(account=make_account(manager=alice)).pk


def deal(alice: User) -> int:
    return make_opportunity(alice).pk


def campaign(_alice: User) -> int:
    return make_campaign().pk


def lead(alice: User) -> int:
    return make_lead(alice).pk


NAME = "Fill in “Name”."
EVERY_FORM = [
    Wrong("/accounts/new/", "alice", {"name": "", "city": TYPED}, NAME, "id_name"),
    Wrong(
        "/accounts/{pk}/edit/",
        "alice",
        {"name": TYPED, "type": "999999"},
        "Choose “Type” from its list: what was sent is not in it.",
        "id_type",
        about=account,
    ),
    Wrong("/contacts/new/", "alice", {"name": "", "title": TYPED}, NAME, "id_name"),
    Wrong(
        "/contacts/{pk}/edit/",
        "alice",
        {"name": TYPED, "email": "nobody"},
        "Write “E-mail” as name@company.com.",
        "id_email",
        about=contact,
    ),
    Wrong("/campaigns/new/", "maria", {"name": "", "code": TYPED}, NAME, "id_name"),
    Wrong(
        "/campaigns/{pk}/edit/", "maria", {"name": "", "code": "x", "cost": "7319"}, NAME, "id_name", "7319", campaign
    ),
    Wrong("/opportunities/new/", "alice", {"name": TYPED}, "Fill in “Account”.", "id_account"),
    Wrong(
        "/opportunities/{pk}/edit/",
        "alice",
        {"name": TYPED, "expected_close": "soon"},
        "Write “Expected close” as year-month-day, such as 2027-01-31.",
        "id_expected_close",
        about=deal,
    ),
    Wrong(
        "/opportunities/{pk}/assign/", "ada", {"owner": "999999"}, "Choose somebody who sells.", "id_owner", "", deal
    ),
    Wrong(
        "/opportunities/{pk}/won/",
        "alice",
        {"won_amount": "a lot", "note": TYPED},
        "Write the amount in figures, such as 12500.",
        "id_won_amount",
        about=deal,
    ),
    Wrong("/opportunities/{pk}/lost/", "alice", {"note": TYPED}, "Choose a reason.", "id_loss_reason", about=deal),
    Wrong(
        "/leads/new/",
        "alice",
        {"company": TYPED, "employees": "few"},
        "Write “Employees” as a whole number.",
        "id_employees",
    ),
    Wrong(
        "/leads/{pk}/do/nurture/",
        "alice",
        {"reason": TYPED, "until": "tomorrow"},
        "Choose a date that exists, as year-month-day.",
        "id_until",
        about=lead,
    ),
    Wrong(
        "/settings/profile/", "alice", {"name": "", "email": "kept@example.com"}, NAME, "id_name", "kept@example.com"
    ),
    Wrong(
        "/settings/workspace/",
        "ada",
        {"name": TYPED, "zone": "Mars/Olympus", "currency": "EUR"},
        "Choose “Time zone” from its list: what was sent is not in it.",
        "id_zone",
    ),
    Wrong(
        "/settings/users/new/",
        "ada",
        {"name": TYPED, "username": "new", "role": "king"},
        "Choose “Role” from its list: what was sent is not in it.",
        "id_role",
    ),
    Wrong(
        "/settings/users/{pk}/",
        "ada",
        {"name": TYPED, "username": "", "role": "manager"},
        "Fill in “User name”.",
        "id_username",
        about=person,
    ),
    Wrong(
        "/settings/users/{pk}/team/",
        "ada",
        {"team": "999999", "since": "2020-05-17"},
        "Choose “Team” from its list: what was sent is not in it.",
        "move_team",
        "2020-05-17",
        person,
    ),
    Wrong("/settings/teams/new/", "ada", {"name": "", "zone": "Europe/Oslo"}, NAME, "id_name", "Europe/Oslo"),
    Wrong(
        "/settings/teams/{pk}/",
        "ada",
        {"name": TYPED, "parent": "999999"},
        "Choose “Below” from its list: what was sent is not in it.",
        "id_parent",
        about=team,
    ),
    Wrong(
        "/settings/teams/{pk}/manager/",
        "ada",
        {"manager": "999999", "since": "2020-05-17"},
        "Choose “Manager” from its list: what was sent is not in it.",
        "manager_manager",
        "2020-05-17",
        team,
    ),
    Wrong(
        "/settings/lists/rejection-reasons/new/",
        "ada",
        {"label": TYPED, "code": "not_now", "target": "nurture", "digit": "7"},
        "Choose another “Code”: this one is taken.",
        "id_code",
    ),
    Wrong(
        "/settings/lists/rejection-reasons/{pk}/",
        "ada",
        {"label": TYPED, "target": "nowhere"},
        "Choose “The lead goes to” from its list: what was sent is not in it.",
        "id_target",
        about=reason,
    ),
    Wrong("/settings/keys/", "ada", {"name": TYPED, "scope": "read"}, "Choose “Acts as”.", "id_user"),
]


@pytest.mark.parametrize("wrong", EVERY_FORM, ids=lambda wrong: wrong.path)
def test_a_form_that_is_wrong_says_what_to_do_and_keeps_what_was_typed(
    wrong: Wrong, client: Client, request: pytest.FixtureRequest, alice: User
) -> None:
    path = wrong.path.format(pk=wrong.about(alice))
    client.force_login(request.getfixturevalue(wrong.who))
    refused = client.post(path, wrong.sent)
    page = html.unescape(refused.content.decode())
    assert refused.status_code == 422
    assert re.search(r"<title>Error: ", page)
    assert f'<a href="#{wrong.control}">{wrong.said}</a>' in page, re.findall(r'<a href="#.*?</a>', page)
    assert re.search(rf'id="{wrong.control}(_0)?"', page), "the summary leads to the field"
    assert wrong.kept in page
    nothing = client.post(path)
    assert nothing.status_code == 422 or wrong.path.endswith(("assign/", "team/", "manager/")), (
        "nobody, none, is a choice"
    )


def test_a_conversion_without_a_manager_says_whom_to_choose(alice: User, client: Client) -> None:
    client.force_login(alice)
    refused = client.post(f"/leads/{make_sql(alice).pk}/convert/", {"deal_name": TYPED, "open_deal": "on"})
    page = html.unescape(refused.content.decode())
    assert refused.status_code == 422
    assert "Choose the account manager: a prospect has exactly one." in page
    assert "Choose “Account”." in page
    assert TYPED in page


def test_a_rejection_without_a_reason_says_what_to_do(alice: User, client: Client) -> None:
    client.force_login(alice)
    refused = client.post(f"/queue/{make_offered(alice).pk}/reject/", {"note": TYPED, "until": "soon"})
    page = html.unescape(refused.content.decode())
    assert refused.status_code == 422
    assert "Choose a reason: press its digit." in page
    assert "Write “Wake on” as year-month-day, such as 2027-01-31." in page
    assert TYPED in page

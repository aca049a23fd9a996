"""Every address of the product, walked as nobody, as each role and as somebody of another team.

tests/urls_and_rights.txt is written by hand from decisions.md 30: a line for each address and method with the status
that each person gets. An address that is not in it fails. The things walked to are alice's, of team North. GET shows;
POST sends nothing at all, so whoever may press is told what is missing (400, 422, 428), and whoever may not gets
403 or, where the thing is not theirs to see, 404. Whatever a press was refused left no trace in any table.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Contact
from leads.models import Checklist, Override, RejectionReason
from leads.overriding import override
from opportunities.conversion import ConversionChoice, convert
from opportunities.pipeline import open_deal
from reports.models import ReportSnapshot
from scoring.drafting import start_from_version
from scoring.models import Policy, QuestionSet
from scoring.question_drafts import start_draft
from tests.factories import make_account, make_campaign, make_contact, make_opportunity
from tests.leads.answering import answer
from tests.leads.queueing import make_offered, make_sql
from users.models import Team, User

TABLE = Path(__file__).with_name("urls_and_rights.txt")
PEOPLE = ("nobody", "alice", "bob", "maria", "carmen", "ada", "charlie")
# Addresses of packages, with tests of their own: what they answer depends on the state of the session.
OF_PACKAGES = re.compile(r"^auth/")
# What a refused request to the API may write: that it was asked, and that its key was used.
NO_BUSINESS = {"users_idempotencykey", "users_apikey"}


@dataclass(frozen=True, slots=True)
class Line:
    route: str
    method: str
    expected: dict[str, int]


def table() -> list[Line]:
    lines = []
    for text in TABLE.read_text().splitlines():
        words = text.split()
        if words and not text.startswith("#"):
            route = "" if words[0] == "(home)" else words[0]
            lines.append(Line(route, words[1], dict(zip(PEOPLE, map(int, words[2:]), strict=True))))
    return lines


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLPattern):
            yield before + str(each.pattern)
        else:
            yield from routes(each, before + str(each.pattern))


def ours() -> set[str]:
    return {route for route in routes() if not OF_PACKAGES.match(route)}


def test_every_address_is_in_the_table_and_no_other() -> None:
    written = {line.route for line in table()}
    assert sorted(ours() - written) == [], "write these into tests/urls_and_rights.txt"
    assert sorted(written - ours()) == [], "these are no addresses any more"
    both = {(line.route, line.method) for line in table()}
    assert sorted(route for route in ours() if (route, "POST") not in both) == [], "say what POST answers too"


@pytest.fixture
def things(alice: User, ada: User) -> dict[str, dict[str, object]]:
    """What stands in the addresses: by the beginning of the route, the longest that fits first."""
    handoff = make_offered(alice)
    lead = handoff.lead
    account = make_account(manager=alice)
    converted = convert(make_sql(alice), ConversionChoice(account_manager=alice), by=alice)
    checklist = Checklist.objects.get(lead=lead)
    given = answer(checklist, "budget", "set_aside", by=alice)
    standing: Override = override(checklist, "sql", "up", by=alice, reason="they told us")
    deal = open_deal({"name": "Of its own", "account": account}, by=alice)
    assert deal.checklist is not None
    told = answer(deal.checklist, "budget", "set_aside", by=alice)
    snapshot = ReportSnapshot.objects.create(name="win-rate", scope="all", digest="d", requested_by=ada)
    question_set = QuestionSet.objects.order_by("pk")[0]
    pk = {
        "settings/users/": alice.pk,
        "settings/teams/": Team.objects.get(name="North").pk,
        "settings/lists/": RejectionReason.objects.get(code="not_now").pk,
        "settings/question-sets/": question_set.pk,
        "settings/question-sets/drafts/": start_draft(question_set.context, based_on=question_set, by=ada).pk,
        "accounts/": account.pk,
        "contacts/": make_contact(account=account).pk,
        "queue/": handoff.pk,
        "handoffs/": handoff.pk,
        "leads/": lead.pk,
        "conversions/": converted.pk,
        "opportunities/": make_opportunity(alice).pk,
        "opportunities/<int:pk>/qualify/": deal.pk,
        "checklists/": checklist.pk,
        "question-sets/": question_set.pk,
        "policies/": Policy.objects.order_by("pk")[0].pk,
        "settings/policies/": Policy.objects.order_by("pk")[0].pk,
        "settings/policies/drafts/": start_from_version(Policy.objects.order_by("pk")[0], by=ada).pk,
        "campaigns/": make_campaign().pk,
        "imports/": 1,
    }
    words: dict[str, dict[str, object]] = {
        "settings/": {"code": "rejection-reasons", "part": "gates"},
        "settings/question-sets/drafts/": {"code": "tried", "language": "nb"},
        "leads/": {"code": "budget", "override_pk": standing.pk, "answer_pk": given.pk, "verb": "nurture"},
        "opportunities/<int:pk>/qualify/": {"code": "budget", "answer_pk": told.pk},
        "reports/": {"name": "win-rate", "snapshot_id": snapshot.pk},
    }
    found: dict[str, dict[str, object]] = {begins: {"pk": number} for begins, number in pk.items()}
    for begins, more in words.items():
        for known in [*found, begins]:
            if known.startswith(begins):
                found.setdefault(known, {}).update(more)
    return found


def test_every_page_is_told() -> None:
    """Some row of docs/pages.md holds every word of the address."""
    text = (Path(settings.BASE_DIR) / "docs" / "pages.md").read_text()
    rows = [set(re.findall(r"[\w-]+", row)) for row in text.splitlines() if row.startswith("| `")]
    pages = {route for route in ours() if route and not route.startswith("api/")}
    words = {route: set(re.findall(r"[\w-]+", re.sub(r"<.*?>", "", route))) for route in pages}
    assert sorted(route for route in pages if not any(words[route] <= row for row in rows)) == []


def address(route: str, things: dict[str, dict[str, object]]) -> str:
    inside = route.removeprefix("api/v1/")
    begins = max((each for each in things if inside.startswith(each)), key=len, default="")
    return "/" + re.sub(r"<\w+:(\w+)>", lambda part: str(things[begins][part[1]]), route)


# Tables of packages hold sessions, sign-in attempts and the like.
BUSINESS = sorted(
    {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in settings.ROOMS
    }
    - NO_BUSINESS
)


def digest() -> list[tuple[str, int, int]]:
    """Of every business table: how many rows, and a number that any change of any of them would change."""
    each = (
        f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(whole::text, 0)), 0) FROM {name} whole"
        for name in BUSINESS
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return list(cursor.fetchall())


class UndoneError(Exception):
    """Takes back what a press did, so that the next person finds everything as it was."""


@pytest.mark.parametrize("person", PEOPLE)
def test_every_address_answers_as_the_table_says(person: str, things: dict[str, dict[str, object]], db: None) -> None:
    client = Client(raise_request_exception=False)
    if person != "nobody":
        client.force_login(User.objects.get(username=person))
    wrong = []
    before = digest()
    for line in table():
        path = address(line.route, things)
        try:
            with transaction.atomic():
                sends = "application/json" if path.startswith("/api/") else "application/x-www-form-urlencoded"
                response = client.generic(line.method, path, content_type=sends)
                refused = response.status_code >= 400 or person == "nobody"
                if line.method == "POST" and refused and digest() != before:
                    wrong.append(
                        f"{line.method} {path}: refused with {response.status_code}, and yet something was written"
                    )
                raise UndoneError
        except UndoneError:
            pass
        if response.status_code != line.expected[person]:
            wrong.append(f"{line.method} {path}: {response.status_code} and not {line.expected[person]}")
    assert wrong == []


def test_the_walk_would_notice_a_trace(db: None) -> None:
    before = digest()
    Contact.objects.create(name="Somebody")
    assert digest() != before

"""axe looks at every page of the product, in light, in dark and on a phone, and finds nothing.

What there is to look at comes from the addresses themselves: of each in tests/urls_and_rights.txt that shows somebody a
page, and of each of django-allauth's. A new one is looked at without being written down here, or it fails.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from django.urls import resolve
from playwright.sync_api import Page

from leads.impact import ask as compare_all
from leads.models import Checklist, Lead
from leads.views.verbs import VERBS
from opportunities.pipeline import close_won
from reports.catalogue import REPORTS
from scoring.drafting import PARTS as POLICY_PARTS
from scoring.drafting import edit_draft
from scoring.models import PolicyDraft
from tests import test_urls_and_rights as walk
from tests.browser.test_two_step_sign_in import give_password, open_the_set_up, switch_on
from tests.factories import make_account, make_event, make_lead, make_opportunity
from tests.leads.answering import answer_all
from tests.leads.queueing import make_sql
from users.editable_lists import registered
from users.models import User
from users.people import password_link

pytestmark = pytest.mark.django_db(transaction=True)

EVERY_RULE = "axe.run({resultTypes: ['violations']})"
# The dark theme has other colours, and differs in nothing else.
COLOURS = "axe.run({resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block']})"
LOOKS = {"light": (1280, "light", EVERY_RULE), "dark": (1280, "dark", COLOURS), "phone": (390, "light", EVERY_RULE)}
# Who looks at a page: the first of these who gets to see it.
WHO = ("alice", "bob", "maria", "ada")
# These answer GET, and not with a page: for machines, files, and parts of pages that are looked at where they stand.
NO_PAGES = {
    "healthz",
    "readyz",
    "accounts/propose/",
    "contacts/propose/",
    "queue/refresh/",
    "settings/question-sets/<int:pk>/checklists/progress/",
    "settings/policies/<int:pk>/file/",
    "settings/policies/drafts/<int:pk>/file/",
    "reports/<slug:name>/csv/",
    "reports/<slug:name>/json/",
    "reports/progress/<int:snapshot_id>/",
}
# A page that asks for a question in its address: it is opened by a link of the page before.
BY_A_LINK = {"reports/<slug:name>/records/": "reports/<slug:name>/"}
# What somebody meets who asks for the wrong thing.
MISTAKES = {
    ("alice", "/nowhere/"): 404,
    ("alice", "/settings/workspace/"): 403,
    ("bob", "/reports/win-rate/?by=nothing"): 400,
    ("bob", "/reports/win-rate/records/?column=nothing"): 400,
}
# The addresses of packages that show no page of theirs, with what they do instead.
OF_PACKAGES_NO_PAGES = {
    "auth/(email|confirm-email)/": "not there: no mail is sent",
    "auth/email/": "not there: no mail is sent",
    "auth/confirm-email/": "not there: no mail is sent",
    r"auth/confirm-email/(?P<key>[-:\w]+)/$": "not there: no mail is sent",
    "auth/login/code/confirm/": "leads to signing in: no codes by mail",
    "auth/password/set/": "leads to changing the password: everybody has one",
    "auth/2fa/recovery-codes/download/": "a file",
}

things = walk.things  # the fixture: what stands in the addresses

# Of the pages a part each, so that several processes can share them: what stands at the beginning of the address.
PARTS = {"leads": "leads", "queue": "leads", "campaigns": "leads", "reports": "reports", "settings": "settings"}
OTHERS = "records"


def look_at(page: Page, name: str, found: dict[str, str]) -> None:
    """Run axe over the page as it stands, in each look; write down what it finds, and whether the page scrolls sideways."""
    page.evaluate(AXE_SCRIPT)
    for look, (width, scheme, run) in LOOKS.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of the two words
        page.set_viewport_size({"width": width, "height": 844})
        results = AxeResults(page.evaluate(run))
        if results.violations_count:
            found[f"{name}, {look}"] = results.generate_report()
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 0:
            found[f"{name}, {look}, sideways"] = f"scrolls by {wider} px"


def visit(page: Page, path: str, found: dict[str, str], status: int = 200) -> None:
    response = page.goto(path)
    if response is None or response.status != status:
        found[path] = f"answers {response and response.status}"
    else:
        look_at(page, path, found)


def pages_of(who: str) -> list[str]:
    """The routes of which this person looks at the page: those that nobody before them in WHO gets to see."""
    mine = []
    for line in walk.table():
        if line.method != "GET" or line.route in NO_PAGES or line.expected[who] != 200 or line.route.startswith("api/"):
            continue
        if who == next(name for name in WHO if line.expected[name] == 200):
            mine.append(line.route)
    return mine


def part_of(route: str) -> str:
    return PARTS.get(route.split("/")[0], OTHERS)


def test_somebody_looks_at_every_page() -> None:
    # Whoever is refused, or sent elsewhere, is shown nothing of the address itself.
    answers = {
        line.route for line in walk.table() if line.method == "GET" and {200, 204, 400} & set(line.expected.values())
    }
    pages = {route for route in answers if not route.startswith("api/")} - NO_PAGES - BY_A_LINK.keys()
    assert sorted(pages - {route for who in WHO for route in pages_of(who)}) == []
    assert sorted((NO_PAGES | BY_A_LINK.keys()) - walk.ours()) == [], "these are no addresses any more"


@pytest.fixture
def worth_looking_at(things: dict[str, dict[str, Any]], alice: User, bob: User) -> dict[str, dict[str, Any]]:
    """More than the addresses need: a case with answers and history, a customer, a group of accounts."""
    lead = Lead.objects.get(pk=things["leads/"]["pk"])
    Lead.objects.filter(pk=lead.pk).update(employees=300, industry="Technology")
    checklist = Checklist.objects.get(lead=lead)
    answer_all(checklist, {"budget": "set_aside", "pain": "partly", "tried": "no"}, by=alice)
    make_event(lead, "pricing_viewed")
    account = make_account(manager=alice, parent=make_account(manager=bob))
    close_won(make_opportunity(alice, account=account, source=lead.source), Decimal(9_000), by=alice)
    make_lead(alice, context="channel")
    # Hardly anybody passes it: some leads turn, and the draft's pages have something to say.
    draft = PolicyDraft.objects.get(pk=things["settings/policies/drafts/"]["pk"])
    draft = edit_draft(draft.pk, "engagement", draft.definition | {"hand_raises": []}, by=bob, version=draft.version)
    gates = {"mql": {"fit": 100, "engagement": 100, "low": 100}, "sql": {"low": 100, "criterion": 100}, "margin": 5}
    draft = edit_draft(draft.pk, "gates", draft.definition | {"gates": gates}, by=bob, version=draft.version)
    assert compare_all(draft, by=bob).turns.exists()
    return things


def addresses(route: str, things: dict[str, dict[str, Any]], ready: Lead) -> Iterator[str]:
    """The pages of a route: one, or one for each word that may stand in it."""
    if route == "leads/<int:pk>/convert/":
        yield f"/leads/{ready.pk}/convert/"
    if route == "settings/policies/drafts/<int:pk>/":
        version, draft = things["settings/policies/"]["pk"], things["settings/policies/drafts/"]["pk"]
        yield f"/settings/policies/compare/?from=v{version}&to=d{draft}"
    for part, words in {"<slug:verb>": VERBS, "<slug:name>": REPORTS, "<slug:part>": POLICY_PARTS}.items():
        if part in route:
            yield from (walk.address(route.replace(part, word), things) for word in words)
            return
    if route.startswith("settings/lists/<slug:code>") and "<int:pk>" not in route:
        # Of a list that takes no rows the page that makes one is not there.
        lists = [each for each in registered() if each.may_add or not route.endswith("/new/")]
        yield from (walk.address(route.replace("<slug:code>", each.code), things) for each in lists)
        return
    yield walk.address(route, things)


@pytest.mark.parametrize("part", sorted({*PARTS.values(), OTHERS}))
def test_axe_finds_nothing_on_any_page(
    part: str,
    new_page: Callable[..., Page],
    sign_in: Callable[[Page, str], None],
    worth_looking_at: dict[str, dict[str, Any]],
    alice: User,
    complaints: list[str],
) -> None:
    ready = make_sql(alice)
    found: dict[str, str] = {}
    for who in WHO:
        page = new_page()
        sign_in(page, who)
        for route in pages_of(who):
            if part_of(route) != part:
                continue
            for path in addresses(route, worth_looking_at, ready):
                visit(page, path, found)
                if route in BY_A_LINK.values():
                    numbers = page.locator("main a[href*='/records/?']")
                    assert numbers.count(), f"no number of {path} opens records"
                    visit(page, numbers.first.get_attribute("href") or "", found)
        for (person, path), status in MISTAKES.items():
            if person == who and part_of(path[1:]) == part:
                visit(page, path, found, status)
    assert found == {}, "\n".join(f"{path}: {what}" for path, what in found.items())
    assert complaints == []


def test_axe_finds_nothing_on_the_pages_of_signing_in(
    new_page: Callable[..., Page], alice: User, complaints: list[str]
) -> None:
    """In the order in which somebody meets them: first as a stranger, then with a password, then with a code as well."""
    found: dict[str, str] = {}
    seen: set[str] = set()

    def look(page: Page, path: str = "") -> None:
        if path:
            visit(page, f"/auth/{path}", found)
        else:
            look_at(page, page.url, found)
        seen.add(resolve(urlsplit(page.url).path).route)

    stranger = new_page()
    for path in (
        "login/",
        "signup/",
        "inactive/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/done/",
    ):
        look(stranger, path)
    visit(stranger, "/auth/password/reset/key/x-y/", found)  # a link that does not hold any more
    look(stranger, urlsplit(password_link(alice)).path.removeprefix("/auth/"))

    page = new_page()
    give_password(page)
    for path in ("logout/", "password/change/", "2fa/", "reauthenticate/"):
        look(page, path)
    open_the_set_up(page)
    look(page)
    switch_on(page)
    look(page)
    for path in ("2fa/", "2fa/recovery-codes/generate/", "2fa/totp/deactivate/", "2fa/reauthenticate/"):
        look(page, path)

    half_way = new_page()
    give_password(half_way)
    look(half_way)

    assert found == {}, "\n".join(f"{path}: {what}" for path, what in found.items())
    assert complaints == []
    # As Django tells the route of an address: without the ^ inside.
    all_of_them = {route.replace("/^", "/") for route in walk.routes() if walk.OF_PACKAGES.match(route)}
    assert sorted(all_of_them - seen - OF_PACKAGES_NO_PAGES.keys()) == []
    assert sorted(OF_PACKAGES_NO_PAGES.keys() - all_of_them) == [], "these are no addresses any more"

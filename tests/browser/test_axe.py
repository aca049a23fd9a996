"""axe looks at every page of the product, in light, in dark and on a phone, and finds nothing."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from accounts.models import Account
from leads.models import Checklist, Lead
from leads.overriding import override
from opportunities.conversion import ConversionChoice, convert
from opportunities.pipeline import close_won
from tests.factories import make_account, make_campaign, make_contact, make_event, make_lead, make_opportunity
from tests.leads.answering import answer_all
from tests.leads.queueing import make_offered, make_sql
from tests.test_urls_and_rights import table
from users.models import User

LOOKS = {"light": (1280, "light"), "dark": (1280, "dark"), "phone": (390, "light")}
# Of whom the page is looked at: who sees most of it.
WHO = {"settings": "ada", "leads": "alice", "queue": "bob", "reports": "bob", "pipeline": "alice"}
# Fragments and files, and pages that look different for each code.
NO_PAGE = ("api/", "healthz", "readyz", "settings/kit/", "reports/progress/", "queue/refresh/", "reports/<slug:name>/")
PROPOSALS = ("/propose/", "/csv/", "/json/", "/records/")
REPORTS = ("win-rate", "lead-funnel", "cohorts", "stage-conversion")
# Pages of packages in our clothes: those that need no step before.
SIGNING_IN = ("auth/login/", "auth/password/reset/", "auth/password/reset/done/")


def routes() -> Iterator[tuple[str, str]]:
    """Who looks at which address: all that the table of rights has as a page for them."""
    for line in table():
        who = WHO.get(line.route.split("/")[0], "alice")
        page = not line.route.startswith(NO_PAGE) and not line.route.endswith(PROPOSALS)
        if line.method == "GET" and line.expected[who] == 200 and page:
            yield who, line.route
    yield from (("bob", f"reports/{name}/") for name in REPORTS)
    yield from (("", route) for route in SIGNING_IN)


@pytest.fixture
def addresses(alice: User, bob: User) -> list[tuple[str, str]]:
    """Who looks, and where: every address that answers GET with a page, with things worth looking at behind it."""
    handoff = make_offered(alice, employees=300, industry="Technology")
    lead = handoff.lead
    answer_all(Checklist.objects.get(lead=lead), {"budget": "set_aside", "pain": "partly", "tried": "no"}, by=alice)
    make_event(lead, "pricing_viewed")
    override(Checklist.objects.get(lead=lead), "sql", "up", by=alice, reason="they told us")
    convert(make_sql(alice), ConversionChoice(account_manager=alice), by=alice)
    account = make_account(manager=alice, parent=make_account(manager=bob))
    contact = make_contact(account=account)
    deal = make_opportunity(alice, account=account)
    won = make_opportunity(alice, account=account, source=lead.source)
    close_won(won, Decimal(9_000), by=alice)
    make_campaign()
    make_lead(alice, context="channel")
    ready = make_sql(alice)
    settings = {
        "settings/users/": alice.pk,
        "settings/teams/": alice.team_id,
        "settings/lists/": 1,
        "accounts/": account.pk,
        "contacts/": contact.pk,
        "queue/": handoff.pk,
        "leads/": lead.pk,
        "opportunities/": deal.pk,
    }
    found: list[tuple[str, str]] = []
    for who, route in routes():
        begins = max((each for each in settings if route.startswith(each)), key=len, default="")
        pk = ready.pk if route.endswith("/convert/") else settings.get(begins, "")
        path = (
            route.replace("<int:pk>", str(pk))
            .replace("<slug:code>", "rejection-reasons")
            .replace("<slug:verb>", "nurture")
        )
        found.append((who, f"/{path}"))
    assert Account.objects.count() and Lead.objects.count() > 2
    return found


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_any_page(
    look: str, new_page: Callable[..., Page], sign_in: Callable[[Page, str], None], addresses: list[tuple[str, str]]
) -> None:
    width, scheme = LOOKS[look]
    pages: dict[str, Page] = {}
    found, looked_at = {}, 0
    for who, path in addresses:
        if who not in pages:
            pages[who] = new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
            if who:
                sign_in(pages[who], who)
        page = pages[who]
        response = page.goto(path)
        if response is None or response.status != 200:
            found[path] = f"{who} gets {response and response.status}"
            continue
        looked_at += 1
        report = Axe().run(page)
        if report.violations_count:
            found[path] = report.generate_report()
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 0:
            found[f"{path} scrolls sideways"] = f"{wider} px"
    assert found == {}, "\n".join(f"{path}: {what}" for path, what in found.items())
    assert looked_at > 40

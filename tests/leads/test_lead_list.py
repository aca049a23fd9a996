"""The lead list: what is on it for whom, in which order, narrowed by its address."""

from copy import deepcopy
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from leads.casefile import archive
from leads.models import Lead, Score
from leads.ownership import assign
from leads.setting_aside import disqualify
from leads.views.list import PAGE
from leads.views.marks import hallmark_of
from scoring.models import Policy
from scoring.publishing import publish_policy
from tests.factories import make_campaign, make_event, make_lead
from users.models import SalesContext, User, Workspace

LIST = "/leads/"


def titles(client: Client, query: str = "") -> list[str]:
    response = client.get(LIST + query)
    assert response.status_code == 200, response.content
    return [line.title for line in response.context["leaf"].lines]


def test_alice_sees_the_leads_of_her_team_hottest_first_and_no_others(
    alice: User, charlie: User, client: Client
) -> None:
    make_lead(alice, company="Cold Co")
    make_lead(alice, company="Told Co", answers={"budget": "set_aside"})
    make_lead(charlie, company="South Co")
    hot = make_lead(alice, company="Asked Co")
    make_event(hot, "quote_requested")
    client.force_login(alice)
    assert titles(client) == ["Asked Co", "Told Co", "Cold Co"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?search=norsk", {"Norsk Hydro"}),
        ("?search=NORSK+hyd", {"Norsk Hydro"}),
        ("?source=referral", {"Norsk Hydro"}),
        ("?source=none", {"Sourceless"}),
        ("?campaign=spring", {"Spring Co"}),
        ("?context=channel", {"Dealer"}),
        ("?unowned=1", {"Nobody's"}),
        ("?mine=1&context=channel", {"Dealer"}),
        ("?stage=mql", {"Spring Co"}),
        ("?stage=mql&stage=lead&campaign=spring", {"Spring Co"}),
        ("?temperature=warm", {"Spring Co"}),
        ("?owner=none", {"Nobody's"}),
        ("?search=%25%25%25", set()),
    ],
)
def test_the_address_narrows_the_list(alice: User, client: Client, query: str, expected: set[str]) -> None:
    make_lead(alice, company="Norsk Hydro", source="referral")
    make_lead(alice, company="Sourceless", source=None)
    asked = make_lead(alice, company="Spring Co", campaign=make_campaign("Spring"))
    make_event(asked, "contact_requested")
    make_lead(alice, company="Dealer", context="channel")
    make_lead(None, team=alice.team, company="Nobody's")
    client.force_login(alice)
    assert set(titles(client, query)) == expected


@pytest.mark.parametrize(
    "query",
    [
        "?colour=red",
        "?source=fax",
        "?temperature=boiling",
        "?mine=perhaps",
        "?after=nonsense",
        "?after=2_1_1_99999999999999999999",
        "?search=ab",
        "?team=1e5",
        "?stage=won",
    ],
)
def test_an_address_that_asks_for_what_cannot_be_says_what_is_wrong(alice: User, client: Client, query: str) -> None:
    client.force_login(alice)
    response = client.get(LIST + query)
    assert response.status_code == 400
    assert response.context["sentences"]


def test_two_characters_find_a_chinese_name(alice: User, client: Client) -> None:
    make_lead(alice, name="王明", company="")
    client.force_login(alice)
    assert titles(client, "?search=王明") == ["王明"]


def test_pages_lead_through_every_lead_once_and_back(alice: User, client: Client) -> None:
    for number in range(PAGE * 2 + 7):
        make_lead(alice, company=f"Co {number}")
    client.force_login(alice)
    seen: list[list[str]] = []
    url = LIST
    while url:
        leaf = client.get(url).context["leaf"]
        seen.append([line.title for line in leaf.lines])
        last, url = leaf, leaf.next
    assert [len(page) for page in seen] == [PAGE, PAGE, 7]
    assert len({title for page in seen for title in page}) == PAGE * 2 + 7
    back = client.get(last.previous).context["leaf"]
    assert [line.title for line in back.lines] == seen[1]
    first = client.get(back.previous).context["leaf"]
    assert [line.title for line in first.lines] == seen[0]
    assert not first.previous


def test_a_page_of_the_list_takes_the_same_queries_however_long_it_is(
    alice: User, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_lead(alice)
    client.force_login(alice)
    client.get(LIST)  # policies are read once a process
    with django_assert_num_queries(3):  # session, user, leads
        client.get(LIST)
    for number in range(10):
        make_lead(alice, company=f"Co {number}", answers={"budget": "set_aside"} if number % 2 else {})
    with django_assert_num_queries(3):
        client.get(LIST)


def test_an_empty_list_says_whether_nothing_is_there_or_nothing_matches(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert "No open leads" in client.get(LIST).content.decode()
    assert "No leads yet" in client.get(LIST + "?all=1").content.decode()
    make_lead(alice)
    assert "Nothing matches" in client.get(LIST + "?source=referral").content.decode()


def test_the_list_opens_with_the_leads_still_to_be_worked_and_the_others_are_one_press_away(
    alice: User, carmen: User, client: Client
) -> None:
    make_lead(alice, company="Open Co")
    disqualify(make_lead(alice, company="Later Co"), by=alice, reason="Too small")
    client.force_login(alice)
    page = client.get(LIST)
    assert [line.title for line in page.context["leaf"].lines] == ["Open Co"]
    tabs = {tab["label"]: tab for tab in page.context["tabs"]}
    assert [label for label, tab in tabs.items() if tab["current"]] == ["Open leads"]
    everything = client.get(tabs["All leads"]["url"])
    assert {line.title for line in everything.context["leaf"].lines} == {"Open Co", "Later Co"}
    assert [tab["label"] for tab in everything.context["tabs"] if tab["current"]] == ["All leads"]
    stage = page.context["chips"][0]
    assert "Lead" in stage.value
    assert len(titles(client, stage.remove_url.removeprefix(LIST))) == 2
    assert titles(client, "?search=Later") == ["Later Co"]
    assert "Start calling" in page.content.decode()
    Lead.objects.filter(company="Open Co").update(stage="customer")
    Score.objects.filter(lead__company="Open Co").update(stage="customer")
    client.force_login(carmen)
    customers = client.get(LIST)
    assert [tab["label"] for tab in customers.context["tabs"] if tab["current"]] == ["Customers"]
    assert [line.title for line in customers.context["leaf"].lines] == ["Open Co"]
    assert "Start calling" not in customers.content.decode()


def test_an_archived_lead_is_not_listed(alice: User, client: Client) -> None:
    lead = make_lead(alice)
    archive(lead, by=alice)
    client.force_login(alice)
    assert titles(client) == []
    assert Lead.objects.filter(pk=lead.pk).exists()


def test_the_filters_are_a_page_of_their_own_and_a_dialog(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert client.get(reverse("leads:filter") + "?stage=mql").status_code == 200
    dialog = client.get(reverse("leads:filter"), headers={"HX-Request": "true"})
    assert b"<dialog" in dialog.content
    assert b"<html" not in dialog.content


def test_a_criterion_that_need_not_be_met_is_met_from_the_start(workspace: Workspace) -> None:
    context = SalesContext.objects.get(code="direct")
    policy = Policy.objects.filter(context=context).latest("version")
    assert '<i class="u">' in hallmark_of(policy.pk, [Decimal(0)] * 4, [Decimal(100)] * 4)
    definition = deepcopy(policy.definition)
    for criterion in definition["criteria"]:
        criterion["minimum"] = 0
    lenient = publish_policy(context, definition)
    assert '<i class="u">' not in hallmark_of(lenient.pk, [Decimal(0)] * 4, [Decimal(100)] * 4)


def test_what_another_team_has_and_she_owns_stands_once_in_its_place(
    alice: User, charlie: User, client: Client
) -> None:
    """Her list is merged of her team's leads and her own; the pages go on where the last one ended."""
    make_lead(charlie, company="South Co")
    for number in range(PAGE):
        make_lead(alice, company=f"Team {number}", answers={"budget": "set_aside"} if number % 2 else None)
    hers = make_lead(alice, company="Lent to the South", answers={"budget": "set_aside", "pain": "yes"})
    assign(hers, alice, team=charlie.team, by=None)
    client.force_login(alice)
    first = client.get(LIST).context["leaf"]
    assert [line.title for line in first.lines].count("Lent to the South") == 1
    assert first.lines[0].title == "Lent to the South"
    rest = client.get(first.next).context["leaf"]
    told = [line.title for line in (*first.lines, *rest.lines)]
    assert sorted(told) == sorted(["Lent to the South", *(f"Team {number}" for number in range(PAGE))])
    back = client.get(rest.previous).context["leaf"]
    assert [line.lead_id for line in back.lines] == [line.lead_id for line in first.lines]

"""A draft is tried on a lead and on all of them before anybody signs it, and nothing is written."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from leads import impact, scores
from leads.explaining import explain
from leads.models import GateChange, Impact, Lead, Score, Turn
from leads.sweeping import sweep
from leads.trials import preview
from scoring import drafting
from scoring.models import Policy, PolicyDraft
from scoring.publishing import publish_policy
from tests.factories import make_event, make_lead
from tests.leads.answering import BEST_DIRECT, answer_all, checklist_of
from tests.leads.queueing import raise_hand
from users.facts import database_now
from users.models import Dirty, SalesContext, User


def direct() -> SalesContext:
    return SalesContext.objects.get(code="direct")


def shipped() -> dict[str, Any]:
    return deepcopy(Policy.objects.get(context__code="direct", version=1).definition)


def draft_of(definition: dict[str, Any], by: User) -> PolicyDraft:
    return drafting.start_draft(direct(), definition, by=by)


def stricter() -> dict[str, Any]:
    """No hand-raise passes by itself, and engagement has to be 90."""
    text = shipped() | {"hand_raises": []}
    text["gates"]["mql"]["engagement"] = 90
    return text


def looser() -> dict[str, Any]:
    """Whoever has any fit and engagement is an MQL; 10 points of certain answers make an SQL."""
    text = shipped()
    text["gates"]["mql"] = {"fit": 0, "engagement": 0, "low": 0}
    text["gates"]["sql"] = {"low": 10, "criterion": 0}
    return text


def everything() -> list[tuple[Any, ...]]:
    return [*Score.objects.order_by("pk").values_list(), *GateChange.objects.order_by("pk").values_list()]


def test_the_impact_is_what_then_happens(alice: User, charlie: User, maria: User) -> None:
    """Counted before, and after it was really published: the same leads turn."""
    raised, silent, told = make_lead(alice), make_lead(charlie), make_lead(alice)
    raise_hand(raised)
    make_event(silent, "page_viewed")
    answer_all(checklist_of(told), BEST_DIRECT, by=alice)
    before = everything()
    strict = impact.ask(draft_of(stricter(), maria), by=maria)
    loose = impact.ask(draft_of(looser(), maria), by=maria)
    assert everything() == before and strict.state == loose.state == Impact.State.READY and strict.leads == 3
    assert list(impact.turns_of(strict, maria).values_list("lead", "mql_before", "mql_after")) == [
        (raised.pk, True, False)
    ]
    gains = set(impact.turns_of(loose, maria, "mql", to=True).values_list("lead", flat=True))
    assert impact.counts_of(loose, maria)["mql", True] == len(gains) == 1 and gains == {silent.pk}
    publish_policy(direct(), looser())
    sweep()
    assert set(Score.objects.filter(mql=True, listed=True).values_list("lead", flat=True)) == {
        raised.pk,
        silent.pk,
        told.pk,
    }


def test_who_sees_no_lead_counts_none(alice: User, charlie: User, bob: User, carmen: User, maria: User) -> None:
    mine, theirs = make_lead(alice), make_lead(charlie)
    for lead in (mine, theirs):
        raise_hand(lead)
    found = impact.ask(draft_of(stricter(), maria), by=maria)
    seen = {who: impact.counts_of(found, who)["mql", False] for who in (maria, bob, alice, charlie, carmen)}
    assert seen == {maria: 2, bob: 1, alice: 1, charlie: 1, carmen: 0}
    assert [turn.lead_id for turn in impact.turns_of(found, bob)] == [mine.pk]


def test_many_leads_are_compared_block_by_block_in_the_background(
    alice: User, maria: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in [make_lead(alice) for _ in range(5)]:
        raise_hand(each)
    # Two checklists a block, so that five leads are several.
    monkeypatch.setattr(scores, "BLOCK", 2)
    monkeypatch.setattr(impact, "BLOCK", 2)
    asked = impact.ask(draft_of(stricter(), maria), by=maria)
    assert asked.state == Impact.State.WAITING and asked.blocks >= 3 and not Turn.objects.exists()
    assert impact.compare_asked() == 1
    half = Impact.objects.get()
    assert half.state == Impact.State.WAITING and half.blocks_done == 1
    while impact.compare_asked():
        pass
    done = Impact.objects.get()
    assert done.state == Impact.State.READY and done.leads == 5 and done.turns.count() == 5
    assert not Dirty.objects.filter(kind=Dirty.Kind.IMPACT).exists()


def test_an_edit_during_the_comparison_ends_it(alice: User, maria: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        make_lead(alice)
    monkeypatch.setattr(scores, "BLOCK", 1)
    monkeypatch.setattr(impact, "BLOCK", 1)
    draft = draft_of(stricter(), maria)
    impact.ask(draft, by=maria)
    impact.compare_asked()
    values = {"fit": draft.definition["fit"][1:]}
    drafting.edit_draft(draft.pk, "fit", values, by=maria, version=1)
    while impact.compare_asked():
        pass
    assert not Impact.objects.exists() and not Turn.objects.exists()


def test_a_draft_is_tried_on_a_lead(alice: User, maria: User) -> None:
    lead = make_lead(alice, name="Katrin")
    raise_hand(lead)
    before = everything()
    tried = preview(direct(), stricter(), maria, lead.pk, "")
    rows = {each.label: (each.before, each.after) for each in tried.compared}
    assert tried.subject is not None and tried.subject.name == "Katrin" and tried.url == f"/leads/{lead.pk}/"
    assert rows["MQL gate"] == ("holds", "does not hold")
    assert rows["SQL gate"] == ("does not hold", "does not hold")
    assert rows["Engagement"] == ("25.0", "25.0")  # one demonstration asked for, just now
    assert rows["Budget"] == ("0.0", "0.0")
    assert everything() == before


def test_another_half_life_shows_in_the_trial_though_no_sum_is_kept(alice: User, maria: User) -> None:
    lead = make_lead(alice)
    make_event(lead, "pricing_viewed", at=database_now() - timedelta(days=14))
    text = shipped()
    for rule in text["engagement"]:
        if rule["kind"] == "pricing_viewed":
            rule["half_life_days"] = 7
    rows = {each.label: each for each in preview(direct(), text, maria, lead.pk, "").compared}
    assert (rows["Engagement"].before, rows["Engagement"].after) == ("4.0", "2.0")  # 8 / 2, and 8 / 4
    assert explain(checklist_of(lead)).engagement == 4


def test_only_leads_that_one_may_see_are_tried(alice: User, charlie: User) -> None:
    mine, theirs = make_lead(alice, name="Mine"), make_lead(charlie, name="Theirs")
    tried = preview(direct(), stricter(), alice, theirs.pk, "")
    assert tried.subject is not None and tried.subject.pk == mine.pk
    assert [each.name for each in tried.others] == ["Mine"]
    assert preview(direct(), stricter(), alice, None, "theirs").subject is None
    assert preview(direct(), stricter(), charlie, None, "THEIRS").subject is not None


def test_the_page_of_the_impact(client: Client, alice: User, maria: User) -> None:
    lead = make_lead(alice, name="Katrin")
    raise_hand(lead)
    draft = draft_of(stricter(), maria)
    page = f"/settings/policies/drafts/{draft.pk}/impact/"
    client.force_login(alice)
    assert client.post(page).status_code == 403
    client.force_login(maria)
    assert "Compute it" in client.get(page).content.decode()
    assert client.post(page).headers["Location"] == page
    shown = client.get(f"{page}?verdict=mql&to=loses").content.decode()
    assert "0 leads would become MQL, 1 would stop being it." in shown and "Katrin" in shown
    assert "Katrin" not in client.get(f"{page}?verdict=sql&to=gains").content.decode()
    drawn = client.get(f"/settings/policies/drafts/{draft.pk}/").content.decode()
    assert "1 would stop being it." in drawn
    drafting.edit_draft(draft.pk, "fit", {"fit": draft.definition["fit"][1:]}, by=maria, version=1)
    assert "edited after this was computed" in client.get(page).content.decode()
    assert "1 would stop being it." not in client.get(f"/settings/policies/drafts/{draft.pk}/").content.decode()


def test_the_progress_says_how_far_it_is(
    client: Client, alice: User, maria: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make_lead(alice)
    monkeypatch.setattr(scores, "BLOCK", 1)
    monkeypatch.setattr(impact, "BLOCK", 1)
    draft = draft_of(stricter(), maria)
    client.force_login(maria)
    page = f"/settings/policies/drafts/{draft.pk}/impact/"
    client.post(page)
    impact.compare_asked()
    said = client.get(f"{page}progress/")
    assert said.status_code == 200 and "1 of" in said.content.decode()
    while impact.compare_asked():
        pass
    assert client.get(f"{page}progress/").headers["HX-Redirect"] == page


def test_the_list_asks_as_often_for_one_lead_as_for_many(
    client: Client, alice: User, maria: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        raise_hand(make_lead(alice, name=f"Lead {number}"))
    draft = draft_of(stricter(), maria)
    impact.ask(draft, by=maria)
    client.force_login(maria)
    page = f"/settings/policies/drafts/{draft.pk}/impact/"
    client.get(page)
    with django_assert_num_queries(7):  # session, person, workspace, draft, impact, counts, the page of leads
        first = client.get(page).content.decode()
    assert first.count("stops") == 50 and 'rel="next"' in first
    assert Lead.objects.count() == 60

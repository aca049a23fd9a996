"""The pipeline as board and table; a deal moves by its form, and the sums follow."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from opportunities.models import LossReason, Opportunity, PipelineStage, StageChange
from opportunities.pipeline import close_lost, close_won, move_to_stage
from opportunities.rollup import group_figures
from tests.factories import make_account, make_opportunity
from users.models import User

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/pipeline/"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def stage(code: str, pipeline: str = "direct") -> PipelineStage:
    return PipelineStage.objects.get(pipeline__code=pipeline, code=code)


def make_deal(owner: User, amount: int = 1000, **fields: Any) -> Opportunity:
    return make_opportunity(owner, amount=amount, account=make_account(manager=owner), **fields)


def column(response: Any, code: str) -> Any:
    return next(each for each in response.context["board"].columns if each.stage.code == code)


def test_a_column_has_its_count_sum_and_weighted_sum(alice: User) -> None:
    make_deal(alice, 1000)
    make_deal(alice, 500)
    make_opportunity(alice, amount=300, currency="USD")
    make_opportunity(alice, amount=None)
    response = signed_in(alice).get("/pipeline/")
    first = column(response, "diagnosis")
    assert first.count == 4
    sums = {money.currency: (money.amount, money.weighted) for money in first.money}
    assert sums == {"EUR": (Decimal(1500), Decimal(150)), "USD": (Decimal(300), Decimal(30))}
    html = response.content.decode()
    assert "€1.50k" in html
    assert "× 10% = <b>€150</b>" in html


def test_a_deal_won_in_another_currency_is_summed_in_it(alice: User) -> None:
    deal = make_deal(alice, 1000)
    close_won(deal, Decimal(300), currency="USD", by=alice)
    client = signed_in(alice)
    board = client.get("/pipeline/").context["board"]
    assert [(money.currency, money.amount) for money in board.won] == [("USD", Decimal(300))]
    for page in ("/pipeline/", "/pipeline/?view=table&outcome=won", f"/opportunities/{deal.pk}/"):
        assert "$300" in client.get(page).content.decode(), page
    assert deal.account is not None
    total = group_figures(deal.account, viewer=alice).total
    assert [(money.currency, money.won) for money in total.by_currency] == [("USD", Decimal(300))]


def test_the_measured_rate_stands_beside_the_stated_one(alice: User) -> None:
    won, lost = make_deal(alice), make_deal(alice)
    move_to_stage(won, stage("solution"), by=alice)
    close_won(won, None, by=alice)
    close_lost(lost, LossReason.objects.all()[0], by=alice)
    response = signed_in(alice).get("/pipeline/")
    first, later = column(response, "diagnosis"), column(response, "proposal")
    assert (first.measured, first.measured_of) == (0.5, 2)
    assert (later.measured, later.measured_of) == (1.0, 1)
    assert column(response, "won").count == 1
    assert column(response, "lost").count == 1


def test_everybody_sees_the_deals_that_they_may_see(alice: User, bob: User, charlie: User, carmen: User) -> None:
    deal = make_deal(alice, name="Kiln")
    for person, seen in ((alice, True), (bob, True), (charlie, False), (carmen, False)):
        client = signed_in(person)
        assert ("Kiln" in client.get("/pipeline/").content.decode()) is seen
        assert client.get(f"/opportunities/{deal.pk}/").status_code == (200 if seen else 404)
        assert client.post(f"/opportunities/{deal.pk}/move/", {"stage": stage("proposal").pk}).status_code == (
            302 if seen else 404
        )


def test_the_filter_stands_in_the_address(alice: User, bob: User, charlie: User, maria: User) -> None:
    make_deal(alice, name="Alices deal")
    make_deal(charlie, name="Charlies deal")
    make_opportunity(
        alice, pipeline="channel", stage="contact", name="Partner deal", account=make_account(manager=alice)
    )
    client = signed_in(maria)

    def names(query: str) -> set[str]:
        board = client.get(f"/pipeline/{query}").context["board"]
        return {card.deal.name for each in board.columns for card in each.cards}

    assert names("") == {"Alices deal", "Charlies deal"}
    assert names(f"?owner={alice.pk}") == {"Alices deal"}
    assert names(f"?team={charlie.team_id}") == {"Charlies deal"}
    assert charlie.team is not None
    assert names(f"?team={charlie.team.parent_id}") == {"Alices deal", "Charlies deal"}
    assert names("?pipeline=channel") == {"Partner deal"}
    for odd in (
        "?owner=x",
        "?team=99999999999999999999",
        "?pipeline=%00",
        "?stage=%00&view=table",
        "?view=table&after=x",
    ):
        assert client.get(f"/pipeline/{odd}").status_code == 200, odd


def test_a_move_without_script_is_a_form(alice: User) -> None:
    deal = make_deal(alice)
    client = signed_in(alice)
    response = client.post(f"/opportunities/{deal.pk}/move/", {"stage": stage("proposal").pk, "version": deal.version})
    assert (response.status_code, response["Location"]) == (302, f"/opportunities/{deal.pk}/")
    assert Opportunity.objects.get(pk=deal.pk).stage.code == "proposal"
    assert StageChange.objects.filter(opportunity=deal).count() == 2


def test_on_the_board_the_card_and_the_sums_come_back_out_of_band(alice: User) -> None:
    deal = make_deal(alice)
    response = signed_in(alice).post(
        f"/opportunities/{deal.pk}/move/", {"stage": stage("proposal").pk, "version": deal.version}, headers=HTMX
    )
    html = response.content.decode()
    assert response["HX-Reswap"] == "none"
    assert f'id="deal-{deal.pk}" hx-swap-oob="delete"' in html
    assert f'id="cards-{stage("proposal").pk}" hx-swap-oob="afterbegin"' in html
    assert f'id="head-{stage("diagnosis").pk}" hx-swap-oob="true"' in html
    assert "<b>€650</b>" in html
    assert f"/move/?stage={stage('diagnosis').pk}" in html, "the toast takes it back"


def test_two_who_move_the_same_deal_see_both_values(alice: User, bob: User) -> None:
    deal = make_deal(alice, name="Kiln")
    move_to_stage(deal, stage("solution"), by=bob)
    for headers in ({}, HTMX):
        response = signed_in(alice).post(
            f"/opportunities/{deal.pk}/move/", {"stage": stage("proposal").pk, "version": deal.version}, headers=headers
        )
        assert response.status_code == 409
        assert "it is in Solution, you wanted Proposal" in response.content.decode()
    assert Opportunity.objects.get(pk=deal.pk).stage.code == "solution"


def test_won_asks_the_amount(alice: User) -> None:
    deal = make_deal(alice)
    client = signed_in(alice)
    asks = client.post(
        f"/opportunities/{deal.pk}/move/", {"stage": stage("won").pk, "version": deal.version}, headers=HTMX
    )
    assert asks["HX-Retarget"] == "#dialog"
    assert "Amount that it was won with" in asks.content.decode()
    assert Opportunity.objects.get(pk=deal.pk).stage.code == "diagnosis"
    for wrong in (
        {"won_amount": "-5", "currency": "EUR"},
        {"won_amount": "", "currency": "EUR"},
        {"won_amount": "5", "currency": "eu"},
    ):
        assert client.post(f"/opportunities/{deal.pk}/won/", wrong).status_code == 422
    sent = {"won_amount": "950", "currency": "EUR", "version": deal.version}
    assert client.post(f"/opportunities/{deal.pk}/won/", sent).status_code == 302
    assert client.post(f"/opportunities/{deal.pk}/won/", sent).status_code == 302, "a second submit does nothing"
    won = Opportunity.objects.get(pk=deal.pk)
    assert (won.stage.code, won.won_amount) == ("won", Decimal(950))
    assert StageChange.objects.filter(opportunity=deal, to_stage__code="won").count() == 1


def test_lost_asks_why_and_to_whom_and_reopening_takes_it_back(alice: User) -> None:
    deal = make_deal(alice)
    rival = make_account("Rival", type="competitor")
    client = signed_in(alice)
    assert client.post(f"/opportunities/{deal.pk}/lost/", {}).status_code == 422
    reason = LossReason.objects.all()[0]
    sent = {"loss_reason": reason.pk, "competitor": rival.pk, "note": "Half the price", "version": deal.version}
    client.post(f"/opportunities/{deal.pk}/lost/", sent)
    lost = Opportunity.objects.get(pk=deal.pk)
    assert (lost.stage.code, lost.loss_reason, lost.competitor) == ("lost", reason, rival)
    page = client.get(f"/opportunities/{deal.pk}/").content.decode()
    assert "Half the price" in page
    refused = client.post(f"/opportunities/{deal.pk}/move/", {"stage": stage("proposal").pk})
    assert refused.status_code == 409
    assert "reopen it first" in refused.content.decode()
    client.post(f"/opportunities/{deal.pk}/reopen/")
    assert Opportunity.objects.get(pk=deal.pk).stage.code == "diagnosis"


@pytest.mark.parametrize(
    "sent", [{}, {"stage": "x"}, {"stage": "999999"}, {"stage": "9" * 30}, {"stage": "1", "version": "x"}]
)
def test_a_stage_that_is_none_is_said(alice: User, sent: dict[str, str]) -> None:
    deal = make_deal(alice)
    if sent.get("stage") == "1":
        sent = {**sent, "stage": str(stage("contact", "channel").pk)}
    response = signed_in(alice).post(f"/opportunities/{deal.pk}/move/", sent)
    assert response.status_code == 422
    assert "Choose a stage of this pipeline" in response.content.decode()


def test_who_may_not_move_is_told_who_may(alice: User, maria: User) -> None:
    deal = make_deal(alice)
    client = signed_in(maria)
    refused = client.post(f"/opportunities/{deal.pk}/move/", {"stage": stage("proposal").pk})
    assert refused.status_code == 403
    assert "Only Alice, a manager above their team" in refused.content.decode()
    assert "data-move" not in client.get("/pipeline/").content.decode()
    assert client.get(f"/opportunities/{deal.pk}/won/").status_code == 403
    assert client.post(f"/opportunities/{deal.pk}/reopen/").status_code == 403


def test_the_table_shows_the_same_deals_page_by_page(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("users.keyset.page_of.__kwdefaults__", {"size": 2})
    deals = [make_deal(alice) for _number in range(3)]
    close_won(make_deal(alice), None, by=alice)
    client = signed_in(alice)
    first = client.get("/pipeline/?view=table")
    second = client.get(f"/pipeline/{first.context['page'].next_url}")
    listed = [*first.context["page"].rows, *second.context["page"].rows]
    assert listed == deals[::-1]
    assert len(client.get("/pipeline/?view=table&outcome=won").context["page"].rows) == 1
    assert client.get("/pipeline/?view=table&stage=proposal").context["page"].rows == []


def test_more_cards_cost_no_more_queries(alice: User) -> None:
    client = signed_in(alice)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(address)
        return len(caught)

    make_deal(alice)
    addresses = ("/pipeline/", "/pipeline/?view=table")
    before = [queries(address) for address in addresses for _twice in range(2)][1::2]
    for _number in range(6):
        make_deal(alice)
    assert [queries(address) for address in addresses] == before
    assert max(before) <= 20

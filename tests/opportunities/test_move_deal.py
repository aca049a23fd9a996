"""A deal on the board: moved, won, lost, reopened."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import Account
from leads.lifecycle import Stage
from leads.models import Lead
from opportunities.conversion import ConversionChoice, convert, open_further_deal
from opportunities.editing import assign_opportunity, edit_opportunity
from opportunities.models import LossReason, Opportunity, OpportunityOwnerChange, PipelineStage, StageChange
from opportunities.pipeline import DealRefused, close_lost, close_won, move_to_stage, open_deal, reopen
from tests.factories import make_account, make_opportunity
from tests.leads.queueing import make_sql, moves_of
from users.conflicts import StaleVersion
from users.facts import database_now
from users.models import User
from users.rights import Forbidden


def stage(code: str, pipeline: str = "direct") -> PipelineStage:
    return PipelineStage.objects.get(pipeline__code=pipeline, code=code)


def path(deal: Opportunity) -> list[str]:
    return list(StageChange.objects.filter(opportunity=deal).order_by("id").values_list("to_stage__code", flat=True))


@pytest.fixture
def deal(alice: User) -> Opportunity:
    return make_opportunity(alice, account=make_account("Nordvik", manager=alice), amount=1000)


def test_every_move_is_kept_and_the_same_stage_twice_is_none(deal: Opportunity, alice: User) -> None:
    for code in ("proposal", "proposal", "solution"):
        move_to_stage(deal, stage(code), by=alice)
    assert path(deal) == ["diagnosis", "proposal", "solution"]
    deal.refresh_from_db()
    assert deal.stage.code == "solution"
    assert deal.stage_since == StageChange.objects.latest("id").occurred_at


def test_two_who_drag_at_once_are_told(deal: Opportunity, alice: User, bob: User) -> None:
    move_to_stage(deal, stage("proposal"), by=alice, version=1)
    with pytest.raises(StaleVersion) as stale:
        move_to_stage(deal, stage("solution"), by=bob, version=1)
    assert [(difference.theirs, difference.yours) for difference in stale.value.differences()] == [
        (stage("proposal"), stage("solution"))
    ]
    move_to_stage(deal, stage("solution"), by=bob, version=2)


def test_won_and_lost_say_what_they_need(deal: Opportunity, alice: User) -> None:
    for code, says in [("won", "amount"), ("lost", "why it was lost")]:
        with pytest.raises(DealRefused, match=says):
            move_to_stage(deal, stage(code), by=alice)
    with pytest.raises(DealRefused, match="another pipeline"):
        move_to_stage(deal, stage("briefing", "channel"), by=alice)


def test_a_win_makes_the_prospect_a_customer_and_reopening_takes_it_back(deal: Opportunity, alice: User) -> None:
    move_to_stage(deal, stage("negotiation"), by=alice)
    close_won(deal, Decimal("950.50"), by=alice)
    deal.refresh_from_db()
    assert (deal.stage.code, deal.won_amount, deal.amount) == ("won", Decimal("950.50"), Decimal(1000))
    assert deal.closed_at is not None
    assert Account.objects.get(name="Nordvik").type.code == "customer"
    reopen(deal, by=alice)
    deal.refresh_from_db()
    assert deal.stage.code == "negotiation"
    assert deal.won_amount is None
    assert not Opportunity.objects.filter(closed_at__isnull=False).exists()
    account = Account.objects.get(name="Nordvik")
    assert (account.type.code, account.manager) == ("prospect", alice)
    assert path(deal) == ["diagnosis", "negotiation", "won", "negotiation"]


def test_what_was_expected_keeps_its_currency_when_a_deal_is_won_in_another_one(deal: Opportunity, alice: User) -> None:
    close_won(deal, Decimal(1200), currency="USD", by=alice)
    deal.refresh_from_db()
    assert (deal.amount, deal.currency, deal.won_amount, deal.won_currency) == (
        Decimal(1000),
        "EUR",
        Decimal(1200),
        "USD",
    )
    reopen(deal, by=alice)
    deal.refresh_from_db()
    assert (deal.amount, deal.currency, deal.won_amount, deal.won_currency) == (Decimal(1000), "EUR", None, "")


def test_what_was_expected_in_one_currency_is_not_won_in_another_unsaid(deal: Opportunity, alice: User) -> None:
    with pytest.raises(ValidationError, match="Say the amount in USD too"):
        close_won(deal, None, currency="USD", by=alice)
    with pytest.raises(ValidationError, match="three capital letters"):
        close_won(deal, Decimal(5), currency="eu", by=alice)
    close_won(deal, Decimal(1000), by=alice)
    with pytest.raises(DealRefused, match="reopen it first"):
        close_won(deal, Decimal(1000), currency="USD", by=alice)


def test_a_channel_win_makes_a_partner_without_an_account_manager(alice: User) -> None:
    account = make_account("Distri", manager=alice)
    deal = make_opportunity(alice, pipeline="channel", stage="agreement", account=account)
    close_won(deal, None, by=alice)
    account.refresh_from_db()
    assert (account.type.kind, account.manager) == ("partner", None)
    reopen(deal, by=alice)
    account.refresh_from_db()
    assert (account.type.kind, account.manager) == ("prospect", alice)


def test_an_account_with_another_won_deal_stays_a_customer(deal: Opportunity, alice: User) -> None:
    other = make_opportunity(alice, account=deal.account)
    for each in (deal, other):
        close_won(each, Decimal(10), by=alice)
    reopen(deal, by=alice)
    assert Account.objects.get(name="Nordvik").type.code == "customer"
    reopen(other, by=alice)
    assert Account.objects.get(name="Nordvik").type.code == "prospect"


def test_an_account_that_was_a_customer_before_stays_one(alice: User) -> None:
    account = make_account("Old friend", type="customer", manager=alice)
    deal = make_opportunity(alice, account=account)
    close_won(deal, Decimal(10), by=alice)
    reopen(deal, by=alice)
    account.refresh_from_db()
    assert account.type.code == "customer"


def test_a_won_deal_makes_its_lead_a_customer_and_reopening_the_last_one_takes_it_back(alice: User) -> None:
    lead = make_sql(alice)
    first = convert(lead, ConversionChoice(account_manager=alice, amount=Decimal(10)), by=alice).opportunity
    assert first is not None
    second = open_further_deal(lead, {"name": "Second", "amount": Decimal(5)}, by=alice)
    close_won(first, None, by=alice)
    close_won(second, None, by=alice)
    assert Lead.objects.get(pk=lead.pk).stage == Stage.CUSTOMER
    reopen(first, by=alice)
    assert Lead.objects.get(pk=lead.pk).stage == Stage.CUSTOMER
    reopen(second, by=alice)
    assert moves_of(lead)[-3:] == [
        ("sql", "opportunity", "conversion"),
        ("opportunity", "customer", "conversion"),
        ("customer", "opportunity", "conversion"),
    ]


def test_a_deal_is_lost_to_a_competitor_and_to_nobody_else(deal: Opportunity, alice: User) -> None:
    reason = LossReason.objects.get(code="competitor")
    gone = make_account("Gone", type="competitor", archived_at=database_now())
    for other in (deal.account, make_account("Friend", type="customer", manager=alice), gone):
        with pytest.raises(ValidationError, match="not one of your competitors") as refused:
            close_lost(deal, reason, other, by=alice)
        assert list(refused.value.message_dict) == ["competitor"]
    deal.refresh_from_db()
    assert (deal.stage.code, deal.competitor) == ("diagnosis", None)


def test_whom_they_chose_is_said_when_they_chose_a_competitor(deal: Opportunity, alice: User, client: Client) -> None:
    client.force_login(alice)
    reason = LossReason.objects.get(code="competitor")
    refused = client.post(f"/opportunities/{deal.pk}/lost/", {"loss_reason": reason.pk})
    assert refused.status_code == 422
    assert "Say which competitor they chose, or choose another reason." in refused.content.decode()
    deal.refresh_from_db()
    assert deal.closed_at is None


def test_lost_keeps_reason_and_competitor(deal: Opportunity, alice: User) -> None:
    rival = make_account("Rival", type="competitor")
    reason = LossReason.objects.get(code="competitor")
    close_lost(deal, reason, rival, by=alice, note="Half our price")
    close_lost(deal, reason, rival, by=alice)
    deal.refresh_from_db()
    assert (deal.stage.code, deal.loss_reason, deal.competitor, deal.won_amount) == ("lost", reason, rival, None)
    change = StageChange.objects.latest("id")
    assert (change.loss_reason, change.note) == (reason, "Half our price")
    assert path(deal) == ["diagnosis", "lost"]
    with pytest.raises(DealRefused, match="reopen it first"):
        close_won(deal, Decimal(1), by=alice)
    reopen(deal, by=alice)
    deal.refresh_from_db()
    assert (deal.loss_reason, deal.competitor) == (None, None)


def test_amounts_and_dates_that_cannot_be_are_refused(deal: Opportunity, alice: User) -> None:
    with pytest.raises(ValidationError, match="cannot be negative"):
        close_won(deal, Decimal(-1), by=alice)
    with pytest.raises(ValidationError, match="future"):
        close_won(deal, Decimal(1), by=alice, at=database_now() + timedelta(days=1))
    for changes in (
        {"amount": Decimal(-1)},
        {"amount": Decimal(10) ** 14},
        {"currency": "euro"},
        {"name": " "},
        {"account": None},
        {"expected_close": date(1066, 10, 14)},
        {"account": make_account("Rival", type="competitor")},
    ):
        with pytest.raises(ValidationError):
            edit_opportunity(deal, changes, version=1, by=alice)
    deal.refresh_from_db()
    assert (deal.version, deal.stage.code) == (1, "diagnosis")


def test_a_deal_without_a_lead_has_a_checklist_of_its_own(alice: User) -> None:
    deal = open_deal(
        {"name": "Cold call", "account": make_account("Nordvik", manager=alice), "amount": Decimal(7)}, by=alice
    )
    assert deal.checklist is not None
    assert (deal.checklist.lead, deal.currency, deal.stage.code, deal.owner, deal.team) == (
        None,
        "EUR",
        "diagnosis",
        alice,
        alice.team,
    )
    with pytest.raises(ValidationError, match="Choose the account"):
        open_deal({"name": "Nobody"}, by=alice)


def test_who_moves_a_deal(
    deal: Opportunity, alice: User, bob: User, charlie: User, dora: User, maria: User, carmen: User, ada: User
) -> None:
    for other in (charlie, dora, maria, carmen):
        with pytest.raises(Forbidden, match="Only Alice"):
            move_to_stage(deal, stage("proposal"), by=other)
    move_to_stage(deal, stage("proposal"), by=bob)
    move_to_stage(deal, stage("solution"), by=ada)


def test_a_manager_gives_a_deal_to_somebody_of_the_team(
    deal: Opportunity, alice: User, bob: User, charlie: User, ada: User
) -> None:
    with pytest.raises(Forbidden):
        assign_opportunity(deal, bob, by=alice)
    with pytest.raises(Forbidden):
        assign_opportunity(deal, charlie, by=bob)
    assign_opportunity(deal, bob, by=bob)
    assign_opportunity(deal, charlie, by=ada)
    deal.refresh_from_db()
    assert (deal.owner, deal.team) == (charlie, charlie.team)
    assert list(OpportunityOwnerChange.objects.order_by("id").values_list("owner__username", flat=True)) == [
        "alice",
        "bob",
        "charlie",
    ]

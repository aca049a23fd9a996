"""A deal is archived and brought back; board, lists and open sums leave it out, past reports keep it."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from opportunities.conversion import ConversionChoice, convert, open_further_deal
from opportunities.editing import archive_opportunity, restore_opportunity
from opportunities.models import Opportunity
from opportunities.pipeline import DealRefused, close_won, move_to_stage
from opportunities.undoing import UndoRefused, undo
from reports.computing import compute
from reports.parameters import Wish
from reports.rendering import as_json
from reports.scope import Scope
from tests.api.asking import Program
from tests.factories import make_opportunity
from tests.leads.queueing import make_sql
from users.facts import database_now
from users.models import User
from users.rights import Forbidden


def total(name: str, column: str, **asked: Any) -> Any:
    rows = as_json(compute(Wish(name, filters=("pipeline=direct",), **asked), Scope.all()))["rows"]
    return sum(row[column] for row in rows if isinstance(row[column], int | float))


def open_deals(**asked: Any) -> Any:
    return total("pipeline", "deals", by="owner", **asked)


def test_an_archived_deal_leaves_the_board_and_the_lists(client: Client, alice: User) -> None:
    deal = make_opportunity(alice, name="Big one")
    client.force_login(alice)
    page = reverse("opportunities:page", args=[deal.pk])
    board = reverse("opportunities:board")
    assert page in client.get(board).content.decode()
    assert client.post(reverse("opportunities:archive", args=[deal.pk])).status_code == 302
    assert page not in client.get(board).content.decode()
    assert Program(alice).get("opportunities/").json()["results"] == []
    shown = client.get(page).content.decode()
    assert "Bring back" in shown
    with pytest.raises(DealRefused, match="bring it back first"):
        move_to_stage(deal, deal.pipeline.stages.get(code="proposal"), by=alice)
    client.post(reverse("opportunities:archive", args=[deal.pk]))
    assert page in client.get(board).content.decode()
    assert Opportunity.objects.get().stage == deal.stage


def test_whoever_may_not_move_a_deal_may_not_archive_it(alice: User, maria: User, bob: User) -> None:
    deal = make_opportunity(alice)
    with pytest.raises(Forbidden, match="Alice"):
        archive_opportunity(deal, by=maria)
    assert archive_opportunity(deal, by=bob).archived_at is not None
    with pytest.raises(Forbidden, match="Alice"):
        restore_opportunity(deal, by=maria)
    assert restore_opportunity(deal, by=alice).archived_at is None


def test_an_archived_deal_is_open_in_the_past_only(alice: User) -> None:
    deal = make_opportunity(alice)
    assert open_deals() == 1
    before = database_now()
    archive_opportunity(deal, by=alice)
    between = database_now()
    assert open_deals() == 0
    assert open_deals(as_of=before.isoformat()) == 1
    restore_opportunity(deal, by=alice)
    assert open_deals() == 1
    assert [open_deals(as_of=moment.isoformat()) for moment in (before, between)] == [1, 0]


def test_a_won_deal_that_is_archived_stays_won(alice: User) -> None:
    deal = make_opportunity(alice)
    close_won(deal, Decimal(10), by=alice)
    archive_opportunity(deal, by=alice)
    assert total("win-rate", "won", by="owner") == 1


def test_the_deal_of_an_undone_conversion_is_in_no_report_from_the_undo_on(alice: User) -> None:
    conversion = convert(make_sql(alice), ConversionChoice(account_manager=alice), by=alice)
    before = database_now()
    assert [open_deals(), total("stage-conversion", "reached", by="owner") > 0] == [1, True]
    undo(conversion, by=alice)
    assert [open_deals(), total("stage-conversion", "reached", by="owner")] == [0, 0]
    assert open_deals(as_of=before.isoformat()) == 1
    assert conversion.opportunity is not None
    with pytest.raises(DealRefused, match="convert the lead again"):
        restore_opportunity(conversion.opportunity, by=alice)


def test_the_undo_asks_to_archive_another_deal_and_then_goes_through(alice: User) -> None:
    lead = make_sql(alice)
    conversion = convert(lead, ConversionChoice(account_manager=alice), by=alice)
    lead.refresh_from_db()
    other = open_further_deal(lead, {"name": "Second"}, by=alice)
    with pytest.raises(UndoRefused, match="Second: archive it first"):
        undo(conversion, by=alice)
    archive_opportunity(other, by=alice)
    undo(conversion, by=alice)
    assert not Opportunity.objects.active().exists()


def test_a_program_archives_a_deal_and_brings_it_back(alice: User) -> None:
    deal = make_opportunity(alice)
    program = Program(alice)
    told = program.post(f"opportunities/{deal.pk}/archive/")
    assert (told.status_code, bool(told.json()["archived_at"])) == (200, True)
    assert program.post(f"opportunities/{deal.pk}/archive/").json()["version"] == told.json()["version"]
    assert program.post(f"opportunities/{deal.pk}/restore/").json()["archived_at"] is None

"""A conversion is taken back, and everything is as it was before."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.editing import create_contact, edit_account
from accounts.models import Account
from leads.handoff import accept
from leads.lifecycle import Stage
from leads.models import Lead
from leads.overriding import diagnostic_override
from leads.qualification import Named
from opportunities import undoing
from opportunities.conversion import ConversionChoice, convert, open_further_deal
from opportunities.editing import edit_opportunity
from opportunities.models import Conversion, Opportunity
from opportunities.pipeline import close_won, move_to_stage, reopen
from opportunities.undoing import UndoRefused, undo
from tests.factories import make_account, make_contact
from tests.leads.answering import answer, checklist_of
from tests.leads.queueing import make_offered, make_sql, moves_of
from users.facts import database_now
from users.models import User
from users.rights import Forbidden

# What must differ afterwards: an edit meanwhile has to be noticed, and the lead came to its stage anew.
MAY_DIFFER = {"version", "stage_since", "scored_at", "due_at"}


def rows(*tables: str) -> dict[str, list[dict[str, Any]]]:
    """Every byte of every row of these tables, as the database sees them, but for the columns that must differ."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT to_jsonb(whole) FROM {table} whole ORDER BY 1")
            found[table] = [
                {
                    key: value
                    for key, value in (json.loads(row) if isinstance(row, str) else row).items()
                    if key not in MAY_DIFFER
                }
                for (row,) in cursor.fetchall()
            ]
    return found


CASE = ("leads_lead", "leads_checklist", "leads_answer", "leads_score", "accounts_account", "accounts_contact")


def convert_new(lead: Lead, by: User, **more: Any) -> Conversion:
    return convert(lead, ConversionChoice(account_manager=by, **more), by=by)


def deal_of(conversion: Conversion) -> Opportunity:
    assert conversion.opportunity is not None
    return conversion.opportunity


def test_undo_restores_every_byte_of_a_matched_account_and_contact(alice: User, bob: User) -> None:
    account = make_account("Nordvik", manager=bob, city="Oslo")
    person = make_contact("Kari", account=account)
    lead = make_sql(alice)
    Lead.objects.filter(pk=lead.pk).update(
        city="Bergen",
        industry="Retail",
        employees=70,
        revenue=Decimal("1000000.50"),
        currency="USD",
        phone="2",
        title="CFO",
    )
    boss = make_contact("The boss")
    answer(checklist_of(lead), "decision_maker", "partly", by=alice, contacts=[Named(boss, role="decision_maker")])
    before = rows(*CASE)
    conversion = convert(lead, ConversionChoice(account=account, contact=person), by=alice)
    assert rows(*CASE) != before
    undo(conversion, by=alice)
    assert rows(*CASE) == before
    assert moves_of(lead)[-2:] == [("sql", "opportunity", "conversion"), ("opportunity", "sql", "conversion")]


def test_undo_archives_what_the_conversion_made_and_deletes_nothing(alice: User) -> None:
    lead = make_sql(alice)
    before = rows("leads_lead", "leads_checklist", "leads_answer", "leads_score")
    conversion = convert_new(lead, alice)
    undo(conversion, by=alice)
    assert rows("leads_lead", "leads_checklist", "leads_answer", "leads_score") == before
    deal = Opportunity.objects.get()
    assert deal.archived_at is not None
    assert deal.checklist is None
    assert not Account.objects.active().exists()
    assert Account.objects.count() == 1
    again = convert_new(Lead.objects.get(pk=lead.pk), alice)
    assert again != conversion
    assert deal_of(again).checklist == checklist_of(lead)


def test_undoing_twice_is_undoing_once(alice: User) -> None:
    lead = make_sql(alice)
    conversion = convert_new(lead, alice)
    first = undo(conversion, by=alice)
    assert undo(Conversion.objects.get(pk=conversion.pk), by=alice) == first
    assert Conversion.objects.count() == 2
    with pytest.raises(UndoRefused, match="convert the lead again"):
        undo(first, by=alice)


def test_a_deal_that_has_moved_on_is_moved_back_first(alice: User) -> None:
    lead = make_sql(alice)
    conversion = convert_new(lead, alice)
    deal = deal_of(conversion)
    begun = deal.stage
    move_to_stage(deal, deal.pipeline.stages.get(code="proposal"), by=alice)
    with pytest.raises(UndoRefused, match="moved on to Proposal: move it back to Diagnosis first"):
        undo(conversion, by=alice)
    close_won(deal, Decimal(10), by=alice)
    # Everything that stands in the way at once; that the account is a customer now is nobody's edit.
    with pytest.raises(UndoRefused) as refused:
        undo(conversion, by=alice)
    assert refused.value.first == [
        f"The deal {deal} is closed (Won): reopen it first.",
        f"The deal {deal} has moved on to Proposal: move it back to Diagnosis first.",
    ]
    reopen(deal, by=alice)
    move_to_stage(deal, begun, by=alice)
    undo(conversion, by=alice)
    assert Lead.objects.get(pk=lead.pk).stage == Stage.SQL


def test_a_persons_edit_of_an_account_that_bought_still_stands_in_the_way(alice: User) -> None:
    conversion = convert_new(make_sql(alice), alice)
    close_won(deal_of(conversion), Decimal(10), by=alice)
    edit_account(conversion.account, {"city": "Bodø"}, version=None, by=alice)
    with pytest.raises(UndoRefused) as refused:
        undo(conversion, by=alice)
    assert [sentence.split(":")[0] for sentence in refused.value.first] == [
        f"The deal {deal_of(conversion)} is closed (Won)",
        f"The account {conversion.account} was edited since (city)",
    ]


def test_what_was_worked_on_since_is_listed_and_nothing_is_undone(alice: User) -> None:
    lead = make_sql(alice)
    conversion = convert_new(lead, alice, amount=Decimal(100))
    deal = deal_of(conversion)
    edit_opportunity(deal, {"amount": Decimal(200)}, version=None, by=alice)
    edit_account(conversion.account, {"city": "Bodø"}, version=None, by=alice)
    create_contact({"name": "Somebody new", "account": conversion.account}, by=alice)
    open_further_deal(lead, {"name": "Second"}, by=alice)
    with pytest.raises(UndoRefused) as refused:
        undo(conversion, by=alice)
    text = str(refused.value)
    for part in (
        "edited since (amount)",
        "edited since (city)",
        "another contact, Somebody new",
        "another deal, Second",
    ):
        assert part in text, text
    assert Lead.objects.get(pk=lead.pk).stage == Stage.OPPORTUNITY
    assert Account.objects.active().count() == 1


def test_an_edit_that_was_put_back_does_not_stand_in_the_way(alice: User) -> None:
    conversion = convert_new(make_sql(alice), alice, amount=Decimal(100))
    deal = deal_of(conversion)
    for amount in (200, 100):
        edit_opportunity(deal, {"amount": Decimal(amount)}, version=None, by=alice)
    undo(conversion, by=alice)
    assert Conversion.objects.filter(undoes=conversion).exists()


def test_what_somebody_wrote_over_a_filled_blank_stays(alice: User, bob: User) -> None:
    account = make_account("Nordvik", manager=alice)
    lead = make_sql(alice)
    Lead.objects.filter(pk=lead.pk).update(city="Bergen", industry="Retail")
    conversion = convert(lead, ConversionChoice(account=account), by=alice)
    edit_account(account, {"city": "Tromsø"}, version=None, by=alice)
    undo(conversion, by=alice)
    account.refresh_from_db()
    assert (account.city, account.industry) == ("Tromsø", "")


def test_after_thirty_days_it_is_too_late(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    conversion = convert_new(make_sql(alice), alice)
    monkeypatch.setattr(undoing, "database_now", lambda: database_now() + timedelta(days=30, minutes=1))
    with pytest.raises(UndoRefused, match="within 30 days"):
        undo(conversion, by=alice)


def test_a_diagnostic_conversion_goes_back_to_sal_and_its_override_ends(alice: User) -> None:
    handoff = make_offered(alice)
    accept(handoff, by=alice, version=1)
    lead = Lead.objects.get(pk=handoff.lead_id)
    conversion = convert_new(lead, alice, diagnostic_reason="Money follows the diagnosis")
    assert diagnostic_override(checklist_of(lead).pk, database_now()) is not None
    undo(conversion, by=alice)
    assert Lead.objects.get(pk=lead.pk).stage == Stage.SAL
    assert diagnostic_override(checklist_of(lead).pk, database_now()) is None


def test_the_later_of_two_conversions_is_undone_first(alice: User) -> None:
    lead = make_sql(alice)
    first = convert_new(lead, alice, open_deal=False)
    second = convert_new(lead, alice)
    with pytest.raises(UndoRefused, match="later conversion"):
        undo(first, by=alice)
    undo(second, by=alice)
    assert Lead.objects.get(pk=lead.pk).account == first.account
    undo(first, by=alice)
    lead = Lead.objects.get(pk=lead.pk)
    assert (lead.account, lead.contact, lead.stage) == (None, None, Stage.SQL)


def test_another_team_does_not_undo(alice: User, charlie: User) -> None:
    conversion = convert_new(make_sql(alice), alice)
    with pytest.raises(Forbidden, match="Only Alice"):
        undo(conversion, by=charlie)

"""A qualified lead becomes account, contact and deal."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import Account, Contact
from leads.casefile import archive, switch_context
from leads.handoff import accept
from leads.lifecycle import Stage
from leads.models import Checklist, Handoff, Lead, Override
from leads.qualification import Named
from leads.setting_aside import MoveRefused
from opportunities.conversion import (
    ConversionChoice,
    ConversionRefused,
    answers_to_confirm,
    convert,
    open_further_deal,
    preview,
)
from opportunities.models import Conversion, LossReason, Opportunity, StageChange
from opportunities.pipeline import close_lost
from opportunities.previewing import account_facts, blanks
from tests.factories import make_account, make_contact, make_lead
from tests.leads.answering import answer, answer_all, checklist_of
from tests.leads.queueing import make_offered, make_sql, moves_of
from users.models import SalesContext, User
from users.rights import Forbidden


def new_account(manager: User, **more: Any) -> ConversionChoice:
    return ConversionChoice(account_manager=manager, **more)


def make_sal(owner: User) -> Lead:
    handoff = make_offered(owner)
    accept(handoff, by=owner, version=1)
    return Lead.objects.get(pk=handoff.lead_id)


def test_an_sql_becomes_account_contact_and_deal_and_the_checklist_goes_along(alice: User) -> None:
    lead = make_sql(alice)
    Lead.objects.filter(pk=lead.pk).update(
        industry="Retail", employees=120, title="Head of IT", website="https://www.nordvik.no/en"
    )
    conversion = convert(lead, new_account(alice, amount=Decimal(25_000), expected_close=date(2027, 1, 15)), by=alice)
    account, contact, deal = conversion.account, conversion.contact, conversion.opportunity
    assert contact is not None
    assert deal is not None
    assert (account.name, account.type.kind, account.manager, account.industry, account.employees, account.domain) == (
        lead.company,
        "prospect",
        alice,
        "Retail",
        120,
        "nordvik.no",
    )
    assert (contact.name, contact.title, contact.account) == (lead.name, "Head of IT", account)
    assert (deal.stage.code, deal.amount, deal.currency, deal.owner, deal.team) == (
        "diagnosis",
        Decimal(25_000),
        "EUR",
        alice,
        alice.team,
    )
    assert deal.checklist == checklist_of(lead)
    assert deal.lead == lead
    lead = Lead.objects.get(pk=lead.pk)
    assert (lead.stage, lead.account, lead.contact) == (Stage.OPPORTUNITY, account, contact)
    assert moves_of(lead)[-1] == ("sql", "opportunity", "conversion")
    change = StageChange.objects.get()
    assert (change.from_stage, change.to_stage) == (None, deal.stage)


def test_a_second_submit_does_nothing(alice: User) -> None:
    lead = make_sql(alice)
    first = convert(lead, new_account(alice), by=alice)
    moves = moves_of(lead)
    again = convert(lead, new_account(alice, account_name="Another"), by=alice)
    assert again == first
    assert moves_of(lead) == moves
    for model in (Conversion, Account, Contact, Opportunity):
        assert model.objects.count() == 1, model


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_once_convert_once(alice: User) -> None:
    lead = make_sql(alice)
    barrier = Barrier(2)

    def press(_number: int) -> int:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return convert(Lead.objects.get(pk=lead.pk), new_account(alice), by=alice).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        ids = set(pool.map(press, range(2)))
    assert len(ids) == 1
    assert (Conversion.objects.count(), Account.objects.count(), Opportunity.objects.count()) == (1, 1, 1)


def test_the_preview_finds_the_account_and_the_person_and_what_would_be_filled(alice: User) -> None:
    by_domain = make_account("Nordvik Holding", manager=alice, domain="www.nordvik.no")
    by_name = make_account("nordvik as", manager=alice)
    similar = make_account("Nordvik AS Bergen", manager=alice)
    make_account("Something else", manager=alice)
    person = make_contact("Kari Nordmann", account=by_domain, email="Kari@Nordvik.no")
    lead = make_lead(alice, name="Kari Nordmann", company="Nordvik AS", email="kari@nordvik.no", city="Bergen")
    found = preview(lead)
    assert [match.account for match in found.accounts] == [by_domain, by_name, similar]
    assert [match.certain for match in found.accounts] == [True, True, False]
    assert [match.contact for match in found.contacts] == [person]
    assert found.fills[by_domain.pk] == {"city": "Bergen"}
    assert found.refused == "Only an SQL is converted; this lead is at Lead."
    assert not Conversion.objects.exists()


def test_a_free_mail_address_says_nothing_about_the_company(alice: User) -> None:
    make_account("Somebody", manager=alice, domain="gmail.com")
    assert preview(make_lead(alice, company="Nordvik", email="kari@gmail.com")).accounts == []


def test_an_existing_account_gets_its_blanks_filled_and_nothing_overwritten(alice: User, bob: User) -> None:
    account = make_account("Nordvik", manager=bob, city="Oslo")
    person = make_contact("Kari", account=account, phone="1")
    lead = make_sql(alice)
    Lead.objects.filter(pk=lead.pk).update(city="Bergen", industry="Retail", phone="2", title="CFO")
    conversion = convert(lead, ConversionChoice(account=account, contact=person), by=alice)
    account.refresh_from_db()
    person.refresh_from_db()
    assert (account.city, account.industry, account.manager, account.version) == ("Oslo", "Retail", bob, 2)
    assert (person.phone, person.title, person.email) == ("1", "CFO", lead.email)
    assert (conversion.made_account, conversion.made_contact) == (False, False)
    assert conversion.filled["account"]["industry"] == "Retail"


def test_a_conversion_fills_the_revenue_in_the_leads_currency_or_not_at_all(alice: User) -> None:
    lead = make_sql(alice)
    Lead.objects.filter(pk=lead.pk).update(revenue=Decimal(9), currency="USD")
    lead.refresh_from_db()
    bare, in_euro = make_account("Bare", manager=alice), make_account("Euro", manager=alice, currency="EUR")
    facts = account_facts(lead)
    assert blanks(bare, facts) == {"revenue": "9.00", "currency": "USD", "domain": facts["domain"]}
    assert blanks(in_euro, facts) == {"domain": facts["domain"]}


def test_people_whom_answers_named_belong_to_the_account_from_then_on(alice: User) -> None:
    lead = make_sql(alice)
    boss = make_contact("The boss")
    answer(checklist_of(lead), "decision_maker", "partly", by=alice, contacts=[Named(boss, role="decision_maker")])
    conversion = convert(lead, new_account(alice), by=alice)
    boss.refresh_from_db()
    assert boss.account == conversion.account


def test_a_prospect_needs_an_account_manager(alice: User) -> None:
    lead = make_sql(alice)
    with pytest.raises(ValidationError, match="account manager"):
        convert(lead, ConversionChoice(), by=alice)
    with pytest.raises(ValidationError, match="has no account manager"):
        convert(lead, ConversionChoice(account=make_account("Nordvik")), by=alice)
    assert Lead.objects.get(pk=lead.pk).stage == Stage.SQL
    assert not Conversion.objects.exists()


def test_account_and_contact_without_a_deal_leave_the_lead_where_it_is(alice: User) -> None:
    lead = make_sql(alice)
    first = convert(lead, new_account(alice, open_deal=False), by=alice)
    assert first.opportunity is None
    assert Lead.objects.get(pk=lead.pk).stage == Stage.SQL
    assert convert(lead, new_account(alice, open_deal=False), by=alice) == first
    with pytest.raises(ConversionRefused, match="undo that first"):
        convert(lead, ConversionChoice(account=make_account("Other", manager=alice)), by=alice)
    second = convert(lead, ConversionChoice(), by=alice)
    assert (second.account, second.contact, second.made_account) == (first.account, first.contact, False)
    assert Lead.objects.get(pk=lead.pk).stage == Stage.OPPORTUNITY
    assert Account.objects.filter(name=lead.company).count() == 1


def test_a_sal_is_converted_only_by_a_diagnostic_override(alice: User) -> None:
    lead = make_sal(alice)
    assert preview(lead).needs_diagnostic
    with pytest.raises(ConversionRefused, match="say why the diagnosis"):
        convert(lead, new_account(alice), by=alice)
    conversion = convert(
        lead, new_account(alice, diagnostic_reason="They cannot name a budget before the diagnosis"), by=alice
    )
    assert conversion.diagnostic
    assert moves_of(lead)[-1] == ("sal", "opportunity", "conversion")
    assert not lead.lifecycle_changes.filter(to_stage="sql").exists()
    assert lead.lifecycle_changes.latest("id").diagnostic
    override = Override.objects.get()
    assert (override.diagnostic, override.gate, override.direction) == (True, "sql", "up")


def test_a_lead_that_is_not_qualified_is_refused_with_its_stage(alice: User, maria: User) -> None:
    lead = make_lead(alice)
    with pytest.raises(ConversionRefused, match="at Lead"):
        convert(lead, new_account(alice), by=alice)
    qualified = make_sql(alice)
    archive(qualified, by=maria)
    with pytest.raises(ConversionRefused, match="archived"):
        convert(qualified, new_account(alice), by=alice)


def test_a_competitor_is_no_customer(alice: User) -> None:
    rival = make_account("Rival", type="competitor")
    with pytest.raises(ConversionRefused, match="competitor"):
        convert(make_sql(alice), ConversionChoice(account=rival), by=alice)


def test_only_those_who_work_the_lead_convert_it(
    alice: User, charlie: User, maria: User, carmen: User, bob: User
) -> None:
    lead = make_sql(alice)
    for other in (charlie, maria, carmen):
        with pytest.raises(Forbidden, match="Only Alice"):
            convert(lead, new_account(alice), by=other)
    deal = convert(lead, new_account(alice), by=bob).opportunity
    assert deal is not None
    assert deal.owner == alice


def test_a_further_deal_has_its_own_checklist_with_the_answers_offered(alice: User) -> None:
    lead = make_sql(alice)
    with pytest.raises(ConversionRefused, match="convert it first"):
        open_further_deal(lead, {"name": "Second"}, by=alice)
    first = convert(lead, new_account(alice), by=alice).opportunity
    assert first is not None
    second = open_further_deal(lead, {"name": "Second", "amount": Decimal(5)}, by=alice)
    assert second.checklist is not None
    assert (second.lead, second.account, second.checklist.lead) == (lead, first.account, None)
    assert first.checklist == checklist_of(lead)
    offered = answers_to_confirm(second)
    assert len(offered) == 14
    answer(second.checklist, "budget", "set_aside", by=alice, confirms=offered[0])
    assert len(answers_to_confirm(second)) == 13
    assert answers_to_confirm(first) == []


def test_all_deals_lost_leaves_the_lead_an_opportunity(alice: User) -> None:
    lead = make_sql(alice)
    deal = convert(lead, new_account(alice), by=alice).opportunity
    assert deal is not None
    close_lost(deal, LossReason.objects.get(code="price"), by=alice)
    assert Lead.objects.get(pk=lead.pk).stage == Stage.OPPORTUNITY


def test_after_conversion_answers_count_but_the_lead_stays(alice: User) -> None:
    lead = make_sql(alice)
    convert(lead, new_account(alice), by=alice)
    moves = moves_of(lead)
    answer_all(checklist_of(lead), dict.fromkeys(("budget", "pain", "decision_maker"), "no"), by=alice)
    assert moves_of(lead) == moves
    with pytest.raises(MoveRefused, match="its deal keeps its checklist"):
        switch_context(lead, SalesContext.objects.get(code="channel"), by=alice)
    assert Checklist.objects.filter(lead=lead).count() == 1
    assert Handoff.objects.filter(lead=lead).count() == 1

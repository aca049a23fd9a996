"""A deal without a lead has a checklist too; a further deal of a lead confirms what the lead has told."""

from typing import Any

import pytest

from leads.models import Answer, Checklist
from opportunities.conversion import ConversionChoice, convert, open_further_deal
from opportunities.models import Opportunity
from opportunities.pipeline import open_deal
from tests.api.asking import fields, problem
from tests.factories import make_account, make_contact
from tests.leads.queueing import make_sql
from users.models import User


@pytest.fixture
def deal(alice: User) -> Opportunity:
    return open_deal({"name": "Press", "account": make_account(manager=alice)}, by=alice)


def checklist_of(deal: Opportunity) -> Checklist:
    assert deal.checklist is not None
    return deal.checklist


def test_a_deal_s_checklist_is_answered_and_scored(alice: User, deal: Opportunity, ask: Any) -> None:
    program, address = ask(alice), f"checklists/{checklist_of(deal).pk}/"
    assert program.get(address).json()["lead"] is None
    body = {"question": "budget", "choice": "set_aside", "replaces": None}
    assert program.post(address + "answers/", body).status_code == 201
    assert program.get(address + "score/").json()["low"] > 0
    who = {"question": "decision_maker", "choice": "yes", "replaces": None}
    fields(program.post(address + "answers/", {**who, "contacts": [{"name": "Ola"}]}), "contacts")
    known = make_contact("Kari", account=deal.account)
    assert program.post(address + "answers/", {**who, "contacts": [{"contact": known.pk}]}).status_code == 201
    assert [row["id"] for row in program.get("checklists/").json()["results"]] == [checklist_of(deal).pk]


def test_who_may_not(alice: User, charlie: User, maria: User, carmen: User, deal: Opportunity, ask: Any) -> None:
    address = f"checklists/{checklist_of(deal).pk}/"
    body = {"question": "budget", "choice": "set_aside", "replaces": None}
    for stranger in (charlie, carmen):
        problem(ask(stranger).get(address), 404)
        problem(ask(stranger).get(address + "score/"), 404)
        problem(ask(stranger).post(address + "answers/", body), 404)
    assert ask(maria).get(address).status_code == 200
    problem(ask(maria).post(address + "answers/", body), 403, "Alice")
    assert not Answer.objects.exists()


def test_a_further_deal_confirms_what_was_told(alice: User, ask: Any) -> None:
    lead = make_sql(alice)
    convert(lead, ConversionChoice(account_manager=alice, amount=None), by=alice)
    further = open_further_deal(lead, {"name": "Another"}, by=alice)
    said = Answer.objects.get(checklist__lead=lead, question__code="decision_maker")
    address = f"checklists/{checklist_of(further).pk}/answers/"
    told = ask(alice).post(address, {"question": "decision_maker", "replaces": None, "confirms": said.pk})
    assert told.status_code == 201, told.content
    assert (told.json()["confirms"], told.json()["choice"]) == (said.pk, "yes")
    fields(ask(alice).post(address, {"question": "pain", "replaces": None, "confirms": said.pk}), "confirms")
    fields(ask(alice).post(address, {"question": "pain", "replaces": None, "confirms": 10**9}), "confirms")

"""Whatever field of a record a program sends, only those that are for writing are written; the others are named.

The fields are those of the models, so that a new one is covered from the day it exists.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Field, Model
from psycopg2 import sql

from accounts.api import AccountFields, ContactFields, NewAccount, NewContact
from accounts.editing import ACCOUNT_FIELDS, CONTACT_FIELDS
from accounts.models import Account, Contact
from leads.api.checklists import AnswerBody
from leads.api.leads import LeadFields, NewLead
from leads.casefile import AT_OPENING, EDITABLE
from leads.models import Answer, Lead
from opportunities.api.deals import NewOpportunity, OpportunityFields
from opportunities.editing import EDITABLE as DEAL_FIELDS
from opportunities.models import Opportunity
from opportunities.pipeline import OPENING
from tests.api.asking import Program, problem
from tests.factories import make_account, make_contact, make_lead, make_opportunity
from tests.leads.answering import checklist_of
from tests.leads.queueing import make_offered
from users.models import User

# Names that no model of the record has, but that such holes are tried with.
ALSO = [
    "is_staff",
    "is_superuser",
    "role",
    "password",
    "score",
    "qualified_at",
    "consent_given",
    "tenant",
    "pk",
    "__class__",
]
# What the application writes without being asked: the key's last use, kept answers, the throttle, the session.
NO_BUSINESS = {"users_apikey", "users_idempotencykey", "cache", "django_session"}


def test_the_shapes_hold_what_the_rules_let_people_write() -> None:
    assert set(LeadFields().fields) == set(EDITABLE)
    assert set(NewLead().fields) == set(AT_OPENING)
    assert set(AccountFields().fields) == set(ACCOUNT_FIELDS)
    assert set(NewAccount().fields) == {*ACCOUNT_FIELDS, "external_id"}
    assert set(ContactFields().fields) == set(CONTACT_FIELDS)
    assert set(NewContact().fields) == {*CONTACT_FIELDS, "external_id"}
    assert set(OpportunityFields().fields) == set(DEAL_FIELDS)
    assert set(NewOpportunity().fields) == set(OPENING) - {"checklist", "stage", "team"}


def other_value(field: Field) -> Any:
    """A value of the field's kind that could well stand there."""
    if field.is_relation:
        return 1
    kinds: dict[str, Any] = {
        "DateTimeField": datetime(2020, 1, 1, tzinfo=UTC).isoformat(),
        "DateField": date(2020, 1, 1).isoformat(),
        "DecimalField": str(Decimal("7.00")),
        "BooleanField": True,
        "JSONField": {"a": 1},
    }
    internal = field.get_internal_type()
    return kinds.get(internal, 7 if "Integer" in internal or "AutoField" in internal else "other")


def names_of(model: type[Model]) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(ALSO, True)
    for field in model._meta.get_fields():
        found[field.name] = other_value(field) if isinstance(field, Field) else [1]
        if isinstance(field, Field):
            found[field.attname] = other_value(field)
    return found


def fingerprint() -> str:
    """A digest of every row that matters to anybody."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - NO_BUSINESS)
        for table in tables:
            cursor.execute(
                sql.SQL("SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t").format(
                    sql.Identifier(table)
                )
            )
            digest.update(f"{table}={cursor.fetchone()[0]}".encode())
    return digest.hexdigest()


Made = Callable[[User], tuple[str, Any]]
PATCHED: dict[str, tuple[type[Model], Made, set[str]]] = {
    "lead": (Lead, lambda alice: ("leads", make_lead(alice)), set(EDITABLE)),
    "account": (Account, lambda alice: ("accounts", make_account(manager=alice)), set(ACCOUNT_FIELDS)),
    "contact": (
        Contact,
        lambda alice: ("contacts", make_contact(account=make_account(manager=alice))),
        set(CONTACT_FIELDS),
    ),
    "deal": (
        Opportunity,
        lambda alice: ("opportunities", make_opportunity(alice, account=make_account(manager=alice))),
        set(DEAL_FIELDS),
    ),
}


@pytest.mark.parametrize("kind", PATCHED)
@pytest.mark.parametrize("who", ["alice", "bob", "ada"])
def test_a_field_that_is_not_for_writing_changes_nothing(
    kind: str, who: str, alice: User, ask: Any, request: pytest.FixtureRequest
) -> None:
    model, make, writable = PATCHED[kind]
    folder, record = make(alice)
    program: Program = ask(request.getfixturevalue(who))
    forbidden = {name: value for name, value in names_of(model).items() if name not in writable}
    assert len(forbidden) > 15
    before = fingerprint()
    for name, value in forbidden.items():
        told = problem(program.patch(f"{folder}/{record.pk}/", {name: value}, version=record.version), 400)
        assert set(told["errors"]) == {name}
    # One wrong field takes the others down with it.
    problem(program.patch(f"{folder}/{record.pk}/", {"name": "New", "version": 9}, version=record.version), 400)
    assert fingerprint() == before


@pytest.mark.parametrize(
    ("model", "folder", "body", "allowed"),
    [
        (Lead, "leads/", {"name": "Kari"}, set(AT_OPENING)),
        (Account, "accounts/", {"name": "Nordvik"}, {*ACCOUNT_FIELDS, "external_id"}),
        (Contact, "contacts/", {"name": "Kari"}, {*CONTACT_FIELDS, "external_id"}),
        (Opportunity, "opportunities/", {"name": "Press"}, set(OPENING) - {"checklist", "stage", "team"}),
    ],
)
def test_a_new_record_takes_only_what_is_for_writing(
    model: type[Model], folder: str, body: dict[str, Any], allowed: set[str], ada: User, ask: Any
) -> None:
    program: Program = ask(ada)
    before = fingerprint()
    for name, value in names_of(model).items():
        if name not in allowed:
            told = problem(program.post(folder, {**body, name: value}), 400)
            assert name in told["errors"]
    assert fingerprint() == before


def test_an_answer_takes_only_what_is_for_writing(alice: User, ask: Any) -> None:
    checklist, program = checklist_of(make_lead(alice)), ask(alice)
    before = fingerprint()
    for name, value in names_of(Answer).items():
        if name not in AnswerBody().fields:
            body = {"question": "budget", "choice": "no", "replaces": None, name: value}
            told = problem(program.post(f"checklists/{checklist.pk}/answers/", body), 400)
            assert name in told["errors"]
    assert fingerprint() == before


def test_a_refused_request_leaves_no_trace(alice: User, charlie: User, maria: User, carmen: User, ask: Any) -> None:
    handoff = make_offered(alice)
    lead = handoff.lead
    deal = make_opportunity(alice, account=make_account(manager=alice))
    programs = [ask(charlie), ask(maria), ask(carmen), ask(alice, "read"), ask(None)]
    before = fingerprint()
    for program in programs:
        refused = [
            program.post(f"handoffs/{handoff.pk}/accept/", once="a"),
            program.post(f"checklists/{handoff.checklist_id}/answers/", {"question": "budget"}, once="b"),
            program.post(f"leads/{lead.pk}/disqualify/", {"reason": "x"}),
            program.post(f"leads/{lead.pk}/convert/", {}),
            program.patch(f"opportunities/{deal.pk}/", {"name": "X"}, version=1),
            program.post(f"opportunities/{deal.pk}/move/", {"stage": "won", "amount": 1}, version=1),
            program.patch(f"accounts/{deal.account_id}/", {"name": "X"}, version=1),
        ]
        assert {response.status_code for response in refused} <= {401, 403, 404}
    assert fingerprint() == before

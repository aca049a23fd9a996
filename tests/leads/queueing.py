"""Leads in the hand-off queue, as a test needs them."""

import uuid
from typing import Any

from leads.behaviour import NewEvent, record_events
from leads.handoff import accept
from leads.models import Handoff, Lead
from tests.factories import make_lead
from tests.leads.answering import BEST_DIRECT, answer_all, checklist_of
from users.facts import database_now
from users.models import User


def raise_hand(lead: Lead, kind: str = "demo_requested") -> None:
    """The lead asks for something now; the MQL gate holds from here on."""
    record_events([NewEvent(lead.pk, kind, database_now(), "test", uuid.uuid4().hex)])


def make_offered(owner: User | None = None, **fields: Any) -> Handoff:
    """A lead that asked for a demonstration, and the hand-off that this opened."""
    lead = make_lead(owner, **fields)
    raise_hand(lead)
    return Handoff.objects.get(lead=lead)


def make_sql(owner: User) -> Lead:
    """A lead that sales has accepted and that told us everything: it is an SQL."""
    lead = make_lead(owner)
    answer_all(checklist_of(lead), BEST_DIRECT, by=owner)
    accept(Handoff.objects.get(lead=lead), by=owner, version=1)
    return Lead.objects.get(pk=lead.pk)


def moves_of(lead: Lead) -> list[tuple[str, str, str]]:
    """Every move of the lead, in order: from, to, cause."""
    return list(lead.lifecycle_changes.order_by("id").values_list("from_stage", "to_stage", "cause"))

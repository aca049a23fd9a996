"""What was told in one sales context is confirmed in the other."""

from typing import Any

from leads.casefile import switch_context
from leads.models import Answer
from tests.api.asking import fields
from tests.factories import make_lead
from users.models import SalesContext, User


def test_a_shared_question_is_confirmed(alice: User, ask: Any) -> None:
    lead = make_lead(alice, answers={"decision_maker": "yes", "budget": "no"})
    said = Answer.objects.get(question__code="decision_maker")
    other = switch_context(lead, SalesContext.objects.get(code="channel"), by=alice)
    program, address = ask(alice), f"checklists/{other.pk}/answers/"
    told = program.post(address, {"question": "decision_maker", "replaces": None, "confirms": said.pk})
    assert told.status_code == 201, told.content
    assert told.json()["confirms"] == said.pk
    stranger = Answer.objects.get(checklist=make_checklist_of_another(alice), question__code="tried")
    fields(program.post(address, {"question": "tried", "replaces": None, "confirms": stranger.pk}), "confirms")


def make_checklist_of_another(alice: User) -> Any:
    return make_lead(alice, answers={"tried": "yes"}).checklists.get()

"""Rights at the edges: relations in bodies, side pages, answers and figures of somebody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from leads.models import Answer, Lead
from opportunities.conversion import ConversionChoice, convert
from tests.api.asking import problem
from tests.factories import make_checklist, make_lead
from tests.leads.answering import answer_all
from tests.leads.queueing import make_offered
from users.models import SalesContext, Team, User

pytestmark = pytest.mark.django_db
CODE = "decision_maker"


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_lead_is_planted_in_another_team(
    ask: Callable[..., Any], who: str, dora: User, request: pytest.FixtureRequest
) -> None:
    """Owned by nobody, it would lie in a queue that its sender may not even look at."""
    program = ask(request.getfixturevalue(who))
    south = Team.objects.get(name="South")
    problem(program.post("leads/", {"name": "Planted", "owner": None, "team": south.pk}), 403)
    problem(program.post("leads/", {"name": "Planted", "owner": "charlie"}), 403)
    assert not Lead.objects.filter(name="Planted").exists()


def test_marketing_gives_a_new_lead_to_any_team(ask: Callable[..., Any], maria: User) -> None:
    south = Team.objects.get(name="South")
    made = ask(maria).post("leads/", {"name": "Given", "owner": None, "team": south.pk})
    assert made.status_code == 201, made.content


def test_customer_success_reads_a_lead_that_has_only_got_its_account(client: Client, alice: User, carmen: User) -> None:
    """Its stage is still SAL: the lead is not theirs to see, so the first page may not name it either."""
    lead = make_lead(alice, name="Unready Umbra", company="Umbra")
    Lead.objects.filter(pk=lead.pk).update(stage="sql")
    convert(Lead.objects.get(pk=lead.pk), ConversionChoice(account_manager=alice, open_deal=False), by=alice)
    client.force_login(carmen)
    assert client.get(f"/leads/{lead.pk}/").status_code == 404
    assert "Unready Umbra" not in client.get("/").content.decode()


def test_an_answer_of_somebody_elses_lead_is_confirmed_into_ones_own(
    client: Client, ask: Callable[..., Any], alice: User, charlie: User
) -> None:
    """`decision_maker` is asked in both sets, so that an answer to it may be confirmed, but of the same lead only."""
    foreign = make_lead(charlie)
    answer_all(make_checklist(foreign, context=SalesContext.objects.get(code="channel")), {CODE: "yes"}, by=charlie)
    said = Answer.objects.get(checklist__lead=foreign)
    own = make_lead(alice)
    checklist = own.checklists.get()
    client.force_login(alice)
    assert client.post(f"/leads/{own.pk}/qualify/{CODE}/", {"confirms": said.pk}).status_code == 404
    body = {"question": CODE, "replaces": None, "confirms": said.pk}
    problem(ask(alice).post(f"checklists/{checklist.pk}/answers/", body), 400)
    assert not Answer.objects.filter(checklist=checklist).exists()


FOREIGN_PAGES = [
    "/leads/{lead}/", "/leads/{lead}/qualify/", "/leads/{lead}/edit/", "/leads/{lead}/do/assign/", "/leads/{lead}/convert/",
    "/queue/{handoff}/", "/queue/{handoff}/reject/", "/queue/{handoff}/recycle/",
    "/api/v1/leads/{lead}/", "/api/v1/leads/{lead}/score/", "/api/v1/leads/{lead}/timeline/", "/api/v1/leads/{lead}/convert/",
    "/api/v1/checklists/{checklist}/", "/api/v1/checklists/{checklist}/answers/", "/api/v1/handoffs/{handoff}/",
]  # fmt: skip
FOREIGN_VERBS = [
    "/leads/{lead}/context/", "/leads/{lead}/accept/", "/leads/{lead}/log/", "/leads/{lead}/archive/", "/leads/{lead}/offer/",
    "/leads/{lead}/do/nurture/", "/leads/{lead}/do/override/", "/leads/{lead}/revoke/1/", "/queue/{handoff}/accept/",
    "/queue/{handoff}/comment/", "/queue/{handoff}/reassign/", "/queue/{handoff}/release/", "/queue/{handoff}/return/",
]  # fmt: skip


def test_somebody_elses_lead_is_as_if_it_were_not_there(client: Client, alice: User, charlie: User) -> None:
    handoff = make_offered(charlie)
    ids = {"lead": handoff.lead_id, "handoff": handoff.pk, "checklist": handoff.checklist_id}
    nowhere = dict.fromkeys(ids, 2**31)
    client.force_login(alice)
    for address in FOREIGN_PAGES:
        foreign, missing = client.get(address.format(**ids)), client.get(address.format(**nowhere))
        assert (foreign.status_code, missing.status_code) == (404, 404), address
        if "/api/" in address:
            assert foreign.content == missing.content, address
    for address in FOREIGN_VERBS:
        assert client.post(address.format(**ids), {"team": alice.team_id, "note": "x"}).status_code == 404, address
    handoff.refresh_from_db()
    assert (handoff.state, handoff.version) == ("offered", 1)


def test_a_key_of_idempotency_is_guessed(ask: Callable[..., Any], alice: User, charlie: User) -> None:
    """Another person's key is another key: nothing of the first answer is told."""
    first = ask(alice).post("leads/", {"name": "Hers"}, once="k-1")
    second = ask(charlie).post("leads/", {"name": "Hers"}, once="k-1")
    assert first.status_code == second.status_code == 201
    assert first.json()["id"] != second.json()["id"]
    assert second.json()["owner"] == "charlie"

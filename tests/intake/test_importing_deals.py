"""A manager's accounts and deals come in from the program used before."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account
from intake.mapping import MappingRefused
from leads.models import Lead, LifecycleChange
from opportunities.models import Conversion, Opportunity, OpportunityOwnerChange, Pipeline, PipelineStage, StageChange
from tests.intake.files import counts, take_in
from users.models import User

pytestmark = pytest.mark.usefixtures("workspace")

PIPELINE = {
    "code": "old",
    "name": "Old pipeline",
    "context": "direct",
    "stages": [
        {"code": "prospecting", "name": "Prospecting", "probability": 10},
        {"code": "engaging", "name": "Engaging", "probability": 40, "starts_cycle": True},
        {"code": "won", "name": "Won", "outcome": "won"},
        {"code": "lost", "name": "Lost", "outcome": "lost"},
    ],
}
DEALS: dict[str, Any] = {
    "columns": {
        "id": "external_id", "agent": "owner", "account": "account", "stage": "stage",
        "engaged": "cycle_started_at", "closed": "closed_at", "value": "won_amount",
    },
    "pipeline": PIPELINE,
    "history": True,
    "create_missing": ["owner", "account"],
}  # fmt: skip
TEXT = """id,agent,account,stage,engaged,closed,value
D1,Ann Agent,Acme,Won,2024-01-10,2024-03-01,1054
D2,Ann Agent,Acme,Lost,2024-01-11,2024-03-02,0
D3,alice,,Engaging,2024-02-01,,
D4,alice,,Prospecting,,,
"""


def day(month: int, day: int) -> datetime:
    return datetime(2024, month, day, tzinfo=UTC)


def test_deals_with_the_stages_they_went_through(tmp_path: Path) -> None:
    assert counts(take_in(tmp_path, "opportunities", TEXT, DEALS)) == (4, 4, 0, 0, 0)
    won, lost, engaging, prospecting = Opportunity.objects.order_by("external_id").select_related("stage", "owner")
    assert (won.stage.code, won.closed_at, won.won_amount, won.name) == ("won", day(3, 1), Decimal(1054), "Acme")
    assert (won.currency, won.won_currency, lost.won_currency) == ("EUR", "EUR", "")
    assert (lost.stage.code, lost.closed_at, lost.won_amount) == ("lost", day(3, 2), None)
    assert (engaging.stage.code, engaging.stage_since, engaging.closed_at) == ("engaging", day(2, 1), None)
    assert (prospecting.stage.code, prospecting.stage_since) == ("prospecting", None)
    assert won.owner is not None
    assert won.owner.username == "ann.agent"
    assert not won.owner.has_usable_password()
    moves = (
        StageChange.objects.filter(opportunity=won)
        .order_by("id")
        .values_list("from_stage__code", "to_stage__code", "occurred_at")
    )
    assert list(moves) == [
        (None, "prospecting", None),
        ("prospecting", "engaging", day(1, 10)),
        ("engaging", "won", day(3, 1)),
    ]
    assert [change.to_stage.code for change in StageChange.objects.filter(opportunity=prospecting)] == ["prospecting"]
    assert OpportunityOwnerChange.objects.get(opportunity=engaging).team == User.objects.get(username="alice").team
    assert all(deal.checklist_id for deal in (won, lost, engaging, prospecting))
    assert PipelineStage.objects.get(pipeline__code="old", starts_cycle=True).code == "engaging"


def test_running_it_twice_changes_nothing(tmp_path: Path) -> None:
    take_in(tmp_path, "opportunities", TEXT, DEALS)
    before = (
        StageChange.objects.count(),
        OpportunityOwnerChange.objects.count(),
        Account.objects.count(),
        User.objects.count(),
        Pipeline.objects.count(),
    )
    assert counts(take_in(tmp_path, "opportunities", TEXT, DEALS)) == (4, 0, 0, 4, 0)
    assert before == (
        StageChange.objects.count(),
        OpportunityOwnerChange.objects.count(),
        Account.objects.count(),
        User.objects.count(),
        Pipeline.objects.count(),
    )


def test_a_deal_that_went_on_since_goes_on_here(tmp_path: Path) -> None:
    take_in(tmp_path, "opportunities", TEXT, DEALS)
    done = take_in(
        tmp_path,
        "opportunities",
        TEXT.replace("D3,alice,,Engaging,2024-02-01,,", "D3,alice,,Won,2024-02-01,2024-05-01,77"),
        DEALS,
    )
    assert counts(done) == (4, 0, 1, 3, 0)
    deal = Opportunity.objects.get(external_id="D3")
    assert (deal.stage.code, deal.closed_at) == ("won", day(5, 1))
    assert (deal.won_amount, deal.won_currency) == (Decimal(77), "EUR")


def test_what_makes_no_sense_is_rejected(tmp_path: Path) -> None:
    text = (
        "id,agent,account,stage,engaged,closed,value\n"
        "A,alice,,Dreaming,,,\n"
        "B,alice,,Won,2024-01-01,2024-13-01,5\n"
        "C,alice,,Won,,2024-01-01,-5\n"
        "D,alice,,Engaging,2024-01-01,2024-02-01,\n"
    )
    done = take_in(tmp_path, "opportunities", text, DEALS)
    assert counts(done) == (4, 0, 0, 0, 4)
    reasons = Path(done.errors_file).read_text(encoding="utf-8-sig")
    for words in (
        '2,stage,Dreaming,"is not there',
        '3,closed,2024-13-01,"is not a date',
        "4,value,-5,is negative",
        "5,closed,",
        "neither won nor lost",
    ):
        assert words in reasons


def test_dates_that_contradict_each_other_are_kept(tmp_path: Path) -> None:
    assert counts(
        take_in(
            tmp_path,
            "opportunities",
            "id,stage,engaged,closed\nA,Won,2024-05-01,2024-04-01\n",
            {**DEALS, "columns": {k: v for k, v in DEALS["columns"].items() if k not in ("agent", "account", "value")}},
        )
    ) == (1, 1, 0, 0, 0)
    assert list(StageChange.objects.order_by("id").values_list("occurred_at", flat=True)) == [
        None,
        day(5, 1),
        day(4, 1),
    ]


def test_a_deal_that_names_its_lead_converts_it_and_wins_it_at_its_dates(tmp_path: Path) -> None:
    take_in(
        tmp_path,
        "leads",
        "external_id,created_at,mql_at\nL1,2024-01-01,2024-01-01\nL2,2024-01-05,2024-01-05\n",
        {"history": True},
    )
    mapping = {
        "columns": {"lead": ["external_id", "lead"], "seller": "account", "won": "closed_at"},
        "constants": {"stage": "won"},
        "pipeline": PIPELINE,
        "history": True,
        "create_missing": ["account"],
    }
    text = "lead,seller,won\nL1,S1,2024-02-01\nL9,S9,2024-02-01\n"
    assert counts(take_in(tmp_path, "opportunities", text, mapping)) == (2, 1, 0, 0, 1)
    lead = Lead.objects.get(external_id="L1")
    assert (lead.stage, lead.stage_since, lead.account) == ("customer", day(2, 1), Account.objects.get(name="S1"))
    moves = (
        LifecycleChange.objects.filter(lead=lead)
        .order_by("id")
        .values_list("from_stage", "to_stage", "occurred_at", "cause")
    )
    assert list(moves) == [
        ("", "lead", day(1, 1), "import"), ("lead", "mql", day(1, 1), "import"),
        ("mql", "opportunity", None, "import"), ("opportunity", "customer", day(2, 1), "import"),
    ]  # fmt: skip
    conversion = Conversion.objects.get()
    assert (conversion.lead, conversion.account, conversion.occurred_at) == (lead, lead.account, None)
    assert conversion.opportunity is not None
    assert conversion.opportunity.checklist == lead.checklists.get()
    assert Lead.objects.get(external_id="L2").stage == "mql"
    assert counts(take_in(tmp_path, "opportunities", text, mapping)) == (2, 0, 0, 1, 1)
    assert Conversion.objects.count() == 1


def test_a_pipeline_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MappingRefused, match="no pipeline moon; there are: direct, channel"):
        take_in(tmp_path, "opportunities", "name,stage\nA,won\n", {"pipeline": "moon"})


ACCOUNTS = "name,parent\nGrandchild,Child\nParent,\nChild,Parent\nLoop A,Loop B\nLoop B,Loop A\nUnder loop,Loop A\nLost,Nowhere\n"


def test_parents_may_stand_after_their_children(tmp_path: Path) -> None:
    done = take_in(tmp_path, "accounts", ACCOUNTS)
    assert counts(done) == (7, 3, 0, 0, 4)
    assert set(Account.objects.values_list("name", "parent__name")) == {
        ("Parent", None),
        ("Child", "Parent"),
        ("Grandchild", "Child"),
    }
    reasons = Path(done.errors_file).read_text(encoding="utf-8-sig")
    assert reasons.count("lead back to itself") == 2
    assert "Its parent was rejected" in reasons
    assert '8,parent,Nowhere,"is not there' in reasons
    assert counts(take_in(tmp_path, "accounts", ACCOUNTS)) == (7, 0, 0, 3, 4)


def test_a_parent_that_is_there_already_or_is_made(tmp_path: Path) -> None:
    take_in(tmp_path, "accounts", "external_id,name\nP,Parent\n")
    done = take_in(
        tmp_path, "accounts", "name,parent\nA,P\nB,parent\nC,New one\n", create_missing=frozenset({"parent"})
    )
    assert counts(done) == (3, 3, 0, 0, 0)
    assert dict(Account.objects.filter(parent__isnull=False).values_list("name", "parent__name")) == {
        "A": "Parent",
        "B": "Parent",
        "C": "New one",
    }
    take_in(tmp_path, "accounts", "external_id,name,parent\nP,Parent,C\n")
    assert Account.objects.get(external_id="P").parent == Account.objects.get(name="C")
    assert counts(take_in(tmp_path, "accounts", "name,parent\nC,A\n")) == (1, 0, 0, 0, 1)

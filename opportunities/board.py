"""What the pipeline board shows: columns with counts and sums, cards, and the measured rate beside the stated one.

Amounts of two currencies are never added: every sum stands per currency. Decides nothing.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils.translation import gettext as _

from leads.views.marks import hallmark_of
from opportunities.models import Opportunity, Pipeline, PipelineStage, StageChange
from opportunities.rights import may_move
from users.formats import FEW
from users.models import Role, User, Workspace

Outcome = PipelineStage.Outcome
CARDS_A_COLUMN = 20
# Over how long back the share of won deals is measured.
MEASURED_OVER = timedelta(days=365)


@dataclass(slots=True)
class Money:
    """Sums in one currency: of the amounts, and of the amounts by the stage's stated probability."""

    currency: str
    amount: Decimal
    weighted: Decimal


@dataclass(frozen=True, slots=True)
class Card:
    """A deal of the board with what the viewer may do with it."""

    deal: Opportunity
    days: int | None
    stalled: bool
    hallmark: str
    moves: list["Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """A stage that a card may be moved to, with its digit."""

    stage: PipelineStage
    key: str
    back: bool
    asks: str


@dataclass(slots=True)
class Column:
    """One stage. `measured` is the share of deals that reached it and were won since, with its base; None: no data."""

    stage: PipelineStage
    count: int = 0
    money: list[Money] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    measured: float | None = None
    measured_of: int = 0

    @property
    def few(self) -> bool:
        """The measured rate is a hint, not a result."""
        return self.measured_of < FEW

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


@dataclass(slots=True)
class Board:
    """One pipeline with its stages as columns, and what the quarter weighs and won."""

    pipeline: Pipeline
    columns: list[Column]
    quarter: date
    weighted: list[Money] = field(default_factory=list)
    won: list[Money] = field(default_factory=list)

    @property
    def ramp_length(self) -> int:
        """The stages that the ramp of colours is spread over: all but lost."""
        return max(1, sum(column.stage.outcome != Outcome.LOST for column in self.columns))

    @property
    def any_few(self) -> bool:
        """A measured rate carries the mark of few cases, which is then explained."""
        measured = [
            column for column in self.columns if column.stage.outcome == Outcome.OPEN and column.measured is not None
        ]
        return any(column.few for column in measured)

    @property
    def stages(self) -> list[PipelineStage]:
        return [column.stage for column in self.columns]


def board_of(pipeline: Pipeline, deals: QuerySet[Opportunity], viewer: User, now: datetime) -> Board:
    """The board of the deals that the viewer asked for; the same number of queries however many there are.

    Open stages hold what is open; won and lost hold what was closed in this quarter of the workspace's zone.
    """
    quarter = quarter_of(now)
    here = deals.active().filter(pipeline=pipeline)  # type: ignore[attr-defined]
    shown = here.filter(Q(stage__outcome=Outcome.OPEN) | Q(closed_at__gte=beginning(quarter)))
    board = Board(pipeline, [Column(stage) for stage in pipeline.stages.order_by("position")], quarter)
    columns = {column.stage.pk: column for column in board.columns}
    for row in _sums(shown):
        column = columns[row["stage"]]
        column.count += row["count"]
        if row["amount"] is not None:
            weighted = row["amount"] * column.stage.probability / Decimal(100)
            column.money.append(Money(row["worth_currency"], row["amount"], weighted))
    for deal in _cards(shown):
        columns[deal.stage_id].cards.append(card_of(deal, board.stages, viewer, now))
    # Who sees won deals alone would be told that all of them are won.
    if viewer.role != Role.CUSTOMER_SUCCESS:
        _measure(board, here, now)
    board.weighted = _together(column for column in board.columns if column.stage.outcome == Outcome.OPEN)
    board.won = _together(column for column in board.columns if column.stage.outcome == Outcome.WON)
    return board


def card_of(deal: Opportunity, stages: list[PipelineStage], viewer: User, now: datetime) -> Card:
    days = (now - deal.stage_since).days if deal.stage_since is not None else None
    limit = deal.stage.usual_days
    stalled = deal.stage.outcome == Outcome.OPEN and days is not None and limit is not None and days > limit
    score = getattr(deal.checklist, "score", None) if deal.checklist_id else None
    mark = hallmark_of(score.policy_id, score.criteria_low, score.criteria_high) if score is not None else ""
    return Card(deal, days, stalled, mark, targets_of(deal, stages, viewer))


def targets_of(deal: Opportunity, stages: list[PipelineStage], viewer: User) -> list[Target]:
    """Where the viewer may move the deal: from an open stage anywhere else, from a closed one nowhere (reopen it)."""
    if deal.stage.outcome != Outcome.OPEN or not may_move(viewer, deal):
        return []
    asks = {Outcome.WON: _("asks the amount"), Outcome.LOST: _("asks the reason")}
    return [
        Target(
            stage,
            str(number) if number < 10 else "",
            stage.outcome == Outcome.OPEN and stage.position < deal.stage.position,
            asks.get(Outcome(stage.outcome), ""),
        )
        for number, stage in enumerate(stages, start=1)
        if stage.pk != deal.stage_id
    ]


def for_cards(deals: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """Everything a card shows, in one query."""
    return deals.select_related("stage", "account", "contact", "owner", "team", "checklist__score")


def _cards(shown: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """The largest deals of each column."""
    largest = [Coalesce(F("won_amount"), F("amount"), Value(Decimal(-1))).desc(), F("id").desc()]
    place = Window(RowNumber(), partition_by=F("stage"), order_by=largest)
    return for_cards(shown).annotate(place=place).filter(place__lte=CARDS_A_COLUMN).order_by("place")


def _sums(shown: QuerySet[Opportunity]) -> list[dict[str, Any]]:
    worth = shown.order_by().with_worth()  # type: ignore[attr-defined]
    rows = worth.values("stage", "worth_currency").annotate(count=Count("pk"), amount=Sum("worth"))
    return [dict(row) for row in rows.order_by("stage", "worth_currency")]


def _together(columns: Any) -> list[Money]:
    sums: defaultdict[str, Money] = defaultdict(lambda: Money("", Decimal(0), Decimal(0)))
    for column in columns:
        for money in column.money:
            whole = sums[money.currency]
            whole.currency = money.currency
            whole.amount += money.amount
            whole.weighted += money.weighted
    return [sums[currency] for currency in sorted(sums)]


def _measure(board: Board, here: QuerySet[Opportunity], now: datetime) -> None:
    """Of the deals closed in the last 12 months that reached a stage, the share won.

    Reaching a stage counts as having reached those before it; a won deal reached all of them (domain.md 7).
    """
    furthest = (
        StageChange.objects.filter(opportunity=OuterRef("pk"), to_stage__outcome=Outcome.OPEN)
        .order_by()
        .values("opportunity")
        .annotate(position=Max("to_stage__position"))
        .values("position")
    )
    closed = here.filter(closed_at__gte=now - MEASURED_OVER).annotate(furthest=Coalesce(Subquery(furthest), 0))
    rows = closed.order_by().values_list("stage__outcome", "furthest").annotate(n=Count("pk"))
    ends = [(outcome == Outcome.WON, position, n) for outcome, position, n in rows]
    for column in board.columns:
        if column.stage.outcome != Outcome.OPEN:
            continue
        reached = [(won, n) for won, position, n in ends if won or position >= column.stage.position]
        column.measured_of = sum(n for _won, n in reached)
        if column.measured_of:
            column.measured = sum(n for won, n in reached if won) / column.measured_of


def quarter_of(now: datetime) -> date:
    """The first day of the quarter, in the workspace's zone (decisions.md 20)."""
    today = Workspace.get().day_of(now)
    return date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)


def beginning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(Workspace.get().zone))

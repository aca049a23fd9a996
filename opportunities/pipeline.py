"""A deal goes through its pipeline: opened, moved, won, lost, reopened. The one writer of Opportunity.stage and StageChange.

Locks are taken in one order everywhere: lead, checklist, deal, account.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import Account
from leads.lifecycle import Cause, Stage
from leads.locking import lock_checklists, lock_leads
from leads.models import Checklist, GateChange
from leads.moving import Moved, append_moves
from leads.qualification import settle
from opportunities.buying import account_has_bought, account_has_not_bought, won_deals
from opportunities.checking import check_amounts, check_competitor, check_deal
from opportunities.models import LossReason, Opportunity, OpportunityOwnerChange, Pipeline, PipelineStage, StageChange
from opportunities.rights import may_move, may_open_deal, who_may_move, who_may_open_deal
from scoring.models import QuestionSet
from users.conflicts import StaleVersion, clean
from users.facts import database_now
from users.locking import hold
from users.models import User, Workspace
from users.rights import demand

Outcome = PipelineStage.Outcome
# The reason that names somebody: whoever sells against them next wants to know.
TO_A_COMPETITOR = "competitor"
LONGEST_NOTE = 300
OPENING = (
    "name",
    "account",
    "contact",
    "lead",
    "checklist",
    "pipeline",
    "stage",
    "owner",
    "team",
    "product",
    "source",
    "campaign",
    "amount",
    "currency",
    "expected_close",
    "external_id",
)


class DealRefused(Exception):
    """The deal cannot go there from where it is; the message says what to do."""


def open_deal(fields: Mapping[str, Any], *, by: User | None, at: datetime | None = None) -> Opportunity:
    """A new deal in the first stage of its pipeline, unless a stage is given.

    Without a lead's checklist it gets one of its own. `at` is when it was opened (left out: now). Raises Forbidden,
    ValidationError.
    """
    unknown = sorted(set(fields) - set(OPENING))
    if unknown:
        raise ValidationError({name: _("A deal has no such field.") for name in unknown})
    if by is not None:
        demand(may_open_deal(by), who_may_open_deal())
    values = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    deal = Opportunity(**_completed(values, by))
    if by is not None and deal.owner != by:
        demand(may_move(by, deal), who_may_move(deal))
    check_deal(deal)
    with transaction.atomic():
        now = database_now()
        if deal.checklist is None:
            deal.checklist = own_checklist(deal.pipeline)
        deal.created_at = deal.stage_since = at or now
        clean(deal)
        deal.save(force_insert=True)
        StageChange.objects.create(opportunity=deal, to_stage=deal.stage, by=by, occurred_at=at or now)
        OpportunityOwnerChange.objects.create(
            opportunity=deal, owner=deal.owner, team=deal.team, by=by, occurred_at=at or now
        )
        if deal.checklist is not None:
            settle([deal.checklist.pk], cause=GateChange.Cause.EDIT)
    return Opportunity.objects.get(pk=deal.pk)


def move_to_stage(
    opportunity: Opportunity,
    stage: PipelineStage,
    *,
    by: User | None,
    version: int | None = None,
    at: datetime | None = None,
) -> Opportunity:
    """Move an open deal to another open stage, forwards or back; to the stage where it is does nothing.

    Raises Forbidden, StaleVersion, DealRefused: won and lost need an amount or a reason, a closed deal is reopened first.
    """
    with transaction.atomic():
        deal = _lock(opportunity, by)
        if stage.pk == deal.stage_id:
            return deal
        if stage.pipeline_id != deal.pipeline_id:
            raise DealRefused(_("%(stage)s is a stage of another pipeline.") % {"stage": stage})
        if stage.outcome == Outcome.WON:
            raise DealRefused(_("Say the amount that it was won with: use Won."))
        if stage.outcome == Outcome.LOST:
            raise DealRefused(_("Say why it was lost: use Lost."))
        _refuse_closed(deal)
        _check_version(deal, version, {"stage": stage})
        _append(deal, stage, by=by, at=_moment(at))
    return Opportunity.objects.get(pk=opportunity.pk)


def close_won(
    opportunity: Opportunity,
    amount: Decimal | None,
    *,
    by: User | None,
    currency: str = "",
    version: int | None = None,
    at: datetime | None = None,
    note: str = "",
) -> Opportunity:
    """The deal is won with `amount` (None: as expected); its lead becomes a customer, its account customer or partner.

    `currency` is that of the amount (left out: the expected amount's); what was expected stays as it was.
    Raises Forbidden, StaleVersion, DealRefused, ValidationError. Won already with the same amount: nothing happens.
    """
    with transaction.atomic():
        deal = _lock(opportunity, by)
        won = deal.amount if amount is None else amount
        said = currency.strip()
        if deal.stage.outcome == Outcome.WON and won == deal.won_amount and said in ("", deal.won_currency):
            return deal
        _refuse_closed(deal)
        _check_version(deal, version, {"won_amount": amount})
        if won is None:
            raise ValidationError({"won_amount": _("Say the amount that it was won with.")})
        if amount is None and said not in ("", deal.currency):
            raise ValidationError({"won_amount": _("Say the amount in %(currency)s too.") % {"currency": said}})
        deal.won_amount = won
        deal.won_currency = said or deal.currency or Workspace.get().currency
        check_amounts(deal)
        clean(deal, only=["won_amount", "won_currency"])
        moment = _moment(at)
        _close(deal, Outcome.WON, ["won_amount", "won_currency"], by=by, at=moment, note=note)
        if deal.lead is not None and deal.lead.stage == Stage.OPPORTUNITY:
            append_moves(
                [Moved(deal.lead.pk, Stage.OPPORTUNITY, Stage.CUSTOMER, Cause.CONVERSION, by_id=by.pk if by else None)],
                at=moment,
            )
        account_has_bought(deal)
    return Opportunity.objects.get(pk=opportunity.pk)


def close_lost(
    opportunity: Opportunity,
    reason: LossReason,
    competitor: Account | None = None,
    *,
    by: User | None,
    version: int | None = None,
    at: datetime | None = None,
    note: str = "",
) -> Opportunity:
    """The deal is lost, and why, and to whom. Its lead stays an opportunity, shown as lost (decisions.md 12).

    Raises Forbidden, StaleVersion, DealRefused, ValidationError. Lost already for the same reason: nothing happens.
    """
    with transaction.atomic():
        deal = _lock(opportunity, by)
        if deal.stage.outcome == Outcome.LOST and (deal.loss_reason, deal.competitor) == (reason, competitor):
            return deal
        _refuse_closed(deal)
        _check_version(deal, version, {"loss_reason": reason})
        if reason.archived_at is not None:
            raise ValidationError({"loss_reason": _("This reason is no longer used: choose another one.")})
        if competitor is not None:
            check_competitor(competitor)
        elif reason.code == TO_A_COMPETITOR:
            raise ValidationError({"competitor": _("Say which competitor they chose, or choose another reason.")})
        deal.loss_reason = reason
        deal.competitor = competitor
        _close(deal, Outcome.LOST, ["loss_reason", "competitor"], by=by, at=_moment(at), note=note, reason=reason)
    return Opportunity.objects.get(pk=opportunity.pk)


def reopen(opportunity: Opportunity, *, by: User | None, version: int | None = None) -> Opportunity:
    """Take won or lost back: the deal returns to the stage it was closed from, its lead and account to what they were.

    The moves back are appended; nothing is wiped out. An open deal stays as it is. Raises Forbidden, StaleVersion.
    """
    with transaction.atomic():
        deal = _lock(opportunity, by)
        if deal.stage.outcome == Outcome.OPEN:
            return deal
        _check_version(deal, version, {"stage": None})
        was_won = deal.stage.outcome == Outcome.WON
        at = database_now()
        back = last_open_stage(deal)
        deal.closed_at = deal.won_amount = deal.loss_reason = deal.competitor = None
        deal.won_currency = ""
        _append(deal, back, by=by, at=at, also=["closed_at", "won_amount", "won_currency", "loss_reason", "competitor"])
        if was_won and deal.lead is not None and deal.lead.stage == Stage.CUSTOMER and not won_deals(lead=deal.lead):
            append_moves(
                [Moved(deal.lead.pk, Stage.CUSTOMER, Stage.OPPORTUNITY, Cause.CONVERSION, by_id=by.pk if by else None)],
                at=at,
            )
        if was_won:
            account_has_not_bought(deal)
    return Opportunity.objects.get(pk=opportunity.pk)


def first_stage(pipeline: Pipeline) -> PipelineStage:
    stage = pipeline.stages.filter(outcome=Outcome.OPEN).order_by("position").first()
    if stage is None:
        raise ValidationError(
            {"pipeline": _("%(pipeline)s has no open stage: add one in the settings.") % {"pipeline": pipeline}}
        )
    return stage


def last_open_stage(deal: Opportunity) -> PipelineStage:
    """The stage it was closed from; for an imported deal without such a move, the first one."""
    change = (
        StageChange.objects.filter(opportunity=deal, to_stage__outcome=Outcome.OPEN)
        .select_related("to_stage")
        .order_by("-id")
        .first()
    )
    return change.to_stage if change is not None else first_stage(deal.pipeline)


def own_checklist(pipeline: Pipeline) -> Checklist | None:
    """A checklist without a lead, of the pipeline's sales context; none if the pipeline has no context."""
    newest = (
        QuestionSet.objects.filter(context=pipeline.context).order_by("-version").first() if pipeline.context else None
    )
    if newest is None or pipeline.context is None:
        return None
    return Checklist.objects.create(lead=None, context=pipeline.context, question_set=newest)


def of_open_deals() -> Q:
    """Which checklists are asked for a deal that is still open."""
    return Q(Exists(Opportunity.objects.open().filter(checklist=OuterRef("pk"))))


def _completed(values: dict[str, Any], by: User | None) -> dict[str, Any]:
    """With what was left out: pipeline and stage, owner and team, currency, name."""
    stage: PipelineStage | None = values.get("stage")
    pipeline: Pipeline | None = values.get("pipeline") or (stage.pipeline if stage is not None else None)
    pipeline = pipeline or Pipeline.objects.order_by("position", "pk").first()
    if pipeline is None:
        raise ValidationError({"pipeline": _("There is no pipeline yet: run manage.py setup.")})
    owner: User | None = values.get("owner") or by
    account: Account | None = values.get("account")
    return values | {
        "pipeline": pipeline,
        "stage": stage or first_stage(pipeline),
        "owner": owner,
        "team": values.get("team") or (owner.team if owner is not None else None),
        "currency": values.get("currency") or (Workspace.get().currency if values.get("amount") is not None else ""),
        "name": values.get("name") or (account.name if account is not None else ""),
    }


def _lock(opportunity: Opportunity, by: User | None) -> Opportunity:
    """Lead, then checklist, then deal; whoever may not move it is told who may."""
    checklists = [] if opportunity.checklist_id is None else [opportunity.checklist_id]
    if opportunity.lead_id is not None:
        lock_leads([opportunity.lead_id])
        checklists += Checklist.objects.filter(lead=opportunity.lead_id).values_list("pk", flat=True)
    lock_checklists(checklists)
    related = ("stage", "pipeline__context", "owner", "team", "lead", "account__type", "loss_reason", "competitor")
    deal = hold(Opportunity.objects.select_related(*related), opportunity.pk)
    if by is not None:
        demand(may_move(by, deal), who_may_move(deal))
    if deal.archived_at is not None:
        raise DealRefused(_("This deal is archived: bring it back first."))
    return deal


def _check_version(deal: Opportunity, version: int | None, attempted: Mapping[str, Any]) -> None:
    if version is not None and version != deal.version:
        raise StaleVersion(deal, attempted)


def _refuse_closed(deal: Opportunity) -> None:
    if deal.stage.outcome != Outcome.OPEN:
        raise DealRefused(_("This deal is closed (%(stage)s): reopen it first.") % {"stage": deal.stage})


def _moment(at: datetime | None) -> datetime:
    now = database_now()
    if at is not None and at > now:
        raise ValidationError({"closed_at": _("This lies in the future: give today or an earlier day.")})
    return at or now


def _append(
    deal: Opportunity,
    stage: PipelineStage,
    *,
    by: User | None,
    at: datetime,
    also: list[str] | None = None,
    note: str = "",
    reason: LossReason | None = None,
) -> None:
    StageChange.objects.create(
        opportunity=deal,
        from_stage=deal.stage,
        to_stage=stage,
        by=by,
        loss_reason=reason,
        note=note.strip()[:LONGEST_NOTE],
        occurred_at=at,
    )
    deal.stage = stage
    deal.stage_since = at
    deal.version += 1
    deal.save(update_fields=["stage", "stage_since", "version", *(also or [])])


def _close(
    deal: Opportunity,
    outcome: Outcome,
    columns: list[str],
    *,
    by: User | None,
    at: datetime,
    note: str,
    reason: LossReason | None = None,
) -> None:
    stage = deal.pipeline.stages.filter(outcome=outcome).order_by("position").first()
    if stage is None:
        raise DealRefused(
            _("%(pipeline)s has no stage for this: add one in the settings.") % {"pipeline": deal.pipeline}
        )
    deal.closed_at = at
    _append(deal, stage, by=by, at=at, also=["closed_at", *columns], note=note, reason=reason)

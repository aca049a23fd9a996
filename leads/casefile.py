"""Opening, editing and closing a lead's case file: the lead with its checklists."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.matching import managed_account_of
from leads.labels import STAGES
from leads.lifecycle import FOLLOWS_GATES, Cause, Stage
from leads.models import Checklist, GateChange, Lead, OwnerChange
from leads.moving import Moved, append_moves
from leads.offering import offer, withdraw
from leads.qualification import settle
from leads.rights import (
    may_archive,
    may_create_lead,
    may_edit_fields,
    may_give_to,
    may_work,
    who_may_assign,
    who_may_create,
    who_may_edit,
    who_may_work,
)
from leads.setting_aside import MoveRefused
from leads.websites import check_website
from scoring.models import QuestionSet
from users.attributes import checked
from users.conflicts import clean, edit
from users.currencies import check_currency
from users.facts import database_now
from users.locking import hold
from users.models import Attribute, Role, SalesContext, Team, User, Workspace
from users.rights import demand

# What a person may write into a lead. Owner, context and stage have verbs of their own.
EDITABLE = (
    "name",
    "company",
    "email",
    "phone",
    "title",
    "seniority",
    "department",
    "industry",
    "employees",
    "revenue",
    "currency",
    "country",
    "city",
    "website",
    "preferred_channel",
    "attributes",
    "source",
    "campaign",
    "persona",
)
AT_OPENING = (*EDITABLE, "context", "owner", "team", "external_id")


def open_case(fields: Mapping[str, Any], *, by: User | None, at: datetime | None = None) -> Lead:
    """A new lead with the checklist of its sales context, scored at once.

    `at` is when it came to us (left out: now); `by` None is the machine: a form, an import. Without an owner given, a
    representative or manager keeps it, and any other lead of a managed account goes to the account's manager. Raises
    Forbidden, and ValidationError with a message per field.
    """
    unknown = sorted(set(fields) - set(AT_OPENING))
    if unknown:
        raise ValidationError({name: _("A lead has no such field.") for name in unknown})
    if by is not None:
        demand(may_create_lead(by), who_may_create())
    values = {name: tidy(value) for name, value in fields.items()}
    context = values.pop("context", None) or _first_context()
    owner, team = _first_owner(values, by)
    lead = Lead(**values, context=context, owner=owner, team=team)
    if by is not None:
        # A lead that nobody owns lands in a team as well, and that team has to be one that they may give to.
        demand(may_give_to(by, Lead(owner=by, team=by.team), owner, team.pk if team else None), who_may_assign())
    lead.currency = _currency(lead.revenue, lead.currency)
    _check(lead)
    clean(lead)
    with transaction.atomic():
        now = database_now()
        lead.created_at = lead.stage_since = at or now
        lead.save(force_insert=True)
        checklist = checklist_of(lead, context)
        # The case begins by being a lead; the move stands in the history like every later one.
        append_moves(
            [Moved(lead.pk, "", Stage.LEAD, Cause.PERSON if by else Cause.POLICY, by_id=by.pk if by else None)],
            at=at or now,
        )
        OwnerChange.objects.create(lead=lead, owner=owner, team=team, by=by, occurred_at=at or now)
        settle([checklist.pk], cause=GateChange.Cause.EDIT)
    return Lead.objects.get(pk=lead.pk)


def edit_case(lead: Lead, changes: Mapping[str, Any], *, version: int | None, by: User | None) -> Lead:
    """Write changed fields and judge the lead anew. Raises Forbidden, StaleVersion, ValidationError."""
    with transaction.atomic():
        locked = _lock(lead)
        if by is not None:
            demand(may_edit_fields(by, locked), who_may_edit(locked))
        values = {name: tidy(value) for name, value in changes.items()}
        if "attributes" in values:
            values["attributes"] = checked(Attribute.Of.LEAD, values["attributes"] or {})
        if "revenue" in values or "currency" in values:
            revenue = values.get("revenue", locked.revenue)
            values["currency"] = _currency(revenue, values.get("currency", locked.currency))
        _check(_as_if(locked, values), only=values)
        if edit(locked, values, version=version, editable=EDITABLE):
            settle(_checklists(locked), cause=GateChange.Cause.EDIT)
    return Lead.objects.get(pk=lead.pk)


def switch_context(lead: Lead, context: SalesContext, *, by: User | None) -> Checklist:
    """The lead is another kind of sale: its checklist of that context counts from now on, the other one is kept.

    Raises Forbidden, MoveRefused after conversion, ValidationError.
    """
    with transaction.atomic():
        locked = _lock(lead)
        if by is not None:
            demand(may_work(by, locked), who_may_work(locked))
        checklist = checklist_of(locked, context)
        if locked.context_id == context.pk:
            return checklist
        stage = Stage(locked.stage)
        if (
            stage not in FOLLOWS_GATES | {Stage.DISQUALIFIED}
            or locked.conversions.filter(undoes=None, undone_by=None).exists()
        ):
            raise MoveRefused(
                _("This lead is converted (%(stage)s): its deal keeps its checklist.") % {"stage": STAGES[stage]}
            )
        locked.context = context
        locked.version += 1
        locked.save(update_fields=["context", "version"])
        settle(_checklists(locked), cause=GateChange.Cause.EDIT)
    return checklist


def archive(lead: Lead, *, by: User | None) -> Lead:
    """Hide the lead from lists; reports on the past keep it, and an open hand-off is withdrawn. Raises Forbidden."""
    with transaction.atomic():
        locked = _lock(lead)
        if by is not None:
            demand(may_archive(by, locked), who_may_edit(locked))
        if locked.archived_at is None:
            now = database_now()
            withdraw([locked.pk], at=now)
            _set_archived(locked, now)
    return Lead.objects.get(pk=lead.pk)


def restore(lead: Lead, *, by: User | None) -> Lead:
    """Bring an archived lead back into the lists; an MQL is offered again, since nobody decided. Raises Forbidden."""
    with transaction.atomic():
        locked = _lock(lead)
        if by is not None:
            demand(may_archive(by, locked), who_may_edit(locked))
        if locked.archived_at is not None:
            _set_archived(locked, None)
            if Lead.objects.get(pk=locked.pk).stage == Stage.MQL:
                offer([locked.pk], at=database_now())
    return Lead.objects.get(pk=lead.pk)


def checklist_of(lead: Lead, context: SalesContext) -> Checklist:
    """The lead's checklist in the context; made with its newest question set if there is none. Lock the lead first."""
    kept = Checklist.objects.filter(lead=lead, context=context).first()
    if kept is not None:
        return kept
    newest = QuestionSet.objects.filter(context=context).order_by("-version").first()
    if newest is None:
        raise ValidationError(
            {
                "context": _("%(context)s has no question set yet: publish one, or run manage.py setup.")
                % {"context": context}
            }
        )
    return Checklist.objects.create(lead=lead, context=context, question_set=newest)


def tidy(value: Any) -> Any:
    """Text without spaces around it, as people paste it."""
    return value.strip() if isinstance(value, str) else value


def _first_context() -> SalesContext:
    context = SalesContext.objects.order_by("position", "pk").first()
    if context is None:
        raise ValidationError({"context": _("There is no sales context yet: run manage.py setup.")})
    return context


def _first_owner(values: dict[str, Any], by: User | None) -> tuple[User | None, Team | None]:
    named = "owner" in values
    owner: User | None = values.pop("owner", None)
    team: Team | None = values.pop("team", None)
    if not named and by is not None and by.role in (Role.REPRESENTATIVE, Role.MANAGER):
        owner = by
    elif not named and owner is None:
        account = managed_account_of(
            company=values.get("company", ""), email=values.get("email", ""), website=values.get("website", "")
        )
        owner = account.manager if account is not None else None
    return owner, team or (owner.team if owner is not None else (by.team if by is not None else None))


def _check(lead: Lead, only: Mapping[str, Any] | None = None) -> None:
    if not (lead.name or lead.company or lead.email or lead.phone or lead.external_id):
        raise ValidationError({"name": _("Give at least one of: name, company, e-mail, phone.")})
    if lead.email and (only is None or "email" in only):
        try:
            validate_email(lead.email)
        except ValidationError as wrong:
            raise ValidationError(
                {
                    "email": _("%(email)s is no e-mail address: write it as name@company.com.")
                    % {"email": lead.email[:80]}
                }
            ) from wrong
    if lead.website and (only is None or "website" in only):
        check_website(lead.website)
    if only is None:
        lead.attributes = checked(Attribute.Of.LEAD, lead.attributes or {})


def _currency(revenue: Decimal | None, said: str) -> str:
    """What the revenue is in, the workspace's where nothing is said; without a revenue it says nothing."""
    if revenue is None:
        return ""
    currency = said or Workspace.get().currency
    check_currency(currency)
    return currency


def _as_if(lead: Lead, values: Mapping[str, Any]) -> Lead:
    """A lead that is never saved, with the values as they would be."""
    kept = {name: getattr(lead, name) for name in ("name", "company", "email", "phone", "website", "external_id")}
    return Lead(**{name: values.get(name, value) for name, value in kept.items()})


def _lock(lead: Lead) -> Lead:
    return hold(Lead.objects.select_related("owner", "team"), lead.pk)


def _checklists(lead: Lead) -> list[int]:
    return list(lead.checklists.values_list("pk", flat=True))


def _set_archived(lead: Lead, at: datetime | None) -> None:
    lead.archived_at = at
    lead.version += 1
    lead.save(update_fields=["archived_at", "version"])
    settle(_checklists(lead), cause=GateChange.Cause.EDIT)

"""The records behind a number: exactly those that it counts, as a list whose lines lead to the records' pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Account
from leads.models import Handoff, Lead
from opportunities.models import Opportunity
from reports.asked import Asked
from reports.definitions import Column, Record, Report
from reports.naming import label_of_key
from reports.parameters import NotAnswerable

PAGE = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One record, as the list shows it."""

    url: str
    name: str
    about: str
    owner: str
    state: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the records that a number counts."""

    count: int
    entries: list[Entry]
    after: int | None  # ask for the page after this id; None: this is the last one


def list_records(
    report: Report, asked: Asked, column: str, *, group: str | None, split: Mapping[str, str], after: int = 0
) -> Listed:
    """The records that `column` counts in the group ('' is the empty one, None all of them). Raises NotAnswerable."""
    statement = report.statement(asked)
    if column not in statement.conditions:
        raise NotAnswerable(
            _("%(report)s has no number “%(column)s” that counts records. It has: %(columns)s.")
            % {"report": report.name, "column": column[:60], "columns": ", ".join(statement.conditions)}
        )
    if any("\x00" in value for value in (group or "", *split.values())):
        raise NotAnswerable(_("No group has this name. Open the records from a number of the report."))
    within: dict[str, str | None] = {report.split_keys.get(name, name): value for name, value in split.items()}
    if group is not None:
        within["group_key"] = group or None
    count, ids = statement.records(asked, column, within=within, after=after, limit=PAGE + 1)
    shown, more = ids[:PAGE], len(ids) > PAGE
    return Listed(count, entries(report, split, shown), shown[-1] if more else None)


def group_label(code: str, key: str) -> str:
    """The name of the group of the dimension that has this key."""
    return label_of_key(code, key) if key else _("(none)")


def column_of(report: Report, code: str) -> Column | None:
    return next((column for column in report.columns if column.code == code), None)


def entries(report: Report, split: Mapping[str, str], ids: list[int]) -> list[Entry]:
    """The lines of these records, in the order of their ids."""
    kind = report.record_of(split)
    if kind is Record.LEAD:
        leads = Lead.objects.filter(pk__in=ids).select_related("owner").order_by("pk")
        return [
            Entry(
                f"/leads/{one.pk}/",
                str(one),
                one.company,
                str(one.owner or ""),
                one.get_stage_display(),
                one.created_at,
            )
            for one in leads
        ]
    if kind is Record.DEAL:
        deals = Opportunity.objects.filter(pk__in=ids).select_related("owner", "account", "stage").order_by("pk")
        return [
            Entry(
                f"/opportunities/{one.pk}/",
                one.name,
                str(one.account or ""),
                str(one.owner or ""),
                one.stage.name,
                one.created_at,
            )
            for one in deals
        ]
    if kind is Record.HANDOFF:
        handoffs = Handoff.objects.filter(pk__in=ids).select_related("lead", "lead__owner").order_by("pk")
        return [
            Entry(
                f"/leads/{one.lead_id}/",
                str(one.lead),
                one.because,
                str(one.lead.owner or ""),
                one.get_state_display(),
                one.offered_at,
            )
            for one in handoffs
        ]
    accounts = Account.objects.filter(pk__in=ids).select_related("manager", "type").order_by("pk")
    return [
        Entry(f"/accounts/{one.pk}/", one.name, one.industry, str(one.manager or ""), one.type.name, one.created_at)
        for one in accounts
    ]

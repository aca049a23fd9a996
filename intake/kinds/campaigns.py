"""Campaigns with what they cost."""

from django.utils.translation import gettext as _

from intake.columns import Column, Reads
from intake.kind import Key, Kind, amount, text_columns
from intake.staging import Staging
from intake.writing import amounts_with_currency, code_said, find_currency, write_records
from leads.models import Campaign

COLUMNS = (
    *text_columns(Campaign, {"code": ("campaign code", "campaign id", "id"), "name": ("campaign", "campaign name")}),
    Column("source", aliases=("lead source",), limit=80, refers="source"),
    Column("starts_on", Reads.DATE, ("start date", "start")),
    Column("ends_on", Reads.DATE, ("end date", "end")),
    amount(Campaign, "cost", "actual cost"),
    Column("currency", Reads.CODE),
)


def check(staging: Staging) -> None:
    if staging.has("starts_on") and staging.has("ends_on"):
        staging.refuse_where(
            "ends_on", "s.ends_on < s.starts_on", _("lies before the start of the campaign. Correct one of the two")
        )


def write(staging: Staging) -> None:
    write_records(staging, given={"code": code_said(staging, 120), "currency": amounts_with_currency(staging, "cost")})


CAMPAIGNS = Kind(
    "campaigns",
    Campaign,
    COLUMNS,
    (Key(("code",), exact=True), Key(("name",))),
    needs=("name",),
    prepare=find_currency,
    check=check,
    write=write,
)

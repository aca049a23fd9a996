"""Accounts, in whatever order parents and children stand in the file."""

from django.utils.translation import gettext as _
from psycopg2 import sql

from accounts.models import Account, AccountType
from intake.columns import Column, Reads
from intake.kind import Key, Kind, amount, text_columns
from intake.mapping import MappingRefused
from intake.staging import Staging
from intake.writing import amounts_with_currency, find_currency, resolve_parents, write_records

COLUMNS = (
    Column("external_id", aliases=("account id", "id"), limit=120),
    *text_columns(
        Account,
        {
            "name": ("account", "account name", "company", "company name"),
            "industry": ("sector",),
            "country": (),
            "city": (),
            "domain": ("website domain",),
            "phone": ("phone number",),
        },
    ),
    Column("type", aliases=("account type",), limit=50, refers="account_type"),
    Column("parent", aliases=("parent account", "subsidiary of"), limit=255, refers="account"),
    Column("manager", aliases=("account manager", "account owner", "owner"), limit=120, refers="user"),
    Column("employees", Reads.WHOLE, ("no. of employees", "number of employees")),
    amount(Account, "revenue", "annual revenue"),
    Column("currency", Reads.CODE),
    Column("created_at", Reads.MOMENT, ("created date", "create date", "created")),
)


def find_type(staging: Staging) -> None:
    """The type of accounts whose row says none: a prospect; and the currency. Raises MappingRefused."""
    find_currency(staging)
    kind = AccountType.objects.filter(kind=AccountType.Kind.PROSPECT).first()
    if kind is None:
        raise MappingRefused(_("There is no account type for prospects; run manage.py setup first."))
    staging.facts["account_type"] = kind.pk


def resolve(staging: Staging) -> None:
    resolve_parents(
        staging,
        "parent",
        _("Its parent was rejected, so it has nowhere to belong. Mend the parent's row first"),
        _("Its parents lead back to itself"),
    )


def write(staging: Staging) -> None:
    said = sql.SQL("coalesce(r.type_id, %(account_type)s)") if staging.has("type") else sql.SQL("%(account_type)s")
    write_records(staging, given={"type_id": said, "currency": amounts_with_currency(staging, "revenue")})


ACCOUNTS = Kind(
    "accounts",
    Account,
    COLUMNS,
    (Key(("external_id",), exact=True), Key(("name",))),
    attributes_of="account",
    needs=("name",),
    prepare=find_type,
    resolve=resolve,
    write=write,
)

"""Contacts: people at accounts."""

from accounts.models import Contact
from intake.columns import Column, Reads
from intake.kind import Key, Kind, field_limit, text_columns
from intake.writing import write_records

COLUMNS = (
    Column("external_id", aliases=("contact id", "record id", "id"), limit=120),
    *text_columns(
        Contact,
        {
            "name": ("contact", "full name"),
            "title": ("job title",),
            "department": (),
            "phone": ("phone number", "telephone"),
        },
    ),
    Column("first_name", limit=100, filled=False),
    Column("last_name", limit=100, filled=False),
    Column("email", Reads.EMAIL, ("e-mail", "email address"), limit=field_limit(Contact, "email")),
    Column("sells_on", Reads.FLAG, ("sells on to users",)),
    Column("account", aliases=("account name", "company", "company name"), limit=255, refers="account"),
    Column("created_at", Reads.MOMENT, ("created date", "create date", "created")),
)

CONTACTS = Kind(
    "contacts",
    Contact,
    COLUMNS,
    (Key(("external_id",), exact=True), Key(("email",)), Key(("name", "title", "phone"))),
    joined={"name": ("first_name", "last_name")},
    needs=("name",),
    write=write_records,
)

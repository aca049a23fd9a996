"""What a target column takes: how a cell is read into the text that the database is given, and what is refused."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import Enum
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from users.moments import FIRST_DAY, LAST_DAY

# Outside these years a date is a slip of the pen or of a spreadsheet (decisions.md 19).
FIRST = datetime.combine(FIRST_DAY, time.min, UTC)
LAST = datetime.combine(LAST_DAY, time.max, UTC)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
EMAIL = re.compile(r"[^\s@<>;,\"()\[\]\\]+@[^\s@<>;,\"()\[\]\\.]+(\.[^\s@<>;,\"()\[\]\\.]+)+")
YES = frozenset({"true", "yes", "y", "1", "t", "x"})
NO = frozenset({"false", "no", "n", "0", "f"})
CURRENCY_SIGNS = "$€£¥ \u00a0\u202f'"


class Unreadable(Exception):
    """A cell that cannot be taken in; the text is the reason."""


class Reads(Enum):
    """How the cell is read, and the PostgreSQL type of its staging column."""

    TEXT = "text"
    CODE = "code"  # a currency: three capital letters
    EMAIL = "email"
    WHOLE = "whole"  # a whole number
    NUMBER = "number"  # an amount
    DATE = "date"
    MOMENT = "moment"
    FLAG = "flag"
    LIST = "list"  # several texts with commas between
    JSON = "json"


STAGED_AS = {
    Reads.TEXT: "text",
    Reads.CODE: "text",
    Reads.EMAIL: "text",
    Reads.WHOLE: "bigint",
    Reads.NUMBER: "numeric",
    Reads.DATE: "date",
    Reads.MOMENT: "timestamptz",
    Reads.FLAG: "boolean",
    Reads.LIST: "text",
    Reads.JSON: "jsonb",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that a file may say of a record."""

    name: str
    reads: Reads = Reads.TEXT
    aliases: tuple[str, ...] = ()  # headers that mean it when no mapping is given
    limit: int | None = None  # characters, or the largest whole number
    may_be_negative: bool = False
    places: int = 2
    digits: int = 14
    filled: bool = True  # a column of the record's own table has this name
    refers: str = ""  # the name in intake/references.py of what the value points to


@dataclass(frozen=True, slots=True)
class Manner:
    """How the file writes dates and numbers."""

    zone: ZoneInfo
    decimal: str  # "." or ","
    dates: Mapping[str, tuple[str, ...]]  # by column; "" is for all others
    scale: Mapping[str, Decimal]


Reader = Callable[[str], str]


def reader_of(column: Column, manner: Manner) -> Reader:
    """Return the function that reads a cell, stripped and not empty, of this column. It raises Unreadable."""
    match column.reads:
        case Reads.WHOLE:
            return lambda cell: whole(cell, column, manner)
        case Reads.NUMBER:
            return lambda cell: number(cell, column, manner)
        case Reads.DATE:
            return lambda cell: moment(cell, column.name, manner).date().isoformat()
        case Reads.MOMENT:
            return lambda cell: moment(cell, column.name, manner).isoformat()
        case Reads.FLAG:
            return flag
        case Reads.EMAIL:
            return lambda cell: email(cell, column.limit)
        case Reads.CODE:
            return currency
        case Reads.JSON:
            return json_object
    return lambda cell: text(cell, column.limit)


def text(cell: str, limit: int | None) -> str:
    """The cell itself, whatever it looks like: formulas and markup are data."""
    if "\x00" in cell:
        raise Unreadable(_("holds a NUL character, which no text may; remove it"))
    if limit is not None and len(cell) > limit:
        raise Unreadable(
            _("is %(length)d characters long; at most %(limit)d fit. Shorten it")
            % {"length": len(cell), "limit": limit}
        )
    return cell


def email(cell: str, limit: int | None) -> str:
    if not EMAIL.fullmatch(text(cell, limit)):
        raise Unreadable(_("is not one e-mail address such as name@example.com"))
    return cell


def currency(cell: str) -> str:
    if not (len(cell) == 3 and cell.isascii() and cell.isalpha()):
        raise Unreadable(_("is not a currency code of three letters such as EUR"))
    return cell.upper()


def flag(cell: str) -> str:
    word = cell.casefold()
    if word in YES:
        return "t"
    if word in NO:
        return "f"
    raise Unreadable(_("is neither yes nor no"))


def json_object(cell: str) -> str:
    try:
        value = json.loads(text(cell, 100_000))
    except ValueError as error:
        raise Unreadable(_("is not JSON: %(why)s") % {"why": error}) from error
    if not isinstance(value, dict):
        raise Unreadable(_("is not a JSON object ({...})"))
    rewritten = json.dumps(value)
    if "\\u0000" in rewritten:
        raise Unreadable(_("holds a NUL character, which no text may; remove it"))
    return rewritten


def decimal_of(cell: str, separator: str) -> Decimal:
    """The number that the cell writes; thousands may be grouped by the other sign, a space or an apostrophe."""
    plain = cell.translate({ord(sign): None for sign in CURRENCY_SIGNS})
    group = "," if separator == "." else "."
    grouped = re.fullmatch(rf"-?\d{{1,3}}(\{group}\d{{3}})+(\{separator}\d+)?", plain)
    if grouped:
        plain = plain.replace(group, "")
    try:
        if group in plain or not re.fullmatch(r"-?[\d.,]+([eE][+-]?\d{1,2})?", plain):
            raise InvalidOperation
        return Decimal(plain.replace(separator, "."))
    except InvalidOperation as error:
        say = _(
            "is not a number; a decimal is written 1234%(sign)s5 here. Say `decimal` in the mapping if the file writes it otherwise"
        )
        raise Unreadable(say % {"sign": separator}) from error


def number(cell: str, column: Column, manner: Manner) -> str:
    value = decimal_of(cell, manner.decimal) * manner.scale.get(column.name, 1)
    if value < 0 and not column.may_be_negative:
        raise Unreadable(_("is negative; an amount cannot be"))
    if abs(value) >= Decimal(10) ** (column.digits - column.places):
        raise Unreadable(_("is larger than any amount that fits"))
    return str(value.quantize(Decimal(1).scaleb(-column.places), ROUND_HALF_UP))


def whole(cell: str, column: Column, manner: Manner) -> str:
    value = decimal_of(cell, manner.decimal) * manner.scale.get(column.name, 1)
    if value != value.to_integral_value():
        raise Unreadable(_("is not a whole number"))
    if value < 0 and not column.may_be_negative:
        raise Unreadable(_("is negative; a number of this kind cannot be"))
    if abs(value) > (column.limit or 2_147_483_647):
        raise Unreadable(_("is larger than any number that fits"))
    return str(int(value))


def moment(cell: str, name: str, manner: Manner) -> datetime:
    """The moment that the cell writes: in the mapping's form, or as ISO 8601. Without an offset it is in the file's zone."""
    formats = manner.dates.get(name) or manner.dates.get("") or ()
    found = by_format(cell, formats) if formats else by_iso(cell)
    if found is None:
        shape = ", ".join(formats) or _("2025-03-31 or 2025-03-31 14:05")
        say = _(
            "is not a date that exists, written as %(shape)s. Say `dates` in the mapping if the file writes them otherwise"
        )
        raise Unreadable(say % {"shape": shape})
    if found.tzinfo is None:
        found = found.replace(tzinfo=manner.zone)
    if not FIRST <= found <= LAST:
        raise Unreadable(_("lies outside the years 1970 to 2100"))
    return found


def by_format(cell: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            # Whether it has an offset is the form's affair; without one the file's zone is added by the caller.
            return datetime.strptime(cell, form)  # noqa: DTZ007
        except ValueError:
            continue
    return None


def by_iso(cell: str) -> datetime | None:
    if not ISO_DATE.match(cell):
        return None
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        return None

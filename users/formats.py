"""How numbers, money, rates and moments are written (design.md, "Words, numbers, dates"). Nothing here reads a clock."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from django.utils import timezone, translation
from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUS = "−"
DASH = "–"
NO_BREAK = "\u00a0"

# What people write instead of the ISO code; any other currency is written by its code.
SYMBOLS = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "BRL": "R$",
    "JPY": "¥",
    "CNY": "CN¥",
    "TWD": "NT$",
    "NOK": "kr",
    "IDR": "Rp",
    "RUB": "₽",
}
SYMBOL_FIRST = {"en", "zh", "id"}
UNITS = [(Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"), (Decimal(10) ** 3, "k")]
SIGNIFICANT = 3

# Below 48 hours people think in hours, above it in dates.
RELATIVE_BELOW = timedelta(hours=48)

Number = int | float | Decimal


def number(value: Number | None, decimals: int = 0) -> str:
    """Return a number with the language's separators and a true minus sign; a dash for none."""
    if value is None:
        return DASH
    exact = round(Decimal(str(value)), decimals)
    text = f"{abs(exact):,.{decimals}f}"
    if (language := _language()) != "en":
        text = text.translate(_separators(language))
    return f"{MINUS}{text}" if exact < 0 else text


def _language() -> str:
    return translation.get_language() or "en"


@lru_cache(maxsize=64)
def _separators(language: str) -> dict[int, str]:
    """What stands in this language for the comma and the point of English."""
    return str.maketrans(
        {",": get_format("THOUSAND_SEPARATOR", language), ".": get_format("DECIMAL_SEPARATOR", language)}
    )


def money(value: Number | None, currency: str, decimals: int = 0) -> str:
    """Return an amount in full with its currency: €148,000."""
    return (
        DASH
        if value is None
        else _with_symbol(number(abs(Decimal(str(value))), decimals), currency, negative=value < 0)
    )


def short_money(value: Number | None, currency: str) -> str:
    """Return an amount for a card or a headline, with three significant digits: €6.42m, €890k, €950."""
    if value is None:
        return DASH
    amount = abs(Decimal(str(value)))
    text = number(amount)
    for unit, letter in UNITS:
        # 999,600 rounds to 1.00m, not to 1,000k.
        if amount >= unit * Decimal("0.9995"):
            scaled = amount / unit
            decimals = max(0, SIGNIFICANT - max(1, scaled.adjusted() + 1))
            text = f"{number(scaled, decimals)}{letter}"
            break
    return _with_symbol(text, currency, negative=value < 0)


# Below this many cases a rate is a hint, not a result.
FEW = 40


def rate(value: Number | None, decimals: int = 1) -> str:
    """Return a share between 0 and 1 as per cent; none (an empty denominator) is "no data", never 0."""
    return _("no data") if value is None else f"{number(Decimal(str(value)) * 100, decimals)}%"


def points(value: Number | None, decimals: int = 1) -> str:
    """Return the difference of two shares in percentage points, with its sign: +0.7 pts."""
    if value is None:
        return DASH
    rounded = round(Decimal(str(value)) * 100, decimals)
    sign = "+" if rounded > 0 else ""
    return _("%(number)s pts") % {"number": f"{sign}{number(rounded, decimals)}"}


def change(value: Number | None, decimals: int = 0) -> str:
    """Return a relative change of a count (0.33 is a third more) with its sign: +33%."""
    if value is None:
        return DASH
    rounded = round(Decimal(str(value)) * 100, decimals)
    return f"{'+' if rounded > 0 else ''}{number(rounded, decimals)}%"


def day(value: date, today: date) -> str:
    """Return a date as "Tue 16 Jun", with its year only if that is not the year of today."""
    text = _weekday_and_month(value, _language())
    return text if value.year == today.year else f"{text} {value.year}"


def month(value: date) -> str:
    """Return the month of a date as "Jun"."""
    return str(MONTHS_3[value.month]).title()


def exact(moment: datetime) -> str:
    """Return a moment in full, in the active time zone."""
    local = timezone.localtime(moment)
    return f"{_weekday_and_month(local.date(), _language())} {local.year}, {local.hour:02}:{local.minute:02} {local.tzname()}"


def when(moment: date | datetime, now: datetime) -> str:
    """Return a moment as people say it: "12 min ago", "in 3 h", else the date; a plain date stays a date."""
    if not isinstance(moment, datetime):
        return day(moment, timezone.localtime(now).date())
    distance = now - moment
    if abs(distance) >= RELATIVE_BELOW:
        return day(timezone.localtime(moment).date(), timezone.localtime(now).date())
    minutes = int(abs(distance).total_seconds() // 60)
    if minutes == 0:
        return _("just now")
    if minutes < 60:
        length = ngettext("%(count)d min", "%(count)d min", minutes) % {"count": minutes}
    else:
        length = ngettext("%(count)d h", "%(count)d h", minutes // 60) % {"count": minutes // 60}
    return (_("%(length)s ago") if distance > timedelta(0) else _("in %(length)s")) % {"length": length}


def length_of(duration: timedelta) -> str:
    """Return a duration as hours and minutes, without its sign: 1:47."""
    minutes = int(abs(duration).total_seconds() // 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def initials(name: str) -> str:
    """Return the one or two letters that stand for a person in a small circle."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper() or "?"


@lru_cache(maxsize=2048)
def _weekday_and_month(value: date, _language: str) -> str:
    """Tue 16 Jun, in the words of Django's date_format; pages show the same few days many times."""
    return f"{WEEKDAYS_ABBR[value.weekday()]} {value.day} {month(value)}"


def _with_symbol(text: str, currency: str, *, negative: bool) -> str:
    symbol = SYMBOLS.get(currency, currency)
    sign = MINUS if negative else ""
    if _language().split("-")[0] not in SYMBOL_FIRST:
        return f"{sign}{text}{NO_BREAK}{symbol}"
    return f"{sign}{symbol}{NO_BREAK if symbol.isalpha() else ''}{text}"

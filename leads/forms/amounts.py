"""Amounts of money as people type them on a call. Pure."""

import re
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

LARGEST = Decimal("999999999999.99")
MARKS = re.compile(r"[\s\u00a0\u202f'’_]|[A-Z]{2,3}\$?|[€$£¥₽]|kr\b|Rp\b")
FACTORS = {"k": Decimal(1_000), "m": Decimal(1_000_000)}


def read_amount(text: str) -> Decimal:
    """Read "50,000", "50.000,00", "€ 50 000" or "50k"; both decimal marks are understood.

    One mark before exactly three digits separates thousands: nobody quotes a price in tenths of a cent.
    Raises ValueError with a sentence for the person.
    """
    bare = MARKS.sub("", text.strip()).removesuffix(".-").removesuffix(",-")
    factor = FACTORS.get(bare[-1:].lower(), Decimal(1))
    if factor != 1:
        bare = bare[:-1]
    decimal_mark = max(bare.rfind("."), bare.rfind(","))
    if decimal_mark >= 0:
        mark, other = bare[decimal_mark], "," if bare[decimal_mark] == "." else "."
        groups = bare.count(mark) > 1 or (other not in bare and len(bare) - decimal_mark == 4 and factor == 1)
        bare = bare.replace(other, "")
        bare = bare.replace(mark, "") if groups else bare.replace(mark, ".")
    try:
        amount = (Decimal(bare) * factor).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise ValueError(_("Write the amount in figures, such as 50,000.")) from None
    if not amount.is_finite():
        raise ValueError(_("Write the amount in figures, such as 50,000."))
    if amount < 0:
        raise ValueError(_("An amount cannot be negative."))
    if amount > LARGEST:
        raise ValueError(_("This amount is too large: check the number of zeros."))
    return amount

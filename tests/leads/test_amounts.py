"""Amounts as people type them on a call."""

from decimal import Decimal

import pytest

from leads.forms.amounts import read_amount


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("50000", "50000"),
        ("50,000", "50000"),
        ("50.000", "50000"),
        ("€ 50 000", "50000"),
        ("50.000,50", "50000.50"),
        ("50,000.50", "50000.50"),
        ("1.234.567", "1234567"),
        ("12,5", "12.5"),
        ("12.50", "12.50"),
        ("50k", "50000"),
        ("1.5m", "1500000"),
        ("1,125m", "1125000"),
        ("kr 400 000,-", "400000"),
        ("0", "0"),
    ],
)
def test_both_ways_of_writing_are_understood(typed: str, amount: str) -> None:
    assert read_amount(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["", "a lot", "-5", "NaN", "Infinity", "1e999", "50 to 60", "9" * 20])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_amount(typed)

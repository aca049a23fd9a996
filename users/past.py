"""A history import adds to the past (decisions.md 19). Whoever keeps figures of the past is told through this list.

The doors and the reports do not know each other: reports say here, when the program starts, what is to be done.
"""

from collections.abc import Callable

_TOLD: list[Callable[[], None]] = []


def when_the_past_is_added_to(tell: Callable[[], None]) -> None:
    """Call this function, inside the import's transaction, after every history import. Saying it twice changes nothing."""
    if tell not in _TOLD:
        _TOLD.append(tell)


def the_past_was_added_to() -> None:
    """Tell all who want to know."""
    for tell in _TOLD:
        tell()

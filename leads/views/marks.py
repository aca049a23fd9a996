"""The small marks of a lead in a list: written once for each way they can look, however many rows show them."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from django.db import connection
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from leads.labels import STAGES
from leads.lifecycle import Stage
from scoring import engine
from scoring.facts import kinds
from scoring.models import Policy
from users.templatetags import desk


def badge_of_stage(stage: str) -> SafeString:
    return _badge_of_stage(stage, get_language() or "")


@lru_cache(maxsize=256)
def _badge_of_stage(stage: str, _language: str) -> SafeString:
    return render_to_string("_stage.html", desk.stage(stage, str(STAGES[Stage(stage)])))


def badge_of_temperature(temperature: int, not_shown: bool) -> SafeString:
    return _badge_of_temperature(temperature, not_shown, get_language() or "")


@lru_cache(maxsize=64)
def _badge_of_temperature(temperature: int, not_shown: bool, _language: str) -> SafeString:
    score = {"temperature": temperature, "sql": not_shown, "interest_shown": not not_shown}
    return render_to_string("_temperature.html", desk.temperature(score))


@lru_cache(maxsize=256)
def _criteria(_database: str, policy_id: int) -> tuple[tuple[str, int], ...]:
    """Name and minimum of each criterion of a policy. A published policy never changes."""
    definition = engine.parse(Policy.objects.get(pk=policy_id).definition, kinds())
    return tuple((each.name, definition.minimum(each)) for each in definition.criteria)


def hallmark_of(policy_id: int | None, lows: Sequence[Decimal], highs: Sequence[Decimal]) -> SafeString:
    """The octagons of a score row."""
    if policy_id is None:
        return SafeString("")
    criteria = _criteria(str(connection.settings_dict["NAME"]), policy_id)
    stands = tuple(
        "y" if low >= minimum else "u" if high - low >= 100 else "x" if high < minimum else "p"
        for (_name, minimum), low, high in zip(criteria, lows, highs, strict=False)
    )
    return _hallmark(tuple(name for name, _minimum in criteria), stands, get_language() or "")


@lru_cache(maxsize=2048)
def _hallmark(names: tuple[str, ...], stands: tuple[str, ...], _language: str) -> SafeString:
    marks = {
        "y": {"met": True, "asked": True, "high": 100},
        "u": {"met": False, "asked": False, "high": 100},
        "x": {"met": False, "asked": True, "high": 0},
        "p": {"met": False, "asked": True, "high": 100},
    }
    return desk.hallmark(
        [
            {"code": name, "label": _(name), "letter": name[:1].upper(), **marks[stand]}
            for name, stand in zip(names, stands, strict=False)
        ]
    )

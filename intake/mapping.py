"""What the columns of a file mean: a JSON object, checked before the first row is read."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from intake.reading import DELIMITERS

ATTRIBUTE = "attribute:"
ATTRIBUTE_KINDS = ("text", "number", "date", "flag", "list")
OUTCOMES = ("open", "won", "lost")


class MappingRefused(Exception):
    """The mapping cannot be followed. The text names the key and says what it must hold."""


@dataclass(frozen=True, slots=True)
class NewAttribute:
    """A field to be registered for leads or accounts if it is not there yet (decisions.md 27)."""

    label: str
    kind: str = "text"
    personal: bool = False


@dataclass(frozen=True, slots=True)
class NewStage:
    code: str
    name: str
    probability: int
    outcome: str = "open"
    starts_cycle: bool = False


@dataclass(frozen=True, slots=True)
class NewPipeline:
    """The pipeline of the deals; with stages, it is made if there is none of this code."""

    code: str
    name: str = ""
    context: str = ""
    stages: tuple[NewStage, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The mapping of one file. Every part may be left out."""

    columns: Mapping[str, tuple[str, ...]] | None = (
        None  # column of the file -> what it fills; None: by the headers' names
    )
    constants: Mapping[str, str] = field(default_factory=dict)  # what is filled -> the value in every row
    values: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict
    )  # what is filled -> value in the file -> value meant
    dates: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # what is filled ("" for all) -> forms, as strptime has them
    scale: Mapping[str, Decimal] = field(default_factory=dict)  # what is filled -> factor
    zone: ZoneInfo | None = None
    decimal: str = ""
    encoding: str = ""
    delimiter: str = ""
    create_missing: frozenset[str] = frozenset()
    update_by: str = ""
    history: bool = False
    open_handoffs: bool = False
    context: str = ""
    attributes: Mapping[str, NewAttribute] = field(default_factory=dict)
    pipeline: NewPipeline | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


def load_mapping(path: Path) -> dict[str, Any]:
    """The JSON object in the file. Raises MappingRefused."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MappingRefused(
            _("The mapping %(path)s cannot be opened: %(why)s.") % {"path": path, "why": error.strerror}
        ) from error
    except ValueError as error:
        raise MappingRefused(_("The mapping %(path)s is not JSON: %(why)s.") % {"path": path, "why": error}) from error
    if not isinstance(data, dict):
        raise MappingRefused(_("The mapping %(path)s must be a JSON object ({...}).") % {"path": path})
    return data


def parse_mapping(data: Mapping[str, Any]) -> ColumnMapping:
    """Read the mapping. Raises MappingRefused with a sentence that names the key. Names of columns are checked by `bind`."""
    unknown = sorted(set(data) - set(KEYS))
    if unknown:
        refuse(unknown[0], _("is not a key of a mapping; there are %(keys)s") % {"keys": ", ".join(sorted(KEYS))})
    return ColumnMapping(**{key: KEYS[key](key, value) for key, value in data.items()}, raw=dict(data))


def refuse(key: str, why: str) -> None:
    raise MappingRefused(_("In the mapping, `%(key)s` %(why)s.") % {"key": key, "why": why})


def a_text(key: str, value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        refuse(key, _("must be a text"))
    return str(value)


def a_flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        refuse(key, _("must be true or false"))
    return bool(value)


def an_object(key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        refuse(key, _("must be an object ({...})"))
    return dict(value)


def some_texts(key: str, value: Any) -> tuple[str, ...]:
    found = (value,) if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not found or not all(isinstance(item, str) and item for item in found):
        refuse(key, _("must be a text or a list of texts"))
    return tuple(found)


def the_columns(key: str, value: Any) -> dict[str, tuple[str, ...]]:
    return {name: some_texts(f"{key}.{name}", targets) for name, targets in an_object(key, value).items()}


def the_constants(key: str, value: Any) -> dict[str, str]:
    return {name: scalar(f"{key}.{name}", constant) for name, constant in an_object(key, value).items()}


def scalar(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return a_text(key, value)


def the_values(key: str, value: Any) -> dict[str, dict[str, str]]:
    found = {}
    for name, table in an_object(key, value).items():
        pairs = an_object(f"{key}.{name}", table).items()
        found[name] = {was: "" if meant is None else scalar(f"{key}.{name}.{was}", meant) for was, meant in pairs}
    return found


def the_dates(key: str, value: Any) -> dict[str, tuple[str, ...]]:
    """Forms of dates, as strptime has them, for all columns or for each. Raises MappingRefused."""
    tables = value if isinstance(value, dict) else {"": value}
    found = {name: some_texts(f"{key}.{name}" if name else key, forms) for name, forms in tables.items()}
    for name, forms in found.items():
        for form in forms:
            # A leap day survives the round trip under every form that holds a whole date.
            leap_day = datetime(2000, 2, 29, tzinfo=UTC)
            try:
                whole = datetime.strptime(leap_day.strftime(form), form).date() == leap_day.date()  # noqa: DTZ007
            except (ValueError, re.error):
                whole = False
            if not whole:
                refuse(
                    f"{key}.{name}" if name else key,
                    _("holds %(form)s, which is not the form of a date such as %%d.%%m.%%Y") % {"form": form},
                )
    return found


def the_scale(key: str, value: Any) -> dict[str, Decimal]:
    found = {}
    for name, factor in an_object(key, value).items():
        try:
            found[name] = Decimal(str(factor))
        except InvalidOperation:
            refuse(f"{key}.{name}", _("must be a number"))
        if not found[name].is_finite() or not found[name]:
            refuse(f"{key}.{name}", _("must be a number other than 0"))
    return found


def a_zone(key: str, value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(a_text(key, value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        refuse(key, _("is not the name of a time zone such as Europe/Berlin"))
        raise


def a_decimal_sign(key: str, value: Any) -> str:
    if value not in (".", ","):
        refuse(key, _('must be "." or ","'))
    return str(value)


def a_delimiter(key: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) != 1 or value not in DELIMITERS:
        refuse(key, _("must be a comma, a semicolon, a tab or a vertical bar"))
    return str(value)


def the_names(key: str, value: Any) -> frozenset[str]:
    return frozenset(some_texts(key, value)) if value else frozenset()


def the_attributes(key: str, value: Any) -> dict[str, NewAttribute]:
    """Attributes to register before the rows are read. Raises MappingRefused."""
    found = {}
    for code, described in an_object(key, value).items():
        at = f"{key}.{code}"
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", code):
            refuse(at, _("must be named by small letters, digits and _, at most 60"))
        spec = an_object(at, described)
        if set(spec) - {"label", "kind", "personal"}:
            refuse(at, _("may hold label, kind and personal only"))
        kind = spec.get("kind", "text")
        if kind not in ATTRIBUTE_KINDS:
            refuse(f"{at}.kind", _("must be one of %(kinds)s") % {"kinds": ", ".join(ATTRIBUTE_KINDS)})
        label = a_text(f"{at}.label", spec.get("label", code))
        if not 0 < len(label) <= 100:
            refuse(f"{at}.label", _("must have 1 to 100 characters"))
        found[code] = NewAttribute(label, kind, a_flag(f"{at}.personal", spec.get("personal", False)))
    return found


def the_pipeline(key: str, value: Any) -> NewPipeline:
    """A pipeline by its code, or described with its stages. Raises MappingRefused."""
    spec = {"code": value} if isinstance(value, str) else an_object(key, value)
    if set(spec) - {"code", "name", "context", "stages"}:
        refuse(key, _("may hold code, name, context and stages only"))
    code = a_text(f"{key}.code", spec.get("code"))
    stages: Any = spec.get("stages", [])
    if not isinstance(stages, list):
        refuse(f"{key}.stages", _("must be a list of stages, in order"))
    new = tuple(a_stage(f"{key}.stages.{place}", stage) for place, stage in enumerate(stages, start=1))
    if len({stage.code for stage in new}) < len(new):
        refuse(f"{key}.stages", _("names a code twice"))
    if sum(stage.starts_cycle for stage in new) > 1:
        refuse(f"{key}.stages", _("may mark one stage only as the start of the sales cycle"))
    return NewPipeline(
        code, a_text(f"{key}.name", spec.get("name", code)), a_text(f"{key}.context", spec.get("context", "")), new
    )


def a_stage(key: str, value: Any) -> NewStage:
    """A stage of a pipeline; the probability is in percent. Raises MappingRefused."""
    spec = an_object(key, value)
    if set(spec) - {"code", "name", "probability", "outcome", "starts_cycle"}:
        refuse(key, _("may hold code, name, probability, outcome and starts_cycle only"))
    code = a_text(f"{key}.code", spec.get("code"))
    if not re.fullmatch(r"[a-z0-9_-]{1,50}", code):
        refuse(f"{key}.code", _("must be small letters, digits, - and _, at most 50"))
    outcome = spec.get("outcome", "open")
    if outcome not in OUTCOMES:
        refuse(f"{key}.outcome", _("must be one of %(outcomes)s") % {"outcomes": ", ".join(OUTCOMES)})
    probability = spec.get("probability", {"won": 100, "lost": 0}.get(outcome, 50))
    if not isinstance(probability, int) or isinstance(probability, bool) or not 0 <= probability <= 100:
        refuse(f"{key}.probability", _("must be a whole number from 0 to 100, in percent"))
    name = a_text(f"{key}.name", spec.get("name", code))
    return NewStage(
        code, name[:100], probability, outcome, a_flag(f"{key}.starts_cycle", spec.get("starts_cycle", False))
    )


KEYS: dict[str, Callable[[str, Any], Any]] = {
    "columns": the_columns,
    "constants": the_constants,
    "values": the_values,
    "dates": the_dates,
    "scale": the_scale,
    "zone": a_zone,
    "decimal": a_decimal_sign,
    "encoding": a_text,
    "delimiter": a_delimiter,
    "create_missing": the_names,
    "update_by": a_text,
    "history": a_flag,
    "open_handoffs": a_flag,
    "context": a_text,
    "attributes": the_attributes,
    "pipeline": the_pipeline,
}


def plain(header: str) -> str:
    """A header as it is compared: without case, spaces, signs, or a unit in brackets."""
    return re.sub(r"[\W_]+", "", re.sub(r"\([^)]*\)", "", header).casefold())


@dataclass(frozen=True, slots=True)
class Bound:
    """Which cell fills which column."""

    cells: Mapping[str, int]  # what is filled -> index of the cell
    constants: Mapping[str, str]
    unmapped: tuple[str, ...]  # columns of the file that nothing takes


def bind(
    mapping: ColumnMapping, header: Iterable[str], names: Mapping[str, tuple[str, ...]], attributes: Iterable[str]
) -> Bound:
    """Say which column of the file fills what.

    `names` are the columns that this kind of import has, each with other headers that mean it; `attributes` the codes
    of registered attributes. Raises MappingRefused if the mapping names a column that the file or the kind lacks.
    """
    header = list(header)
    known = set(names) | {ATTRIBUTE + code for code in attributes}
    for key in ("constants", "values", "scale"):
        for name in getattr(mapping, key):
            expect(key, name, known)
    for name in mapping.dates:
        if name:
            expect("dates", name, known)
    found = by_name(header, names) if mapping.columns is None else by_mapping(mapping.columns, header, known)
    for name in mapping.constants:
        found.pop(name, None)
    taken = set(found.values())
    return Bound(
        found,
        mapping.constants,
        tuple(column.strip() or f"#{place + 1}" for place, column in enumerate(header) if place not in taken),
    )


def expect(key: str, name: str, known: set[str]) -> None:
    if name.startswith(ATTRIBUTE) and name not in known:
        refuse(
            key, _("fills %(name)s, which is not registered; add it to `attributes` of the mapping") % {"name": name}
        )
    if name not in known:
        refuse(
            key,
            _("fills %(name)s, which this kind of import does not have; it has %(known)s")
            % {"name": name, "known": ", ".join(sorted(known))},
        )


def by_mapping(columns: Mapping[str, tuple[str, ...]], header: list[str], known: set[str]) -> dict[str, int]:
    """The place in the file of each column that is filled. Raises MappingRefused."""
    found: dict[str, int] = {}
    for column, targets in columns.items():
        places = [place for place, name in enumerate(header) if name.strip() == column.strip()]
        if not places:
            refuse(
                "columns",
                _("names the column %(column)s, which the file does not have; it has %(header)s")
                % {"column": column, "header": ", ".join(header)},
            )
        if len(places) > 1:
            refuse(
                "columns",
                _("names the column %(column)s, which the file has %(times)d times")
                % {"column": column, "times": len(places)},
            )
        for target in targets:
            expect("columns", target, known)
            if target in found:
                refuse("columns", _("fills %(name)s from two columns") % {"name": target})
            found[target] = places[0]
    return found


def by_name(header: list[str], names: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """The first column whose header is the name, or else the first that has one of the other names."""
    headers: dict[str, int] = {}
    for position, name in enumerate(header):
        if plain(name):
            headers.setdefault(plain(name), position)
    found: dict[str, int] = {}
    for name, aliases in names.items():
        places = [headers[plain(word)] for word in (name, *aliases) if plain(word) in headers]
        if places:
            found[name] = places[0]
    return found

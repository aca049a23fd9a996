"""The rows of a policy's form: read from what was posted, changed by a press, and made whole for saving.

A field's name is its path in the definition ("fit.0.when.1.fact"), the same that scoring/engine.py names a problem by.
What cannot be read as a number stays the text that it is, so that the engine says what to give instead.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify

from scoring.engine import FactKind, Op
from scoring.frameworks import FRAMEWORKS
from scoring.gates import MEASURES, MQL_FORMS, SQL_FORMS

Values = dict[str, Any]
# How a field is typed and read: "text", "whole", "number", "flag", "many" (several of a list), "operand".
# A list holds the shape of its rows; "optional" fields that are left empty are left out.
Shape = Mapping[str, Any]

CONDITION: Shape = {"fact": "text", "op": "text", "operand": "operand"}
DISQUALIFIER: Shape = {"code": "text", "text": "text", "when": [CONDITION]}
RULE: Shape = {**DISQUALIFIER, "points": "whole"}
PERSONA: Shape = {"code": "text", "rules": [RULE]}
CRITERION: Shape = {
    "code": "text",
    "name": "text",
    "weight": "whole",
    "required": "flag",
    "minimum": "optional whole",
    "concepts": "many",
}
EVENT: Shape = {
    "kind": "text",
    "text": "text",
    "points": "whole",
    "half_life_days": "number",
    "cap": "whole",
    "once": "optional flag",
    "hand_raise": "flag",  # of the form only: the definition lists those kinds apart
}
GATES: Shape = {
    "mql": {
        "form": "optional text",
        **dict.fromkeys(MEASURES, "whole"),
        "weights": dict.fromkeys(MEASURES, "optional whole"),
        "total": "optional whole",
        "k": "optional whole",
    },
    "sql": {"form": "optional text", "low": "whole", "criterion": "whole", "k": "optional whole"},
    "margin": "whole",
}
SHAPES: Mapping[str, Shape] = {
    "criteria": {"framework": "text", "criteria": [CRITERION]},
    "fit": {"fit": [RULE]},
    "personas": {"personas": [PERSONA]},
    "disqualifiers": {"disqualifiers": [DISQUALIFIER]},
    "engagement": {"engagement": [EVENT], "hand_raise_days": "whole"},
    "gates": {"gates": GATES, "warm_engagement": "whole", "review": "optional flag"},
}

BLANK_CONDITION: Values = {"fact": "", "op": "", "operand": ""}
# What a press on "add" puts there, by the name of the list.
BLANKS: Mapping[str, Values] = {
    "fit": {"code": "", "text": "", "points": "", "when": [BLANK_CONDITION]},
    "rules": {"code": "", "text": "", "points": "", "when": [BLANK_CONDITION]},
    "disqualifiers": {"code": "", "text": "", "when": [BLANK_CONDITION]},
    "when": BLANK_CONDITION,
    "personas": {"code": "", "rules": [{"code": "", "text": "", "points": "", "when": [BLANK_CONDITION]}]},
    "criteria": {"code": "", "name": "", "weight": 1, "required": False, "concepts": []},
    "engagement": {"kind": "", "text": "", "points": "", "half_life_days": 30, "cap": "", "hand_raise": False},
}
MOST_ROWS = 100  # of one list; a policy that people can read has far fewer


def opened(part: str, definition: Values) -> Values:
    """The part's fields as the form shows them."""
    shown = {field: deepcopy(definition[field]) for field in SHAPES[part] if field in definition}
    if part == "engagement":
        raising = definition.get("hand_raises", [])
        for event in shown.get("engagement", []):
            event["hand_raise"] = event.get("kind") in raising
    return shown


def read(part: str, posted: QueryDict, kinds: Mapping[str, FactKind]) -> Values:
    """What was typed into the form of the part, row by row."""
    values: Values = _read(posted, SHAPES[part], "", kinds)
    return values


def _read(posted: QueryDict, shape: Shape, path: str, kinds: Mapping[str, FactKind]) -> Values:
    found: Values = {}
    for name, wanted in shape.items():
        at = f"{path}{name}"
        if isinstance(wanted, list):
            found[name] = [_read(posted, wanted[0], f"{at}.{n}.", kinds) for n in _numbers(posted, f"{at}.")]
        elif isinstance(wanted, Mapping):
            if inner := _read(posted, wanted, f"{at}.", kinds):
                found[name] = inner
        else:
            value = _value(posted, wanted.removeprefix("optional "), at)
            left_out = wanted.startswith("optional ") and (value == "" or value is False)
            if not left_out:
                found[name] = value
    if shape is CONDITION:
        found["operand"] = _operand(found, kinds)
    return found


def _numbers(posted: QueryDict, before: str) -> list[int]:
    """The numbers of the rows whose fields begin so, in order."""
    found = {name[len(before) :].split(".")[0] for name in posted if name.startswith(before)}
    return sorted(int(each) for each in found if each.isdecimal() and len(each) < 6)[:MOST_ROWS]


def _value(posted: QueryDict, kind: str, path: str) -> Any:
    if kind == "flag":
        return bool(posted.get(path))
    if kind == "many":
        return posted.getlist(path)
    text = posted.get(path, "").strip()
    if kind in {"whole", "number"}:
        return _number(text)
    return text


def _number(text: str) -> int | float | str:
    """The number that was typed; the text where it is none."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return text
    if value != value or value in (float("inf"), float("-inf")):
        return text
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _operand(condition: Values, kinds: Mapping[str, FactKind]) -> Any:
    text = condition["operand"]
    if condition["op"] == Op.KNOWN:
        return None
    if condition["op"] in LISTING:
        return split(text)
    match kinds.get(condition["fact"]):
        case FactKind.NUMBER:
            return _number(text)
        case FactKind.FLAG:
            return {"yes": True, "no": False}.get(text, text)
    return text


LISTING = frozenset({Op.IN, Op.HAS_ANY})


def split(text: str) -> list[str]:
    """Values between commas; between semicolons where there are any, for values that hold a comma."""
    return [each for part in text.split(";" if ";" in text else ",") if (each := part.strip())]


def joined(values: Sequence[Any]) -> str:
    """The other way: what `split` reads again."""
    texts = [str(value) for value in values]
    if any("," in text for text in texts):
        return "; ".join(texts) + ("" if len(texts) > 1 else ";")
    return ", ".join(texts)


def pressed(part: str, values: Values, press: str) -> Values:
    """The rows after a press such as "add:fit", "up:fit.2" or "remove:fit.0.when.1"; unknown presses change nothing."""
    verb, _colon, path = press.partition(":")
    changed = deepcopy(values)
    if verb == "framework" and part == "criteria":
        if framework := FRAMEWORKS.get(changed.get("framework", "")):
            changed["criteria"] = framework.criteria_json()
        return changed
    try:
        VERBS[verb](changed, path)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):  # a path that no button of ours names
        return values
    return changed


def _add(values: Values, path: str) -> None:
    blank = deepcopy(BLANKS[path.split(".")[-1]])
    rows = _at(values, path)
    if len(rows) < MOST_ROWS:
        rows.append(blank)


def _remove(values: Values, path: str) -> None:
    rows, number = _row(values, path)
    rows.pop(number)


def _up(values: Values, path: str) -> None:
    rows, number = _row(values, path)
    if number > 0:
        rows[number - 1], rows[number] = rows[number], rows[number - 1]


def _down(values: Values, path: str) -> None:
    rows, number = _row(values, path)
    rows[number], rows[number + 1] = rows[number + 1], rows[number]


VERBS: Mapping[str, Callable[[Values, str], None]] = {"add": _add, "remove": _remove, "up": _up, "down": _down}


def _at(values: Values, path: str) -> Any:
    found: Any = values
    for step in path.split("."):
        found = found[int(step)] if isinstance(found, list) else found.setdefault(step, [])
    return found


def _row(values: Values, path: str) -> tuple[list[Any], int]:
    before, _dot, number = path.rpartition(".")
    rows = _at(values, before)
    rows[int(number)]  # there is such a row
    return rows, int(number)


def finished(part: str, values: Values, before: Mapping[str, Any]) -> Values:
    """The fields to save: rows that nobody filled in are left out, and new rules get a code of their own.

    `before` is the definition as it stands: what it leaves out, because it is the usual, stays left out.
    """
    done = deepcopy(values)
    for name in ("fit", "disqualifiers"):
        if name in done:
            done[name] = _filled(done[name])
    if part == "personas":
        done["personas"] = [
            {**persona, "rules": _filled(persona.get("rules", []))}
            for persona in done["personas"]
            if persona["code"] or _filled(persona.get("rules", []))
        ]
    if part == "criteria":
        done["criteria"] = _coded([row for row in done["criteria"] if row["name"] or row["concepts"]], "name")
    if part == "engagement":
        _finish_engagement(done, before)
    if part == "gates":
        _leave_out_usual_forms(done, before)
    return done


def _leave_out_usual_forms(done: Values, before: Mapping[str, Any]) -> None:
    for gate, usual in (("mql", MQL_FORMS[0]), ("sql", SQL_FORMS[0])):
        given = done.get("gates", {}).get(gate, {})
        if given.get("form") == usual and "form" not in before.get("gates", {}).get(gate, {}):
            del given["form"]


def _filled(rules: Sequence[Values]) -> list[Values]:
    kept = []
    for rule in rules:
        conditions = [each for each in rule["when"] if each["fact"] or each["operand"] not in ("", None, [])]
        if conditions or rule["text"] or rule.get("points", "") != "":
            kept.append({**rule, "when": conditions})
    return _coded(kept, "text")


def _coded(rows: list[Values], named_by: str) -> list[Values]:
    """Each row with a code: its own, or one made of its words."""
    taken = {row["code"] for row in rows}
    for row in rows:
        if not row["code"]:
            base = slugify(row[named_by], allow_unicode=True)[:40].replace("-", "_") or "rule"
            number = 1
            while (code := base if number == 1 else f"{base}_{number}") in taken:
                number += 1
            row["code"] = code
            taken.add(code)
    return rows


def _finish_engagement(done: Values, before: Mapping[str, Any]) -> None:
    rows = [row for row in done["engagement"] if row["kind"] or row["text"] or row["points"] != ""]
    raising = [row["kind"] for row in rows if row.pop("hand_raise", False)]
    order: list[str] = list(before.get("hand_raises", []))
    done["engagement"] = [{name: value for name, value in row.items() if name != "hand_raise"} for row in rows]
    done["hand_raises"] = sorted(raising, key=lambda kind: order.index(kind) if kind in order else len(order))

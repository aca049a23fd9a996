"""The form of one part of a policy: rows of cells, each named by the path of its field, with its problem beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.engine import OPS, FactKind, Op
from scoring.facts import Fact, registered
from scoring.frameworks import CONCEPTS, FRAMEWORKS
from scoring.gates import MQL_FORMS, SQL_FORMS, GateForm
from scoring.models import Persona
from scoring.packs.engagement import LABELS as EVENT_LABELS
from scoring.policy_rows import SHAPES, Values, joined
from scoring.sentences import OPERATORS

Option = tuple[str, str]
Label = str | Promise

LABELS: Mapping[str, Label] = {
    "code": gettext_lazy("Persona"),
    "text": gettext_lazy("In words"),
    "points": gettext_lazy("Points"),
    "fact": gettext_lazy("Fact"),
    "op": gettext_lazy("Test"),
    "operand": gettext_lazy("Value"),
    "name": gettext_lazy("Name"),
    "weight": gettext_lazy("Weight"),
    "required": gettext_lazy("Required"),
    "minimum": gettext_lazy("Own minimum"),
    "concepts": gettext_lazy("Asks about"),
    "kind": gettext_lazy("Kind of event"),
    "half_life_days": gettext_lazy("Half of it after, in days"),
    "cap": gettext_lazy("At most"),
    "once": gettext_lazy("Only the newest counts"),
    "hand_raise": gettext_lazy("Passes the MQL gate by itself"),
    "framework": gettext_lazy("Framework"),
    "hand_raise_days": gettext_lazy("How long a hand-raise passes, in days"),
    "gates.mql.form": gettext_lazy("How it decides"),
    "gates.mql.fit": gettext_lazy("Fit"),
    "gates.mql.engagement": gettext_lazy("Engagement"),
    "gates.mql.low": gettext_lazy("Certain answers"),
    "gates.mql.total": gettext_lazy("Mean to reach"),
    "gates.mql.k": gettext_lazy("How many of the three"),
    "gates.mql.weights.fit": gettext_lazy("Weight of fit"),
    "gates.mql.weights.engagement": gettext_lazy("Weight of engagement"),
    "gates.mql.weights.low": gettext_lazy("Weight of certain answers"),
    "gates.sql.form": gettext_lazy("How it decides"),
    "gates.sql.low": gettext_lazy("Certain answers in all"),
    "gates.sql.criterion": gettext_lazy("Minimum of a criterion"),
    "gates.sql.k": gettext_lazy("How many criteria"),
    "gates.margin": gettext_lazy("Margin before a gate falls"),
    "warm_engagement": gettext_lazy("Warm by engagement from"),
    "review": gettext_lazy("Marketing looks at each hand-off before sales sees it"),
}
HINTS: Mapping[str, Label] = {
    "gates.mql.low": gettext_lazy("Unknowns count as 0."),
    "gates.margin": gettext_lazy("Points below its threshold."),
}
ADDS: Mapping[str, Label] = {
    "fit": gettext_lazy("Add a rule"),
    "rules": gettext_lazy("Add a rule"),
    "disqualifiers": gettext_lazy("Add a disqualifier"),
    "personas": gettext_lazy("Add a persona"),
    "criteria": gettext_lazy("Add a criterion"),
    "engagement": gettext_lazy("Add a kind of event"),
    "when": gettext_lazy("And also"),
}
FORMS: Mapping[str, Label] = {
    GateForm.FIT_AND_INTEREST: gettext_lazy("Fit, with engagement or answers"),
    GateForm.MINIMUMS: gettext_lazy("Every minimum is reached"),
    GateForm.WEIGHTED: gettext_lazy("One weighted total decides"),
    GateForm.K_OF_N: gettext_lazy("Enough of the minimums are reached"),
}
# Fields that only one form of a gate reads; they are shown where it is chosen.
OF_FORM: Mapping[str, GateForm] = {
    "gates.mql.weights.fit": GateForm.WEIGHTED,
    "gates.mql.weights.engagement": GateForm.WEIGHTED,
    "gates.mql.weights.low": GateForm.WEIGHTED,
    "gates.mql.total": GateForm.WEIGHTED,
    "gates.mql.k": GateForm.K_OF_N,
    "gates.sql.k": GateForm.K_OF_N,
}
GROUPS: Mapping[str, Label] = {"gates.mql": gettext_lazy("MQL gate"), "gates.sql": gettext_lazy("SQL gate")}
OTHERS = gettext_lazy("Beside the gates")
LARGEST: Mapping[str, int] = {"points": 1000, "weight": 100, "minimum": 100, "cap": 1000, "hand_raise_days": 365}
WIDE = frozenset({"text", "operand", "concepts", "name", "kind", "form", "framework", "review"})
REFRESHING = frozenset({"fact", "gates.mql.form", "gates.sql.form"})  # what else is shown depends on them


@dataclass(frozen=True, slots=True)
class Cell:
    """One input. `kind`: text, number, check, select, many or hidden."""

    path: str
    label: str
    kind: str
    value: Any
    options: Sequence[Option] = ()
    problem: str = ""
    hint: str = ""
    listed: str = ""  # the datalist that proposes values
    largest: int | None = None
    step: str = "1"
    refreshes: bool = False
    wide: bool = False

    @property
    def id(self) -> str:
        return f"id_{self.path}".replace(".", "-")

    @property
    def chosen(self) -> str:
        """The labels of what is chosen of a list."""
        return ", ".join(label for code, label in self.options if code in self.value)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list, with lists of its own."""

    path: str
    title: str
    cells: list[Cell]
    lists: list["RowList"]
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class RowList:
    path: str
    add: str
    rows: list[Row]
    problem: str = ""
    plain: bool = False  # conditions: one line each, in no order


@dataclass(slots=True)
class Offers:
    """What can be chosen. Two queries."""

    facts: Mapping[str, Fact] = field(default_factory=registered)
    personas: list[Option] = field(
        default_factory=lambda: list(Persona.objects.filter(archived_at__isnull=True).values_list("code", "name"))
    )

    @property
    def kinds(self) -> dict[str, FactKind]:
        return {name: fact.kind for name, fact in self.facts.items()}

    def of_facts(self) -> list[Option]:
        return sorted(((name, _(str(fact.label))) for name, fact in self.facts.items()), key=lambda option: option[1])


class PartForm:
    """The fields of a part as they stand, or as they were typed, with what is wrong with them."""

    def __init__(
        self, part: str, values: Values, offers: Offers, problems: Mapping[str, str] | None = None, *, new: str = ""
    ) -> None:
        self.part, self.values, self.offers = part, values, offers
        self.problems = dict(problems or {})
        self.new = new  # the list to which a row was just added: its first field takes the focus
        self.facts = offers.of_facts()

    @property
    def cells(self) -> list[Cell]:
        """The fields that stand by themselves."""
        return list(self._cells(SHAPES[self.part], self.values, ""))

    @property
    def groups(self) -> list[tuple[str, list[Cell]]]:
        """The same with a title for those that belong together."""
        found: dict[str, list[Cell]] = {}
        for cell in self.cells:
            gate = ".".join(cell.path.split(".")[:2])
            found.setdefault(str(GROUPS.get(gate, OTHERS if self.part == "gates" else "")), []).append(cell)
        return list(found.items())

    @property
    def lists(self) -> list[RowList]:
        return self._lists(SHAPES[self.part], self.values, "")

    @property
    def lines(self) -> list[dict[str, str]]:
        """Every problem for the summary, with a link where its field is on this page."""
        shown = {cell.path: cell for cell in self._all()}
        return [
            {"href": f"#{shown[path].id}", "text": f"{shown[path].label}: {sentence}"}
            if path in shown
            else {"href": "", "text": f"{path}: {sentence}" if path else sentence}
            for path, sentence in self.problems.items()
        ]

    def _all(self) -> Iterator[Cell]:
        def inside(lists: Sequence[RowList]) -> Iterator[Cell]:
            for each in lists:
                for row in each.rows:
                    yield from row.cells
                    yield from inside(row.lists)

        yield from self.cells
        yield from inside(self.lists)

    def _lists(self, shape: Mapping[str, Any], values: Mapping[str, Any], before: str) -> list[RowList]:
        found = []
        for name, wanted in shape.items():
            if isinstance(wanted, list):
                path = f"{before}{name}"
                rows = [each for each in values.get(name) or [] if isinstance(each, Mapping)]
                found.append(
                    RowList(
                        path,
                        str(ADDS[name]),
                        [self._row(wanted[0], each, f"{path}.{n}", n, len(rows)) for n, each in enumerate(rows)],
                        self.problems.get(path, ""),
                        name == "when",
                    )
                )
        return found

    def _row(self, shape: Mapping[str, Any], values: Mapping[str, Any], path: str, number: int, rows: int) -> Row:
        cells = list(self._cells(shape, values, f"{path}."))
        title = next((str(values[name]) for name in ("text", "name", "code", "fact") if values.get(name)), "")
        title = dict(self.offers.personas).get(title, title)
        lists = self._lists(shape, values, f"{path}.")
        return Row(path, _(title) if title else str(number + 1), cells, lists, number == 0, number == rows - 1)

    def _cells(self, shape: Mapping[str, Any], values: Mapping[str, Any], before: str) -> Iterator[Cell]:
        for name, wanted in shape.items():
            path = f"{before}{name}"
            if isinstance(wanted, Mapping):
                yield from self._cells(wanted, values.get(name) or {}, f"{path}.")
            elif not isinstance(wanted, list) and self._is_shown(path):
                yield self._cell(name, wanted.removeprefix("optional "), path, values)

    def _is_shown(self, path: str) -> bool:
        """Whether the chosen form of the gate reads the field, or something is wrong with it."""
        form = OF_FORM.get(path)
        if form is None or path in self.problems:
            return True
        gate = self.values.get("gates", {}).get(path.split(".")[1], {})
        return bool(gate.get("form") == form)

    def _cell(self, name: str, kind: str, path: str, values: Mapping[str, Any]) -> Cell:
        value = values.get(name, "")
        label = str(LABELS.get(path) or LABELS.get(name) or name)
        cell: dict[str, Any] = {"kind": "text", "value": "" if value is None else value}
        if kind == "flag":
            cell = {"kind": "check", "value": value is True}
        elif kind in {"whole", "number"}:
            cell |= {"kind": "number", "step": "any" if kind == "number" else "1"}
            cell["largest"] = LARGEST.get(name, None if kind == "number" else 100)
        elif kind == "many":
            options = [(code, _(text)) for code, text in CONCEPTS.items()]
            cell = {"kind": "many", "value": list(value) if isinstance(value, list) else [], "options": options}
        elif kind == "operand":
            cell = self._operand(values)
        elif name == "code":
            # Only a persona's is chosen; every other code is made of the words, and stays.
            cell |= {"kind": "hidden"} if path.split(".")[-3:-2] != ["personas"] else _select(self.offers.personas)
        elif name == "fact":
            cell |= _select(self.facts)
        elif name == "op":
            cell |= _select(self._operators(str(values.get("fact", ""))))
        elif name == "framework":
            cell |= _select([(code, _(framework.name)) for code, framework in FRAMEWORKS.items()], blank=False)
        elif name == "form":
            forms = MQL_FORMS if path == "gates.mql.form" else SQL_FORMS
            cell |= _select([(form.value, str(FORMS[form])) for form in forms], blank=False)
        elif name == "kind":
            cell |= {"listed": "kinds-of-events"}
        if cell["kind"] == "select" and cell["value"] and cell["value"] not in dict(cell["options"]):
            cell["options"] = [*cell["options"], (cell["value"], str(cell["value"]))]  # gone, and still what is stored
        return Cell(
            path,
            label,
            problem=self.problems.get(path, ""),
            hint=str(HINTS.get(path, cell.pop("hint", ""))),
            refreshes=name in REFRESHING or path in REFRESHING,
            wide=name in WIDE,
            **cell,
        )

    def _operators(self, fact: str) -> list[Option]:
        """Those that fit the fact's kind; all of them while no fact is chosen."""
        kind = self.offers.kinds.get(fact)
        fitting = [op for op in Op if kind is None or op in OPS[kind]]
        return [(op.value, str(OPERATORS[op])) for op in fitting]

    def _operand(self, condition: Mapping[str, Any]) -> dict[str, Any]:
        """By the kind of the fact, whatever the test is: the test can then be changed without asking the server."""
        value = condition.get("operand")
        shown = "" if value is None else value
        match self.offers.kinds.get(str(condition.get("fact", ""))):
            case FactKind.FLAG:
                typed = ("yes" if value else "no") if isinstance(value, bool) else shown
                return {"value": typed} | _select([("yes", _("yes")), ("no", _("no"))])
            case FactKind.NUMBER:
                return {"kind": "number", "value": shown, "step": "any"}
            case FactKind.DATE:
                return {"kind": "date", "value": shown}
        hint = _("Several values: commas between them.")
        return {"kind": "text", "value": joined(value) if isinstance(value, list) else shown, "hint": hint}


def _select(options: Sequence[Option], *, blank: bool = True) -> dict[str, Any]:
    return {"kind": "select", "options": [("", "–"), *options] if blank else list(options)}


def kinds_of_events() -> list[Option]:
    """What is proposed for the kind of an event: those that ship; any other may be typed."""
    return [(code, _(text)) for code, text in EVENT_LABELS.items()]

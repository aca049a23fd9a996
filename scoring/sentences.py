"""A policy in words: every rule a sentence that marketing and sales can argue about.

Reads the plain definition, so that a draft with a problem can be read too. Each line has a key that stays the same
from version to version; scoring/differences.py compares by it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.engine import Op
from scoring.facts import registered
from scoring.frameworks import CONCEPTS, FRAMEWORKS
from scoring.models import Persona
from users.formats import number

Json = Mapping[str, Any]

TITLES: Mapping[str, str | Promise] = {
    "criteria": gettext_lazy("Qualification"),
    "fit": gettext_lazy("Fit"),
    "personas": gettext_lazy("Personas"),
    "disqualifiers": gettext_lazy("Disqualifiers"),
    "engagement": gettext_lazy("Engagement"),
    "gates": gettext_lazy("Gates"),
}
ABOUT: Mapping[str, str | Promise] = {
    "criteria": gettext_lazy("What they tell us: which criteria count, in which order, and how much each weighs."),
    "fit": gettext_lazy("Who they are: each rule gives its points when all of its conditions hold."),
    "personas": gettext_lazy("Buyer portraits with rules of their own; the best match adds its points to fit."),
    "disqualifiers": gettext_lazy("No gate holds for whom one of these is true. They take no points away."),
    "engagement": gettext_lazy("What they do: points that fade by half, with a limit for each kind."),
    "gates": gettext_lazy("From where on a lead is an MQL, an SQL, and warm."),
}
# What a condition says. An operator that has no phrase here fails a test.
PHRASES: Mapping[str, str | Promise] = {
    "is": gettext_lazy("%(fact)s is %(value)s"),
    "in": gettext_lazy("%(fact)s is one of %(value)s"),
    "has_any": gettext_lazy("%(fact)s has any of %(value)s"),
    "at_least": gettext_lazy("%(fact)s is at least %(value)s"),
    "below": gettext_lazy("%(fact)s is below %(value)s"),
    "known": gettext_lazy("%(fact)s is known"),
}
OPERATORS: Mapping[str, str | Promise] = {
    "is": gettext_lazy("is"),
    "in": gettext_lazy("is one of"),
    "has_any": gettext_lazy("has any of"),
    "at_least": gettext_lazy("is at least"),
    "below": gettext_lazy("is below"),
    "known": gettext_lazy("is known"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a policy."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a policy in words; `code` is that of scoring/drafting.py::PARTS."""

    code: str
    title: str
    about: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Words:
    """The names that sentences need; two queries, made once a page."""

    facts: Mapping[str, str]
    personas: Mapping[str, str]

    @classmethod
    def now(cls) -> "Words":
        return cls(
            {name: str(fact.label) for name, fact in registered().items()},
            dict(Persona.objects.values_list("code", "name")),
        )

    def fact(self, name: str) -> str:
        # Labels of shipped attributes are written down in English and translated where they are shown.
        return _(self.facts[name]) if self.facts.get(name) else name

    def persona(self, code: str) -> str:
        return _(self.personas[code]) if self.personas.get(code) else code


def in_words(definition: Json, words: Words) -> list[Section]:
    """The whole policy, part by part."""
    lines = {
        "criteria": _criteria(definition),
        "fit": [Line(f"fit:{rule.get('code')}", rule_in_words(rule, words)) for rule in definition.get("fit", [])],
        "personas": _personas(definition, words),
        "disqualifiers": [
            Line(f"disqualifiers:{rule.get('code')}", rule_in_words(rule, words))
            for rule in definition.get("disqualifiers", [])
        ],
        "engagement": _engagement(definition),
        "gates": _gates(definition),
    }
    return [Section(code, str(TITLES[code]), str(ABOUT[code]), found) for code, found in lines.items()]


def rule_in_words(rule: Json, words: Words) -> str:
    """An industry that we know. Industry is one of Manufacturing, Logistics: 25 points."""
    conditions = _(" and ").join(condition_in_words(each, words) for each in rule.get("when", []))
    text = _(str(rule["text"])) if rule.get("text") else ""
    says = f"{text}. {conditions}" if text else conditions
    if "points" not in rule:
        return f"{says}."
    return _("%(rule)s: %(points)s.") % {"rule": says, "points": points_in_words(rule["points"])}


def points_in_words(points: Any) -> str:
    if not isinstance(points, int):
        return str(points)
    return ngettext("%(points)s point", "%(points)s points", abs(points)) % {"points": number(points)}


def condition_in_words(condition: Json, words: Words) -> str:
    fact = words.fact(str(condition.get("fact", "")))
    phrase = PHRASES.get(str(condition.get("op")))
    value = value_in_words(condition.get("operand"))
    if phrase is None:
        return f"{fact} {condition.get('op')} {value}"
    return str(phrase) % {"fact": fact, "value": value}


def value_in_words(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return number(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def framework_in_words(code: str) -> str:
    return _(FRAMEWORKS[code].name) if code in FRAMEWORKS else code


def _criteria(definition: Json) -> list[Line]:
    criteria: Sequence[Json] = definition.get("criteria", [])
    lines = [
        Line(
            "criteria.framework",
            _("Framework: %(framework)s.") % {"framework": framework_in_words(str(definition.get("framework", "")))},
        )
    ]
    if not criteria:
        return [*lines, Line("criteria.none", _("Nothing is asked: fit and engagement decide."))]
    order = ", ".join(_(str(criterion.get("name", ""))) for criterion in criteria)
    lines.append(Line("criteria.order", _("In this order: %(criteria)s.") % {"criteria": order}))
    return lines + [Line(f"criteria:{each.get('code')}", _criterion(each)) for each in criteria]


def _criterion(criterion: Json) -> str:
    names = (str(concept) for concept in criterion.get("concepts", []))
    says = [
        _("weighs %(weight)s") % {"weight": value_in_words(criterion.get("weight"))},
        _("is required") if criterion.get("required") else _("is not required"),
    ]
    if criterion.get("minimum") is not None:
        says.append(_("needs %(points)s") % {"points": points_in_words(criterion["minimum"])})
    says.append(_("asks about: %(concepts)s") % {"concepts": _listed(_(CONCEPTS.get(name, name)) for name in names)})
    return f"{_(str(criterion.get('name', '')))} {', '.join(says)}."


def _personas(definition: Json, words: Words) -> list[Line]:
    lines = []
    for persona in definition.get("personas", []):
        code = str(persona.get("code", ""))
        for rule in persona.get("rules", []):
            says = _("%(persona)s: %(rule)s") % {"persona": words.persona(code), "rule": rule_in_words(rule, words)}
            lines.append(Line(f"personas:{code}:{rule.get('code')}", says))
        if not persona.get("rules"):
            lines.append(Line(f"personas:{code}", _("%(persona)s: no rule.") % {"persona": words.persona(code)}))
    return lines


def _engagement(definition: Json) -> list[Line]:
    lines = []
    names = {}
    for event in definition.get("engagement", []):
        names[event.get("kind")] = _(str(event.get("text", "")))
        says = _("%(event)s: %(points)s, half of it after %(days)s days, at most %(cap)s.") % {
            "event": names[event.get("kind")],
            "points": points_in_words(event.get("points")),
            "days": _decimal(event.get("half_life_days")),
            "cap": value_in_words(event.get("cap")),
        }
        if event.get("once"):
            says = f"{says} {_('Only the newest one counts.')}"
        lines.append(Line(f"engagement:{event.get('kind')}", says))
    raising = definition.get("hand_raises", [])
    if raising:
        says = _("Passes the MQL gate by itself for %(days)s days: %(events)s.") % {
            "days": value_in_words(definition.get("hand_raise_days")),
            "events": _listed(str(names.get(kind, kind)) for kind in raising),
        }
    else:
        says = _("No event passes the MQL gate by itself.")
    return [*lines, Line("engagement.hand_raises", says)]


def _decimal(value: Any) -> str:
    return number(value, 0 if float(value).is_integer() else 1) if isinstance(value, int | float) else str(value)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _gates(definition: Json) -> list[Line]:
    gates: Json = definition.get("gates", {})
    margin = value_in_words(gates.get("margin"))
    warm = value_in_words(definition.get("warm_engagement"))
    return [
        Line("gates.mql", _mql(gates.get("mql", {}))),
        Line("gates.sql", _sql(gates.get("sql", {}))),
        Line(
            "gates.margin",
            _("A gate that holds falls only when a value is %(margin)s below its threshold.") % {"margin": margin},
        ),
        Line("gates.warm", _("Warm by engagement alone from %(warm)s.") % {"warm": warm}),
        Line(
            "gates.review",
            _("Marketing looks at each hand-off before sales sees it.")
            if definition.get("review")
            else _("Sales sees a hand-off at once."),
        ),
    ]


def _mql(gate: Json) -> str:
    values = {name: value_in_words(gate.get(name)) for name in ("fit", "engagement", "low", "total", "k")}
    match gate.get("form", "fit_and_interest"):
        case "minimums":
            return (
                _("MQL: fit of %(fit)s, engagement of %(engagement)s and certain answers of %(low)s, all of them.")
                % values
            )
        case "weighted":
            weights = {name: value_in_words(gate.get("weights", {}).get(name)) for name in ("fit", "engagement", "low")}
            return _(
                "MQL: %(total)s as the mean of fit (weighs %(fit)s), engagement (%(engagement)s) and certain answers "
                "(%(low)s)."
            ) % {**weights, "total": values["total"]}
        case "k_of_n":
            return (
                _(
                    "MQL: %(k)s of these three: fit of %(fit)s, engagement of %(engagement)s, certain answers of %(low)s."
                )
                % values
            )
    return _("MQL: fit of %(fit)s, and engagement of %(engagement)s or certain answers of %(low)s.") % values


def _sql(gate: Json) -> str:
    values = {name: value_in_words(gate.get(name)) for name in ("low", "criterion", "k")}
    match gate.get("form", "minimums"):
        case "weighted":
            return _("SQL: certain answers of %(low)s in all.") % values
        case "k_of_n":
            return (
                _(
                    "SQL: certain answers of %(low)s in all, and %(k)s criteria with %(criterion)s each, the required ones "
                    "among them."
                )
                % values
            )
    return _("SQL: certain answers of %(low)s in all, and %(criterion)s in each required criterion.") % values


def speechless() -> list[str]:
    """Operators that have no words yet."""
    return [op for op in Op if op not in PHRASES or op not in OPERATORS]

"""The parts of the desk as template tags: {% load desk %}. docs/design.md shows each one with its look.

The tags know shapes, not rooms: what they draw has the attributes (or keys) named here, whichever model it comes from.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide as draw

from users import formats
from users.faults import faults_of, named
from users.once import FIELD, TOKEN

register = template.Library()

# A criterion is met from here on, where the policy sets no minimum of its own (decisions.md 3).
MET_FROM = 50

TEMPERATURES = {0: ("cold", gettext_lazy("Cold")), 1: ("warm", gettext_lazy("Warm")), 2: ("hot", gettext_lazy("Hot"))}

# First use in a view spells a short form out.
LONG_FORMS = {
    "mql": gettext_lazy("marketing qualified lead"),
    "sal": gettext_lazy("sales accepted lead"),
    "sql": gettext_lazy("sales qualified lead"),
}


def part(thing: Any, name: str, default: Any = None) -> Any:
    """Return an attribute of an object or a key of a mapping."""
    return thing.get(name, default) if isinstance(thing, Mapping) else getattr(thing, name, default)


def step(value: Any) -> int:
    """Return the N of the class .v-N for a value from 0 to 100."""
    return max(0, min(100, round(float(value or 0))))


# --- Icons and people ---------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _drawing(name: str, classes: str, size: int) -> SafeString:
    try:
        return SafeString(draw(name, size=size, **{"class": classes, "aria-hidden": "true", "focusable": "false"}))
    except IconDoesNotExist as unknown:
        raise template.TemplateSyntaxError(
            f"{unknown} {{% icon %}} takes the names of the lucide package."
        ) from unknown


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Draw an outline icon of lucide, hidden from screen readers. size "s" is 14 px, else 16 px."""
    return _drawing(str(name), "i i-s" if size == "s" else "i", 14 if size == "s" else 16)


@register.filter
def initials(name: Any) -> str:
    """The letters of a person's small circle."""
    return formats.initials(str(name or ""))


@register.inclusion_tag("_person.html")
def person(who: Any, name_shown: bool = True) -> dict[str, Any]:
    """Show a person: circle and name, or the circle alone with the name for screen readers; none is "no owner"."""
    return {"name": str(who) if who else "", "name_shown": name_shown}


# --- Forms that make something ------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def once(context: template.Context) -> SafeString:
    """The hidden token of a form that makes something: sent twice, it acts once (users/once.py)."""
    request = context.get("request")
    sent = request.POST.get(FIELD, "") if request is not None else ""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, sent if TOKEN.fullmatch(sent) else uuid4())


# --- How a lead stands --------------------------------------------------------------------------------------


def mark_of(criterion: Any) -> tuple[str, str]:
    """Return (class letter, sentence) of one criterion of the hallmark.

    y confirmed: its low end meets the gate. u unknown: nothing asked, or nothing answered yet. x blocked: not even the best answers to what is
    open would meet the gate. p partly known: the rest.
    """
    name = str(part(criterion, "label") or capfirst(str(part(criterion, "code"))))
    own = part(criterion, "minimum")
    minimum = MET_FROM if own is None else own
    if part(criterion, "met"):
        return "y", _("%(criterion)s confirmed") % {"criterion": name}
    if not part(criterion, "asked") or part(criterion, "completeness") == 0:
        return "u", _("%(criterion)s unknown") % {"criterion": name}
    if (part(criterion, "high", 100) or 0) < minimum:
        return "x", _("%(criterion)s blocked") % {"criterion": name}
    return "p", _("%(criterion)s partly known") % {"criterion": name}


@register.simple_tag
def hallmark(criteria: Iterable[Any], size: str = "") -> SafeString:
    """Draw the octagons of the criteria (code, letter, low, high, met, asked; label and minimum if they differ)."""
    marks = [(mark_of(each), part(each, "letter") or str(part(each, "code"))[:1].upper()) for each in criteria]
    label = ", ".join(sentence for (_kind, sentence), _letter in marks)
    octagons = format_html_join("", '<i class="{}">{}</i>', ((kind, letter) for (kind, _sentence), letter in marks))
    return format_html(
        '<span class="hm{}" role="img" aria-label="{}">{}</span>', " hm-lg" if size == "l" else "", label, octagons
    )


@register.inclusion_tag("_temperature.html")
def temperature(score: Any) -> dict[str, Any]:
    """Show cold, warm or hot: from a score (temperature 0 to 2, sql, interest_shown), a number or a word."""
    value = part(score, "temperature", score)
    if isinstance(value, str) and not value.isdigit():
        value = [code for code, _label in TEMPERATURES.values()].index(value)
    code, label = TEMPERATURES[int(value or 0)]
    return {
        "code": code,
        "label": label,
        "bars": [height <= int(value or 0) for height in range(3)],
        "not_shown": code == "warm" and bool(part(score, "sql", False)) and not part(score, "interest_shown", True),
    }


@register.inclusion_tag("_stage.html")
def stage(code: str, label: str) -> dict[str, Any]:
    """Show a stage of a lead (lead, mql, sal, sql, opportunity, customer, nurture, disqualified) or won, lost."""
    return {"code": code, "label": label, "long_form": LONG_FORMS.get(str(code), "")}


@register.filter
def ramp(position: int, last: int) -> str:
    """The class of the stage ramp, r-0 (first stage) to r-5 (last), for a stage of a pipeline of any length."""
    return f"r-{round(5 * (int(position) - 1) / max(1, int(last) - 1))}"


@register.inclusion_tag("_meter.html")
def meter(low: Any, high: Any, score: Any = None, ticks: Iterable[Any] = ()) -> dict[str, Any]:
    """Draw a score: solid up to low, hatched up to high; ticks have value and label (the gates)."""
    marks = [{"step": step(part(tick, "value")), "label": part(tick, "label")} for tick in ticks]
    return {"low": low, "high": high, "low_step": step(low), "high_step": step(high), "score": score, "ticks": marks}


@register.inclusion_tag("_criteria.html")
def criteria_bars(criteria: Iterable[Any]) -> dict[str, Any]:
    """Draw one bar a criterion: solid low, hatched up to high, and the figure."""
    rows = [
        {
            "label": part(each, "label") or capfirst(str(part(each, "code"))),
            "low": part(each, "low"),
            "high": part(each, "high"),
            "low_step": step(part(each, "low")),
            "high_step": step(part(each, "high")),
            "sentence": mark_of(each)[1],
        }
        for each in criteria
    ]
    return {"rows": rows}


@register.filter(name="step")
def step_filter(value: Any) -> int:
    """The N of the class .v-N: class="v-{{ value|step }}"."""
    return step(value)


@register.inclusion_tag("_path.html")
def path(steps: Iterable[Any]) -> dict[str, Any]:
    """Show the way of a lead: steps with label, state ("done", "now" or "todo") and note (a date, what is missing)."""
    rows = [{name: part(each, name, "") for name in ("label", "state", "note")} for each in steps]
    return {"steps": rows}


# --- Forms ----------------------------------------------------------------------------------------------------


@register.inclusion_tag("_field.html")
def field(bound: BoundField, size: str = "", narrows: bool = False) -> dict[str, Any]:
    """Show a field of a form: label, hint, error and control, tied together for screen readers. size "l" is large.

    A field that narrows a list is never marked as optional: all of its kind are.
    """
    widget = bound.field.widget
    kind = (
        "group"
        if isinstance(widget, RadioSelect | CheckboxSelectMultiple)
        else "check"
        if isinstance(widget, CheckboxInput)
        else "input"
    )
    hint, error = f"{bound.auto_id}_helptext", f"{bound.auto_id}_error"
    described = " ".join(name for name, there in ((hint, bound.help_text), (error, bound.errors)) if there)
    attrs: dict[str, Any] = {} if kind != "input" else {"class": "input input-lg" if size == "l" else "input"}
    if described:
        attrs["aria-describedby"] = described
    if widget.attrs.get("placeholder") == bound.label:
        attrs["placeholder"] = False  # it says nothing that the label does not say
    return {
        "bound": bound,
        "kind": kind,
        "control": bound.as_widget(attrs=attrs),
        "faults": " ".join(fault.text for fault in faults_of(bound)),
        "hint_id": hint,
        "error_id": error,
        "optional": kind == "input" and not bound.field.required and not narrows,
    }


@register.filter
def faults(bound: BoundField) -> list[str]:
    """What is wrong with a field, each a sentence that can stand away from it."""
    return [named(bound, fault) for fault in faults_of(bound)]


@register.inclusion_tag("_errors.html")
def error_summary(form: BaseForm, title: str = "") -> dict[str, Any]:
    """List what is wrong with a form, each line a link to its field; nothing if nothing is wrong."""
    found = [(bound, fault) for bound in form.visible_fields() for fault in faults_of(bound)]
    said = [fault.text for _bound, fault in found]
    lines = [
        # The same words about two fields name each of them.
        {
            # A group of radios is reached by its fieldset.
            "href": f"#{bound.id_for_label or bound.auto_id}",
            "text": f"{bound.label}: {fault.text}" if said.count(fault.text) > 1 else named(bound, fault),
        }
        for bound, fault in found
    ]
    lines += [{"href": "", "text": str(text)} for text in form.non_field_errors()]
    return {"lines": lines, "title": title}


# --- Numbers, money, moments --------------------------------------------------------------------------------


def given(value: Any) -> Any:
    """Return None for what a template could not resolve: nothing to show, as for a missing figure."""
    return None if value == "" else value


@register.filter
def number(value: Any, decimals: int = 0) -> str:
    """{{ 3400|number }} is 3,400; a dash for none."""
    return formats.number(given(value), int(decimals))


@register.filter
def money(value: Any, currency: str = "EUR") -> str:
    """{{ 148000|money:"EUR" }} is €148,000."""
    return formats.money(given(value), currency)


@register.filter
def short_money(value: Any, currency: str = "EUR") -> str:
    """{{ 6420000|short_money:"EUR" }} is €6.42m."""
    return formats.short_money(given(value), currency)


@register.filter
def rate(value: Any, decimals: int = 1) -> str:
    """{{ 0.251|rate }} is 25.1%; none is "no data"."""
    return formats.rate(given(value), int(decimals))


@register.filter
def pts(value: Any, decimals: int = 1) -> str:
    """{{ 0.007|pts }} is +0.7 pts."""
    return formats.points(given(value), int(decimals))


@register.filter
def change(value: Any) -> str:
    """{{ 0.33|change }} is +33%."""
    return formats.change(given(value))


@register.filter
def when(moment: date | datetime | None) -> str:
    """The moment as people say it, exact on hover and for machines; a dash for none."""
    if not moment:
        return formats.DASH
    text = formats.when(moment, timezone.now())
    if isinstance(moment, datetime):
        exact = escape(formats.exact(moment))
        return SafeString(f'<time datetime="{moment.isoformat()}" title="{exact}">{escape(text)}</time>')
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), text)


@register.inclusion_tag("_rate.html")
def rate_of(value: Any, n: int, low: Any = None, high: Any = None, decimals: int = 1) -> dict[str, Any]:
    """Show a rate (0 to 1) with its base n, and its interval where the report gives one (few cases)."""
    return {"value": value, "n": n, "low": low, "high": high, "decimals": decimals}

"""The parts of the desk: what a template writes is what a person sees and a screen reader says."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone, translation

from users import formats

NOW = datetime(2026, 3, 3, 14, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english_in_utc() -> Iterator[None]:
    with translation.override("en"), timezone.override(UTC):
        yield


def render(source: str, **context: Any) -> str:
    return Template("{% load desk charts %}" + source).render(Context(context))


def criterion(low: float, high: float, *, asked: bool = True, **more: Any) -> dict[str, Any]:
    return {"code": "budget", "letter": "B", "low": low, "high": high, "met": low >= 50, "asked": asked} | more


class Object:
    """What a model's row looks like to a template."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


# --- How a lead stands --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "letter", "sentence"),
    [
        (criterion(50, 100), "y", "Budget confirmed"),
        (criterion(49.9, 100), "p", "Budget partly known"),
        (criterion(0, 100, asked=False), "u", "Budget unknown"),
        (criterion(0, 49.9), "x", "Budget blocked"),
        (criterion(0, 50), "p", "Budget partly known"),
        (criterion(55, 65, met=False, minimum=70), "x", "Budget blocked"),
        (criterion(0, 100, asked=False, label="Money"), "u", "Money unknown"),
    ],
)
def test_the_hallmark_is_filled_as_far_as_the_evidence_goes(given: dict[str, Any], letter: str, sentence: str) -> None:
    html = render("{% hallmark criteria %}", criteria=[given])

    assert f'<i class="{letter}">B</i>' in html
    assert f'role="img" aria-label="{sentence}"' in html


def test_the_hallmark_reads_rows_of_a_table_as_well_as_dictionaries() -> None:
    criteria = [
        Object(code="authority", letter="A", low=0, high=100, met=False, asked=False),
        Object(code="need", letter="N", low=80, high=100, met=True, asked=True),
    ]

    assert render('{% hallmark criteria "l" %}', criteria=criteria) == (
        '<span class="hm hm-lg" role="img" aria-label="Authority unknown, Need confirmed"><i class="u">A</i><i class="y">N</i></span>'
    )


@pytest.mark.parametrize(("value", "word", "bars"), [(0, "Cold", 1), (1, "Warm", 2), (2, "Hot", 3), ("hot", "Hot", 3)])
def test_temperature_is_a_word_and_bars_never_colour_alone(value: Any, word: str, bars: int) -> None:
    html = render("{% temperature value %}", value=value)

    assert word in html
    assert html.count('class="on"') == bars


def test_a_qualified_lead_without_shown_interest_is_said_to_be_so() -> None:
    assert "interest not shown" in render(
        "{% temperature score %}", score=Object(temperature=1, sql=True, interest_shown=False)
    )
    assert "interest not shown" not in render(
        "{% temperature score %}", score=Object(temperature=1, sql=False, interest_shown=False)
    )


def test_a_stage_spells_its_short_form_out() -> None:
    assert '<abbr title="marketing qualified lead">MQL</abbr>' in render('{% stage "mql" "MQL" %}')
    assert "<abbr" not in render('{% stage "nurture" "Nurture" %}')


def test_the_meter_draws_the_certain_solid_and_the_possible_hatched_and_says_both() -> None:
    html = render(
        "{% meter low high ticks=ticks %}", low=Decimal("62.6"), high=83, ticks=[{"value": 70, "label": "SQL 70"}]
    )

    assert 'class="is v-63"' in html
    assert 'class="could v-83"' in html
    assert 'class="tick v-70"' in html
    assert "Certain: 63 of 100. With the best answers to what is open: 83. SQL 70." in html


def test_the_path_marks_the_step_where_the_lead_is() -> None:
    steps = [{"label": "Lead", "state": "done", "note": "2 Jun"}, {"label": "MQL", "state": "now"}]

    html = render("{% path steps %}", steps=steps)

    assert html.count('aria-current="step"') == 1
    assert '<li class="now" aria-current="step">' in html


@pytest.mark.parametrize(("position", "last", "step"), [(1, 7, "r-0"), (7, 7, "r-5"), (4, 7, "r-2"), (1, 1, "r-0")])
def test_a_pipeline_of_any_length_uses_the_whole_ramp(position: int, last: int, step: str) -> None:
    assert render("{{ position|ramp:last }}", position=position, last=last) == step


# --- Icons and people ---------------------------------------------------------------------------------------


def test_an_icon_is_drawn_inline_and_hidden_from_screen_readers() -> None:
    html = render('{% icon "phone" "s" %}')

    assert html.startswith("<svg")
    assert 'aria-hidden="true"' in html
    assert "style=" not in html


def test_an_icon_that_does_not_exist_is_named() -> None:
    with pytest.raises(TemplateSyntaxError, match="no-such-icon"):
        render('{% icon "no-such-icon" %}')


def test_a_person_is_escaped_and_nobody_is_said() -> None:
    assert "&lt;b&gt;Alice" in render("{% person who %}", who="<b>Alice")
    assert "no owner" in render("{% person who %}", who=None)


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Alice Aune", "AA"), ("bob", "B"), ("Anne Marie van Dyk", "AD"), ("王小明", "王"), ("", "?"), ("🦊 Fox", "F")],
)
def test_initials(name: str, letters: str) -> None:
    assert formats.initials(name) == letters


# --- Forms ----------------------------------------------------------------------------------------------------


class WakeForm(forms.Form):
    wake_on = forms.DateField(
        label="Wake on", help_text="In the owner's zone", error_messages={"invalid": "Choose a date after today"}
    )
    note = forms.CharField(required=False)


def test_a_mistake_is_said_beside_the_field_and_in_the_summary_that_links_to_it() -> None:
    form = WakeForm({"wake_on": "then"})

    summary = render("{% error_summary form %}", form=form)
    field = render("{% field form.wake_on %}", form=form)

    assert '<a href="#id_wake_on">Choose a date after today</a>' in summary
    assert "data-focus" in summary
    assert "Choose a date after today" in field
    assert 'aria-describedby="id_wake_on_helptext id_wake_on_error"' in field
    assert 'aria-invalid="true"' in field


def test_a_form_without_mistakes_has_no_summary_and_says_what_may_be_left_out() -> None:
    form = WakeForm({"wake_on": "2027-02-01"})

    assert render("{% error_summary form %}", form=form).strip() == ""
    assert "(optional)" in render("{% field form.note %}", form=form)


# --- Numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ 3400|number }}", "3,400"),
        ("{{ nothing|number }}", "–"),
        ("{{ -2.5|number:1 }}", "−2.5"),
        ('{{ 148000|money:"EUR" }}', "€148,000"),
        ('{{ -950|money:"USD" }}', "−$950"),
        ('{{ 148000|money:"NOK" }}', "kr\u00a0148,000"),
        ('{{ 148000|money:"CHF" }}', "CHF\u00a0148,000"),
        ('{{ None|money:"EUR" }}', "–"),
        ('{{ 0|money:"EUR" }}', "€0"),
        ('{{ 6424000|short_money:"EUR" }}', "€6.42m"),
        ('{{ 890400|short_money:"EUR" }}', "€890k"),
        ('{{ 54321|short_money:"EUR" }}', "€54.3k"),
        ('{{ 999600|short_money:"EUR" }}', "€1.00m"),
        ('{{ 950|short_money:"EUR" }}', "€950"),
        ("{{ 0.2514|rate }}", "25.1%"),
        ("{{ 0|rate }}", "0.0%"),
        ("{{ nothing|rate }}", "no data"),
        ("{{ 0.2514|rate:0 }}", "25%"),
        ("{{ 0.007|pts }}", "+0.7 pts"),
        ("{{ -0.024|pts }}", "−2.4 pts"),
        ("{{ 0|pts }}", "0.0 pts"),
        ("{{ 0.33|change }}", "+33%"),
    ],
)
def test_numbers_are_written_as_the_design_says(source: str, expected: str) -> None:
    assert render(source) == expected


def test_other_languages_put_the_currency_after_the_number() -> None:
    with translation.override("ru"):
        assert formats.money(148000, "EUR").endswith("\u00a0€")


def test_a_rate_says_its_base_and_a_small_base_its_interval() -> None:
    large, small, none = (
        render("{% rate_of 0.251 427 %}"),
        render("{% rate_of 0.15 6 0.03 0.56 %}"),
        render("{% rate_of None 0 %}"),
    )

    assert "25.1%" in large
    assert "of 427" in large
    assert "likely" not in large
    assert "of 6, likely 3% to 56%" in small
    assert "no data" in none
    assert "0.0%" not in none


# --- Moments ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW - timedelta(seconds=20), "just now"),
        (NOW - timedelta(minutes=12), "12 min ago"),
        (NOW - timedelta(hours=47, minutes=59), "47 h ago"),
        (NOW - timedelta(hours=48), "Sun 1 Mar"),
        (NOW + timedelta(hours=3), "in 3 h"),
        (datetime(2025, 3, 3, tzinfo=UTC), "Mon 3 Mar 2025"),
        (date(2026, 3, 2), "Mon 2 Mar"),
    ],
)
def test_a_moment_is_near_in_hours_and_far_in_dates(moment: date, said: str) -> None:
    assert formats.when(moment, NOW) == said


def test_the_exact_moment_is_there_for_machines_and_on_hover() -> None:
    html = render("{{ moment|when }}", moment=datetime(2024, 6, 1, 9, 30, tzinfo=UTC))

    assert html == '<time datetime="2024-06-01T09:30:00+00:00" title="Sat 1 Jun 2024, 09:30 UTC">Sat 1 Jun 2024</time>'
    assert render("{{ nothing|when }}") == "–"


def test_a_duration_is_hours_and_minutes() -> None:
    assert formats.length_of(timedelta(hours=1, minutes=47)) == "1:47"
    assert formats.length_of(timedelta(minutes=-38)) == "0:38"


def test_what_a_list_of_the_settings_says_of_a_field_is_text_and_no_markup() -> None:
    class Loud(forms.Form):
        note = forms.CharField(help_text="<b>Such as</b> A & B")
        agreed = forms.BooleanField(help_text="<i>Once</i>")

    form = Loud()
    assert "&lt;b&gt;Such as&lt;/b&gt; A &amp; B" in render("{% field form.note %}", form=form)
    assert "&lt;i&gt;Once&lt;/i&gt;" in render("{% field form.agreed %}", form=form)

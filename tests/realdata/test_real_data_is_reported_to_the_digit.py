"""Real data is imported and the reports say what an independent computation said."""

import json
import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from intake.importing import import_file
from intake.mapping import load_mapping
from intake.setting_up import set_up
from tests.realdata import comparing
from tests.realdata.data import CURRENCY, DATA, HERE, SETS

pytestmark = pytest.mark.realdata
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not there")


def test_the_data_sets_are_there() -> None:
    if not DATA.is_dir() and not os.environ.get("CI"):
        pytest.skip(f"{DATA} is not there: nothing was compared")
    assert DATA.is_dir(), f"{DATA} is not there, so nothing was compared; name its folder in REALDATA"


def load(name: str) -> None:
    set_up(name, "UTC", CURRENCY[name])
    for kind, file, mapping in SETS[name]:
        done = import_file(kind, DATA / name / file, load_mapping(HERE / name / f"{mapping}.json"))
        assert done.rejected == 0
        assert done.read > 0


@needs_data
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "path", "wrong"),
    [
        ("maven", ("per_sales_agent", "Anna Snelling", "win_rate"), 0.619049),
        ("olist", ("cohort_by_first_contact_month", "2018-03", "won_within_30d"), 113),
    ],
)
def test_every_figure_is_equal_and_one_that_is_changed_is_told(
    name: str, path: tuple[str, ...], wrong: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(name)
    comparing.report.cache_clear()
    truth_path = DATA / name / "truth.json"
    assert comparing.main(name, truth_path) == 0
    assert "DIFFERS" not in capsys.readouterr().out
    changed = deepcopy(json.loads(truth_path.read_text(encoding="utf-8")))
    branch = changed
    for key in path[:-1]:
        branch = branch[key]
    assert branch[path[-1]] != wrong
    branch[path[-1]] = wrong
    changed_path = tmp_path / "truth.json"
    changed_path.write_text(json.dumps(changed), encoding="utf-8")
    assert comparing.main(name, changed_path) == 1
    assert f"DIFFERS    {' / '.join(path)}" in capsys.readouterr().out
    comparing.report.cache_clear()


@needs_data
@pytest.mark.django_db
@pytest.mark.parametrize("name", SETS)
def test_imported_again_nothing_changes(name: str) -> None:
    load(name)
    for kind, file, mapping in SETS[name]:
        again = import_file(kind, DATA / name / file, load_mapping(HERE / name / f"{mapping}.json"))
        assert (again.created, again.updated, again.rejected) == (0, 0, 0), (kind, mapping)
        assert again.unchanged == again.read


@needs_data
@pytest.mark.parametrize("name", SETS)
def test_every_line_of_the_cover_is_about_something(name: str) -> None:
    truth = json.loads((DATA / name / "truth.json").read_text(encoding="utf-8"))
    paths = [path for path, _value in comparing.leaves(truth)]
    for cover in comparing.cover_of(name, (HERE / "COVER.md").read_text(encoding="utf-8")):
        assert any(cover.match(path) is not None for path in paths), cover.pattern


@needs_data
@pytest.mark.parametrize("name", SETS)
def test_every_leaf_has_a_line_of_the_cover_even_if_it_says_why_not(name: str) -> None:
    truth = json.loads((DATA / name / "truth.json").read_text(encoding="utf-8"))
    covers = comparing.cover_of(name, (HERE / "COVER.md").read_text(encoding="utf-8"))
    without = [
        path for path, _value in comparing.leaves(truth) if not any(cover.match(path) is not None for cover in covers)
    ]
    assert without == []


# What the first issue names: without these nothing is proven, whatever else is uncovered.
NAMED = {
    "maven": (
        "totals / win_rate", "totals / won_value", "per_sales_agent / * / win_rate", "per_manager / * / win_rate",
        "per_regional_office / * / win_rate", "per_product / * / win_rate", "per_sector / * / win_rate",
        "closed_per_quarter / * / win_rate", "stage_conversion / *", "cycle_days / * / *",
    ),
    "olist": (
        "mqls_per_month / *", "mqls_per_origin / *", "conversion_per_origin / * / rate", "lag_exact_days / median",
        "lag_exact_days / p90", "lag_calendar_days / median", "lag_calendar_days / p90", "cohort_by_first_contact_month / * / *",
    ),
}  # fmt: skip


@needs_data
@pytest.mark.parametrize("name", SETS)
def test_what_must_be_covered_is_covered(name: str) -> None:
    truth = json.loads((DATA / name / "truth.json").read_text(encoding="utf-8"))
    covers = comparing.cover_of(name, (HERE / "COVER.md").read_text(encoding="utf-8"))
    wanted = [comparing.Cover(pattern, "", "", "") for pattern in NAMED[name]]
    named = [path for path, _value in comparing.leaves(truth) if any(cover.match(path) is not None for cover in wanted)]
    assert len(named) > len(wanted)
    for path in named:
        assert any(cover.is_a_report and cover.match(path) is not None for cover in covers), path

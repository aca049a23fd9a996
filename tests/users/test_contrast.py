"""The check of colours passes on ours, and fails on colours that nobody could read."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

SCRIPT = Path(settings.BASE_DIR) / "scripts" / "contrast.py"


@pytest.fixture(scope="module")
def contrast() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def test_black_on_white_is_the_most_there_is(contrast: dict[str, Any]) -> None:
    assert contrast["ratio"]("0 0 0", "1 0 0") == pytest.approx(21, abs=0.01)


def test_our_colours_pass(contrast: dict[str, Any]) -> None:
    assert contrast["main"]([]) == 0


def test_a_pale_ink_and_a_missing_colour_fail(
    contrast: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    css = contrast["TOKENS"].read_text(encoding="utf-8")
    pale = tmp_path / "pale.css"
    pale.write_text(
        css.replace("--ink-3:   light-dark(oklch(0.500", "--ink-3:   light-dark(oklch(0.700").replace(
            "--focus:", "--fokus:"
        ),
        encoding="utf-8",
    )

    assert contrast["main"]([str(pale)]) == 1
    said = capsys.readouterr().out
    assert re.search(r"ink-3 +on sheet .*FAILS", said)
    assert "focus is not declared" in said


def test_the_lengths_are_those_that_the_script_writes() -> None:
    script = runpy.run_path(str(Path(settings.BASE_DIR) / "scripts" / "values.py"))

    assert script["TARGET"].read_text(encoding="utf-8") == script["values_css"]()

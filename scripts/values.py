"""Write static/css/values.css: the classes .v-0 to .v-100 that carry lengths without a style attribute."""

from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "static" / "css" / "values.css"
HEAD = """/* .v-N sets --v to N, so that a length needs no style attribute (the policy of content allows none).
   Written by scripts/values.py; do not edit. */
"""
IN_A_LINE = 8


def values_css() -> str:
    """Return the style sheet: one rule for each whole number from 0 to 100."""
    rules = [f".v-{number} {{ --v: {number}; }}" for number in range(101)]
    lines = [" ".join(rules[start : start + IN_A_LINE]) for start in range(0, len(rules), IN_A_LINE)]
    return "\n".join([HEAD, *lines, ""])


if __name__ == "__main__":
    TARGET.write_text(values_css(), encoding="utf-8")

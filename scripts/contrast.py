"""Check WCAG contrast of every pair of colours that the style sheets put together, in both themes.

Usage: python scripts/contrast.py [-v] [static/css/tokens.css]. Prints what fails (all pairs with -v) and ends with 1 if
anything does. Text needs 4.5:1 (WCAG 1.4.3), marks and outlines 3:1 (1.4.11). OKLCH is converted to linear sRGB with
the matrices of Björn Ottosson's Oklab; relative luminance and ratio are those of WCAG 2.2.
"""

import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path

TOKENS = Path(__file__).resolve().parent.parent / "static" / "css" / "tokens.css"
TEXT, MARK = 4.5, 3.0
THEMES = ("light", "dark")

PAIR = re.compile(r"--([\w-]+):\s*light-dark\(oklch\(([^)]*)\),\s*oklch\(([^)]*)\)\)")


@dataclass(frozen=True)
class Pair:
    """A colour on a ground, and the ratio that it needs."""

    ink: str
    ground: str
    needs: float


def pairs() -> list[Pair]:
    """Return what the style sheets set on what."""
    grounds = ["ground", "sheet", "sunken", "raised", "hover", "pine-soft"]
    found = [Pair(ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3", "pine-ink") for ground in grounds]
    found += [Pair("on-pine", ground, TEXT) for ground in ("pine", "pine-hover")]
    found += [Pair(f"{heat}-ink", f"{heat}-bg", TEXT) for heat in ("cold", "warm", "hot")]
    found += [Pair("hot-text", "sheet", TEXT)]
    found += [
        Pair(f"st-{stage}-ink", f"st-{stage}", TEXT) for stage in ("lead", "mql", "sal", "sql", "opp", "won", "lost")
    ]
    found += [Pair("good", ground, TEXT) for ground in ("sheet", "ground", "sunken", "raised", "hover")]
    found += [Pair("bad", ground, TEXT) for ground in ("sheet", "ground", "sunken", "raised", "hover", "bad-soft")]
    found += [Pair("ink", ground, TEXT) for ground in ("note-soft", "bad-soft", "pine-soft-2")]
    found += [Pair(ink, "note-soft", TEXT) for ink in ("ink-2", "ink-3")]
    found += [Pair("heat-lo-ink", f"heat-{step}", TEXT) for step in range(5)]
    found += [Pair("heat-5-ink", "heat-5", TEXT)]
    found += [Pair("heat-hi-ink", f"heat-{step}", TEXT) for step in range(6, 9)]
    found += [Pair("on-panel", "panel", TEXT), Pair("on-panel-2", "panel", TEXT), Pair("on-punch", "punch", TEXT)]
    found += [Pair("sheet", "ink", TEXT)]
    found += [Pair("edge", ground, MARK) for ground in ("sheet", "sunken", "raised")]
    found += [Pair("focus", ground, MARK) for ground in ("ground", "sheet", "sunken", "raised", "pine-soft")]
    found += [Pair(f"{mark}-mark", "sheet", MARK) for mark in ("cold", "warm", "hot", "bad")]
    found += [Pair(f"ser-{number}", "sheet", MARK) for number in range(1, 5)]
    return found


def read(css: str) -> dict[str, tuple[str, str]]:
    """Return {token: (light, dark)} of the pairs declared before the first media query."""
    return {name: (light, dark) for name, light, dark in PAIR.findall(css.split("@media")[0])}


def luminance(oklch: str) -> float:
    """Return the relative luminance, 0 to 1, of "L C H" (H in degrees); what lies outside sRGB is clipped."""
    lightness, chroma, hue = (float(part) for part in oklch.split("/")[0].split())
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    linear = [min(1.0, max(0.0, part)) for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def check(tokens: dict[str, tuple[str, str]], *, verbose: bool) -> int:
    """Print the pairs that fail (all, if verbose) and return how many do. A token that is not declared fails."""
    failed = 0
    for pair in pairs():
        missing = [name for name in (pair.ink, pair.ground) if name not in tokens]
        if missing:
            failed += 1
            print(f"{pair.ink} on {pair.ground}: {', '.join(missing)} is not declared")
            continue
        ratios = [ratio(tokens[pair.ink][theme], tokens[pair.ground][theme]) for theme in range(len(THEMES))]
        bad = min(ratios) < pair.needs
        failed += bad
        if bad or verbose:
            figures = "  ".join(f"{theme} {value:5.2f}" for theme, value in zip(THEMES, ratios, strict=True))
            print(f"{pair.ink:14} on {pair.ground:12} {figures}  needs {pair.needs}{'   FAILS' if bad else ''}")
    print(f"{len(pairs())} pairs in two themes, {failed} fail")
    return failed


def main(arguments: list[str]) -> int:
    """Check the file named last on the command line, or the product's own."""
    files = [argument for argument in arguments if not argument.startswith("-")]
    css = Path(files[-1]).read_text(encoding="utf-8") if files else TOKENS.read_text(encoding="utf-8")
    return 1 if check(read(css), verbose="-v" in arguments) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Words in the language of the reader: what was written for it, else the base text in the translation that ships."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, gettext

# The languages in which a question can be worded, by the names that their speakers use. The settings may have fewer.
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "nb": "Norsk bokmål",
    "id": "Bahasa Indonesia",
    "zh-hant": "繁體中文",
    "ru": "Русский",
}


def worded(base: str, wording: Mapping[str, Any], part: str = "") -> str:
    """The text for the reader's language. `wording` maps a language to a text, or to the texts of several parts."""
    own: Any = wording.get(get_language() or "")
    if part:
        own = (own or {}).get(part)
    return str(own) if own else gettext(base) if base else ""


def worded_lines(base: Sequence[str], wording: Mapping[str, Any], part: str) -> list[str]:
    """As `worded`, for a list of lines: all of them in one language."""
    own = (wording.get(get_language() or "") or {}).get(part)
    return list(own) if own else [gettext(line) for line in base]

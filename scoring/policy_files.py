"""A policy as a file: JSON with sorted keys, one field a line, which people read, compare and send to each other."""

import json
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from scoring.engine import InvalidPolicy

KIND = "leadqual policy"
LARGEST = 256 * 1024  # characters
FIELDS = frozenset({"kind", "context", "name", "version", "definition"})


def as_file(name: str, context: str, definition: dict[str, Any], version: int | None) -> str:
    """The text of the file; `version` is that of a published policy."""
    said: dict[str, Any] = {"kind": KIND, "name": name, "context": context, "definition": definition}
    if version is not None:
        said["version"] = version
    return json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_file(content: str) -> tuple[str, dict[str, Any]]:
    """The name and the definition in the text of a file; whether the definition is valid, scoring/engine.py says.

    Raises InvalidPolicy: the problem by its path, or under "file" what makes the whole file unreadable.
    """
    if len(content) > LARGEST:
        _refuse("file", _("The text is longer than 256 kB; a policy is not. Give the file that was exported."))
    try:
        said = json.loads(content.removeprefix("\ufeff"), parse_constant=_no_number, object_pairs_hook=_each_once)
        json.dumps(said, ensure_ascii=False).encode()  # half of a character pair is no text
    except UnicodeError:
        _refuse("file", _("The file holds half a character. Give the file as it was exported."))
    except json.JSONDecodeError as error:
        _refuse(
            "file",
            _("The file is no JSON: see line %(line)s, column %(column)s.")
            % {"line": error.lineno, "column": error.colno},
        )
    except (ValueError, RecursionError) as error:
        _refuse("file", str(error) if isinstance(error, NotAllowed) else _("The file cannot be read as JSON."))
    if not isinstance(said, dict) or said.get("kind") != KIND:
        _refuse("kind", _("This is no policy: a policy's file says “kind”: “%(kind)s”.") % {"kind": KIND})
    problems = {
        name: _("There is no such field. Known here: %(fields)s.") % {"fields": ", ".join(sorted(FIELDS))}
        for name in sorted(set(said) - FIELDS)
    }
    if not isinstance(said.get("name", ""), str):
        problems["name"] = _("Give a text.")
    if not isinstance(said.get("definition"), dict):
        problems["definition"] = _("Give the rules here, as the exported file does.")
    if problems:
        raise InvalidPolicy(problems)
    return said.get("name", ""), said["definition"]


class NotAllowed(ValueError):
    """JSON that Python reads and other programs do not; the message says what to do."""


def _no_number(text: str) -> NoReturn:
    raise NotAllowed(_("%(text)s is no number. Write one.") % {"text": text})


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        name = next(name for name, _value in pairs if [each for each, _v in pairs].count(name) > 1)
        raise NotAllowed(_("The field “%(name)s” stands twice in one object. Keep one.") % {"name": name})
    return found


def _refuse(path: str, sentence: str) -> NoReturn:
    raise InvalidPolicy({path: sentence})

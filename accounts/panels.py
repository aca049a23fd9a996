"""What other rooms show on the pages of accounts and contacts. Each room registers its own when it is ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import Account, Contact
from users.models import User


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page: `template` is included with what `context(record, viewer)` returns; `position` orders them."""

    code: str
    template: str
    context: Callable[[Any, User], Mapping[str, Any]]
    position: int


@dataclass(frozen=True, slots=True)
class Filled:
    """A panel with its figures, for a template."""

    template: str
    context: Mapping[str, Any]


_of: dict[type, dict[str, Panel]] = {Account: {}, Contact: {}}


def register(model: type[Account] | type[Contact], *panels: Panel) -> None:
    for panel in panels:
        _of[model][panel.code] = panel


def panels_of(record: Account | Contact, viewer: User) -> list[Filled]:
    """The panels of the record's page, in order, as far as the viewer may see what they show."""
    panels = sorted(_of[type(record)].values(), key=lambda each: each.position)
    return [Filled(panel.template, panel.context(record, viewer)) for panel in panels]

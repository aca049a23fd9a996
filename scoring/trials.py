"""What a draft would do, tried on what scoring does not know. The room above registers how (docs/decisions/0008)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scoring.models import PolicyDraft
from users.models import SalesContext, User


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody whom a draft can be tried on."""

    pk: int
    name: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure or verdict, under the policy in force and under the draft."""

    label: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Preview:
    """One subject under the draft. `subject` is None where there is nobody to try it on."""

    subject: Subject | None
    others: list[Subject]
    url: str = ""
    compared: tuple[Compared, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """How many would turn, among those whom the reader may see; `lines` are sentences, empty before it was computed."""

    url: str
    lines: tuple[str, ...] = ()
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trials:
    """`preview` takes the context, a valid definition, the reader, the wanted subject and what to find one by."""

    preview: Callable[[SalesContext, Mapping[str, Any], User, int | None, str], Preview]
    impact: Callable[[PolicyDraft, User], Impact]


_registered: list[Trials] = []


def register(trials: Trials) -> None:
    _registered[:] = [trials]


def registered() -> Trials | None:
    return _registered[0] if _registered else None

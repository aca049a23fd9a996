"""What other rooms offer on the pages of question sets and drafts. Each room registers its own when it is ready."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from scoring.models import QuestionSet, QuestionSetDraft
from users.models import User


@dataclass(frozen=True, slots=True)
class Door:
    """A page about the set or the draft: its title, and the name of its address, which takes the primary key."""

    title: str | Promise
    url_name: str
    may_open: Callable[[User], bool]
    key: str = ""


_of: dict[type, dict[str, Door]] = {QuestionSet: {}, QuestionSetDraft: {}}


def register(model: type[QuestionSet] | type[QuestionSetDraft], *doors: Door) -> None:
    for door in doors:
        _of[model][door.url_name] = door


def doors_of(record: QuestionSet | QuestionSetDraft, viewer: User) -> list[tuple[Door, str]]:
    """The doors that the viewer may open, with their addresses."""
    found = _of[type(record)].values()
    return [(door, reverse(door.url_name, args=[record.pk])) for door in found if door.may_open(viewer)]

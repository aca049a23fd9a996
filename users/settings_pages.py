"""The sections of /settings/. Each room registers its own when it is ready; a person sees those that they may open."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from users import editable_lists
from users.models import Role, User
from users.rights import is_one_of, may_administer


@dataclass(frozen=True, slots=True)
class Section:
    """`url_name` is the page that it opens; `position` orders the sections."""

    code: str
    title: str | Promise
    about: str | Promise
    url_name: str
    may_open: Callable[[User], bool]
    position: int


_registered: dict[str, Section] = {}


def register(*sections: Section) -> None:
    for section in sections:
        _registered[section.code] = section


def sections_of(user: User) -> list[Section]:
    """What the user may open, in order."""
    return sorted((each for each in _registered.values() if each.may_open(user)), key=lambda each: each.position)


def may_look_after_people(user: User) -> bool:
    return is_one_of(user, Role.MANAGER)


def may_edit_some_list(user: User) -> bool:
    return any(each.may_edit(user) for each in editable_lists.registered())


OF_PEOPLE = (
    Section("profile", _("My profile"), _("Your name, your keys, how you sign in."), "profile", lambda user: True, 10),
    Section(
        "people", _("People"), _("Who signs in, what they may do, and their team."), "people", may_look_after_people, 20
    ),
    Section("teams", _("Teams"), _("The tree of teams and who is in charge."), "teams", may_look_after_people, 30),
    Section(
        "lists",
        _("Lists"),
        _("Reasons, sources, products and the other lists to choose from."),
        "settings_lists",
        may_edit_some_list,
        40,
    ),
    Section("keys", _("API keys"), _("Keys for other programs."), "keys", may_administer, 80),
    Section("workspace", _("Workspace"), _("Name, time zone and currency."), "workspace", may_administer, 90),
)

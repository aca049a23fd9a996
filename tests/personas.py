"""The people of the tests, in a workspace that is set up: a pytest plugin that tests/conftest.py loads.

    Europe
      North   bob manages, alice works
      South   dora manages, charlie works
    and without a team: maria (marketing), carmen (customer success), ada (administrator)

They are committed once a session, and found again by each test; only a test that commits makes them anew, because its
end empties the tables.
"""

from functools import cache
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from intake.setting_up import set_up
from tests.factories import make_team, make_user
from users.models import Management, Role, Team, User, Workspace

PASSWORD = "leadqual-demo"


@cache
def password_digest() -> str:
    """One digest for everybody: making one takes as long as it should."""
    return make_password(PASSWORD)


def populate() -> None:
    """The workspace and everybody in it, unless they are there."""
    if User.objects.filter(username="ada").exists():
        return
    set_up("Tests", "UTC", "EUR")
    europe = make_team("Europe")
    for team_name, manager_name, representative_name in [("North", "bob", "alice"), ("South", "dora", "charlie")]:
        team = make_team(team_name, parent=europe)
        manager = make_user(manager_name, role=Role.MANAGER, team=team, password=password_digest())
        Management.objects.create(team=team, manager=manager)
        Team.objects.filter(pk=team.pk).update(manager=manager)
        make_user(representative_name, team=team, password=password_digest())
    make_user("maria", role=Role.MARKETING, password=password_digest())
    make_user("carmen", role=Role.CUSTOMER_SUCCESS, password=password_digest())
    make_user("ada", role=Role.ADMINISTRATOR, password=password_digest())


@pytest.fixture(scope="session")
def populated_once(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        populate()


@pytest.fixture
def workspace(populated_once: None, db: None) -> Workspace:
    """Set up and peopled; a test that needs rows asks for this or for a person."""
    populate()
    return Workspace.get()


def _person(username: str) -> Any:
    @pytest.fixture(name=username)
    def person(workspace: Workspace) -> User:
        return User.objects.select_related("team").get(username=username)

    return person


alice = _person("alice")  # sales representative, team North
bob = _person("bob")  # her manager
charlie = _person("charlie")  # representative of another team, South
dora = _person("dora")  # manager of South
maria = _person("maria")  # marketing
carmen = _person("carmen")  # customer success
ada = _person("ada")  # administrator

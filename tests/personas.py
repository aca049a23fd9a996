"""The people of the tests, in a workspace that is set up: a pytest plugin that tests/conftest.py loads.

    Europe
      North   bob manages, alice works
      South   dora manages, charlie works
    and without a team: maria (marketing), carmen (customer success), ada (administrator)

They are in the database before the first test begins (tests/database.py); each test finds them there.
"""

from collections.abc import Callable
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


@pytest.fixture(scope="session")
def populate() -> Callable[[], None]:
    """Puts the workspace and everybody in it into a database that is empty."""
    return workspace_and_people


def workspace_and_people() -> None:
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


@pytest.fixture
def workspace(db: None) -> Workspace:
    """Set up and peopled; a test that needs rows asks for this or for a person."""
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

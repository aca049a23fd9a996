"""A person changes teams; the past keeps who belonged where."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from users.facts import database_now
from users.membership import move_to_team, put_in_charge, refresh_managers, refresh_teams
from users.models import Management, Membership, Role, Team, User
from users.visibility import team_ids_seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def ingrid() -> User:
    return User.objects.create_user("ingrid", name="Ingrid", role=Role.REPRESENTATIVE)


@pytest.fixture
def west() -> Team:
    return Team.objects.create(name="West")


@pytest.fixture
def east() -> Team:
    return Team.objects.create(name="East")


def test_moving_to_a_team_and_leaving_it_keeps_both_rows(ingrid: User, west: Team) -> None:
    move_to_team(ingrid, west, by=None)
    assert User.objects.get(pk=ingrid.pk).team == west
    move_to_team(ingrid, None, by=None)
    assert User.objects.get(pk=ingrid.pk).team is None
    assert [row.team for row in Membership.objects.filter(user=ingrid).newest_last()] == [west, None]


def test_a_membership_dated_earlier_does_not_replace_a_later_one(ingrid: User, west: Team, east: Team) -> None:
    move_to_team(ingrid, east, by=None)
    move_to_team(ingrid, west, by=None, at=database_now() - timedelta(days=30))
    assert User.objects.get(pk=ingrid.pk).team == east


def test_a_move_in_the_future_is_refused_with_what_to_do(ingrid: User, west: Team) -> None:
    with pytest.raises(ValidationError, match="give today or an earlier day"):
        move_to_team(ingrid, west, by=None, at=database_now() + timedelta(days=1))
    assert not Membership.objects.filter(user=ingrid).exists()


def test_an_import_without_a_start_counts_from_the_beginning(ingrid: User, west: Team, east: Team) -> None:
    Membership.objects.create(user=ingrid, team=west, occurred_at=None)
    assert refresh_teams([ingrid.pk], at=database_now()) == 1
    assert User.objects.get(pk=ingrid.pk).team == west
    assert refresh_teams([ingrid.pk], at=database_now()) == 0
    Membership.objects.create(user=ingrid, team=east, occurred_at=database_now() - timedelta(days=4000))
    refresh_teams([ingrid.pk], at=database_now())
    assert User.objects.get(pk=ingrid.pk).team == east


def test_a_new_manager_sees_the_teams_below_at_once(west: Team) -> None:
    inner = Team.objects.create(name="West, inner", parent=west)
    otto = User.objects.create_user("otto", name="Otto", role=Role.MANAGER)
    assert team_ids_seen(otto) == []
    put_in_charge(west, otto, by=None)
    assert team_ids_seen(otto) == sorted([west.pk, inner.pk])
    assert west.manager == otto
    Management.objects.create(team=west, manager=None, occurred_at=database_now())
    assert refresh_managers([west.pk], at=database_now()) == 1
    west.refresh_from_db()
    assert west.manager is None

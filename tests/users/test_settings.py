"""Ada runs the workspace from the settings; Bob looks after his team; everybody looks after themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_team, make_user
from users.models import ApiKey, Membership, Role, Team, User, Workspace
from users.visibility import people_seen, teams_seen


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, name: str, **kwargs: object) -> str:
    response = client.get(reverse(name, kwargs=kwargs))
    assert response.status_code == 200, response
    return response.content.decode()


# --- Who may see what --------------------------------------------------------------------------------------

# By hand from decisions.md 30: what each role gets from each page that belongs to nobody in particular.
PAGES = {
    "settings": (200, 200, 200, 200, 200),
    "profile": (200, 200, 200, 200, 200),
    "people": (403, 200, 403, 403, 200),
    "new_person": (403, 403, 403, 403, 200),
    "teams": (403, 200, 403, 403, 200),
    "new_team": (403, 403, 403, 403, 200),
    "settings_lists": (403, 200, 200, 403, 200),
    "keys": (403, 403, 403, 403, 200),
    "workspace": (403, 403, 403, 403, 200),
}


@pytest.mark.parametrize("name", PAGES)
def test_each_role_meets_the_pages_of_its_own(
    name: str, alice: User, bob: User, maria: User, carmen: User, ada: User
) -> None:
    people = (alice, bob, maria, carmen, ada)
    assert tuple(as_(person).get(reverse(name)).status_code for person in people) == PAGES[name]
    assert Client().get(reverse(name)).status_code == 302


def test_a_refusal_names_who_may(alice: User) -> None:
    refused = as_(alice).get(reverse("people"))
    assert "managers and administrators" in refused.content.decode()


def test_a_manager_sees_the_own_team_and_nobody_elses(bob: User, alice: User, charlie: User, maria: User) -> None:
    client = as_(bob)
    listed = page(client, "people")
    assert "alice" in listed
    assert "charlie" not in listed
    assert client.get(reverse("person", kwargs={"pk": alice.pk})).status_code == 200
    for stranger in (charlie, maria):
        assert client.get(reverse("person", kwargs={"pk": stranger.pk})).status_code == 404
        assert client.post(reverse("move_person", kwargs={"pk": stranger.pk}), {"team": ""}).status_code == 404
    assert {team.name for team in teams_seen(bob)} == {"North"}
    south = Team.objects.get(name="South")
    assert client.get(reverse("team", kwargs={"pk": south.pk})).status_code == 404


def test_a_manager_cannot_make_themselves_an_administrator(bob: User) -> None:
    sent = {"username": "bob", "name": "Bob", "role": "administrator", "is_active": "on"}
    assert as_(bob).post(reverse("person", kwargs={"pk": bob.pk}), sent).status_code == 403
    bob.refresh_from_db()
    assert bob.role == Role.MANAGER


@pytest.mark.parametrize("name", ["people", "teams", "keys", "workspace", "new_person", "new_team"])
def test_a_person_who_was_switched_off_is_out_at_once(name: str, ada: User) -> None:
    client = as_(ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert client.get(reverse(name)).status_code == 302


def test_people_seen_is_nobody_for_those_who_look_after_nobody(alice: User, maria: User, carmen: User) -> None:
    for person in (alice, maria, carmen):
        assert not people_seen(person).exists()
        assert not teams_seen(person).exists()


# --- People ------------------------------------------------------------------------------------------------


def test_ada_adds_a_person_who_then_chooses_a_password(ada: User) -> None:
    client = as_(ada)
    north = Team.objects.get(name="North")
    sent = {"username": "erik", "name": "Erik Ås", "email": "", "role": "representative", "team": north.pk}
    added = client.post(reverse("new_person"), sent)
    erik = User.objects.get(username="erik")
    assert added.status_code == 302
    assert erik.team == north
    assert Membership.objects.get(user=erik).by == ada
    assert not erik.has_usable_password()

    shown = client.post(reverse("password_link", kwargs={"pk": erik.pk}))
    assert "no-store" in shown["Cache-Control"]
    path = shown.context["link"].removeprefix("http://testserver")
    visitor = Client()
    chosen = visitor.get(path, follow=True)
    assert chosen.status_code == 200
    secret = {"password1": "violet tram 1847", "password2": "violet tram 1847"}
    assert visitor.post(chosen.request["PATH_INFO"], secret).status_code == 302
    assert Client().login(username="erik", password="violet tram 1847")
    # Once used, the link opens nothing.
    again = Client().get(path, follow=True)
    assert b"password1" not in again.content


def test_a_taken_user_name_is_refused_beside_the_field(ada: User, alice: User) -> None:
    refused = as_(ada).post(reverse("new_person"), {"username": "ALICE", "name": "Another", "role": "representative"})
    assert refused.status_code == 422
    assert "Somebody has this user name already" in refused.content.decode()
    assert User.objects.filter(username__iexact="alice").count() == 1


def test_ada_switches_alice_off_and_her_keys_die(ada: User, alice: User) -> None:
    ApiKey.objects.create(alice, name="script", scopes=["read"])
    sent = {"username": "alice", "name": "Alice", "role": "representative"}
    assert as_(ada).post(reverse("person", kwargs={"pk": alice.pk}), sent).status_code == 302
    alice.refresh_from_db()
    assert not alice.is_active
    assert not ApiKey.objects.filter(user=alice).exists()


def test_the_last_administrator_stays_one(ada: User) -> None:
    client, url = as_(ada), reverse("person", kwargs={"pk": ada.pk})
    for sent in [
        {"username": "ada", "name": "Ada", "role": "manager", "is_active": "on"},
        {"username": "ada", "name": "Ada", "role": "administrator"},
    ]:
        refused = client.post(url, sent)
        assert refused.status_code == 422
        assert "only administrator" in refused.content.decode()
    make_user("olga", role=Role.ADMINISTRATOR)
    assert client.post(url, {"username": "ada", "name": "Ada", "role": "manager", "is_active": "on"}).status_code == 302


def test_bob_moves_alice_from_a_date_on(bob: User, alice: User) -> None:
    inner = make_team("Inner", parent=Team.objects.get(name="North"))
    client = as_(bob)
    day = datetime.now(UTC).date() - timedelta(days=3)
    moved = client.post(reverse("move_person", kwargs={"pk": alice.pk}), {"team": inner.pk, "since": day.isoformat()})
    assert moved.status_code == 302
    alice.refresh_from_db()
    assert alice.team == inner
    membership = Membership.objects.get(user=alice, team=inner)
    assert membership.occurred_at is not None
    assert membership.occurred_at.date() == day
    assert f"since {day.day} " in page(client, "person", pk=alice.pk)


def test_a_move_in_the_future_is_refused(bob: User, alice: User) -> None:
    north = Team.objects.get(name="North")
    soon = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()
    refused = as_(bob).post(reverse("move_person", kwargs={"pk": alice.pk}), {"team": north.pk, "since": soon})
    assert refused.status_code == 422
    assert "cannot be dated in the future" in refused.content.decode()


def test_bob_cannot_move_alice_into_a_team_that_is_not_his(bob: User, alice: User) -> None:
    south = Team.objects.get(name="South")
    assert as_(bob).post(reverse("move_person", kwargs={"pk": alice.pk}), {"team": south.pk}).status_code == 422
    alice.refresh_from_db()
    assert alice.team is not None
    assert alice.team.name == "North"


def test_whom_bob_takes_out_of_every_team_can_be_taken_in_again(bob: User, alice: User) -> None:
    url, north = reverse("move_person", kwargs={"pk": alice.pk}), Team.objects.get(name="North")
    assert as_(bob).post(url, {"team": ""}).status_code == 302
    alice.refresh_from_db()
    assert alice.team is None
    assert as_(bob).post(url, {"team": north.pk}).status_code == 302
    assert list(alice.memberships.order_by("id").values_list("team__name", flat=True)) == ["North", None, "North"]


# --- Oneself -----------------------------------------------------------------------------------------------


def test_alice_switches_single_letter_keys_off(alice: User) -> None:
    client = as_(alice)
    assert client.post(reverse("profile"), {"name": "Alice B.", "email": "a@example.com"}).status_code == 302
    alice.refresh_from_db()
    assert (alice.name, alice.single_keys) == ("Alice B.", False)
    assert 'data-single-keys="off"' in page(client, "profile")


def test_a_profile_takes_nothing_else_along(alice: User) -> None:
    as_(alice).post(
        reverse("profile"), {"name": "Alice", "role": "administrator", "is_superuser": "on", "username": "root"}
    )
    alice.refresh_from_db()
    assert (alice.role, alice.username, alice.is_superuser) == (Role.REPRESENTATIVE, "alice", False)


def test_an_empty_name_is_refused_and_what_was_typed_stays(alice: User) -> None:
    refused = as_(alice).post(reverse("profile"), {"name": "", "email": "not an address"})
    assert refused.status_code == 422
    assert "not an address" in refused.content.decode()


# --- Teams -------------------------------------------------------------------------------------------------


def test_ada_makes_a_team_and_puts_dora_in_charge(ada: User, dora: User) -> None:
    client, europe = as_(ada), Team.objects.get(name="Europe")
    assert (
        client.post(reverse("new_team"), {"name": "West", "parent": europe.pk, "zone": "Europe/Oslo"}).status_code
        == 302
    )
    west = Team.objects.get(name="West")
    assert client.post(reverse("team_manager", kwargs={"pk": west.pk}), {"manager": dora.pk}).status_code == 302
    west.refresh_from_db()
    assert (west.parent, west.zone, west.manager) == (europe, "Europe/Oslo", dora)
    assert "West" in page(as_(dora), "teams")


def test_the_tree_stands_in_order_of_name(ada: User) -> None:
    make_team("Alps", parent=Team.objects.get(name="North"))
    shown = as_(ada).get(reverse("teams")).context["rows"]
    assert [f"{dashes}{team.name}" for dashes, team in shown] == ["Europe", "– North", "– – Alps", "– South"]


def test_a_team_cannot_stand_below_itself(ada: User) -> None:
    europe, north = Team.objects.get(name="Europe"), Team.objects.get(name="North")
    refused = as_(ada).post(reverse("team", kwargs={"pk": europe.pk}), {"name": "Europe", "parent": north.pk})
    assert refused.status_code == 422
    europe.refresh_from_db()
    assert europe.parent is None


def test_a_representative_is_not_put_in_charge(ada: User, alice: User) -> None:
    north = Team.objects.get(name="North")
    assert as_(ada).post(reverse("team_manager", kwargs={"pk": north.pk}), {"manager": alice.pk}).status_code == 422


def test_a_manager_reads_the_own_team_but_does_not_edit_it(bob: User) -> None:
    north, client = Team.objects.get(name="North"), as_(bob)
    assert "<form" not in page(client, "team", pk=north.pk).split('id="content"')[1].split("</main>")[0]
    assert client.post(reverse("team", kwargs={"pk": north.pk}), {"name": "Mine"}).status_code == 403
    assert client.post(reverse("team_manager", kwargs={"pk": north.pk}), {"manager": ""}).status_code == 403


# --- Keys and workspace ------------------------------------------------------------------------------------


def test_a_key_is_shown_once_and_can_be_revoked(ada: User, alice: User) -> None:
    client = as_(ada)
    made = client.post(reverse("keys"), {"user": alice.pk, "name": "telephone", "scope": "write", "days": 30})
    text = made.context["text"]
    assert text in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    key = ApiKey.objects.get(user=alice)
    assert key.scopes == ["read", "write"]
    assert text not in page(client, "keys")
    assert client.post(reverse("revoke_key"), {"key": key.digest}).status_code == 302
    assert not ApiKey.objects.exists()


def test_a_key_for_nobody_or_for_ever_is_refused(ada: User) -> None:
    refused = as_(ada).post(reverse("keys"), {"user": "0", "name": "", "scope": "all", "days": 999999})
    assert refused.status_code == 422
    assert not ApiKey.objects.exists()


def test_only_an_administrator_revokes(bob: User, alice: User) -> None:
    key, _text = ApiKey.objects.create(alice, scopes=["read"])
    assert as_(bob).post(reverse("revoke_key"), {"key": key.digest}).status_code == 403
    assert ApiKey.objects.filter(pk=key.pk).exists()


def test_ada_sets_zone_and_currency(ada: User) -> None:
    client = as_(ada)
    assert (
        client.post(reverse("workspace"), {"name": "Nordlys", "zone": "Europe/Oslo", "currency": "nok"}).status_code
        == 302
    )
    house = Workspace.get()
    assert (house.name, house.zone, house.currency) == ("Nordlys", "Europe/Oslo", "NOK")
    refused = client.post(reverse("workspace"), {"name": "Nordlys", "zone": "Europe/Oslo", "currency": "N1K"})
    assert refused.status_code == 422
    assert "three letters" in refused.content.decode()

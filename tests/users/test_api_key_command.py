"""An administrator on the server makes, lists and revokes keys from the command line."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from knox.auth import TokenAuthentication

from users.models import ApiKey, User


def run(*args: str) -> dict[str, str] | list[dict[str, str]]:
    said = io.StringIO()
    call_command("api_key", *args, "--format", "json", stdout=said)
    told: dict[str, str] | list[dict[str, str]] = json.loads(said.getvalue())
    return told


def test_a_key_works_is_listed_without_its_secret_and_is_revoked(alice: User) -> None:
    made = run("create", "--user", "Alice", "--name", "export", "--scopes", "read,write", "--days", "7")
    assert isinstance(made, dict)
    user, _key = TokenAuthentication().authenticate_credentials(made["key"].encode())
    assert user == alice
    key = ApiKey.objects.get()
    assert key.scopes == ["read", "write"]
    assert 6 <= (key.expiry - timezone.now()).days <= 7

    listed = run("list")
    assert isinstance(listed, list)
    assert made["key"] not in json.dumps(listed)
    assert listed[0]["user"] == "alice"
    run("revoke", listed[0]["key"])
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["create", "--user", "nobody"], "There is no user nobody"),
        (["create", "--user", "alice", "--scopes", "everything"], "everything is no scope"),
        (["create", "--user", "alice", "--days", "-3"], "Give 1 to"),
        (["revoke", "lq_nothing"], "0 keys begin with"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(alice: User, args: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*args)
    assert not ApiKey.objects.exists()

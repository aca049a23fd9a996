"""Programs read, make and change accounts and contacts."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Contact
from tests.api.asking import fields, problem
from tests.factories import make_account, make_contact
from users.models import User


def test_accounts_are_listed_by_name_and_narrowed(alice: User, ask: Any) -> None:
    for name in ("Zebra", "alpha", "Ärlig", "beta"):
        make_account(name, manager=alice)
    make_account("Rival", type="competitor")
    program = ask(alice, "read")
    names = [row["name"] for row in program.get("accounts/").json()["results"]]
    assert len(names) == 5
    found, address = [], "accounts/?limit=2"
    while address:
        part = program.get(address).json()
        found += [row["name"] for row in part["results"]]
        address = part["next"] and part["next"].split("/api/v1/")[1]
    assert found == names
    assert [row["name"] for row in program.get("accounts/", search="ALPH").json()["results"]] == ["alpha"]
    assert [row["name"] for row in program.get("accounts/", type="competitor").json()["results"]] == ["Rival"]
    assert len(program.get("accounts/", manager="alice").json()["results"]) == 4
    fields(program.get("accounts/", type="x"), "type")
    fields(program.get("accounts/", manager="x"), "manager")
    fields(program.get("accounts/?search=%00"), "search")


def test_an_account_is_made_and_changed(alice: User, ask: Any) -> None:
    program = ask(alice)
    made = program.post("accounts/", {"name": "Nordvik", "revenue": 1000, "domain": "nordvik.no"})
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["type"], told["manager"], told["revenue"], told["currency"]) == ("prospect", "alice", "1000.00", "EUR")
    address = f"accounts/{told['id']}/"
    changed = program.patch(address, {"city": "Oslo"}, version=made["ETag"])
    assert (changed.status_code, changed.json()["city"], changed["ETag"]) == (200, "Oslo", '"2"')
    problem(program.patch(address, {"city": "X"}), 428)
    stale = problem(program.patch(address, {"city": "Bergen"}, version=1), 409)
    assert stale["conflicts"] == [{"field": "city", "theirs": "Oslo", "yours": "Bergen"}]


def test_what_an_account_cannot_be_is_named(alice: User, ask: Any) -> None:
    program = ask(alice)
    own = make_account(manager=alice)
    fields(program.post("accounts/", {}), "name")
    fields(
        program.post("accounts/", {"name": "A", "parent": 999, "type": "x", "revenue": -1}), "parent", "type", "revenue"
    )
    fields(program.post("accounts/", {"name": "A", "currency": "euro"}), "currency")
    fields(program.post("accounts/", {"name": "A", "revenue": 1, "currency": "eur"}), "currency")
    fields(program.patch(f"accounts/{own.pk}/", {"parent": own.pk}, version=1), "parent")
    fields(program.post("accounts/", {"name": "A", "version": 7, "archived_at": None}), "version", "archived_at")
    assert Account.objects.count() == 1


def test_everybody_sees_and_few_edit(
    alice: User, charlie: User, maria: User, carmen: User, bob: User, ask: Any
) -> None:
    account = make_account("Nordvik", manager=alice)
    contact = make_contact("Kari", account=account)
    for person in (charlie, maria, carmen):
        program = ask(person)
        assert program.get(f"accounts/{account.pk}/").status_code == 200
        problem(program.patch(f"accounts/{account.pk}/", {"city": "X"}, version=1), 403, "Alice")
        problem(program.post(f"accounts/{account.pk}/archive/"), 403, "Alice")
        problem(program.patch(f"contacts/{contact.pk}/", {"title": "X"}, version=1), 403, "Alice")
        who_may = "Alice" if person == charlie else "representatives"
        problem(program.post("contacts/", {"name": "Ola", "account": account.pk}), 403, who_may)
    problem(ask(maria).post("accounts/", {"name": "A"}), 403)
    problem(ask(alice).patch(f"accounts/{account.pk}/", {"manager": "charlie"}, version=1), 403)
    account.refresh_from_db()
    assert (account.version, account.manager, Contact.objects.count()) == (1, alice, 1)
    assert ask(bob).patch(f"accounts/{account.pk}/", {"city": "Oslo"}, version=1).status_code == 200


def test_a_contact_is_made_changed_found_and_archived(alice: User, ask: Any) -> None:
    account = make_account(manager=alice)
    program = ask(alice)
    made = program.post("contacts/", {"name": "Kari", "account": account.pk, "email": "Kari@nordvik.no"})
    assert made.status_code == 201, made.content
    address = f"contacts/{made.json()['id']}/"
    assert program.patch(address, {"title": "COO"}, version=1).json()["title"] == "COO"
    assert program.get("contacts/", email="kari@NORDVIK.no").json()["results"][0]["title"] == "COO"
    assert program.get("contacts/", account=account.pk).json()["results"]
    fields(program.post("contacts/", {"name": "X", "email": "no"}), "email")
    assert program.post(address + "archive/").json()["archived_at"]
    assert program.get("contacts/").json()["results"] == []
    back = program.post(address + "restore/").json()
    assert (back["archived_at"], back["version"]) == (None, 4)
    assert len(program.get("contacts/").json()["results"]) == 1


def test_an_archived_account_is_brought_back_by_who_may_edit_it(alice: User, charlie: User, ask: Any) -> None:
    account = make_account(manager=alice)
    address = f"accounts/{account.pk}/"
    assert ask(alice).post(address + "archive/").json()["archived_at"]
    problem(ask(charlie).post(address + "restore/"), 403, "Alice")
    assert ask(alice).post(address + "restore/").json()["archived_at"] is None
    assert [row["id"] for row in ask(alice).get("accounts/").json()["results"]] == [account.pk]


def test_lists_cost_the_same_queries_however_long_they_are(alice: User, ask: Any) -> None:
    program = ask(alice)
    costs = []
    for _round in range(2):
        for _number in range(3):
            make_contact(account=make_account(manager=alice))
        program.get("accounts/")
        with CaptureQueriesContext(connection) as caught:
            assert program.get("accounts/").status_code == program.get("contacts/").status_code == 200
        costs.append(len(caught))
    assert costs[0] == costs[1]

"""Everybody finds accounts and contacts; those who answer for them edit; groups add up what the viewer may see."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountType, Contact
from tests.factories import make_account, make_contact, make_opportunity
from users.models import User


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form_of(account: Account, **changes: Any) -> dict[str, Any]:
    """What a browser would send of the edit form."""
    sent = {
        "version": account.version,
        "name": account.name,
        "type": account.type_id,
        "manager": account.manager_id or "",
        "industry": account.industry,
    }
    return sent | changes


def test_the_list_finds_by_name_type_and_manager(alice: User, bob: User) -> None:
    mine = make_account("Aalto Oy", manager=alice)
    make_account("Берёза", manager=bob)
    partner = make_account("Zinc Partners", type="reseller")
    client = signed_in(alice)

    def found(address: str) -> list[Account]:
        return list(client.get(address).context["page"].rows)

    assert [row.name for row in found("/accounts/")] == ["Aalto Oy", "Zinc Partners", "Берёза"]
    assert found("/accounts/?q=AALTO") == [mine]
    assert [row.name for row in found("/accounts/?q=берё")] == ["Берёза"]
    assert found("/accounts/?manager=me") == [mine]
    assert found("/accounts/?manager=none") == [partner]
    assert found("/accounts/?type=reseller") == [partner]
    for odd in ("q=%00", "manager=x", "manager=99999999999999999999", "type=%00", "after=%%%", "q=%25"):
        assert client.get(f"/accounts/?{odd}").status_code == 200, odd
    assert "Nothing matches" in client.get("/accounts/?q=nobody").content.decode()


def test_the_list_costs_the_same_queries_however_long_it_is(alice: User, bob: User) -> None:
    client = signed_in(alice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get("/accounts/")
        return len(caught)

    make_account(manager=alice)
    queries()
    one = queries()
    for _number in range(8):
        make_account(manager=bob, parent=make_account(manager=alice))
    assert queries() == one


def test_a_group_adds_up_what_the_viewer_may_see(alice: User, charlie: User, maria: User) -> None:
    top = make_account("Holding", manager=alice)
    child = make_account("Works", manager=alice, parent=top)
    make_contact("Ada", account=child)
    make_opportunity(alice, account=child, amount=1000)
    make_opportunity(charlie, account=child, amount=500, stage="won")
    seen = signed_in(alice).get(f"/accounts/{top.pk}/")
    html = seen.content.decode()
    assert "Works" in html
    assert "€1,000" in html
    assert "€500" not in html
    assert "Only what you may see is counted" in html
    everything = signed_in(maria).get(f"/accounts/{top.pk}/").content.decode()
    assert "€500" in everything
    assert "Only what you may see is counted" not in everything


def test_alice_makes_an_account_and_is_its_manager(alice: User) -> None:
    prospect = AccountType.objects.get(code="prospect")
    response = signed_in(alice).post("/accounts/new/", {"name": "Kiln & Co", "type": prospect.pk, "manager": alice.pk})
    account = Account.objects.get(name="Kiln & Co")
    assert (response.status_code, response["Location"]) == (302, f"/accounts/{account.pk}/")
    assert account.manager == alice


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": ""}, "Fill in “Name”."),
        ({"employees": "-5"}, "Give 0 or more for “"),
        ({"revenue": "a lot"}, "in figures, such as 12500."),
        ({"parent": "No such account"}, "was not found"),
        ({"parent": "#999999999"}, "There is no record with this number"),
        ({"currency": "euro"}, "Shorten “Currency” to 3 characters."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(alice: User, sent: dict[str, str], said: str) -> None:
    account = make_account(manager=alice)
    response = signed_in(alice).post(f"/accounts/{account.pk}/edit/", form_of(account, **sent))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert Account.objects.get(pk=account.pk).version == account.version


def test_a_parent_is_named_by_its_name_or_its_number(alice: User) -> None:
    top, twin = make_account("Holding", manager=alice), make_account("Twin", manager=alice)
    make_account("Twin", manager=alice)
    account = make_account("Works", manager=alice)
    client = signed_in(alice)
    two = client.post(f"/accounts/{account.pk}/edit/", form_of(account, parent="twin"))
    assert "Several have this name" in two.content.decode()
    client.post(f"/accounts/{account.pk}/edit/", form_of(account, parent=f"Twin #{twin.pk}"))
    account.refresh_from_db()
    assert account.parent == twin
    client.post(f"/accounts/{account.pk}/edit/", form_of(account, parent="holding"))
    account.refresh_from_db()
    assert account.parent == top
    circle = client.post(f"/accounts/{top.pk}/edit/", form_of(top, parent="Works"))
    assert "belongs to Holding already" in circle.content.decode()
    assert f"Holding #{top.pk}" in client.get("/accounts/propose/?parent=hold").content.decode()


def test_whoever_saves_second_chooses_between_both_values(alice: User, bob: User) -> None:
    account = make_account("Works", manager=alice, industry="steel")
    stale = form_of(account, industry="glass")
    signed_in(bob).post(f"/accounts/{account.pk}/edit/", form_of(account, industry="paper"))
    client = signed_in(alice)
    conflict = client.post(f"/accounts/{account.pk}/edit/", stale)
    html = conflict.content.decode()
    assert conflict.status_code == 409
    assert "paper" in html
    assert "glass" in html
    assert Account.objects.get(pk=account.pk).industry == "paper"
    both = conflict.context["both"]
    again = {**dict(both.typed), "version": both.version}
    client.post(f"/accounts/{account.pk}/edit/", {**again, "keep-industry": "theirs"})
    assert Account.objects.get(pk=account.pk).industry == "paper"
    version = Account.objects.get(pk=account.pk).version
    client.post(f"/accounts/{account.pk}/edit/", {**again, "version": version, "keep-industry": "mine"})
    assert Account.objects.get(pk=account.pk).industry == "glass"


def test_who_may_not_edit_is_told_who_may(alice: User, bob: User, charlie: User, maria: User, carmen: User) -> None:
    account = make_account("Works", manager=alice)
    for person in (charlie, maria, carmen):
        client = signed_in(person)
        assert client.get(f"/accounts/{account.pk}/").status_code == 200
        refused = client.get(f"/accounts/{account.pk}/edit/")
        assert refused.status_code == 403
        assert "Only Alice, a manager above their team" in refused.content.decode()
        assert client.post(f"/accounts/{account.pk}/archive/").status_code == 403
    assert signed_in(bob).get(f"/accounts/{account.pk}/edit/").status_code == 200
    assert signed_in(maria).get("/accounts/new/").status_code == 403
    assert signed_in(alice).get("/accounts/999999/").status_code == 404
    assert Client().get("/accounts/").status_code == 302


def test_the_history_says_who_changed_what(alice: User) -> None:
    account = make_account("Works", manager=alice, industry="steel")
    client = signed_in(alice)
    client.post(f"/accounts/{account.pk}/edit/", form_of(account, industry="glass"))
    html = client.get(f"/accounts/{account.pk}/").content.decode()
    assert "Industry:" in html
    assert "steel" in html
    assert "Alice" in html


def test_an_archived_account_leaves_the_list_and_stays_readable(alice: User) -> None:
    account = make_account("Works", manager=alice)
    client = signed_in(alice)
    client.post(f"/accounts/{account.pk}/archive/")
    assert list(client.get("/accounts/").context["page"].rows) == []
    assert "archived" in client.get(f"/accounts/{account.pk}/").content.decode()


@pytest.mark.parametrize("kind", ["accounts", "contacts"])
def test_what_is_archived_is_found_and_brought_back(alice: User, charlie: User, kind: str) -> None:
    account = make_account("Works", manager=alice)
    record = account if kind == "accounts" else make_contact("Noor", account=account)
    address, client = f"/{kind}/{record.pk}/", signed_in(alice)
    assert client.post(f"{address}archive/")["Location"] == f"/{kind}/"
    assert list(client.get(f"/{kind}/?archived=1&q={str(record)[:3]}").context["page"].rows) == [record]
    assert "Bring back" in client.get(address).content.decode()
    assert "Bring back" not in signed_in(charlie).get(address).content.decode()
    assert signed_in(charlie).post(f"{address}archive/").status_code == 403
    assert client.post(f"{address}archive/")["Location"] == address
    assert list(client.get(f"/{kind}/?archived=1").context["page"].rows) == []
    assert list(client.get(f"/{kind}/").context["page"].rows) == [record]
    assert "Archive" in client.get(address).content.decode()


def test_contacts_are_listed_made_and_edited(alice: User, charlie: User) -> None:
    account = make_account("Works", manager=alice)
    client = signed_in(alice)
    assert "Works" in client.get(f"/contacts/new/?account={account.pk}").content.decode()
    client.post(
        "/contacts/new/", {"name": "Noor Haddad", "account": f"Works #{account.pk}", "email": "noor@works.example"}
    )
    contact = Contact.objects.get(name="Noor Haddad")
    assert contact.account == account
    assert list(client.get("/contacts/?q=NOOR@works.example").context["page"].rows) == [contact]
    assert list(client.get("/contacts/?q=haddad").context["page"].rows) == [contact]
    assert client.get(f"/contacts/{contact.pk}/").status_code == 200
    sent = {"name": "Noor Haddad-Berg", "account": f"Works #{account.pk}", "version": contact.version}
    assert client.post(f"/contacts/{contact.pk}/edit/", sent).status_code == 302
    assert client.post(f"/contacts/{contact.pk}/edit/", sent | {"name": "Somebody"}).status_code == 409
    assert Contact.objects.get(pk=contact.pk).name == "Noor Haddad-Berg"
    refused = signed_in(charlie).get(f"/contacts/{contact.pk}/edit/")
    assert refused.status_code == 403
    wrong = client.post("/contacts/new/", {"name": "X", "email": "not an address"})
    assert wrong.status_code == 422
    assert f"Noor Haddad-Berg #{contact.pk}" in client.get("/contacts/propose/?contact=noor").content.decode()

"""Ada brings in teams, people, products, contacts and campaigns."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import Contact, Product
from leads.models import Campaign
from tests.intake.files import counts, take_in
from users.models import Management, Membership, Team, User

pytestmark = pytest.mark.usefixtures("workspace")

TEAMS = "name,parent,manager\nEast one,East,Rita\nEast one,East,Rita\nWest one,West,Paul\n"
MAKE = frozenset({"parent", "manager"})


def test_teams_below_regions_with_managers_from_the_beginning(tmp_path: Path) -> None:
    assert counts(take_in(tmp_path, "teams", TEAMS, create_missing=MAKE)) == (3, 2, 0, 1, 0)
    east = Team.objects.get(name="East one")
    assert east.parent is not None
    assert (east.parent.name, east.manager.name if east.manager else "", east.manager.role if east.manager else "") == (
        "East",
        "Rita",
        "manager",
    )
    assert Management.objects.get(team=east).occurred_at is None
    assert counts(take_in(tmp_path, "teams", TEAMS, create_missing=MAKE)) == (3, 0, 0, 3, 0)
    assert Management.objects.filter(team=east).count() == 1


def test_another_manager_is_a_new_fact(tmp_path: Path) -> None:
    take_in(tmp_path, "teams", TEAMS, create_missing=MAKE)
    assert counts(take_in(tmp_path, "teams", "name,manager,since\nEast one,bob,2026-01-01\n")) == (1, 0, 1, 0, 0)
    rows = Management.objects.filter(team__name="East one").order_by("id").values_list("manager__name", "occurred_at")
    assert list(rows) == [("Rita", None), ("Bob", datetime(2026, 1, 1, tzinfo=UTC))]
    assert Team.objects.get(name="East one").manager == User.objects.get(username="bob")


def test_people_get_user_names_and_belong_to_teams(tmp_path: Path) -> None:
    text = "full name,team,role\nÉva Kis,North,Representative\nÉva  Kis,South,manager\nBob,North,Customer success\nZed,Nowhere,\n"
    done = take_in(tmp_path, "users", text + "Wrong,North,king\n")
    assert counts(done) == (5, 2, 1, 0, 2)
    first, second = User.objects.filter(name__contains="Kis").order_by("id")
    assert (first.username, second.username, first.role, second.role) == (
        "éva.kis",
        "éva.kis2",
        "representative",
        "manager",
    )
    assert first.team is not None
    assert first.team.name == "North"
    assert not first.has_usable_password()
    assert Membership.objects.get(user=first).occurred_at is None
    assert counts(take_in(tmp_path, "users", text)) == (4, 0, 0, 3, 1)


def test_a_user_name_that_is_taken(tmp_path: Path) -> None:
    done = take_in(tmp_path, "users", "external_id,username,name\nX,alice,Another\nY,new,New\nZ,new,Newer\n")
    assert counts(done) == (3, 1, 0, 0, 2)
    assert "belongs to another record" in Path(done.errors_file).read_text(encoding="utf-8-sig")


def test_products_with_prices(tmp_path: Path) -> None:
    text = "product,series,list price\nGTX Pro,GTX,4821\nMG,MG,\nFree,X,0\nDear,X,-1\n"
    done = take_in(tmp_path, "products", text, {"constants": {"context": "direct"}})
    assert counts(done) == (4, 2, 0, 0, 2)
    product = Product.objects.get(code="GTX Pro")
    assert (product.name, product.price, product.currency) == ("GTX Pro", Decimal(4821), "EUR")
    assert Product.objects.get(code="MG").currency == ""
    done = take_in(tmp_path, "products", "code,price,currency\nMG,10,usd\n")
    assert counts(done) == (1, 0, 1, 0, 0)
    assert (Product.objects.get(code="MG").price, Product.objects.get(code="MG").currency) == (Decimal(10), "USD")


def test_contacts_at_accounts(tmp_path: Path) -> None:
    text = "first name,last name,email,account\nAda,Lovelace,ada@example.com,Engines\nGrace,Hopper,,Compilers\n,,nobody@example.com,Engines\n"
    done = take_in(tmp_path, "contacts", text, create_missing=frozenset({"account"}))
    assert counts(done) == (3, 2, 0, 0, 1)
    assert set(Contact.objects.values_list("name", "account__name")) == {
        ("Ada Lovelace", "Engines"),
        ("Grace Hopper", "Compilers"),
    }
    assert counts(take_in(tmp_path, "contacts", text)) == (3, 0, 0, 2, 1)


def test_campaigns_and_what_they_cost(tmp_path: Path) -> None:
    text = "campaign,source,start date,end date,cost\nSpring,website,2026-03-01,2026-04-01,1200.50\nBack,website,2026-03-01,2026-02-01,1\nLoss,website,,,-1\n"
    done = take_in(tmp_path, "campaigns", text)
    assert counts(done) == (3, 1, 0, 0, 2)
    spring = Campaign.objects.get()
    assert (spring.code, spring.cost, spring.currency) == ("Spring", Decimal("1200.50"), "EUR")
    assert counts(take_in(tmp_path, "campaigns", text)) == (3, 0, 0, 1, 2)

"""The demo's company: two regions, three teams, and the six who sign in."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from accounts.models import Account, AccountType, Product
from leads.models import Campaign, LeadSource
from users.models import Management, Membership, Role, SalesContext, Team, User

PASSWORD = "leadqual-demo"  # noqa: S105  # published: only the embedded demo has these accounts

# username, name, role, team; the six of the README first.
PEOPLE = (
    ("alice", "Alice Berg", Role.REPRESENTATIVE, "north"),
    ("bob", "Bob Lindqvist", Role.MANAGER, "north"),
    ("maria", "Maria Costa", Role.MARKETING, None),
    ("charlie", "Charlie Novak", Role.REPRESENTATIVE, "south"),
    ("carmen", "Carmen Ortiz", Role.CUSTOMER_SUCCESS, None),
    ("ada", "Ada Holm", Role.ADMINISTRATOR, None),
    ("erik", "Erik Dahl", Role.REPRESENTATIVE, "north"),
    ("dora", "Dora Conti", Role.MANAGER, "south"),
    ("sofia", "Sofia Marin", Role.REPRESENTATIVE, "south"),
    ("wei", "Wei Chen", Role.MANAGER, "singapore"),
    ("lin", "Lin Hsu", Role.REPRESENTATIVE, "singapore"),
    ("budi", "Budi Santoso", Role.REPRESENTATIVE, "singapore"),
)
TEAMS = (
    ("europe", "Europe", None, "", None),
    ("north", "North", "europe", "Europe/Oslo", "bob"),
    ("south", "South", "europe", "Europe/Madrid", "dora"),
    ("asia", "Asia Pacific", None, "", None),
    ("singapore", "Singapore", "asia", "Asia/Singapore", "wei"),
)
PRODUCTS = (
    ("shift-planner", "Shift planner", "Planning", "direct", 24_000),
    ("line-monitor", "Line monitor", "Monitoring", "direct", 48_000),
    ("plant-suite", "Plant suite", "Monitoring", "direct", 120_000),
)
# code, name, source, cost
CAMPAIGNS = (
    ("downtime-webinar", "Webinar: the price of an hour of downtime", "webinar", 18_000),
    ("autumn-fair", "Autumn maintenance fair", "fair", 42_000),
    ("search-planning", "Search: shift planning", "search_ads", 36_000),
    ("reader-series", "Reader series by e-mail", "email", 9_000),
    ("partner-days", "Partner days", "partner", 15_000),
)
COMPETITORS = ("Planwerk", "Opsline", "Fabrik One")


@dataclass(frozen=True)
class Company:
    """Everybody and everything that leads meet."""

    users: dict[str, User]
    teams: dict[str, Team]
    products: list[Product]
    campaigns: dict[str, Campaign]
    competitors: list[Account]

    def representatives(self, team: str) -> list[User]:
        return [
            self.users[username] for username, _name, role, own in PEOPLE if own == team and role == Role.REPRESENTATIVE
        ]


def hire(since: datetime) -> Company:
    """Make people, teams, products, campaigns and competitors."""
    teams: dict[str, Team] = {}
    for code, name, parent, zone, _manager in TEAMS:
        teams[code] = Team.objects.create(name=name, parent=teams.get(parent or ""), zone=zone)
    digest = make_password(PASSWORD)
    users: dict[str, User] = {}
    for username, name, role, team in PEOPLE:
        users[username] = User.objects.create(
            username=username,
            name=name,
            role=role,
            team=teams.get(team or ""),
            email=f"{username}@leadqual.example",
            password=digest,
        )
        if team:
            Membership.objects.create(user=users[username], team=teams[team], known_at=since)
    for code, _name, _parent, _zone, manager in TEAMS:
        if manager:
            Management.objects.create(team=teams[code], manager=users[manager], known_at=since)
            Team.objects.filter(pk=teams[code].pk).update(manager=users[manager])
    contexts = {context.code: context for context in SalesContext.objects.all()}
    products = [
        Product.objects.create(
            code=code, name=name, series=series, context=contexts[context], price=Decimal(price), currency="EUR"
        )
        for code, name, series, context, price in PRODUCTS
    ]
    sources = {source.code: source for source in LeadSource.objects.all()}
    campaigns = {
        code: Campaign.objects.create(
            code=code, name=name, source=sources[source], cost=Decimal(cost), currency="EUR", starts_on=since.date()
        )
        for code, name, source, cost in CAMPAIGNS
    }
    rival = AccountType.objects.get(code="competitor")
    competitors = [Account.objects.create(name=name, type=rival, created_at=since) for name in COMPETITORS]
    return Company(users, teams, products, campaigns, competitors)

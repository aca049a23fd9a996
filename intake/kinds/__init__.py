"""The kinds of import by name."""

from intake.kind import Kind
from intake.kinds.accounts import ACCOUNTS
from intake.kinds.campaigns import CAMPAIGNS
from intake.kinds.contacts import CONTACTS
from intake.kinds.events import EVENTS
from intake.kinds.leads import LEADS
from intake.kinds.opportunities import OPPORTUNITIES
from intake.kinds.products import PRODUCTS
from intake.kinds.teams import TEAMS
from intake.kinds.users import USERS

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (TEAMS, USERS, PRODUCTS, ACCOUNTS, CONTACTS, CAMPAIGNS, LEADS, OPPORTUNITIES, EVENTS)
}

"""The kinds of import by name."""

from intake.kind import Kind
from intake.kinds.accounts import ACCOUNTS
from intake.kinds.leads import LEADS
from intake.kinds.opportunities import OPPORTUNITIES

KINDS: dict[str, Kind] = {kind.name: kind for kind in (ACCOUNTS, LEADS, OPPORTUNITIES)}

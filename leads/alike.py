"""Whether somebody is with us already: leads with the same e-mail address."""

from leads.models import Lead
from users.models import User

SHOWN = 5


class WithUsAlready(Exception):
    """Somebody with this address is a lead already: `leads` are those that the person may see."""

    def __init__(self, leads: list[Lead]) -> None:
        self.leads = leads
        super().__init__("there is a lead with this e-mail address")


def refuse_same_address(email: str, user: User) -> None:
    """Raises WithUsAlready with the leads of this address that the user may see, newest first, five at most."""
    address = email.strip().lower()
    if not address:
        return
    # The index of the search narrows it down; it also finds the address as a part of another one.
    same = Lead.objects.visible_to(user).active().filter(search__contains=address, email__iexact=address)
    found = list(same.select_related("owner").order_by("-pk")[:SHOWN])
    if found:
        raise WithUsAlready(found)

"""The lists of this room that people may edit (users/editable_lists.py)."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AccountType, Product
from users.editable_lists import EditableList
from users.rights import may_administer, who_may_administer


def problems_of_product(product: Product) -> dict[str, str]:
    """A price needs its currency, and is above nothing."""
    if product.price is not None and product.price <= 0:
        return {"price": _("Give a price above 0, or leave it empty.")}
    if product.price is not None and not product.currency:
        return {"currency": _("Say in which currency the price is, such as EUR.")}
    return {}


LISTS = (
    EditableList(
        code="account-types",
        title=gettext_lazy("Account types"),
        about=gettext_lazy("What an organisation is to us."),
        model=AccountType,
        fields={
            "name": gettext_lazy("Name"),
            "code": gettext_lazy("Code"),
            "kind": gettext_lazy("Counts as"),
            "position": gettext_lazy("Place"),
        },
        given_once=("code", "kind"),
        may_edit=may_administer,
        who_may=who_may_administer,
    ),
    EditableList(
        code="products",
        title=gettext_lazy("Products and offers"),
        about=gettext_lazy("What we sell. An amount in a budget answer is rated against the price of its offer."),
        model=Product,
        fields={
            "name": gettext_lazy("Name"),
            "code": gettext_lazy("Code"),
            "series": gettext_lazy("Series"),
            "context": gettext_lazy("Sales context"),
            "price": gettext_lazy("List price"),
            "currency": gettext_lazy("Currency"),
        },
        given_once=("code",),
        may_edit=may_administer,
        who_may=who_may_administer,
        problems=problems_of_product,
    ),
)

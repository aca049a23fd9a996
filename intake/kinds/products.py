"""Products with their list prices."""

from django.utils.translation import gettext as _

from accounts.models import Product
from intake.columns import Column, Reads
from intake.kind import Key, Kind, amount, text_columns
from intake.staging import Staging
from intake.writing import amounts_with_currency, code_said, find_currency, write_records

COLUMNS = (
    *text_columns(
        Product, {"code": ("product code", "sku", "id"), "name": ("product", "product name"), "series": ("family",)}
    ),
    Column("context", aliases=("sales context",), limit=50, refers="context"),
    amount(Product, "price", "list price", "sales price"),
    Column("currency", Reads.CODE),
)


def check(staging: Staging) -> None:
    if staging.has("price"):
        staging.refuse_where("price", "s.price = 0", _("is no price; leave it empty if there is none"))


def write(staging: Staging) -> None:
    write_records(staging, given={"code": code_said(staging, 80), "currency": amounts_with_currency(staging, "price")})


PRODUCTS = Kind(
    "products",
    Product,
    COLUMNS,
    (Key(("code",), exact=True), Key(("name",))),
    needs=("name",),
    prepare=find_currency,
    check=check,
    write=write,
)

"""The customer side: organisations, the people in them, and what we offer them."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from users.facts import DatabaseClock
from users.history import keeps_history
from users.models import SalesContext, User


class AccountType(models.Model):
    """An editable list; `kind` is what the rules read."""

    class Kind(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")  # qualified, nothing bought yet
        CUSTOMER = "customer", _("Customer")  # has bought
        PARTNER = "partner", _("Partner")  # distributor, agent, reseller
        COMPETITOR = "competitor", _("Competitor")

    MANAGED = (Kind.PROSPECT, Kind.CUSTOMER)

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, user: User) -> Self:
        """Everybody who signs in sees all accounts (decisions.md 30)."""
        return self if user.is_active else self.none()

    def active(self) -> Self:
        return self.filter(archived_at__isnull=True)

    def by_name(self) -> Self:
        return self.order_by("sort_key", "id")


@keeps_history("AccountHistory", without=["sort_key", "version"])
class Account(models.Model):
    """An organisation. Large ones are split in parallel or as parent and children, and figures roll up the tree."""

    name = models.CharField(max_length=255)
    # Names sort by this stored key, whatever the server's collation is.
    sort_key = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=255), db_persist=True
    )
    type = models.ForeignKey(AccountType, models.PROTECT, related_name="accounts")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="managed_accounts"
    )
    industry = models.CharField(max_length=100, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    revenue = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    country = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=100, blank=True)
    domain = models.CharField(max_length=253, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    external_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(null=True, blank=True, db_default=DatabaseClock())
    recorded_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    import_id = models.BigIntegerField(null=True, editable=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="account_is_not_its_own_parent"),
            models.CheckConstraint(condition=~models.Q(name=""), name="account_has_a_name"),
        ]
        indexes = [
            # The account list, in order of name.
            models.Index(fields=["sort_key", "id"], name="account_by_name"),
            # Search in the list, and the match at conversion.
            GinIndex(OpClass("sort_key", "gin_trgm_ops"), name="account_search"),
            # Match by the domain of an e-mail address at conversion.
            models.Index(Lower("domain"), name="account_by_domain", condition=~models.Q(domain="")),
        ]

    def __str__(self) -> str:
        return self.name


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User) -> Self:
        """Everybody who signs in sees all contacts (decisions.md 30)."""
        return self if user.is_active else self.none()

    def active(self) -> Self:
        return self.filter(archived_at__isnull=True)


@keeps_history("ContactHistory", without=["sort_key", "version"])
class Contact(models.Model):
    """A person at an account; before conversion, a person whom an answer names and whose account is not known yet."""

    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="contacts")
    name = models.CharField(max_length=200)
    sort_key = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=200), db_persist=True
    )
    title = models.CharField(max_length=150, blank=True)
    department = models.CharField(max_length=150, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    # "Sells on to users": what a partner's person does for us; not a buyer role.
    sells_on = models.BooleanField(_("sells on to users"), default=False)
    external_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(null=True, blank=True, db_default=DatabaseClock())
    recorded_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    import_id = models.BigIntegerField(null=True, editable=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="contact_has_a_name")]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="contact_by_name"),
            models.Index(Lower("email"), name="contact_by_email", condition=~models.Q(email="")),
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """What a sales context offers, with its list price."""

    code = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    series = models.CharField(max_length=100, blank=True)
    context = models.ForeignKey(SalesContext, models.PROTECT, null=True, blank=True, related_name="products")
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    import_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__isnull=True) | models.Q(price__gt=0), name="product_price_is_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(price__isnull=True) | ~models.Q(currency=""), name="product_price_has_a_currency"
            ),
        ]

    def __str__(self) -> str:
        return self.name

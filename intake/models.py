"""The doors: what came in by import."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from users.facts import DatabaseClock


class Import(models.Model):
    """One file taken in: its mapping, what became of its rows, and where the rejected ones are listed."""

    class Kind(models.TextChoices):
        USERS = "users", _("Users")
        TEAMS = "teams", _("Teams")
        PRODUCTS = "products", _("Products")
        ACCOUNTS = "accounts", _("Accounts")
        CONTACTS = "contacts", _("Contacts")
        CAMPAIGNS = "campaigns", _("Campaigns")
        LEADS = "leads", _("Leads")
        OPPORTUNITIES = "opportunities", _("Opportunities")
        EVENTS = "events", _("Events")

    kind = models.CharField(max_length=15, choices=Kind.choices)
    file_name = models.CharField(max_length=255)
    mapping = models.JSONField(default=dict)
    history = models.BooleanField(default=False)  # its facts were known when they happened (decisions.md 19)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    errors_file = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="imports")
    started_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The customer side: accounts, contacts, products."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

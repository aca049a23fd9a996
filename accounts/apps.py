from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The customer side: accounts, contacts, products."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.lists import LISTS
        from users import editable_lists

        editable_lists.register(*LISTS)

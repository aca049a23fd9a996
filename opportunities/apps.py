from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    """The deal: pipeline, stages, conversion, forecast."""

    name = "opportunities"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.models import Account, Contact
        from accounts.panels import register
        from opportunities.lists import LISTS
        from opportunities.on_accounts import OF_ACCOUNTS, OF_CONTACTS
        from users import editable_lists

        editable_lists.register(*LISTS)
        # Accounts do not know deals: opportunities tells them what to show of them.
        register(Account, *OF_ACCOUNTS)
        register(Contact, *OF_CONTACTS)

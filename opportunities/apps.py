from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    """The deal: pipeline, stages, conversion, forecast."""

    name = "opportunities"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.models import Account, Contact
        from accounts.panels import register
        from leads.moving_checklists import register_open
        from leads.rights import register_refusal
        from opportunities.lists import LISTS
        from opportunities.on_accounts import OF_ACCOUNTS, OF_CONTACTS
        from opportunities.pipeline import of_open_deals
        from opportunities.rights import refusal_to_answer
        from users import editable_lists

        editable_lists.register(*LISTS)
        # Leads do not know deals either: a checklist without a lead is answered by those who may move its deal.
        register_refusal(refusal_to_answer)
        register_open(of_open_deals)
        # Accounts do not know deals: opportunities tells them what to show of them.
        register(Account, *OF_ACCOUNTS)
        register(Contact, *OF_CONTACTS)

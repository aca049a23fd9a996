from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    """The deal: pipeline, stages, conversion, forecast."""

    name = "opportunities"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from opportunities.lists import LISTS
        from users import editable_lists

        editable_lists.register(*LISTS)

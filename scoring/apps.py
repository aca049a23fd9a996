from django.apps import AppConfig


class ScoringConfig(AppConfig):
    """The agreement: question sets, policies, the engine."""

    name = "scoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from scoring.lists import LISTS, SECTIONS
        from users import editable_lists, settings_pages

        editable_lists.register(*LISTS)
        settings_pages.register(*SECTIONS)

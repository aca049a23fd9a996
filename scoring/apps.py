from django.apps import AppConfig


class ScoringConfig(AppConfig):
    """The agreement: question sets, policies, the engine."""

    name = "scoring"
    default_auto_field = "django.db.models.BigAutoField"

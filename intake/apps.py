from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The doors: imports, forms, events."""

    name = "intake"
    default_auto_field = "django.db.models.BigAutoField"

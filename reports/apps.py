from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """The view from above: one function a report."""

    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"

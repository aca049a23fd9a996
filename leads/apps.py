from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """The case file: leads, checklists, answers, scores, lifecycle, hand-off."""

    name = "leads"
    default_auto_field = "django.db.models.BigAutoField"

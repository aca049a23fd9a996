from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """The view from above: one function a report."""

    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from reports.snapshots import past_was_added_to
        from users.past import when_the_past_is_added_to

        when_the_past_is_added_to(past_was_added_to)

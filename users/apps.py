from django.apps import AppConfig


class UsersConfig(AppConfig):
    """Who we are: users, roles, teams, visibility, keys, audit."""

    name = "users"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from users import (
            checks,  # noqa: F401  # registering is all it does
            editable_lists,
            settings_pages,
        )
        from users.lists import LISTS

        editable_lists.register(*LISTS)
        settings_pages.register(*settings_pages.OF_PEOPLE)

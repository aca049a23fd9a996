"""The pages about ourselves: people, teams, the workspace."""

from django.urls import URLPattern, path

from users import kit

urlpatterns: list[URLPattern] = [
    path("settings/kit/", kit.kit, name="kit"),
]

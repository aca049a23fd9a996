"""The pages about ourselves: people, teams, the workspace."""

from django.urls import URLPattern, path

from users import kit, views, views_of_lists, views_of_teams

urlpatterns: list[URLPattern] = [
    path("settings/kit/", kit.kit, name="kit"),
    path("settings/", views.index, name="settings"),
    path("settings/profile/", views.profile, name="profile"),
    path("settings/users/", views.people, name="people"),
    path("settings/users/new/", views.new_person, name="new_person"),
    path("settings/users/<int:pk>/", views.person, name="person"),
    path("settings/users/<int:pk>/team/", views.move_person, name="move_person"),
    path("settings/users/<int:pk>/password-link/", views.make_password_link, name="password_link"),
    path("settings/teams/", views_of_teams.teams, name="teams"),
    path("settings/teams/new/", views_of_teams.new_team, name="new_team"),
    path("settings/teams/<int:pk>/", views_of_teams.team, name="team"),
    path("settings/teams/<int:pk>/manager/", views_of_teams.team_manager, name="team_manager"),
    path("settings/lists/", views_of_lists.lists, name="settings_lists"),
    path("settings/lists/<slug:code>/", views_of_lists.rows_of_list, name="settings_list"),
    path("settings/lists/<slug:code>/new/", views_of_lists.new_row, name="settings_new_row"),
    path("settings/lists/<slug:code>/<int:pk>/", views_of_lists.row_of_list, name="settings_row"),
    path("settings/lists/<slug:code>/<int:pk>/archive/", views_of_lists.archive_row, name="settings_archive_row"),
    path("settings/keys/", views.keys, name="keys"),
    path("settings/keys/revoke/", views.revoke, name="revoke_key"),
    path("settings/workspace/", views.workspace, name="workspace"),
]

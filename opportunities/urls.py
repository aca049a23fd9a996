"""The addresses of conversion, pipeline and deals."""

from django.urls import path

from opportunities import board_views, conversion_views, qualify_views, views

app_name = "opportunities"

urlpatterns = [
    path("leads/<int:pk>/convert/", conversion_views.convert_lead, name="convert"),
    path("conversions/<int:pk>/undo/", conversion_views.undo_conversion, name="undo"),
    path("pipeline/", board_views.board, name="board"),
    path("opportunities/new/", views.new, name="new"),
    path("opportunities/<int:pk>/", views.page, name="page"),
    path("opportunities/<int:pk>/qualify/", qualify_views.qualify, name="qualify"),
    path("opportunities/<int:pk>/qualify/<slug:code>/", qualify_views.answer, name="answer"),
    path("opportunities/<int:pk>/qualify/<slug:code>/undo/<int:answer_pk>/", qualify_views.undo, name="undo-answer"),
    path("opportunities/<int:pk>/edit/", views.edit, name="edit"),
    path("opportunities/<int:pk>/archive/", views.archive, name="archive"),
    path("opportunities/<int:pk>/assign/", views.assign, name="assign"),
    path("opportunities/<int:pk>/confirm/", views.confirm_answer, name="confirm"),
    path("opportunities/<int:pk>/move/", board_views.move, name="move"),
    path("opportunities/<int:pk>/won/", board_views.won, name="won"),
    path("opportunities/<int:pk>/lost/", board_views.lost, name="lost"),
    path("opportunities/<int:pk>/reopen/", board_views.reopen_deal, name="reopen"),
]

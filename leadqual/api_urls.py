"""Every address under /api/v1/."""

from django.urls import URLPattern, path, re_path

from leads.api import checklists, handoffs, leads, refusals  # noqa: F401  # refusals teaches how they are told
from users.api.schema import Schema
from users.api.views import Nothing

urlpatterns: list[URLPattern] = [
    path("schema/", Schema.as_view()),
    path("leads/", leads.Leads.as_view()),
    path("leads/<int:pk>/", leads.OneLead.as_view()),
    path("leads/<int:pk>/score/", leads.LeadScore.as_view()),
    path("checklists/", checklists.Checklists.as_view()),
    path("checklists/<int:pk>/", checklists.OneChecklist.as_view()),
    path("checklists/<int:pk>/answers/", checklists.Answers.as_view()),
    path("handoffs/", handoffs.Handoffs.as_view()),
    path("handoffs/<int:pk>/", handoffs.OneHandoff.as_view()),
    *(path(f"handoffs/<int:pk>/{name}/", view.as_view()) for name, view in handoffs.VERBS.items()),
    re_path("", Nothing.as_view()),
]

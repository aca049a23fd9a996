"""The addresses of the agreement, below the settings."""

from django.urls import path

from scoring import policy_urls
from scoring import views_of_question_drafts as drafts
from scoring import views_of_question_sets as sets

app_name = "scoring"

urlpatterns = [
    path("settings/question-sets/", sets.question_sets, name="question-sets"),
    path("settings/question-sets/contexts/new/", sets.new_context, name="new-context"),
    path("settings/question-sets/<int:pk>/", sets.question_set, name="question-set"),
    path("settings/question-sets/drafts/new/", drafts.start, name="start-draft"),
    path("settings/question-sets/drafts/<int:pk>/", drafts.draft, name="draft"),
    path("settings/question-sets/drafts/<int:pk>/publish/", drafts.publish, name="publish-draft"),
    path("settings/question-sets/drafts/<int:pk>/drop/", drafts.drop, name="drop-draft"),
    path("settings/question-sets/drafts/<int:pk>/questions/", drafts.new_question, name="new-question"),
    path("settings/question-sets/drafts/<int:pk>/questions/<slug:code>/", drafts.question, name="question"),
    path("settings/question-sets/drafts/<int:pk>/questions/<slug:code>/move/", drafts.move, name="move-question"),
    path("settings/question-sets/drafts/<int:pk>/questions/<slug:code>/delete/", drafts.delete, name="delete-question"),
    path("settings/question-sets/drafts/<int:pk>/questions/<slug:code>/back/", drafts.bring_back, name="bring-back"),
    path(
        "settings/question-sets/drafts/<int:pk>/questions/<slug:code>/words/<slug:language>/",
        drafts.words,
        name="words",
    ),
    *policy_urls.urlpatterns,
]

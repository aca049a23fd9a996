"""The addresses of leads and of the hand-off queue."""

from django.urls import path

from leads import queue_urls
from leads.views import campaigns, editing, impact, moving, page, qualify, question_sets, verbs
from leads.views import list as listing

app_name = "leads"

urlpatterns = [
    *queue_urls.urlpatterns,
    path("leads/", listing.leads, name="list"),
    path("leads/filter/", listing.choose_filters, name="filter"),
    path("leads/new/", editing.new, name="new"),
    path("leads/<int:pk>/", page.lead, name="page"),
    path("leads/<int:pk>/qualify/", qualify.qualify, name="qualify"),
    path("leads/<int:pk>/qualify/<slug:code>/", qualify.answer, name="answer"),
    path("leads/<int:pk>/qualify/<slug:code>/undo/<int:answer_pk>/", qualify.undo, name="undo-answer"),
    path("leads/<int:pk>/context/", qualify.switch, name="context"),
    path("leads/<int:pk>/edit/", editing.edit, name="edit"),
    path("leads/<int:pk>/accept/", verbs.accept_lead, name="accept"),
    path("leads/<int:pk>/log/", verbs.log, name="log"),
    path("leads/<int:pk>/archive/", verbs.put_away, name="archive"),
    path("leads/<int:pk>/revoke/<int:override_pk>/", verbs.end_override, name="revoke"),
    path("leads/<int:pk>/do/<slug:verb>/", verbs.act, name="act"),
    path("settings/question-sets/<int:pk>/checklists/", moving.checklists, name="move-checklists"),
    path("settings/question-sets/<int:pk>/checklists/progress/", moving.progress, name="moving"),
    path("settings/question-sets/drafts/<int:pk>/preview/", question_sets.preview, name="preview-draft"),
    path("settings/policies/drafts/<int:pk>/impact/", impact.impact, name="impact"),
    path("settings/policies/drafts/<int:pk>/impact/progress/", impact.progress, name="impact-progress"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.new, name="new-campaign"),
    path("campaigns/<int:pk>/edit/", campaigns.edit, name="edit-campaign"),
    path("campaigns/<int:pk>/archive/", campaigns.archive, name="archive-campaign"),
]

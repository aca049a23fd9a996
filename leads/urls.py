"""The addresses of leads and of the hand-off queue."""

from django.urls import path

from leads import queue_urls
from leads.views import list as listing
from leads.views import page, qualify, verbs

app_name = "leads"

urlpatterns = [
    *queue_urls.urlpatterns,
    path("leads/", listing.leads, name="list"),
    path("leads/filter/", listing.choose_filters, name="filter"),
    path("leads/<int:pk>/", page.lead, name="page"),
    path("leads/<int:pk>/qualify/", qualify.qualify, name="qualify"),
    path("leads/<int:pk>/qualify/<slug:code>/", qualify.answer, name="answer"),
    path("leads/<int:pk>/context/", qualify.switch, name="context"),
    path("leads/<int:pk>/accept/", verbs.accept_lead, name="accept"),
]

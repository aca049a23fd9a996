"""The addresses of accounts and contacts."""

from django.urls import path

from accounts import contact_views, views

app_name = "accounts"

urlpatterns = [
    path("accounts/", views.accounts, name="list"),
    path("accounts/new/", views.new, name="new"),
    path("accounts/propose/", views.propose, name="propose"),
    path("accounts/<int:pk>/", views.page, name="page"),
    path("accounts/<int:pk>/edit/", views.edit, name="edit"),
    path("accounts/<int:pk>/archive/", views.archive, name="archive"),
    path("contacts/", contact_views.contacts, name="contacts"),
    path("contacts/new/", contact_views.new, name="new-contact"),
    path("contacts/propose/", views.propose_contacts, name="propose-contacts"),
    path("contacts/<int:pk>/", contact_views.page, name="contact"),
    path("contacts/<int:pk>/edit/", contact_views.edit, name="edit-contact"),
    path("contacts/<int:pk>/archive/", contact_views.archive, name="archive-contact"),
]

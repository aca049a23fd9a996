"""The addresses of policies and their drafts."""

from django.urls import path

from scoring import views_of_policies, views_of_policy_drafts

urlpatterns = [
    path("settings/policies/", views_of_policies.policies, name="policies"),
    path("settings/policies/new/", views_of_policy_drafts.new_draft, name="new-policy-draft"),
    path("settings/policies/compare/", views_of_policies.compare, name="compare-policies"),
    path("settings/policies/<int:pk>/", views_of_policies.policy, name="policy"),
    path("settings/policies/<int:pk>/file/", views_of_policies.policy_file, name="policy-file"),
    path("settings/policies/<int:pk>/draft/", views_of_policies.draft_from, name="draft-from-policy"),
    path("settings/policies/<int:pk>/sign/", views_of_policies.sign_version, name="sign-policy"),
    path("settings/policies/drafts/<int:pk>/", views_of_policy_drafts.draft, name="policy-draft"),
    path("settings/policies/drafts/<int:pk>/edit/<slug:part>/", views_of_policy_drafts.edit_part, name="edit-policy"),
    path("settings/policies/drafts/<int:pk>/rename/", views_of_policy_drafts.rename, name="rename-policy-draft"),
    path("settings/policies/drafts/<int:pk>/archive/", views_of_policy_drafts.archive, name="archive-policy-draft"),
    path("settings/policies/drafts/<int:pk>/sign/", views_of_policy_drafts.sign_draft, name="sign-policy-draft"),
    path("settings/policies/drafts/<int:pk>/publish/", views_of_policy_drafts.publish, name="publish-policy-draft"),
    path("settings/policies/drafts/<int:pk>/file/", views_of_policy_drafts.draft_file, name="policy-draft-file"),
]

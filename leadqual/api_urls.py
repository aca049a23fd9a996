"""Every address under /api/v1/."""

from django.urls import URLPattern, path, re_path

from accounts import api as accounts
from intake import api as intake
from leads.api import campaigns, handoffs, leads, lists, refusals, verbs  # noqa: F401  # how refusals are told
from opportunities.api import checklists, converting, deals
from opportunities.api import lists as deal_lists
from reports import api as reports
from scoring import api as scoring
from users.api import lists as common
from users.api.schema import Schema
from users.api.views import Nothing

urlpatterns: list[URLPattern] = [
    path("schema/", Schema.as_view()),
    path("leads/", leads.Leads.as_view()),
    path("leads/<int:pk>/", leads.OneLead.as_view()),
    path("leads/<int:pk>/score/", leads.LeadScore.as_view()),
    path("leads/<int:pk>/timeline/", verbs.Timeline.as_view()),
    path("leads/<int:pk>/convert/", converting.Convert.as_view()),
    path("leads/<int:pk>/convert/undo/", converting.UndoConversion.as_view()),
    *(path(f"leads/<int:pk>/{name}/", view.as_view()) for name, view in verbs.VERBS.items()),
    path("checklists/", checklists.Checklists.as_view()),
    path("checklists/<int:pk>/", checklists.OneChecklist.as_view()),
    path("checklists/<int:pk>/score/", checklists.ChecklistScore.as_view()),
    path("checklists/<int:pk>/answers/", checklists.Answers.as_view()),
    path("handoffs/", handoffs.Handoffs.as_view()),
    path("handoffs/<int:pk>/", handoffs.OneHandoff.as_view()),
    *(path(f"handoffs/<int:pk>/{name}/", view.as_view()) for name, view in handoffs.VERBS.items()),
    path("accounts/", accounts.Accounts.as_view()),
    path("accounts/<int:pk>/", accounts.OneAccount.as_view()),
    path("accounts/<int:pk>/archive/", accounts.ArchiveAccount.as_view()),
    path("accounts/<int:pk>/restore/", accounts.RestoreAccount.as_view()),
    path("contacts/", accounts.Contacts.as_view()),
    path("contacts/<int:pk>/", accounts.OneContact.as_view()),
    path("contacts/<int:pk>/archive/", accounts.ArchiveContact.as_view()),
    path("contacts/<int:pk>/restore/", accounts.RestoreContact.as_view()),
    path("opportunities/", deals.Opportunities.as_view()),
    path("opportunities/<int:pk>/", deals.OneOpportunity.as_view()),
    path("opportunities/<int:pk>/move/", deals.Move.as_view()),
    path("opportunities/<int:pk>/reopen/", deals.Reopen.as_view()),
    path("opportunities/<int:pk>/assign/", deals.Assign.as_view()),
    path("opportunities/<int:pk>/archive/", deals.Archive.as_view()),
    path("opportunities/<int:pk>/restore/", deals.Restore.as_view()),
    path("question-sets/", scoring.QuestionSets.as_view()),
    path("question-sets/<int:pk>/", scoring.OneQuestionSet.as_view()),
    path("policies/", scoring.Policies.as_view()),
    path("policies/<int:pk>/", scoring.OnePolicy.as_view()),
    path("campaigns/", campaigns.Campaigns.as_view()),
    path("campaigns/<int:pk>/", campaigns.OneCampaign.as_view()),
    path("campaigns/<int:pk>/archive/", campaigns.ArchiveCampaign.as_view()),
    path("campaigns/<int:pk>/restore/", campaigns.RestoreCampaign.as_view()),
    path("people/", common.People.as_view()),
    path("teams/", common.Teams.as_view()),
    path("contexts/", common.Contexts.as_view()),
    path("personas/", scoring.Personas.as_view()),
    path("products/", accounts.Products.as_view()),
    path("account-types/", accounts.Types.as_view()),
    path("lead-sources/", lists.Sources.as_view()),
    path("rejection-reasons/", lists.RejectionReasons.as_view()),
    path("pipelines/", deal_lists.Pipelines.as_view()),
    path("loss-reasons/", deal_lists.LossReasons.as_view()),
    path("imports/", intake.Imports.as_view()),
    path("imports/<int:pk>/", intake.OneImport.as_view()),
    path("reports/<slug:name>/", reports.OneReport.as_view()),
    re_path("", Nothing.as_view()),
]

"""The lists of this room that people may edit (users/editable_lists.py), and its settings."""

from django.utils.translation import gettext_lazy

from scoring.models import Pain, Persona
from users.editable_lists import EditableList
from users.rights import may_draft_policies, who_may_draft_policies
from users.settings_pages import Section

LISTS = (
    EditableList(
        code="pains",
        title=gettext_lazy("Pains and goals"),
        about=gettext_lazy("One list for questions, personas and case studies."),
        model=Pain,
        fields={"label": gettext_lazy("Pain or goal"), "code": gettext_lazy("Code"), "kind": gettext_lazy("Kind")},
        given_once=("code",),
        may_edit=may_draft_policies,
        who_may=who_may_draft_policies,
    ),
    EditableList(
        code="personas",
        title=gettext_lazy("Personas"),
        about=gettext_lazy("Buyer portraits. What makes a lead match one stands in the policy."),
        model=Persona,
        fields={"name": gettext_lazy("Name"), "code": gettext_lazy("Code"), "description": gettext_lazy("Description")},
        given_once=("code",),
        may_edit=may_draft_policies,
        who_may=who_may_draft_policies,
    ),
)

SECTIONS = (
    Section(
        "question-sets",
        gettext_lazy("Question sets"),
        gettext_lazy("What is asked in each kind of sale: published versions, and drafts of the next."),
        "scoring:question-sets",
        lambda user: user.is_active,
        50,
    ),
    Section(
        "policies",
        gettext_lazy("Policies"),
        gettext_lazy("What marketing and sales agree a qualified lead is: versions, drafts, signatures."),
        "scoring:policies",
        lambda user: user.is_active,
        55,
    ),
)

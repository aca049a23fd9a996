"""What this room adds to the settings: lists that people may edit (users/editable_lists.py), campaigns, and what stands on the
pages of question sets (scoring/doors.py)."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.models import LeadSource, RejectionReason
from scoring.doors import Door
from users.editable_lists import EditableList
from users.rights import (
    may_administer,
    may_draft_policies,
    may_edit_campaigns,
    who_may_administer,
    who_may_edit_campaigns,
)
from users.settings_pages import Section


def problems_of_reason(reason: RejectionReason) -> dict[str, str]:
    """Nurture needs its days, and nothing else has any."""
    nurtures = reason.target == RejectionReason.Target.NURTURE
    if nurtures and not reason.nurture_days:
        return {"nurture_days": _("Say after how many days the lead is looked at again.")}
    if not nurtures and reason.nurture_days is not None:
        return {"nurture_days": _("Only nurture has days: leave this empty, or choose nurture.")}
    return {}


LISTS = (
    EditableList(
        code="rejection-reasons",
        title=gettext_lazy("Rejection reasons"),
        about=gettext_lazy(
            "Why sales sends a lead back, and where it then goes. The first six have the digits 1 to 6."
        ),
        model=RejectionReason,
        fields={
            "label": gettext_lazy("Reason"),
            "code": gettext_lazy("Code"),
            "target": gettext_lazy("The lead goes to"),
            "nurture_days": gettext_lazy("Days of nurture suggested"),
            "position": gettext_lazy("Place"),
        },
        given_once=("code",),
        may_edit=may_administer,
        who_may=who_may_administer,
        problems=problems_of_reason,
    ),
    EditableList(
        code="lead-sources",
        title=gettext_lazy("Lead sources"),
        about=gettext_lazy("Where leads come from."),
        model=LeadSource,
        fields={"name": gettext_lazy("Name"), "code": gettext_lazy("Code")},
        given_once=("code",),
        may_edit=may_edit_campaigns,
        who_may=who_may_edit_campaigns,
    ),
)

SECTIONS = (
    Section(
        "campaigns",
        gettext_lazy("Campaigns"),
        gettext_lazy("What brings leads, when, and at what cost."),
        "leads:campaigns",
        may_edit_campaigns,
        45,
    ),
)

PREVIEW = Door(gettext_lazy("Preview"), "leads:preview-draft", may_draft_policies, key="p")
CHECKLISTS = Door(gettext_lazy("Move open checklists"), "leads:move-checklists", may_draft_policies)

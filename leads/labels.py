"""The words that people see for the pure enums of leads/lifecycle.py."""

from django.utils.translation import gettext_lazy as _

from leads.lifecycle import Cause, Stage

STAGES = {
    Stage.LEAD: _("Lead"),
    Stage.MQL: _("MQL"),
    Stage.SAL: _("SAL"),
    Stage.SQL: _("SQL"),
    Stage.OPPORTUNITY: _("Opportunity"),
    Stage.CUSTOMER: _("Customer"),
    Stage.NURTURE: _("Nurture"),
    Stage.DISQUALIFIED: _("Disqualified"),
}

CAUSES = {
    Cause.POLICY: _("Policy"),
    Cause.PERSON: _("Person"),
    Cause.OVERRIDE: _("Override"),
    Cause.CONVERSION: _("Conversion"),
    Cause.IMPORT: _("Import"),
}

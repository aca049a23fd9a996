"""A function by which the app's role lets the planner count what an import brought in.

Only a table's owner may ANALYZE it, and before autovacuum comes round a report over rows that the planner knows nothing
of takes minutes. The function analyses these tables and can do nothing else.
"""

from django.db import migrations

MAKE = """
CREATE FUNCTION intake_analyze_imported() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    ANALYZE users_user, users_team, users_membership, users_management,
        accounts_account, accounts_contact, accounts_product,
        leads_campaign, leads_leadsource, leads_lead, leads_checklist, leads_score, leads_ownerchange, leads_lifecyclechange,
        leads_gatechange, leads_behaviourevent, leads_eventkey, leads_engagementsum,
        opportunities_opportunity, opportunities_stagechange, opportunities_opportunityownerchange, opportunities_conversion;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0002_initial"),
        ("leads", "0002_initial"),
        ("opportunities", "0002_initial"),
    ]

    operations = [migrations.RunSQL(MAKE, "DROP FUNCTION intake_analyze_imported()")]

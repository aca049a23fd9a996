from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0005_revenue_in_a_currency'),
    ]

    operations = [
        migrations.AddField(
            model_name='lifecyclechange',
            name='nurture_until',
            field=models.DateField(null=True),
        ),
        # Of earlier moves only the last of a lead that still is at nurture is known.
        migrations.RunSQL(
            "UPDATE leads_lifecyclechange change SET nurture_until = lead.nurture_until FROM leads_lead lead"
            " WHERE lead.id = change.lead_id AND lead.stage = 'nurture' AND lead.nurture_until IS NOT NULL"
            " AND change.id = (SELECT max(id) FROM leads_lifecyclechange newest WHERE newest.lead_id = lead.id)",
            migrations.RunSQL.noop,
        ),
    ]

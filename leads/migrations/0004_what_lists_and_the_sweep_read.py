from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0003_history_by_the_wall_clock'),
        ('scoring', '0004_policy_drafts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Scores come due when an override ends; those of overrides that are there already are looked at once.
        migrations.RunSQL(
            "UPDATE leads_score SET due_at = clock_timestamp() WHERE checklist_id IN"
            " (SELECT checklist_id FROM leads_override WHERE until IS NOT NULL)",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(fields=['-decided_at', '-id'], name='handoff_by_decision'),
        ),
        migrations.AddIndex(
            model_name='score',
            index=models.Index(condition=models.Q(('listed', True)), fields=['team'], name='score_of_team'),
        ),
        migrations.AddIndex(
            model_name='score',
            index=models.Index(fields=['context', 'policy'], include=('checklist',), name='score_policy'),
        ),
    ]

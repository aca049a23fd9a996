from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0006_moves_to_nurture_keep_their_date'),
        ('scoring', '0004_policy_drafts'),
        ('users', '0003_no_dirty_checklists'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='score',
            name='score_of_team',
        ),
        migrations.AddIndex(
            model_name='score',
            index=models.Index(models.F('team'), models.OrderBy(models.F('temperature'), descending=True), models.OrderBy(models.F('low'), descending=True), models.OrderBy(models.F('engagement'), descending=True), models.OrderBy(models.F('lead_id'), descending=True), condition=models.Q(('listed', True)), name='score_list_of_team'),
        ),
    ]

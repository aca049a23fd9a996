from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0002_attributes_that_are_lists'),
    ]

    operations = [
        # Nothing ever marked one: whoever changes a checklist's facts has it scored in the same transaction.
        migrations.RunSQL("DELETE FROM users_dirty WHERE kind = 'checklist'", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='dirty',
            name='kind',
            field=models.CharField(choices=[('block', 'Rescore this block of checklists'), ('advance', "Look at this lead's lifecycle again"), ('report', 'Compute this report snapshot')], max_length=20),
        ),
    ]

"""Which scanned paper of the case a slip is, so that another officer has looked at it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0003_slips'),
        ('casework', '0010_likeness'),
    ]

    operations = [
        migrations.AddField(
            model_name='slip',
            name='paper',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casework.document'),
        ),
    ]

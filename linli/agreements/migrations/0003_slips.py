"""What documents show for a period of an award that pays up to a ceiling."""

import django.contrib.postgres.functions
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0002_rests'),
    ]

    operations = [
        migrations.CreateModel(
            name='Slip',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period', models.CharField(max_length=10)),
                ('fen', models.BigIntegerField()),
                ('document', models.CharField(max_length=200)),
                ('stated_at', models.DateTimeField()),
                ('stated_by', models.CharField(max_length=100)),
                ('salt', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False)),
                ('award', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slips', to='agreements.award')),
            ],
            options={
                'indexes': [models.Index(fields=['award', 'period', '-id'], name='slip_of_period')],
                'constraints': [models.CheckConstraint(condition=models.Q(('fen__gte', 0)), name='slip_amount')],
            },
        ),
    ]

"""How items that are reckoned by the day came about, what was left out and why, and what paid periods come to afterwards."""

from pathlib import Path

import django.contrib.postgres.functions
import django.db.models.deletion
import linli.kernel.ids
import uuid
from django.db import migrations, models


SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0003_slips'),
        ('batches', '0003_masked'),
        ('casework', '0006_steps_done'),
    ]

    operations = [
        migrations.AddField(
            model_name='item',
            name='looked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='item',
            name='reckoning',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='Difference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=linli.kernel.ids.uuid7, editable=False, unique=True)),
                ('fen', models.BigIntegerField()),
                ('own_fen', models.BigIntegerField()),
                ('reckoning', models.JSONField()),
                ('found_at', models.DateTimeField()),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('salt', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False)),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casework.case')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='differences', to='batches.item')),
                ('listed_in', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='earlier', to='batches.item')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('fen', 0), _negated=True), ('own_fen__gte', 0)), name='difference_is_one'), models.CheckConstraint(condition=models.Q(('listed_in__isnull', True), ('fen__gt', 0), _connector='OR'), name='difference_paid_if_owed'), models.CheckConstraint(condition=models.Q(('case__isnull', True), ('fen__lt', 0), _connector='OR'), name='difference_recovered_if_overpaid')],
            },
        ),
        migrations.CreateModel(
            name='LeftOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=10)),
                ('facts', models.JSONField(default=list)),
                ('award', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.award')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='left_out', to='batches.batch')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason__in', ('no_amount', 'no_slip', 'unknown', 'no_day', 'died'))), name='left_out_reason'), models.UniqueConstraint(fields=('batch', 'award'), name='left_out_once')],
            },
        ),
        migrations.RunSQL((SQL / "reckoned.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models


SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    """The numbers of a public draw are entered by one and confirmed by another."""

    dependencies = [
        ('batches', '0010_objections_about'),
    ]

    operations = [
        migrations.CreateModel(
            name='PublicOutcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('numbers', models.JSONField()),
                ('source', models.CharField(max_length=200)),
                ('state', models.CharField(default='waiting', max_length=10)),
                ('entered_at', models.DateTimeField()),
                ('entered_by', models.CharField(max_length=100)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.CharField(blank=True, default='', max_length=100)),
                ('draw', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='batches.draw')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'confirmed', 'dropped'))), name='public_outcome_state'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), models.Q(('ended_by__in', ['', models.F('entered_by')]), _negated=True), _connector='OR'), name='public_outcome_two_people'), models.UniqueConstraint(condition=models.Q(('state', 'dropped'), _negated=True), fields=('draw',), name='public_outcome_one')],
            },
        ),
        migrations.RunSQL(
            (SQL / "public_outcome.sql").read_text(encoding="utf-8"), "DROP FUNCTION batches_outcome_guard() CASCADE;"
        ),
    ]

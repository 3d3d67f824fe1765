import uuid
from pathlib import Path

import django.contrib.postgres.functions
import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    """Money that comes into an escrow is entered by one and confirmed by another."""

    dependencies = [
        ('entitlements', '0013_came_back'),
    ]

    operations = [
        migrations.CreateModel(
            name='EscrowEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('party', models.CharField(max_length=40)),
                ('fen', models.BigIntegerField()),
                ('reference', models.CharField(db_collation='C', max_length=64)),
                ('received_on', models.DateField()),
                ('state', models.CharField(default='waiting', max_length=10)),
                ('entered_at', models.DateTimeField()),
                ('entered_by', models.CharField(max_length=100)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.CharField(blank=True, default='', max_length=100)),
                ('salt', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False)),
                ('escrow', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='entitlements.escrow')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'confirmed', 'dropped'))), name='escrow_entry_state'), models.CheckConstraint(condition=models.Q(('fen__gt', 0)), name='escrow_entry_fen'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), models.Q(('ended_by__in', ['', models.F('entered_by')]), _negated=True), _connector='OR'), name='escrow_entry_two_people'), models.UniqueConstraint(condition=models.Q(('state', 'dropped'), _negated=True), fields=('reference',), name='escrow_entry_once')],
            },
        ),
        migrations.RunSQL(
            (SQL / "escrow_two_people.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION entitlements_escrow_two() CASCADE; DROP FUNCTION entitlements_escrow_entry() CASCADE;",
        ),
    ]


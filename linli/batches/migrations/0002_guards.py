"""Triggers without which a list could change after it was closed, or a wrong total be approved."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("batches", "0001_initial")]
    operations = [
        migrations.RunSQL(
            (SQL / "guards.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION batches_item_guard() CASCADE; DROP FUNCTION batches_batch_guard() CASCADE;",
        ),
    ]

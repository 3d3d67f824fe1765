"""Triggers without which a payment could become more, or another's, after it was approved, and another account after it was checked."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("settlement", "0011_rows_that_counted")]
    operations = [
        migrations.RunSQL(
            (SQL / "guards.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION settlement_payment_guard() CASCADE; DROP FUNCTION settlement_said_guard() CASCADE;",
        ),
    ]

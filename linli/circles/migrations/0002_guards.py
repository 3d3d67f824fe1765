"""Triggers that keep issued plans as they were, and close an action with its gap alone."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("circles", "0001_initial")]
    operations = [
        migrations.RunSQL(
            (SQL / "guards.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION circles_issued_keep() CASCADE; DROP FUNCTION circles_action_closes() CASCADE;",
        ),
    ]

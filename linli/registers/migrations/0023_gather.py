"""A process that owns no table tells the planner that one has grown."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql" / "gather.sql"


class Migration(migrations.Migration):
    dependencies = [("registers", "0022_waiting")]

    operations = [migrations.RunSQL(SQL.read_text("utf-8"), "DROP FUNCTION registers_gather")]

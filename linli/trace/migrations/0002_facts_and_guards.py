"""Facts, chain heads and the guards that keep them append-only (sql/)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("trace", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / "tables.sql").read_text(), "DROP TABLE trace_fact, trace_head; DROP SEQUENCE trace_fact_id, trace_bulk_chain;"),
        migrations.RunSQL((SQL / "guards.sql").read_text(), "DROP FUNCTION trace_refuse() CASCADE;"),
    ]

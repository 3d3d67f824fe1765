"""The short way of the commonest transfer, and guards that the ledger's own functions pass without a call (sql/). No row is touched."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_sets")]

    operations = [
        migrations.RunSQL((SQL / "guards.sql").read_text("utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "pay.sql").read_text("utf-8"), "DROP FUNCTION ledger_pay, ledger_step"),
    ]

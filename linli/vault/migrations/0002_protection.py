"""Triggers that hold what the models promise."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial")]
    operations = [migrations.RunSQL((SQL / "protection.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]

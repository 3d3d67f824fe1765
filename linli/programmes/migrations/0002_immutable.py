"""Triggers that keep published versions and confirmed readings as they were."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("programmes", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / "immutable.sql").read_text(encoding="utf-8"), "DROP FUNCTION programmes_refuse() CASCADE;"),
    ]

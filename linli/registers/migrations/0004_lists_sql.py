"""What must hold for every record, authorisation and holding, however it was written."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("registers", "0003_lists")]

    operations = [migrations.RunSQL((SQL / "lists.sql").read_text())]

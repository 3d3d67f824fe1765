"""Whether any place has changed is asked at the same cost for ten places and for twenty thousand."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql" / "placestamp.sql"
BACK = """
    DROP FUNCTION registers_place_stamped CASCADE;
    DROP TABLE registers_placestamp;
    DROP SEQUENCE registers_placestamp_number;
"""


class Migration(migrations.Migration):
    dependencies = [("registers", "0024_places")]

    operations = [migrations.RunSQL(SQL.read_text("utf-8"), BACK)]

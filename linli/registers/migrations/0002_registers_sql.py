"""Extensions, exclusion constraints and functions: everything that Django's migration language cannot say."""

from pathlib import Path

from django.db import migrations

from linli.registers.encoding import require_chinese

SQL = Path(__file__).resolve().parents[1] / "sql"


def check_database(apps, schema_editor):
    require_chinese(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_initial")]

    operations = [
        migrations.RunPython(check_database, migrations.RunPython.noop),
        migrations.RunSQL((SQL / "constraints.sql").read_text()),
        migrations.RunSQL((SQL / "overlaps.sql").read_text()),
        migrations.RunSQL((SQL / "residents_known_at.sql").read_text()),
    ]

"""What a batch's counts are taken from notes its changes, so that they need not be counted for every view of its page."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parents[1] / "sql"
FUNCTIONS = ("rows", "items", "cases", "award", "all")


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0003_slips"),
        ("batches", "0004_reckoned"),
        ("casework", "0010_likeness"),
        ("registers", "0021_gone"),
        ("screening", "0003_scenarios"),
    ]

    operations = [
        migrations.CreateModel(
            name="Changed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme", models.CharField(blank=True, max_length=80)),
                ("xid", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("programme", "xid"), name="changed_once")],
            },
        ),
        migrations.RunSQL(
            (SQL / "changed.sql").read_text(encoding="utf-8"),
            " ".join(f"DROP FUNCTION batches_note_{name}() CASCADE;" for name in FUNCTIONS),
        ),
    ]

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    """What the bank returned out of an escrow is due again, and can be sent under another reference."""

    dependencies = [("entitlements", "0012_paid_twice")]

    operations = [
        migrations.AddField("escrowpayout", "came_back", models.PositiveSmallIntegerField(blank=True, null=True)),
        migrations.RunSQL((SQL / "escrow_came_back.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]

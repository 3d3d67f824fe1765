from pathlib import Path

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    """What came back from the bank and is given up was not paid; what came back of a list is found without reading all of it."""

    atomic = False

    dependencies = [("batches", "0011_public_outcome")]

    operations = [
        migrations.RunSQL((SQL / "given_up.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
        AddIndexConcurrently(
            "item", models.Index(condition=models.Q(("came_back_at__isnull", False)), fields=["batch"], name="item_came_back")
        ),
    ]

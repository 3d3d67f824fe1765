"""Who has died or was erased is read from an index of their own; both are built beside a running city (CONCURRENTLY)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("registers", "0020_prices"),
    ]

    operations = [
        AddIndexConcurrently(
            "resident", models.Index(fields=["uid"], name="resident_died", condition=models.Q(("deceased_on__isnull", False)))
        ),
        AddIndexConcurrently(
            "resident", models.Index(fields=["uid"], name="resident_erased", condition=models.Q(("erased_at__isnull", False)))
        ),
    ]

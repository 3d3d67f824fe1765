"""What waits of each delivery is counted from an index of its own, built beside a running city (CONCURRENTLY)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("registers", "0021_gone"),
    ]

    operations = [
        AddIndexConcurrently(
            "doubtful",
            models.Index(
                fields=["list_import"],
                include=["id", "household", "organisation"],
                name="doubtful_waiting",
                condition=models.Q(("resolved_at__isnull", True)),
            ),
        ),
    ]

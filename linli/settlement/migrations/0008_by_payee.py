"""What an organisation got is found from an index of its own, built beside a running city (CONCURRENTLY)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("settlement", "0007_large_answers")]

    operations = [
        AddIndexConcurrently(
            "payment",
            models.Index(
                fields=["payee_uid", "batch", "id"],
                name="payment_by_organisation",
                condition=models.Q(("payee__in", ["provider", "school", "employer"])),
            ),
        ),
    ]

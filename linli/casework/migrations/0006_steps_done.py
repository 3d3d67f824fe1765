from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What was passed on a moment ago, and how long steps took, without reading every stay there ever was."""

    atomic = False

    dependencies = [("casework", "0005_steps_indexes")]

    operations = [
        AddIndexConcurrently(
            "steptaken", models.Index(fields=["done_at"], name="step_done", condition=models.Q(("done_at__isnull", False)))
        ),
    ]

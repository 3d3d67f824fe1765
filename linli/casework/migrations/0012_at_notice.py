from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Cases in their notice step are counted in the inbox, without reading the other open steps."""

    atomic = False

    dependencies = [("casework", "0011_open_tasks")]

    operations = [
        AddIndexConcurrently(
            "steptaken",
            models.Index(fields=["case"], name="step_at_notice", condition=models.Q(done_at__isnull=True, kind="notice")),
        ),
    ]

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Objections to a notice of cases are found by the case."""

    atomic = False

    dependencies = [("batches", "0009_shown_cases")]

    operations = [
        AddIndexConcurrently(
            "objection", models.Index(fields=["about"], name="objection_about", condition=models.Q(about__isnull=False))
        ),
    ]

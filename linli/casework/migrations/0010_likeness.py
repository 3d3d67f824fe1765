from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """By what one and the same picture or paper is known again."""

    atomic = False

    dependencies = [("casework", "0009_contests")]

    operations = [
        migrations.AddField("document", "likeness", models.CharField(max_length=120, null=True, blank=True, db_collation="C")),
        AddIndexConcurrently(
            "document", models.Index(fields=["likeness"], name="document_alike", condition=models.Q(("likeness__isnull", False)))
        ),
    ]

"""A doubtful row of a list of organisations or households says whose it is. Nullable: the digests of earlier rows stay as they are."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def subject(model: str) -> models.ForeignKey:
    return models.ForeignKey(
        blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=f"registers.{model}"
    )


class Migration(migrations.Migration):
    dependencies = [("registers", "0006_members_lost")]

    operations = [
        migrations.AddField(model_name="doubtful", name="household", field=subject("household")),
        migrations.AddField(model_name="doubtful", name="organisation", field=subject("organisation")),
        migrations.AddIndex(
            model_name="doubtful",
            index=models.Index(condition=Q(household__isnull=False), fields=["household"], name="doubtful_household"),
        ),
        migrations.AddIndex(
            model_name="doubtful",
            index=models.Index(condition=Q(organisation__isnull=False), fields=["organisation"], name="doubtful_organisation"),
        ),
    ]

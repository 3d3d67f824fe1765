"""Somebody may say of a place that had closed that it is open again."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("circles", "0007_kept_whole")]

    operations = [
        migrations.RemoveConstraint("placereport", "report_kind"),
        AddConstraintNotValid(
            "placereport",
            models.CheckConstraint(condition=models.Q(("kind__in", ("closed", "new", "wrong", "again"))), name="report_kind"),
        ),
        ValidateConstraint("placereport", "report_kind"),
    ]

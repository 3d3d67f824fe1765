"""A list says of whom it leaves out because a check's finding was upheld."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

REASONS = ("no_amount", "no_slip", "unknown", "no_day", "died", "finding")
KNOWN = models.CheckConstraint(condition=models.Q(("reason__in", REASONS)), name="left_out_reason")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("batches", "0007_came_back")]

    operations = [
        migrations.RemoveConstraint("leftout", "left_out_reason"),
        AddConstraintNotValid("leftout", KNOWN),
        ValidateConstraint("leftout", "left_out_reason"),
    ]

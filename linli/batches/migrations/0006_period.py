"""A period is written in one way, by whomever: full-width digits made a second month."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

PERIOD = models.CheckConstraint(
    condition=models.Q(("period__regex", r"^(once|[0-9]{4}(-(0[1-9]|1[0-2]|Q[1-4]|[12]))?)$")), name="batch_period"
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("batches", "0005_changed")]

    operations = [AddConstraintNotValid("batch", PERIOD), ValidateConstraint("batch", "batch_period")]

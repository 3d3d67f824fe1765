from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    """An application may come in by telephone."""

    atomic = False

    dependencies = [("casework", "0006_steps_done")]

    operations = [
        migrations.RemoveConstraint("case", "case_origin"),
        AddConstraintNotValid(
            "case",
            models.CheckConstraint(
                condition=models.Q(("origin__in", ("invitation", "resident", "proxy", "window", "phone"))), name="case_origin"
            ),
        ),
        ValidateConstraint("case", "case_origin"),
    ]

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    """What needs no lock that writers wait for."""

    atomic = False

    dependencies = [("casework", "0004_steps")]

    operations = [
        AddIndexConcurrently(
            "case", models.Index(fields=["parent"], name="case_parent", condition=models.Q(("parent__isnull", False)))
        ),
        AddConstraintNotValid(
            "case",
            models.CheckConstraint(
                condition=models.Q(("origin__in", ("invitation", "resident", "proxy", "window"))), name="case_origin"
            ),
        ),
        ValidateConstraint("case", "case_origin"),
    ]

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

LETTERS = ("receipt", "acceptance", "supplement", "grant", "refusal", "service", "ending", "recovery", "contest")


class Migration(migrations.Migration):
    """Letters of recoveries, objections and reviews."""

    atomic = False

    dependencies = [("casework", "0008_by_phone")]

    operations = [
        migrations.RemoveConstraint("letter", "letter_kind"),
        AddConstraintNotValid("letter", models.CheckConstraint(condition=models.Q(("kind__in", LETTERS)), name="letter_kind")),
        ValidateConstraint("letter", "letter_kind"),
    ]

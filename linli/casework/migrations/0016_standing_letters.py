from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

LETTERS = ("receipt", "acceptance", "supplement", "grant", "refusal", "service", "ending", "recovery", "contest", "standing")


class Migration(migrations.Migration):
    """Letters of awards that rest, end, stand again or come to another amount."""

    atomic = False

    dependencies = [("casework", "0015_visit_place")]

    operations = [
        migrations.RemoveConstraint("letter", "letter_kind"),
        AddConstraintNotValid("letter", models.CheckConstraint(condition=models.Q(("kind__in", LETTERS)), name="letter_kind")),
        ValidateConstraint("letter", "letter_kind"),
    ]

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a bank paid twice is recovered, and a set-off can stop."""

    atomic = False

    dependencies = [("entitlements", "0011_held_up")]

    operations = [
        migrations.AddField("recovery", "stopped_at", models.DateTimeField(blank=True, null=True)),
        migrations.RemoveConstraint("recovery", "recovery_cause"),
        AddConstraintNotValid(
            "recovery",
            models.CheckConstraint(
                condition=models.Q(("cause__in", ("died", "ended", "annulled", "overpaid", "stated", "twice"))), name="recovery_cause"
            ),
        ),
        ValidateConstraint("recovery", "recovery_cause"),
    ]

"""What was set off or asked back of nothing that was paid too much is a payment of its own, once for each that it was taken from. The
unique index is built beside a running city (CONCURRENTLY)."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

ONCE = "payment_made_good_once"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("settlement", "0008_by_payee")]

    operations = [
        migrations.RemoveConstraint("payment", "payment_part"),
        AddConstraintNotValid(
            "payment",
            models.CheckConstraint(condition=Q(part__in=("whole", "retained", "again", "refund", "escrow", "made_good")), name="payment_part"),
        ),
        ValidateConstraint("payment", "payment_part"),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {ONCE} ON settlement_payment (item, offset_case) WHERE part = 'made_good'",
                    f"DROP INDEX CONCURRENTLY IF EXISTS {ONCE}",
                ),
            ],
            [
                migrations.AddConstraint(
                    "payment",
                    models.UniqueConstraint(fields=["item", "offset_case"], condition=Q(part="made_good"), name=ONCE),
                ),
            ],
        ),
    ]

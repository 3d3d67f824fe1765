"""More parts than an item comes to. The unique indexes are built beside a running city (CONCURRENTLY), the new ones before the old ones go."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

ITEM, PERIOD = "payment_one_of_item", "payment_one_of_period"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("settlement", "0005_bank_words")]

    operations = [
        migrations.RemoveConstraint("payment", "payment_part"),
        AddConstraintNotValid(
            "payment",
            models.CheckConstraint(condition=Q(part__in=("whole", "retained", "again", "refund", "escrow")), name="payment_part"),
        ),
        ValidateConstraint("payment", "payment_part"),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {ITEM} ON settlement_payment (item, part) "
                    "WHERE part IN ('whole', 'retained', 'escrow')",
                    f"DROP INDEX CONCURRENTLY IF EXISTS {ITEM}",
                ),
                migrations.RunSQL(
                    f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {PERIOD} ON settlement_payment (award, period, part) "
                    "WHERE part IN ('whole', 'retained') AND state <> 'withdrawn'",
                    f"DROP INDEX CONCURRENTLY IF EXISTS {PERIOD}",
                ),
            ],
            [
                migrations.AddConstraint(
                    "payment",
                    models.UniqueConstraint(fields=["item", "part"], condition=Q(part__in=("whole", "retained", "escrow")), name=ITEM),
                ),
                migrations.AddConstraint(
                    "payment",
                    models.UniqueConstraint(
                        fields=["award", "period", "part"],
                        condition=Q(part__in=("whole", "retained")) & ~Q(state="withdrawn"),
                        name=PERIOD,
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint("payment", "payment_once_per_item"),
        migrations.RemoveConstraint("payment", "payment_once_per_period"),
    ]

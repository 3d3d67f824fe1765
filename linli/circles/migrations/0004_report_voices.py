"""What is wrong of a place is passed on to an officer; everybody who says the same of one has words of their own."""

import uuid

import django.db.models.deletion
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

STATES = ("waiting", "passed", "confirmed", "dismissed")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("circles", "0003_communities")]

    operations = [
        migrations.CreateModel(
            name="ReportVoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.CharField(blank=True, default="", max_length=500)),
                ("said_at", models.DateTimeField()),
                ("said_by", models.CharField(max_length=100)),
                ("salt", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="voices", to="circles.placereport"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["said_by", "said_at"], name="report_voice_by")],
                "constraints": [models.UniqueConstraint(fields=("report", "said_by"), name="report_voice_once")],
            },
        ),
        migrations.RemoveConstraint("placereport", "report_state"),
        AddConstraintNotValid("placereport", models.CheckConstraint(condition=models.Q(state__in=STATES), name="report_state")),
        ValidateConstraint("placereport", "report_state"),
    ]

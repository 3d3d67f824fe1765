"""Whether anything disputed lies on somebody's desks is read from an index of what is disputed, built beside a running city (CONCURRENTLY)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("casework", "0013_letter_organisation")]

    operations = [
        AddIndexConcurrently(
            "case",
            models.Index(
                fields=["kind"],
                name="case_disputed",
                condition=models.Q(status="open", kind__in=("objection", "review", "notice_objection")),
            ),
        ),
    ]

"""The newest delivery of each list for each area is read from an index; it is built beside a running city (CONCURRENTLY)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations
from django.db.models import Index, Q

NEWEST = Index(
    fields=["list_slug", "area_code", "whole", "-as_of", "-applied_at", "-id"],
    name="list_import_newest",
    condition=Q(undone_at__isnull=True),
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registers", "0014_accounts_by_two")]
    operations = [AddIndexConcurrently("listimport", NEWEST)]

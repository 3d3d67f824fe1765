"""Which mandates a guardian agreed to is read from an index; it is built beside a running city (CONCURRENTLY)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations
from django.db.models import Index, Q

AGREED = Index(fields=["agreed_by"], name="mandate_agreed_by", condition=Q(agreed_by__isnull=False))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registers", "0017_staff_persons")]
    operations = [AddIndexConcurrently("mandate", AGREED)]

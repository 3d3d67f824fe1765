"""An award knows since when nobody could say whether it is still owed, so that an officer is asked in time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agreements", "0004_slip_papers")]

    operations = [migrations.AddField("award", "undecided_since", models.DateField(blank=True, null=True))]

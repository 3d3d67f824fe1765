"""A call may have the position of the device that it was written down on, encrypted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0014_disputed")]

    operations = [
        migrations.AddField("visit", "place_cipher", models.TextField(blank=True, null=True)),
    ]

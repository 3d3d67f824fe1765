"""Somebody's further words on the same place are kept beside their first ones; a bus journey of many rides is kept whole."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("circles", "0006_buses")]

    operations = [
        migrations.RemoveConstraint("reportvoice", "report_voice_once"),
        migrations.AlterField("bustime", "way", models.CharField(blank=True, default="", max_length=20_000)),
    ]

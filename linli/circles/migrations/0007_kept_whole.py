"""Somebody's further words on the same place are kept beside their first ones; a bus journey of many rides is kept whole."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("circles", "0006_buses")]

    operations = [
        migrations.AddConstraint(
            "reportvoice", models.UniqueConstraint(fields=("report", "said_by", "words"), name="report_voice_said_once")
        ),
        migrations.RemoveConstraint("reportvoice", "report_voice_once"),
        migrations.AlterField("bustime", "way", models.TextField(blank=True, default="")),
    ]

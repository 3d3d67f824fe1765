from django.db import migrations, models


class Migration(migrations.Migration):
    """Letters that are written to an organisation name it."""

    dependencies = [("casework", "0012_at_notice")]

    operations = [
        migrations.AddField("letter", "organisation", models.CharField(blank=True, max_length=200, null=True)),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    """Answers about payments and about accounts begin alike."""

    dependencies = [("settlement", "0003_offset")]

    operations = [migrations.AlterField("outcome", "state", models.CharField(default="applying", max_length=10))]

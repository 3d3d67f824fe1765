"""What the bank returned after it had paid it: nobody is asked for money that came back by itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0006_period")]

    operations = [
        migrations.AddField("item", "came_back_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("item", "repaid_at", models.DateTimeField(blank=True, null=True)),
    ]

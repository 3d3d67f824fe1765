from django.db import migrations, models


class Migration(migrations.Migration):
    """Large answers are read by the worker: with which grants they were sent, and why one wasn't taken after all."""

    dependencies = [("settlement", "0006_parts")]

    operations = [
        migrations.AddField(model, name, models.JSONField(blank=True, null=True))
        for model in ("outcome", "accountanswer")
        for name in ("grants", "refusal")
    ]

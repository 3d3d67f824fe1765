from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("api", "0002_webhook_secret")]
    operations = [
        migrations.AddField(
            model_name="token",
            name="made_by",
            field=models.ForeignKey("api.token", on_delete=models.PROTECT, related_name="made", null=True, blank=True),
        ),
    ]

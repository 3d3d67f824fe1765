from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0010_works_signed_off"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="held_up",
            field=models.JSONField(blank=True, null=True),
        ),
    ]

"""A household from which an erasure took a member says so. Nullable: the digests of all other households stay as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registers", "0005_salts")]

    operations = [
        migrations.AddField(model_name="household", name="members_lost", field=models.BooleanField(editable=False, null=True)),
    ]

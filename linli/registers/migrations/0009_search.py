"""Residents are found by unspaced pinyin and by birth date in the order of an index. Each takes some seconds for a million people."""

from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Replace


class Migration(migrations.Migration):
    dependencies = [("registers", "0008_sign_in")]

    operations = [
        migrations.AddIndex(
            model_name="resident",
            index=models.Index(Replace("name_pinyin", Value(" "), Value("")), models.F("id"), name="resident_letters"),
        ),
        migrations.AddIndex(
            model_name="resident",
            index=models.Index(fields=["birth_date", "name_pinyin", "id"], name="resident_birth"),
        ),
    ]

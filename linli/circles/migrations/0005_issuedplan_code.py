from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('circles', '0004_report_voices'),
    ]

    operations = [
        migrations.AddField(
            model_name='issuedplan',
            name='code',
            field=models.CharField(blank=True, max_length=12, null=True),
        ),
    ]

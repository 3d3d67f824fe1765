from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registers', '0011_uploads'),
    ]

    operations = [
        migrations.AddField(
            model_name='staff',
            name='password_given_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='RefusedAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(max_length=60)),
                ('actor', models.CharField(max_length=80)),
                ('place', models.CharField(max_length=80)),
                ('address', models.CharField(max_length=45)),
                ('times', models.PositiveIntegerField(default=1)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('at', 'kind', 'actor', 'place', 'address'), name='refused_attempt_minute')],
            },
        ),
    ]

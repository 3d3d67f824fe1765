from django.db import migrations, models


class Migration(migrations.Migration):
    """What was paid out of each fund, so that a cost per unit stands beside it."""

    dependencies = [
        ('insight', '0004_entitled'),
    ]

    operations = [
        migrations.CreateModel(
            name='FundFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('programme', models.CharField(max_length=80)),
                ('area_code', models.CharField(blank=True, db_collation='C', max_length=20)),
                ('fund', models.CharField(db_collation='C', max_length=120)),
                ('paid_fen', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('programme', 'area_code', 'fund'), name='fund_figure_once')],
            },
        ),
    ]

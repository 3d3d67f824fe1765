"""Notices of cases that are not paid, and so stand on no batch's list."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0008_left_out_finding'),
        ('casework', '0012_at_notice'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnnouncedCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('off_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='announcedline',
            name='case',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casework.case', db_index=False),
        ),
        migrations.AddField(
            model_name='announcement',
            name='area_code',
            field=models.CharField(blank=True, db_collation='C', max_length=20, null=True),
        ),
        migrations.AddField(
            model_name='announcement',
            name='given',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='announcement',
            name='programme_version',
            field=models.CharField(blank=True, max_length=30, null=True),
        ),
        migrations.AddField(
            model_name='objection',
            name='about',
            field=models.ForeignKey(blank=True, null=True, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casework.case'),
        ),
        migrations.AlterField(
            model_name='announcedline',
            name='item',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='batches.item'),
        ),
        migrations.AlterField(
            model_name='announcement',
            name='batch',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='announcements', to='batches.batch'),
        ),
        AddConstraintNotValid(
            model_name='announcedline',
            constraint=models.CheckConstraint(condition=models.Q(('item__isnull', True), ('case__isnull', True), _connector='XOR'), name='announced_line_about_one'),
        ),
        ValidateConstraint('announcedline', 'announced_line_about_one'),
        AddConstraintNotValid(
            model_name='announcement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('area_code__isnull', True), ('batch__isnull', False), ('programme_version__isnull', True)), models.Q(('area_code__isnull', False), ('batch__isnull', True), ('programme_version__isnull', False)), _connector='OR'), name='announcement_of_batch_or_cases'),
        ),
        ValidateConstraint('announcement', 'announcement_of_batch_or_cases'),
        migrations.AddField(
            model_name='announcedcase',
            name='announcement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='batches.announcement'),
        ),
        migrations.AddField(
            model_name='announcedcase',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casework.case'),
        ),
        migrations.AddConstraint(
            model_name='announcedcase',
            constraint=models.UniqueConstraint(fields=('announcement', 'number'), name='announced_case_number'),
        ),
        migrations.AddConstraint(
            model_name='announcedcase',
            constraint=models.UniqueConstraint(fields=('announcement', 'case'), name='announced_case_once'),
        ),
    ]


import django.contrib.postgres.functions
import django.db.models.deletion
import linli.kernel.ids
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=linli.kernel.ids.uuid7, editable=False, unique=True)),
                ('receipt', models.CharField(db_collation='C', max_length=13, unique=True)),
                ('kind', models.CharField(max_length=30)),
                ('subject', models.CharField(db_collation='C', max_length=60)),
                ('area_code', models.CharField(blank=True, db_collation='C', max_length=20)),
                ('programme', models.CharField(blank=True, default='', max_length=80)),
                ('list_slug', models.CharField(blank=True, db_collation='C', default='', max_length=60)),
                ('fact', models.CharField(blank=True, default='', max_length=80)),
                ('department', models.CharField(blank=True, default='', max_length=200)),
                ('status', models.CharField(default='open', max_length=8)),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.CharField(max_length=100)),
                ('on_behalf_of', models.CharField(blank=True, default='', max_length=60)),
                ('due_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, default='', max_length=20)),
                ('answered_by', models.CharField(blank=True, default='', max_length=100)),
                ('version', models.IntegerField(default=1)),
                ('salt', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False)),
            ],
            options={
                'indexes': [models.Index(fields=['subject', '-id'], name='case_subject')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ('open', 'closed'))), name='case_status'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('outcome', ''), ('status', 'open')), models.Q(('closed_at__isnull', False), ('status', 'closed'), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='case_closed_with_outcome'), models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('subject', 'kind', 'fact'), name='case_open_once')],
            },
        ),
        migrations.CreateModel(
            name='Survey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('invited_at', models.DateTimeField()),
                ('score', models.SmallIntegerField(blank=True, null=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_by', models.CharField(blank=True, default='', max_length=100)),
                ('salt', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='survey', to='casework.case')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', True), ('score__isnull', True)), models.Q(('answered_at__isnull', False), ('score__range', (1, 5))), _connector='OR'), name='survey_score')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=16)),
                ('area_code', models.CharField(blank=True, db_collation='C', max_length=20)),
                ('desk_code', models.CharField(blank=True, db_collation='C', max_length=20)),
                ('programme', models.CharField(blank=True, default='', max_length=80)),
                ('level', models.IntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('warn_at', models.DateTimeField()),
                ('taken_by', models.CharField(blank=True, default='', max_length=100)),
                ('taken_at', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('salt', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='task', to='casework.case')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['due_at', 'id'], name='task_open_due'), models.Index(condition=models.Q(('done_at__isnull', True)), fields=['area_code', 'due_at', 'id'], name='task_open_area')],
            },
        ),
        migrations.CreateModel(
            name='Timer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60)),
                ('due_at', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.IntegerField(default=0)),
                ('error', models.TextField(blank=True, default='')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='timers', to='casework.case')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['next_at'], name='timer_waiting')],
            },
        ),
        migrations.CreateModel(
            name='Words',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.UUIDField()),
                ('part', models.CharField(max_length=10)),
                ('cipher', models.TextField()),
                ('actor', models.CharField(max_length=100)),
                ('at', models.DateTimeField()),
                ('salt', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='words', to='casework.case')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('part__in', ('opened', 'answered', 'surveyed'))), name='words_part'), models.UniqueConstraint(fields=('case', 'part'), name='words_once')],
            },
        ),
    ]

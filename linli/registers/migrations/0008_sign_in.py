"""What staff sign in with beside a password, and where they are signed in now."""

import django.db.models.deletion
import linli.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registers', '0007_doubtful_subject'),
    ]

    operations = [
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.CharField(max_length=32)),
                ('digest', models.CharField(db_collation='C', max_length=64)),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recovery_codes', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ExternalIdentity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=linli.kernel.ids.uuid7, editable=False, unique=True)),
                ('issuer', models.CharField(db_collation='C', max_length=200)),
                ('subject', models.CharField(db_collation='C', max_length=200)),
                ('linked_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='identities', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('issuer', 'subject'), name='external_identity_once')],
            },
        ),
        migrations.CreateModel(
            name='SecondFactor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=linli.kernel.ids.uuid7, editable=False, unique=True)),
                ('kind', models.CharField(max_length=8)),
                ('label', models.CharField(max_length=60)),
                ('secret_cipher', models.TextField(blank=True, default='')),
                ('last_step', models.BigIntegerField(default=0)),
                ('credential_id', models.BinaryField(null=True)),
                ('public_key', models.BinaryField(null=True)),
                ('sign_count', models.BigIntegerField(default=0)),
                ('added_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='factors', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('totp', 'passkey'))), name='second_factor_kind'), models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('credential_id',), name='second_factor_credential')],
            },
        ),
        migrations.CreateModel(
            name='StaffSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=linli.kernel.ids.uuid7, editable=False, unique=True)),
                ('session_key', models.CharField(db_collation='C', max_length=40, unique=True)),
                ('device', models.CharField(max_length=60)),
                ('address', models.CharField(db_collation='C', max_length=64)),
                ('address_shown', models.CharField(max_length=45)),
                ('method', models.CharField(max_length=12)),
                ('began_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['staff', 'address'], name='staff_session_place'), models.Index(condition=models.Q(('ended_at', None)), fields=['seen_at'], name='staff_session_live')],
                'constraints': [models.CheckConstraint(condition=models.Q(('method__in', ('password', 'totp', 'passkey', 'recovery', 'identity'))), name='staff_session_method')],
            },
        ),
    ]

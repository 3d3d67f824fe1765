"""The ledger: its tables, guards and functions (sql/)."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parents[1] / "sql"
FILES = ("tables", "guards", "chains", "accounts", "write", "shards", "post", "hold", "rights")
BACK = '''
DROP TABLE ledger_source, ledger_fund, ledger_hold, ledger_entry, ledger_transfer, ledger_balance, ledger_account;
DROP FUNCTION ledger_post, ledger_reverse, ledger_write_levelled, ledger_hold, ledger_set_aside, ledger_release,
    ledger_use_holds, ledger_level, ledger_move, ledger_resolve, ledger_write, ledger_open, ledger_close, ledger_text, ledger_link,
    ledger_error, ledger_code, ledger_refuse;
'''

class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uid', models.UUIDField()),
                ('code', models.TextField()),
                ('unit', models.TextField()),
                ('kind', models.TextField()),
                ('floor', models.BigIntegerField(null=True)),
                ('purpose', models.TextField()),
                ('shards', models.SmallIntegerField()),
                ('opened', models.DateTimeField()),
            ],
            options={
                'db_table': 'ledger_account',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Fund',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uid', models.UUIDField()),
                ('slug', models.TextField()),
                ('purpose_zh', models.TextField()),
                ('purpose_en', models.TextField()),
                ('programme', models.TextField()),
                ('opened', models.DateTimeField()),
            ],
            options={
                'db_table': 'ledger_fund',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uid', models.UUIDField()),
                ('key', models.TextField()),
                ('digest', models.TextField()),
                ('amount', models.BigIntegerField()),
                ('status', models.TextField()),
                ('expires', models.DateTimeField(null=True)),
                ('held_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('actor', models.TextField()),
                ('reference', models.TextField()),
            ],
            options={
                'db_table': 'ledger_hold',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('slug', models.TextField()),
                ('name_zh', models.TextField()),
                ('name_en', models.TextField()),
                ('promised_fen', models.BigIntegerField()),
            ],
            options={
                'db_table': 'ledger_source',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uid', models.UUIDField()),
                ('key', models.TextField()),
                ('digest', models.TextField()),
                ('unit', models.TextField()),
                ('kind', models.TextField()),
                ('reverses', models.UUIDField(null=True)),
                ('hold', models.UUIDField(null=True)),
                ('event_at', models.DateTimeField()),
                ('posted_at', models.DateTimeField()),
                ('actor', models.TextField()),
                ('reference', models.TextField()),
            ],
            options={
                'db_table': 'ledger_transfer',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Balance',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='ledger.account')),
                ('posted', models.BigIntegerField()),
                ('held', models.BigIntegerField()),
                ('version', models.BigIntegerField()),
                ('head', models.TextField()),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'ledger_balance',
                'managed': False,
            },
        ),
        migrations.RunSQL("\n".join((SQL / f"{name}.sql").read_text("utf-8") for name in FILES), BACK),
    ]

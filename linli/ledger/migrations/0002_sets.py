"""The functions take sets, and lock everything of an act at once (sql/). They are dropped and made anew; no table changes."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"
FILES = ("chains", "accounts", "write", "shards", "post", "hold", "rights")
DROP = """
DROP FUNCTION IF EXISTS ledger_post, ledger_reverse, ledger_write_levelled, ledger_hold, ledger_set_aside, ledger_release, ledger_use_holds,
    ledger_level, ledger_move, ledger_resolve, ledger_write, ledger_open, ledger_close, ledger_text, ledger_link, ledger_error, ledger_code,
    ledger_lock, ledger_lock_whole
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL([DROP, *((SQL / f"{name}.sql").read_text("utf-8") for name in FILES)], migrations.RunSQL.noop),
    ]

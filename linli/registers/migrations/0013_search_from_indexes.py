"""Searches read their page's keys from an index alone; whether somebody lives in an area is read from one, too.

Every index is built beside a running city (CONCURRENTLY, so not in one transaction), the new ones before the old ones go. About half a
minute for a million people. One that was interrupted leaves an invalid index, which has to be dropped before the migration runs again.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations
from django.db.models import F, Index, Q, Value
from django.db.models.functions import Collate, Length, Replace, Substr
from django.db.models.lookups import GreaterThan

BARE = Replace(Replace("name", Value("·"), Value("")), Value(" "), Value(""))
NAMES, SOUNDS = ("name", "birth_date", "erased_at"), ("name_pinyin", "birth_date", "erased_at")
ADDED = {
    "resident": [
        Index(Collate(BARE, "C"), F("name_pinyin"), F("id"), name="resident_beginning", include=NAMES),
        Index(Collate(Substr(BARE, 2), "C"), F("name_pinyin"), F("id"), name="resident_ending", include=NAMES),
        GinIndex(fields=["name_bigrams"], name="resident_long_names", condition=Q(GreaterThan(Length("name"), 3))),
        Index(Replace("name_pinyin", Value(" "), Value("")), F("id"), name="resident_spelling", include=SOUNDS),
        Index(fields=["name_initials", "id"], name="resident_first_letters", include=SOUNDS),
    ],
    "situation": [
        Index(fields=["resident", "kind"], name="situation_of", include=("area_code", "valid_from", "valid_to", "known_to")),
    ],
}
REMOVED = {
    "resident": ["resident_bigrams", "resident_pinyin", "resident_initials", "resident_letters"],
    "situation": ["situation_resident"],
}
# Django makes an index for LIKE beside every unique text; blind numbers are only ever compared whole, and compare byte by byte anyway.
UNUSED = "DROP INDEX CONCURRENTLY IF EXISTS registers_resident_identity_blind_6f6d851b_like"
# A village is a thousandth of a city: with the usual hundred steps of statistics one is taken for nobody and read over and over.
FINER, COARSER = (f"ALTER TABLE registers_situation ALTER COLUMN area_code SET STATISTICS {steps}" for steps in (1000, -1))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registers", "0012_attempts")]
    operations = [
        *(AddIndexConcurrently(model, index) for model, indexes in ADDED.items() for index in indexes),
        *(RemoveIndexConcurrently(model, name) for model, names in REMOVED.items() for name in names),
        migrations.RunSQL(UNUSED, migrations.RunSQL.noop),
        migrations.RunSQL(FINER, COARSER),
        migrations.RunSQL("ANALYZE registers_resident; ANALYZE registers_situation", migrations.RunSQL.noop),
    ]

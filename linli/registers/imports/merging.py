"""What a delivery changes in the records, as sets: withdraw what it contradicts, state again what stays true, insert what is new.

A delivery speaks of its day `as_of`. A row without a date of its own continues the record that already says the same,
else begins on `as_of`. What was stated of later days stays. Whoever a whole delivery covers and no longer names loses
the record from `as_of`, unless they have moved out of the delivery's area since: that is for whoever delivers where they are now.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import connection

from linli.registers.imports.matching import TRUE_NOW
from linli.registers.imports.reach import is_inside, is_nowhere
from linli.registers.lists import ListDeclaration
from linli.registers.lists.facts import RECORD_CHANGED
from linli.registers.models import Record
from linli.trace.bulk import BulkFact
from linli.trace.rows import RowRef, digests_now

FACTS_AT_A_TIME = 5_000
TABLE_OF = {"person": "resident", "household": "household", "organisation": "organisation"}


def merge(declaration: ListDeclaration, scope: dict[str, Any]) -> None:
    """Write the delivery's records; import_touched then names every row written, by subject.

    Locks the rows it withdraws. The planned sets are built first, so that nothing is read after it was changed.
    """
    subject = TABLE_OF[declaration.subject]
    covered = _COVERED_PERSON if subject == "resident" else _COVERED_OTHER
    key = f"x.{subject}_id"
    own = is_inside(declaration.subject, key) + (f" OR {is_nowhere(key)}" if declaration.subject == "person" else "")
    names = {"subject": f"{subject}_id", "table": f"registers_{subject}", "true_now": TRUE_NOW, "own": own}
    with connection.cursor() as cursor:
        # Millions of index probes: compiling the statements would cost more than it saves.
        cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '128MB'")
        for statement in (*_PLAN, *_WRITE):
            cursor.execute(statement.format(covered=covered.format(**names), **names), scope)


def tally() -> dict[str, int]:
    """How many subjects began, changed and ended, how many stayed as they were, and how many held a record before."""
    with connection.cursor() as cursor:
        cursor.execute(_TALLY)
        return dict(cursor.fetchall())


def touched(change: str, limit: int) -> list[int]:
    """Keys of the subjects whose record begins ("opened"), changes or ends ("closed") with this delivery, the first by key."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT subject FROM ({_KINDS}) k WHERE change = %s ORDER BY subject LIMIT %s", [change, limit])  # noqa: S608
        return [subject for (subject,) in cursor.fetchall()]


def touched_facts(declaration: ListDeclaration, on: str) -> Iterator[BulkFact]:
    """One fact per subject with the digests of its rows, in order of subject; memory is bounded."""
    kind = TABLE_OF[declaration.subject]
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CHANGES.format(table=f"registers_{kind}"))
        while rows := cursor.fetchmany(FACTS_AT_A_TIME):
            label = Record._meta.label_lower
            digests = digests_now(RowRef(label, str(id_)) for _, _, ids in rows for id_ in ids)
            for uid, change, ids in rows:
                payload = {"list": declaration.slug, "change": change, "on": on, "origin": "file"}
                references = [RowRef(label, str(id_)) for id_ in ids]
                yield RECORD_CHANGED, f"{kind}:{uid}", payload, {str(one): digests[one] for one in references}


def batches(facts: Iterator[BulkFact]) -> Iterator[list[BulkFact]]:
    """Lists of up to 5,000 facts."""
    while batch := list(islice(facts, FACTS_AT_A_TIME)):
        yield batch


_PLAN = (
    """
    CREATE TEMPORARY TABLE import_wanted AS
    SELECT s.row, s.subject, s.data, coalesce(s.valid_from, x.valid_from, %(as_of)s) AS valid_from, s.valid_to
    FROM import_stage s
    LEFT JOIN registers_record x ON s.valid_from IS NULL AND x.{subject} = s.subject AND x.list_slug = %(list)s AND x.data = s.data
        AND x.present AND x.expires_on IS NULL AND {true_now}
    WHERE s.subject IS NOT NULL AND s.reason IS NULL
    """,
    """
    UPDATE import_wanted w SET valid_to = l.valid_from
    FROM (
        SELECT x.{subject} AS subject, min(x.valid_from) AS valid_from FROM registers_record x
        WHERE x.list_slug = %(list)s AND x.known_to IS NULL AND x.valid_from > %(as_of)s GROUP BY x.{subject}
    ) l
    WHERE l.subject = w.subject AND w.valid_from <= %(as_of)s AND coalesce(w.valid_to, 'infinity') > l.valid_from
    """,
    "DELETE FROM import_wanted WHERE valid_to <= valid_from",
    "CREATE INDEX ON import_wanted (subject); ANALYZE import_wanted",
    """
    CREATE TEMPORARY TABLE import_withdrawn AS
    SELECT x.id, x.{subject} AS subject, w.first AS cut
    FROM registers_record x
    JOIN (SELECT subject, min(valid_from) AS first FROM import_wanted GROUP BY subject) w ON w.subject = x.{subject}
    WHERE x.list_slug = %(list)s AND x.known_to IS NULL AND coalesce(x.valid_to, 'infinity') > w.first
        AND (x.valid_from <= %(as_of)s OR w.first > %(as_of)s)
        AND NOT EXISTS (
            SELECT FROM import_wanted v WHERE v.subject = x.{subject} AND v.valid_from = x.valid_from
                AND v.valid_to IS NOT DISTINCT FROM x.valid_to AND v.data = x.data AND x.present AND x.expires_on IS NULL
        )
    """,
    """
    INSERT INTO import_withdrawn
    SELECT x.id, x.{subject}, %(as_of)s
    FROM registers_record x
    WHERE %(whole)s AND x.list_slug = %(list)s AND x.{subject} IS NOT NULL AND x.present AND {true_now}
        AND NOT EXISTS (SELECT FROM import_wanted w WHERE w.subject = x.{subject})
        AND NOT EXISTS (SELECT FROM import_held h WHERE h.id = x.{subject})
        AND (
            EXISTS (SELECT FROM registers_listimport i WHERE i.id = x.source_import_id AND i.area_code ^@ %(area)s)
            OR {covered}
        )
        AND ({own})
    """,
    """
    DELETE FROM import_wanted w USING registers_record x
    WHERE x.{subject} = w.subject AND x.list_slug = %(list)s AND x.known_to IS NULL AND x.valid_from = w.valid_from
        AND x.valid_to IS NOT DISTINCT FROM w.valid_to AND x.data = w.data AND x.present AND x.expires_on IS NULL
    """,
    "CREATE TEMPORARY TABLE import_touched (id bigint, subject bigint, step text)",
)

_COVERED_PERSON = """
    EXISTS (
        SELECT FROM registers_situation p WHERE p.resident_id = x.{subject} AND p.kind = %(place)s AND p.area_code ^@ %(area)s
            AND p.known_to IS NULL AND p.valid_from <= %(as_of)s AND (p.valid_to IS NULL OR p.valid_to > %(as_of)s)
    )
"""

_COVERED_OTHER = "EXISTS (SELECT FROM {table} p WHERE p.id = x.{subject} AND p.area_code ^@ %(area)s)"

_WRITE = (
    """
    WITH gone AS (
        UPDATE registers_record x SET known_to = %(now)s, withdrawn_by_id = %(import)s
        FROM import_withdrawn w WHERE w.id = x.id RETURNING x.id, x.{subject} AS subject
    )
    INSERT INTO import_touched SELECT id, subject, 'withdrawn' FROM gone
    """,
    """
    WITH again AS (
        INSERT INTO registers_record (
            {subject}, list_slug, present, data, origin, authority, expires_on, source_import_id,
            valid_from, valid_to, known_from, recorded_by_id
        )
        SELECT x.{subject}, x.list_slug, x.present, x.data, x.origin, x.authority, x.expires_on, x.source_import_id,
            x.valid_from, w.cut, %(now)s, %(import)s
        FROM import_withdrawn w JOIN registers_record x ON x.id = w.id
        WHERE x.valid_from < w.cut
        RETURNING id, {subject} AS subject
    )
    INSERT INTO import_touched SELECT id, subject, 'again' FROM again
    """,
    """
    WITH new AS (
        INSERT INTO registers_record (
            {subject}, list_slug, present, data, origin, authority, source_import_id, valid_from, valid_to, known_from, recorded_by_id
        )
        SELECT w.subject, %(list)s, TRUE, w.data, 'file', %(authority)s, %(import)s, w.valid_from, w.valid_to, %(now)s, %(import)s
        FROM import_wanted w
        RETURNING id, {subject} AS subject
    )
    INSERT INTO import_touched SELECT id, subject, 'new' FROM new
    """,
    "ANALYZE import_touched",
)

_KINDS = """
    SELECT subject, array_agg(id ORDER BY id) AS ids, CASE
        WHEN NOT bool_or(step = 'new') THEN 'closed'
        WHEN bool_or(step = 'withdrawn') THEN 'changed'
        ELSE 'opened' END AS change
    FROM import_touched GROUP BY subject
"""

_TALLY = f"""
    SELECT change, count(*) FROM ({_KINDS}) k GROUP BY change
    UNION ALL
    SELECT 'unchanged', count(DISTINCT s.subject) FROM import_stage s
    WHERE s.subject IS NOT NULL AND s.reason IS NULL AND NOT EXISTS (SELECT FROM import_touched t WHERE t.subject = s.subject)
"""  # noqa: S608 - a constant of this module

_CHANGES = f"SELECT r.uid::text, k.change, k.ids FROM ({_KINDS}) k JOIN {{table}} r ON r.id = k.subject ORDER BY k.subject"  # noqa: S608

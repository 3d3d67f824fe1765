"""Two years of deliveries to the city of a million, the rows of them that wait for a human, and the figures counted from it all.

Of the same shape as real ones, but written set-based and without records of people: the pages of the city read deliveries and figures.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from linli.insight.counting import count
from linli.kernel import clock
from linli.registers.lists import load_lists
from linli.registers.models import ListImport, ListVersion

PERIODS = 24
DELIVERIES = """
    INSERT INTO registers_listimport (
        uid, version_id, list_slug, file_name, file_digest, as_of, fresh_until, area_code, whole, actor, applied_at,
        rows, matched, opened, changed, closed, unchanged, doubtful_rows, unknown_people, error_rows
    )
    SELECT gen_random_uuid(), v.id, v.list_slug, v.list_slug || '-' || a.code || '-' || n || '.csv', 'sha256:' || md5(a.code || n),
        current_date - %(days)s * n, current_date - %(days)s * n + %(every)s, a.code, true, 'system:benchmark',
        now() - make_interval(days => %(days)s * n), 4000, 3900, 20, 30, 15, 3800, 40, 45, 15
    FROM registers_listversion v, registers_area a, generate_series(0, %(periods)s - 1) AS n
    WHERE v.id = %(version)s AND a.level = 'county' AND a.valid_to IS NULL
"""
DOUBTS = """
    INSERT INTO registers_doubtful (
        uid, list_import_id, list_slug, row, reason, name, area_code, data, valid_from, known_from, resolution, resolved_by, resolved_at
    )
    SELECT gen_random_uuid(), i.id, i.list_slug, n, CASE WHEN n % 6 = 0 THEN 'cell_error' ELSE 'name_differs' END, '',
        CASE WHEN n % 3 = 0 THEN '' ELSE i.area_code END, '{}', i.as_of, i.applied_at,
        CASE WHEN i.fresh_until > current_date THEN '' ELSE 'dismissed' END, '',
        CASE WHEN i.fresh_until > current_date THEN NULL ELSE now() END
    FROM registers_listimport i, generate_series(1, 30) AS n
"""
GAPS = """
    INSERT INTO insight_gap (programme, area_code, fact, list_slug, reason, number)
    SELECT v.slug, a.code, f.fact, f.list, 'silent', 12
    FROM (SELECT DISTINCT slug FROM programmes_programmeversion) v, registers_area a, unnest(%s::text[], %s::text[]) AS f (fact, list)
    WHERE a.level = 'township' AND a.valid_to IS NULL ON CONFLICT DO NOTHING
"""
TAKE_UP = """
    INSERT INTO insight_takeup (programme, area_code, found, invited, reached, taken, undecided, amount_fen)
    SELECT v.slug, a.code, 300, 200, 150, 100, 80, 9000000
    FROM (SELECT DISTINCT slug FROM programmes_programmeversion) v, registers_area a
    WHERE a.level = 'township' AND a.valid_to IS NULL ON CONFLICT DO NOTHING
"""


@transaction.atomic
def load() -> None:
    """All of it, unless it is there already. Eight facts are lacking of every programme in every township."""
    if ListImport.objects.exists():
        return
    lists = load_lists(Path(settings.LINLI_CITY))
    with connection.cursor() as cursor:
        for slug, one in lists.items():
            if one.source == "query":
                continue
            digest = {"list_slug": slug, "digest": one.digest}
            version, _made = ListVersion.objects.get_or_create(**digest, defaults={"declaration": {}, "first_used_at": clock.now()})
            days = max(1, one.every_days // 2)
            cursor.execute(DELIVERIES, {"version": version.pk, "every": one.every_days, "days": days, "periods": PERIODS})
        cursor.execute(DOUBTS)
        count()
        facts = [(fact, slug) for slug, one in lists.items() for fact in one.facts][:8]
        cursor.execute(GAPS, [list(column) for column in zip(*facts, strict=True)])
        cursor.execute(TAKE_UP)
        cursor.execute("ANALYZE registers_listimport; ANALYZE registers_doubtful; ANALYZE insight_gap; ANALYZE insight_takeup")

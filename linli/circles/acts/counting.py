"""Count who lives where, from the registers: a read model of homes, replaced as a whole, with the definitions that it was counted by."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from linli.circles.declared import COLUMNS, Group, Standard
from linli.circles.models import Home, HomeCount
from linli.kernel import clock
from linli.kernel.digests import digest_of
from linli.kernel.errors import LinliError
from linli.trace.turns import one_at_a_time

SQL = Path(__file__).resolve().parents[1] / "sql"
_ALIVE = "r.erased_at IS NULL AND (r.deceased_on IS NULL OR r.deceased_on > %(day)s)"
_LIVES = "x.kind = 'lives' AND x.known_to IS NULL AND x.valid_from <= %(day)s AND (x.valid_to IS NULL OR x.valid_to > %(day)s)"
# Whose home no register says, and whose birthday none.
_OTHERS = f"""
    SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM registers_situation x WHERE x.resident_id = r.id AND {_LIVES})),
        count(*) FILTER (WHERE r.birth_date IS NULL)
    FROM registers_resident r WHERE {_ALIVE}
"""  # noqa: S608 - constants of this module


def count_homes(standard: Standard, *, as_of: date) -> HomeCount:
    """Read homes anew from what the registers believe now of that day, by the definitions that hold on it. No fact: nothing is decided.

    One count at a time. Set-based: one pass over the residents; LinliError where a group has no definition on the day.
    """
    groups = standard.groups_on(as_of)
    _require_all(groups, as_of)
    values: dict[str, Any] = {"day": as_of}
    conditions = {key: _condition(group, values) for key, group in groups.items()}
    with transaction.atomic(), connection.cursor() as cursor:
        one_at_a_time("circles.homes")
        Home.objects.all().delete()
        cursor.execute(sql.SQL((SQL / "homes.sql").read_text(encoding="utf-8")).format(**conditions), values)  # type: ignore[arg-type]
        cursor.execute(_OTHERS, {"day": as_of})
        residents, nowhere, age_unknown = cursor.fetchone() or (0, 0, 0)
        HomeCount.objects.all().delete()
        return HomeCount.objects.create(
            as_of=as_of,
            made_at=clock.now(),
            groups={key: group.plain() for key, group in groups.items()},
            digest=digest_of_homes(),
            residents=residents,
            nowhere=nowhere,
            age_unknown=age_unknown,
        )


def digest_of_homes(algorithm: str | None = None) -> str:
    """Of every home as it is kept now."""
    rows = Home.objects.order_by("code").values_list("code", "lon", "lat", *COLUMNS)
    return digest_of([[str(value) for value in row] for row in rows], algorithm)


def _require_all(groups: dict[str, Group], day: date) -> None:
    if missing := [key for key in COLUMNS if key not in groups]:
        raise LinliError(
            "circles.undefined_group",
            zh="这一天没有人群口径",
            en="A group of people has no definition on this day.",
            expected=", ".join(COLUMNS),
            found=f"{day}: {', '.join(groups) or '—'}",
            remedy_zh=f"在 circles/groups.yaml 写明 {', '.join(missing)} 的口径和起止日期",
            remedy_en=f"define {', '.join(missing)} with its dates in circles/groups.yaml",
        )


def _condition(group: Group, values: dict[str, Any]) -> sql.Composable:
    """Who of the rows r belongs to the group. A birthday on 29 February falls on the 28th in a common year, as kernel.dates counts."""
    if group.least_age is not None:
        return sql.SQL("(r.birth_date + make_interval(years => {}))::date <= %(day)s").format(sql.Literal(group.least_age))
    if group.below_age is not None:
        return sql.SQL("(r.birth_date + make_interval(years => {}))::date > %(day)s").format(sql.Literal(group.below_age))
    if not group.list_slug:
        return sql.SQL("TRUE")
    on_list = sql.SQL(
        "r.id IN (SELECT l.resident_id FROM registers_record l WHERE l.list_slug = {} AND l.present AND l.known_to IS NULL"
        " AND l.valid_from <= %(day)s AND (l.valid_to IS NULL OR l.valid_to > %(day)s) AND l.resident_id IS NOT NULL{})"
    )
    among = [
        sql.SQL(" AND l.data ->> {} = ANY({})").format(sql.Literal(name), sql.Literal(list(wanted))) for name, wanted in group.where.items()
    ]
    return on_list.format(sql.Literal(group.list_slug), sql.Composed(among))

"""Count the city's figures anew from what stands: one transaction, a few set-based statements, the old figures replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from linli.insight import lifecycle
from linli.insight.models import ApprovalFigure, Count, FundFigure, Gap, ListFigure, ServiceFigure, Stand, StepFigure, TakeUp
from linli.kernel import clock
from linli.kernel.areas import contains
from linli.registers.bitemporal import believed, true_on
from linli.registers.lists import FactSource, ListDeclaration, load_lists, sources
from linli.registers.models import Holding, ListImport
from linli.rules.explain import MISSING_OWNERS
from linli.screening.models import Run

SQL = Path(__file__).parent / "sql"
YEAR = timedelta(days=365)
HELD = """SELECT DISTINCT x.programme_slug AS programme, coalesce(r.uid, h.uid, o.uid) AS subject
    FROM registers_holding x
    LEFT JOIN registers_resident r ON r.id = x.resident_id
    LEFT JOIN registers_household h ON h.id = x.household_id
    LEFT JOIN registers_organisation o ON o.id = x.organisation_id
    WHERE x.known_to IS NULL AND x.valid_from <= %(day)s AND (x.valid_to IS NULL OR x.valid_to > %(day)s)"""
"""Who has a benefit today, by a department's list or by what was granted here: {held} in the statements."""
ENTITLED = "(d.verdict = 'eligible' OR b.subject IS NOT NULL)"
"""Whom take-up is a part of: whoever was found, and whoever was granted it on papers while the registers leave them undecided: {entitled}
in the statements, of a determination d and what is held b."""
LIFECYCLE = {"steps": StepFigure, "approvals": ApprovalFigure, "service": ServiceFigure, "funds": FundFigure}
"""Statements whose rows replace those of a table."""
ROOM = "SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)"
"""Of this transaction alone: tables of a million rows are hashed in memory, and nothing is compiled for rows that are read once."""
_GAPS = """
    SELECT programme, substr(area_code, 1, 9), unnest(missing), count(*)
    FROM screening_determination WHERE until IS NULL AND verdict = 'unknown'
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_STANDS = """
    SELECT programme, substr(area_code, 1, 9) AS area_code, state, detail, count(*)::int AS number,
        coalesce(sum(amount_fen), 0)::bigint AS amount_fen
    FROM insight_now GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A whole delivery that is believed: the areas it speaks of and until when it is good."""

    area: str
    as_of: date
    fresh_until: date


def count() -> Count:
    """Count everything for today. Waits for another count under way; cost grows with what stands, not with the pages that show it."""
    moment, day = clock.now(), clock.today()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('insight'), 0)")
        cursor.execute(ROOM)
        _replace(TakeUp, _rows(cursor, "take_up", {"day": day}))
        _replace(Gap, _gaps(cursor, day))
        _replace(ListFigure, _list_rows(cursor, day))
        _replace(Stand, _stand_rows(cursor, day))
        for name, model in LIFECYCLE.items():
            _replace(model, _rows(cursor, name, lifecycle.parameters(day)))
        Count.objects.all().delete()
        held = Holding.objects.filter(believed(), true_on(day)).values_list("programme_slug", flat=True).distinct()
        screened = Run.objects.filter(merged=True).values_list("programme", flat=True).distinct()
        return Count.objects.create(made_at=moment, day=day, recorded=sorted(held), screened=sorted(screened))


def _replace(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    model.objects.all().delete()
    model.objects.bulk_create((model(**row) for row in rows), batch_size=2_000)


def _rows(cursor: Any, name: str, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return _found(cursor, _statement(name), parameters)


def _statement(name: str) -> str:
    return (SQL / f"{name}.sql").read_text().replace("{held}", HELD).replace("{entitled}", ENTITLED)


def _stand_rows(cursor: Any, day: date) -> Iterator[dict[str, Any]]:
    """How far everybody eligible has come, by township; whoever is not paid is kept row by row on the way."""
    cursor.execute("DROP TABLE IF EXISTS insight_now")
    cursor.execute(_statement("stands"), {"day": day})
    cursor.execute("ANALYZE insight_now")
    cursor.execute((SQL / "unpaid.sql").read_text())
    return _found(cursor, _STANDS)


def _found(cursor: Any, statement: str, parameters: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    cursor.execute(statement, parameters)
    names = [column.name for column in cursor.description]
    return iter([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])


def _list_rows(cursor: Any, day: date) -> Iterator[dict[str, Any]]:
    lists = load_lists(Path(settings.LINLI_CITY))
    places = {"slugs": list(lists), "kinds": [one.place for one in lists.values()]}
    return _rows(cursor, "lists", {**places, "day": day, "since": clock.now() - YEAR})


def _gaps(cursor: Any, day: date) -> Iterator[dict[str, Any]]:
    cursor.execute(_GAPS)
    lists, origins, held = load_lists(Path(settings.LINLI_CITY)), sources(Path(settings.LINLI_CITY)), delivered()
    reasons: dict[tuple[str, str], str] = {}
    for programme, area, fact, number in cursor.fetchall():
        slug, reason = origin_of(fact, origins)
        if slug:
            key = (slug, area[:6])
            reason = reasons.setdefault(key, state_of(lists[slug], held.get(slug, []), area[:6], day))
        yield {"programme": programme, "area_code": area, "fact": fact, "list_slug": slug, "reason": reason, "number": number}


def origin_of(fact: str, origins: dict[str, FactSource]) -> tuple[str, str]:
    """The list that would say so and "", or "" and where else it would come from. A member's fact is looked up as anybody's."""
    owner, _, rest = fact.partition(".")
    source = origins.get(rest if owner in MISSING_OWNERS else fact)
    if source is not None and source.list:
        return source.list, ""
    return "", "programme" if owner == "table" else "register"


def delivered(slugs: Collection[str] | None = None) -> dict[str, list[Delivered]]:
    """The whole deliveries that were not undone of these lists (None: of every list), by slug. One query."""
    found: dict[str, list[Delivered]] = {}
    rows = ListImport.objects.filter(undone_at__isnull=True, whole=True, **{} if slugs is None else {"list_slug__in": slugs})
    for slug, area, as_of, fresh_until in rows.values_list("list_slug", "area_code", "as_of", "fresh_until").distinct():
        found.setdefault(slug, []).append(Delivered(area, as_of, fresh_until))
    return found


def state_of(declaration: ListDeclaration, deliveries: list[Delivered], county: str, day: date) -> str:
    """Why a fact of the list can be lacking in a county on the day, as Gap.reason.

    A list that is asked person by person has no deliveries. A fresh one that covers the county was silent about whoever lacks the fact.
    """
    if declaration.source == "query":
        return "each"
    known = [one for one in deliveries if one.as_of <= day]
    fresh = [one for one in known if one.fresh_until > day]
    if any(contains(one.area, county) for one in fresh):
        return "silent"
    if county and any(contains(county, one.area) for one in fresh):
        return "partly"
    return "stale" if any(contains(one.area, county) or contains(county, one.area) for one in known) else "never"

"""Circles and their stars: recorded one by one or by list, ended when they are no longer one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from linli.circles import facts
from linli.circles.models import Circle, Star
from linli.circles.reading import NewCircle, NewStar
from linli.kernel.errors import LinliError, Problems
from linli.kernel.viewer import Viewer
from linli.registers.acts.areas import degrees
from linli.registers.acts.guards import require_known_areas
from linli.trace import Act, act
from linli.trace.turns import one_at_a_time

ROLE = "planner"


@dataclass(frozen=True, slots=True)
class Imported:
    """How many circles a list opened and changed, and how many stars it added or corrected. What it does not name stays."""

    opened: int
    changed: int
    stars: int


def import_circles(viewer: Viewer, *, circles: Sequence[NewCircle], source: str) -> Imported:
    """Open or change the circles of a list; the same list twice changes nothing. source: what they come from.

    Needs planner over every area, also over the area that a circle had. One import at a time; locks the circles. Problems where a rating
    of a day is another than the recorded one and the list doesn't say why.
    """
    _require(viewer, circles)
    with act(viewer) as a:
        one_at_a_time("circles.import")
        known = {row.code: row for row in Circle.objects.select_for_update().filter(code__in=[one.code for one in circles]).order_by("pk")}
        for row in known.values():
            viewer.require(ROLE, area=row.area_code)
        _require_reasons(circles, known)
        changes = [_put(a, known.get(one.code), one) for one in sorted(circles, key=lambda one: one.code)]
        done = Imported(
            sum(change == "opened" for change, _ in changes), sum(change == "changed" for change, _ in changes), sum(n for _, n in changes)
        )
        if any(change or stars for change, stars in changes):
            a.record(facts.CIRCLES_IMPORTED, subject="register:circles", payload={"source": source})
    return done


def end_circle(viewer: Viewer, *, circle: UUID, on: date) -> Circle:
    """The circle is none any more from that day on; it stays on record with its plan. Needs planner over its area. Locks it."""
    with act(viewer) as a:
        row = Circle.objects.select_for_update().get(uid=circle)
        viewer.require(ROLE, area=row.area_code)
        if row.ended_on is None:
            row.ended_on = on
            row.save(update_fields=["ended_on"])
            _record(a, row, "ended")
    return row


def _require(viewer: Viewer, circles: Iterable[NewCircle]) -> None:
    codes = {one.area_code for one in circles}
    for code in codes:
        viewer.require(ROLE, area=code)
    require_known_areas(codes | {code for one in circles for code in one.communities})


def _put(a: Act, row: Circle | None, circle: NewCircle) -> tuple[str, int]:
    """'opened', 'changed' or "" where nothing differs; and how many stars are new or corrected."""
    wanted = _columns(circle)
    change = "opened" if row is None else "changed" if any(getattr(row, name) != value for name, value in wanted.items()) else ""
    if row is None:
        row = Circle(code=circle.code)
    if change:
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save()
        _record(a, row, change)
    return change, sum(_rate(a, row, star) for star in circle.stars)


def _rate(a: Act, row: Circle, star: NewStar) -> bool:
    """Record a rating, or correct it where the list says why; whether anything is new."""
    made, new = Star.objects.get_or_create(
        circle=row, level=star.level, given_on=star.given_on, defaults={"stars": star.stars, "source": star.source}
    )
    payload = {"code": row.code, "level": star.level, "stars": star.stars, "given_on": str(star.given_on)}
    if new:
        a.record(facts.STAR_GIVEN, subject=str(row), payload=payload, rows=[made], area=row.area_code)
    elif (made.stars, made.source) != (star.stars, star.source):
        before = {"before": made.stars, "source": star.source, "source_before": made.source, "reason": star.corrected}
        made.stars, made.source = star.stars, star.source
        made.save(update_fields=["stars", "source"])
        a.record(facts.STAR_CORRECTED, subject=str(row), payload=payload | before, rows=[made], area=row.area_code)
        new = True
    return new


def _require_reasons(circles: Iterable[NewCircle], known: Mapping[str, Circle]) -> None:
    """Raise Problems where a list says something else of a day than is recorded, and not why. One query."""
    given = {(star.circle_id, star.level, star.given_on): star for star in Star.objects.filter(circle__in=known.values())}
    faults = []
    for circle in circles:
        for star in circle.stars if circle.code in known else ():
            there = given.get((known[circle.code].pk, star.level, star.given_on))
            if there is not None and (there.stars, there.source) != (star.stars, star.source) and not star.corrected:
                faults.append(_rated_otherwise(circle, star, there))
    if faults:
        raise Problems(faults)


def _rated_otherwise(circle: NewCircle, star: NewStar, there: Star) -> LinliError:
    return LinliError(
        "circles.rated_otherwise",
        zh="这一天已经登记了另外的星级",
        en="Another rating is recorded of this day.",
        place=star.place,
        expected=f"{circle.code} {star.given_on}: {there.stars or '—'}, {there.source}",
        found=f"{star.stars or '—'}, {star.source}",
        remedy_zh="登记错了的，在这一条加 corrected: 原因；新的评定写它自己的日期",
        remedy_en="if the record is wrong, add corrected: WHY to this entry; a new rating has a day of its own",
    )


def _columns(circle: NewCircle) -> dict[str, Any]:
    lon, lat = degrees(circle.centre) if circle.centre else (None, None)
    told = ("name_zh", "name_en", "kind", "tier", "area_code", "minutes", "profile", "generated")
    columns: dict[str, Any] = {name: getattr(circle, name) for name in told}
    # As the column gives it back: lists for tuples.
    polygon = None if circle.polygon is None else {**circle.polygon, "coordinates": _lists(circle.polygon["coordinates"])}
    return columns | {"polygon": polygon, "lon": lon, "lat": lat, "communities": list(circle.communities), "ended_on": None}


def _lists(value: Any) -> Any:
    return [_lists(one) for one in value] if isinstance(value, list | tuple) else value


def _record(a: Act, row: Circle, change: str) -> None:
    payload = {"code": row.code, "change": change}
    a.record(facts.CIRCLE_RECORDED, subject=str(row), payload=payload, rows=[row], area=row.area_code)

"""The places that an officer keeps as a spreadsheet: with the columns of a list, so that it can be mended and imported again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from linli.kernel.hours import dates_lines, hours_lines, read_hours
from linli.kernel.viewer import Viewer
from linli.registers.models import Place, PlaceRole
from linli.registers.places import COLUMNS, KIND_WORDS
from linli.web.places import kept
from linli.web.tables.exports import PORTION, Sheet


def places(viewer: Viewer, parameters: Mapping[str, str]) -> Sheet:
    """The places of one's areas by number, narrowed as on the page: q, category, area, state. In Chinese, as a list is read."""
    found = kept.narrowed(viewer, kept.Choice.read({**parameters, "after": ""}))
    return Sheet(_("场所"), tuple(COLUMNS), _lines(found), found.count)


def _lines(found: QuerySet[Place]) -> Iterator[tuple[Any, ...]]:
    last = ""
    while some := list(found.filter(code__gt=last)[:PORTION]):
        roles = kept.roles_by_place(some)
        for one in some:
            yield _line(one, roles.get(one.pk, []))
        last = some[-1].code


def _line(one: Place, roles: list[PlaceRole]) -> tuple[Any, ...]:
    lon, _comma, lat = one.given.partition(", ")
    hours = read_hours(one.hours, one.dates) if one.hours else None
    told = {name: getattr(one, name) for name in COLUMNS.values() if hasattr(one, name)}
    told |= {"lon": lon, "lat": lat, "kind": KIND_WORDS[one.kind], "categories": "、".join(_role(role) for role in roles)}
    if hours is not None:
        told |= {"hours": "\n".join(hours_lines(hours, chinese=True)), "dates": "\n".join(dates_lines(hours, chinese=True))}
    return tuple(told[name] for name in COLUMNS.values())


def _role(role: PlaceRole) -> str:
    known = kept.known().get(role.category)
    name = known.label.zh if known else role.category
    return name if role.capacity is None else f"{name}（{role.capacity}）"

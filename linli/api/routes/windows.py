"""Service windows: the nearest that does an item and is open."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from linli.api.responses import answers
from linli.api.shapes import AreaCode, Page, Text
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.positions import SYSTEMS, WGS84, position
from linli.kernel.workdays import workdays
from linli.registers.queries.windows import MOST, Near, Start, nearest, start_at

router = Router(tags=["windows"])


class Point(Schema):
    """A place in WGS-84, in degrees."""

    lon: float
    lat: float
    system: Literal["WGS-84"] = WGS84


class NearWindow(Schema):
    """A window as seen from a place at a moment.

    metres: in a straight line. items: slugs of programmes, empty for every item. serves: whether it takes in people from there, null where
    only a position is known. open_until, opens_at: one of them, or neither where it stays closed for a month. sure: false where a notice on
    public holidays may still change the day. hours: the week in words. generated: made up for a demo.
    """

    code: str
    name: Text
    area: str
    address: str
    phone: str
    point: Point
    items: list[str]
    metres: int
    serves: bool | None
    open: bool
    open_until: datetime | None
    opens_at: datetime | None
    sure: bool
    hours: str
    generated: bool

    @classmethod
    def of(cls, near: Near) -> NearWindow:
        """A window that was found."""
        row, standing = near.window, near.standing
        return cls(
            code=row.code,
            name=Text(zh=row.name_zh, en=row.name_en),
            area=row.area_code,
            address=row.address,
            phone=row.phone,
            point=Point(lon=float(row.lon), lat=float(row.lat)),
            items=row.items,
            metres=near.metres,
            serves=near.serves,
            open=standing.open,
            open_until=standing.until,
            opens_at=standing.opens,
            sure=standing.sure,
            hours=row.hours,
            generated=row.generated,
        )


@router.get("/nearest", response=answers(Page[NearWindow]), operation_id="nearest_windows", auth=None)
def nearest_windows(
    request: HttpRequest,
    item: Annotated[str, Query(pattern=r"^([a-z0-9][a-z0-9-]*)?$", max_length=80)] = "",
    area: AreaCode = "",
    lon: float | None = None,
    lat: float | None = None,
    system: str = "",
    at: AwareDatetime | None = None,
    most: Annotated[int, Field(ge=1, le=MOST)] = MOST,
) -> Page[NearWindow]:
    """Windows that can do an item, from an area's centre or a position with its system: open ones first, then nearest. Public."""
    found = nearest(_start(area, lon, lat, system), item, at or clock.now(), workdays(Path(settings.LINLI_CITY)), most=most)
    return Page[NearWindow](items=[NearWindow.of(near) for near in found])


def _start(area: str, lon: float | None, lat: float | None, system: str) -> Start:
    """The stated position, in the area if one is named too; else the area's centre."""
    if lon is not None and lat is not None:
        return Start(position(lon, lat, system), area)
    start = start_at(area, clock.today()) if area and lon is None and lat is None else None
    if start is None:
        raise LinliError(
            "windows.no_start",
            zh="没有说明从哪里算起，或者那里的位置还没有登记",
            en="Nothing says from where, or the position of that place is not on record.",
            place=Place(field="area"),
            expected=(
                f"`area`，或 `lon`、`lat` 和 `system`（{'、'.join(SYSTEMS)}）",
                f"`area`, or `lon`, `lat` and `system` ({', '.join(SYSTEMS)})",
            ),
            found=area or "—",
            remedy_zh="写明区划代码，或坐标及其坐标系",
            remedy_en="name an area that is on record, or a position with its system",
        )
    return start

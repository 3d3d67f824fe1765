"""Service windows: recorded one by one or by list, and closed when they are no longer there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.areas import degrees
from linli.registers.acts.guards import require_known_areas
from linli.registers.models import ServiceWindow
from linli.registers.windows import NewWindow
from linli.trace import act, bulk_act
from linli.trace.bulk import BulkFact
from linli.trace.rows import digests_now, ref

SUBJECT = "register:windows"


@dataclass(frozen=True, slots=True)
class ImportedWindows:
    """How many a list opened and changed. Windows that it does not name stay as they are."""

    opened: int
    changed: int


def record_window(viewer: Viewer, *, window: NewWindow) -> ServiceWindow:
    """Open the window of this number or change it; one that was closed opens again. Said again, nothing changes.

    Needs administrator over its area, and over the area that it had. Locks the row.
    """
    _require(viewer, [window])
    with act(viewer) as a:
        row = ServiceWindow.objects.select_for_update().filter(code=window.code).first()
        if row is not None:
            viewer.require("administrator", area=row.area_code)
        change, row = _changed(row, window)
        if change:
            row.save()
            a.record(facts.WINDOW_RECORDED, subject=SUBJECT, payload={"change": change, "code": row.code}, rows=[row], area=row.area_code)
    return row


def close_window(viewer: Viewer, *, code: str) -> ServiceWindow:
    """The window is no longer there; it stays on record. Needs administrator over its area. Locks the row."""
    with act(viewer) as a:
        row = ServiceWindow.objects.select_for_update().get(code=code)
        viewer.require("administrator", area=row.area_code)
        if not row.closed:
            row.closed = True
            row.save(update_fields=["closed"])
            payload = {"change": "closed", "code": row.code}
            a.record(facts.WINDOW_RECORDED, subject=SUBJECT, payload=payload, rows=[row], area=row.area_code)
    return row


def import_windows(viewer: Viewer, *, windows: Sequence[NewWindow], source: str) -> ImportedWindows:
    """Open or change the windows of a list; the same list twice changes nothing. source: what they come from.

    Needs administrator over every area. One bulk act, in number order; locks the rows.
    """
    _require(viewer, windows)
    with bulk_act(viewer, facts.WINDOWS_IMPORTED, subject=SUBJECT, payload={"source": source}) as bulk:
        present = {row.code: row for row in ServiceWindow.objects.select_for_update().filter(code__in=[one.code for one in windows])}
        for row in present.values():
            viewer.require("administrator", area=row.area_code)
        told = [_changed(present.get(one.code), one) for one in sorted(windows, key=lambda one: one.code)]
        opened, changed = ([row for change, row in told if change == kind] for kind in ("opened", "changed"))
        ServiceWindow.objects.bulk_create([row for row in opened if row.pk is None])
        ServiceWindow.objects.bulk_update([*changed, *(row for row in opened if row.code in present)], _FIELDS)
        bulk.extend(_facts("opened", opened))
        bulk.extend(_facts("changed", changed))
    return ImportedWindows(len(opened), len(changed))


_FIELDS = (
    "name_zh", "name_en", "area_code", "whole_city", "lon", "lat", "system", "given", "address", "phone", "hours", "dates", "items",
    "generated", "closed",
)  # fmt: skip


def _require(viewer: Viewer, windows: Iterable[NewWindow]) -> None:
    codes = {one.area_code for one in windows}
    for code in codes:
        viewer.require("administrator", area=code)
    require_known_areas(codes)


def _changed(row: ServiceWindow | None, window: NewWindow) -> tuple[str, ServiceWindow]:
    """'opened', 'changed' or "" where nothing differs, and the row as the window says."""
    lon, lat = degrees(window.place)
    wanted = {name: getattr(window, name) for name in _FIELDS if name not in ("lon", "lat", "items", "closed")}
    wanted |= {"lon": lon, "lat": lat, "items": list(window.items), "closed": False}
    if row is None:
        return "opened", ServiceWindow(code=window.code, **wanted)
    change = "opened" if row.closed else "changed" if any(getattr(row, name) != value for name, value in wanted.items()) else ""
    for name, value in wanted.items():
        setattr(row, name, value)
    return change, row


def _facts(change: str, rows: Sequence[ServiceWindow]) -> Iterator[BulkFact]:
    digests = digests_now(ref(row) for row in rows)
    for row in rows:
        yield facts.WINDOW_RECORDED, SUBJECT, {"change": change, "code": row.code}, {str(ref(row)): digests[ref(row)]}

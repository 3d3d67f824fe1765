"""Divisions, grids, groups, buildings and addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from linli import vault
from linli.kernel import areas
from linli.kernel.errors import LinliError, Place
from linli.kernel.ids import uuid7
from linli.kernel.positions import Position
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.guards import require_known_areas
from linli.registers.divisions import Division
from linli.registers.models import Address, Area, BuildingGrid
from linli.trace import AlreadyDone, act, bulk_act
from linli.trace.bulk import BulkFact
from linli.trace.rows import digests_now, ref

NATIONAL_LEVELS = ("province", "prefecture", "county", "township", "village")
BATCH = 5000


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A grid, village group or building. grid: the grid that a group or building belongs to from the start."""

    code: str
    name: str
    grid: str = ""
    lon: Decimal | None = None
    lat: Decimal | None = None


@dataclass(slots=True)
class Changes:
    """What an import does to the table: versions to open, to close and to correct in place."""

    opened: list[Area]
    closed: list[Area]
    corrected: list[Area]

    def __bool__(self) -> bool:
        return bool(self.opened or self.closed or self.corrected)


def import_divisions(
    viewer: Viewer,
    *,
    divisions: Mapping[str, Division],
    valid_from: date,
    file_digest: str,
    successors: Mapping[str, str] | None = None,
) -> Changes:
    """Make the table hold as of valid_from: open new codes, close those no longer in it, open a new version of what changed.

    Only codes under the table's own prefectures (or whatever its topmost codes with children are) can be closed, and each needs a
    line in successors ("" if nothing follows it), so that a cut-off file closes nothing. The same table twice changes nothing.
    Needs administrator over the whole city. One bulk act; cost: one pass over the table.
    """
    viewer.require("administrator")
    planned = planned_changes(divisions, valid_from, successors)
    if not planned:
        return planned
    with bulk_act(
        viewer,
        facts.AREAS_IMPORTED,
        subject="register:areas",
        payload={"file_digest": file_digest, "valid_from": str(valid_from)},
    ) as bulk:
        present = {area.code: area for area in Area.objects.select_for_update().filter(valid_to=None, level__in=NATIONAL_LEVELS)}
        changes = _changes(present, divisions, valid_from, successors or {})
        Area.objects.bulk_update(changes.closed, ["valid_to", "successor_code"], batch_size=BATCH)
        Area.objects.bulk_update(changes.corrected, ["name", "kind", "administering_code"], batch_size=BATCH)
        Area.objects.bulk_create(changes.opened, batch_size=BATCH)
        for change, rows in (("closed", changes.closed), ("corrected", changes.corrected), ("opened", changes.opened)):
            bulk.extend(_area_facts(change, rows))
    return changes


def planned_changes(divisions: Mapping[str, Division], valid_from: date, successors: Mapping[str, str] | None = None) -> Changes:
    """What import_divisions would do, without doing it."""
    present = {area.code: area for area in Area.objects.filter(valid_to=None, level__in=NATIONAL_LEVELS)}
    return _changes(present, divisions, valid_from, successors or {})


def _changes(present: Mapping[str, Area], divisions: Mapping[str, Division], valid_from: date, successors: Mapping[str, str]) -> Changes:
    changes = Changes([], [], [])
    for code, division in divisions.items():
        area = present.get(code)
        if area is None:
            changes.opened.append(_version(division, valid_from))
        elif (area.name, area.kind, area.administering_code) != (division.name, division.kind, division.administering):
            _new_version(area, division, valid_from, changes)
    roots = _roots(divisions)
    gone = [area for code, area in present.items() if code not in divisions and any(areas.contains(root, code) for root in roots)]
    _require_successors(gone, divisions, successors)
    for area in gone:
        _close(area, valid_from, successors[area.code], changes)
    return changes


def _roots(divisions: Mapping[str, Division]) -> list[str]:
    """The subtrees that the table claims to list completely: its prefectures, or its topmost codes if it has none."""
    prefectures = [code for code in divisions if len(code) == 4]
    shortest = min(len(code) for code in divisions)
    return prefectures or [code for code in divisions if len(code) == shortest]


def _version(division: Division, valid_from: date) -> Area:
    return Area(
        code=division.code,
        name=division.name,
        level=division.level,
        kind=division.kind,
        administering_code=division.administering,
        valid_from=valid_from,
    )


def _new_version(area: Area, division: Division, valid_from: date, changes: Changes) -> None:
    if area.valid_from == valid_from:
        area.name, area.kind, area.administering_code = division.name, division.kind, division.administering
        changes.corrected.append(area)
        return
    _close(area, valid_from, area.code, changes)
    opened = _version(division, valid_from)
    opened.lon, opened.lat = area.lon, area.lat
    changes.opened.append(opened)


def _close(area: Area, on: date, successor: str, changes: Changes) -> None:
    if on <= area.valid_from:
        raise LinliError(
            "areas.older_table",
            zh="库中的区划表比这一份新",
            en="The imported table is newer than this one.",
            place=Place(field=f"{area.code} {area.name}"),
            expected=(f"{area.valid_from} 之后的区划表", f"a table as of a day after {area.valid_from}"),
            found=str(on),
            remedy_zh="按时间先后导入区划表",
            remedy_en="import tables in the order of their days",
        )
    area.valid_to, area.successor_code = on, successor
    changes.closed.append(area)


def _require_successors(gone: Sequence[Area], divisions: Mapping[str, Division], successors: Mapping[str, str]) -> None:
    missing = [f"{area.code} {area.name}" for area in gone if area.code not in successors]
    if missing:
        listed = ", ".join(missing[:5])
        raise LinliError(
            "areas.no_successor",
            zh="新区划表缺少现有代码，又没有说明由谁承接",
            en="Codes of the present table are missing from the new one and nothing says what follows them.",
            expected=(
                "在 successors.csv 中每个代码写一行（代码,承接代码；无承接的留空）",
                "a line in successors.csv for each (code,successor; empty if nothing follows)",
            ),
            found=(listed + f" … 共 {len(missing)} 个", listed + f" … {len(missing)} in all") if len(missing) > 5 else listed,
            remedy_zh="确属撤并的，写入 successors.csv；否则补全区划表",
            remedy_en="write them into successors.csv if they were abolished, else complete the table",
        )
    unknown = [
        f"{area.code} → {successors[area.code]}" for area in gone if successors[area.code] and successors[area.code] not in divisions
    ]
    if unknown:
        raise LinliError(
            "areas.unknown_successor",
            zh="承接的代码不在新区划表中",
            en="A successor is not in the new table.",
            found=", ".join(unknown),
            remedy_zh="核对 successors.csv",
            remedy_en="check successors.csv",
        )


def _area_facts(change: str, rows: Sequence[Area]) -> Iterator[BulkFact]:
    digests = digests_now(ref(row) for row in rows)
    for row in rows:
        payload = {
            "change": change,
            "code": row.code,
            "level": row.level,
            "valid_from": str(row.valid_from),
            "valid_to": str(row.valid_to) if row.valid_to else None,
            "successor": row.successor_code,
        }
        yield facts.AREA_RECORDED, f"area:{row.code}", payload, {str(ref(row)): digests[ref(row)]}


def position_areas(viewer: Viewer, *, positions: Mapping[str, Position], source: str) -> int:
    """Put areas of the table, buildings and groups among them, where these positions say; returns how many stood elsewhere or nowhere.

    The same again changes nothing. Needs administrator over the whole city. One bulk act; locks the rows.
    """
    viewer.require("administrator")
    require_known_areas(positions)
    if not _moved(Area.objects.filter(code__in=positions, valid_to=None), positions):
        return 0
    with bulk_act(viewer, facts.AREAS_POSITIONED, subject="register:areas", payload={"source": source}) as bulk:
        moved = _moved(Area.objects.select_for_update().filter(code__in=positions, valid_to=None).order_by("code"), positions)
        Area.objects.bulk_update(moved, ["lon", "lat"], batch_size=BATCH)
        bulk.extend(_area_facts("corrected", moved))
    return len(moved)


def _moved(rows: Iterable[Area], positions: Mapping[str, Position]) -> list[Area]:
    """Those of the rows that stand elsewhere, put in their place; not saved."""
    found = []
    for area in rows:
        lon, lat = degrees(positions[area.code])
        if (area.lon, area.lat) != (lon, lat):
            area.lon, area.lat = lon, lat
            found.append(area)
    return found


def degrees(place: Position) -> tuple[Decimal, Decimal]:
    """A position as the columns hold it: seven decimals, which is a centimetre."""
    return Decimal(f"{place.lon:.7f}"), Decimal(f"{place.lat:.7f}")


def add_places(viewer: Viewer, *, places: Iterable[NewPlace], valid_from: date, source: str, area: str = "") -> int:
    """Add grids, village groups and buildings below known villages, groups and buildings with their grid; returns how many were new.

    A code that is there already is left alone. All codes must lie in `area`; needs administrator over it. One bulk act, bounded memory.
    """
    viewer.require("administrator", area=area)
    added = 0
    payload = {"source": source, "valid_from": str(valid_from)}
    with bulk_act(viewer, facts.PLACES_ADDED, subject="register:areas", payload=payload, area=area) as bulk:
        for batch in _batches(places):
            rows, placements = _new_rows(batch, valid_from, area)
            added += len(rows)
            Area.objects.bulk_create(rows)
            BuildingGrid.objects.bulk_create(placements)
            bulk.extend(_area_facts("opened", rows))
            bulk.extend(_grid_facts(placements))
    return added


def _batches(places: Iterable[NewPlace]) -> Iterator[list[NewPlace]]:
    batch: list[NewPlace] = []
    for place in places:
        batch.append(place)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _new_rows(batch: Sequence[NewPlace], valid_from: date, area: str) -> tuple[list[Area], list[BuildingGrid]]:
    wanted = {place.code: place for place in batch}
    for code in wanted:
        if areas.level(code) in NATIONAL_LEVELS or not areas.contains(area, code):
            raise _not_a_place(code, area)
    there = set(Area.objects.filter(code__in=wanted).values_list("code", flat=True))
    grids = {place.grid for place in batch if place.grid} - set(wanted)
    require_known_areas({code[:12] for code in wanted} | grids)
    rows = [
        Area(
            code=code,
            name=place.name,
            level=areas.level(code),
            kind="statutory",
            administering_code=code[:12],
            valid_from=valid_from,
            lon=place.lon,
            lat=place.lat,
        )
        for code, place in wanted.items()
        if code not in there
    ]
    placements = [
        BuildingGrid(building_code=row.code, grid_code=wanted[row.code].grid, valid_from=valid_from)
        for row in rows
        if wanted[row.code].grid
    ]
    return rows, placements


def _not_a_place(code: str, area: str) -> LinliError:
    return LinliError(
        "areas.not_a_place",
        zh="不是本辖区内的网格、村民小组或楼栋代码",
        en="Not the code of a grid, village group or building in the stated area.",
        expected=(
            f"{f'{area} 下的' if area else ''}村级代码加 Gnnn、Znn 或 Bnnnn",
            f"a village code{f' under {area}' if area else ''} with Gnnn, Znn or Bnnnn",
        ),
        found=code,
        remedy_zh="核对代码",
        remedy_en="check the code",
    )


def _grid_facts(placements: Sequence[BuildingGrid]) -> Iterator[BulkFact]:
    digests = digests_now(ref(row) for row in placements)
    for row in placements:
        yield facts.GRID_ASSIGNED, f"area:{row.building_code}", _grid_payload(row), {str(ref(row)): digests[ref(row)]}


def _grid_payload(row: BuildingGrid) -> dict[str, str]:
    return {"place": row.building_code, "grid": row.grid_code, "valid_from": str(row.valid_from)}


def assign_grid(viewer: Viewer, *, place_code: str, grid_code: str, valid_from: date, key: str | None = None) -> BuildingGrid:
    """From valid_from on the building or group belongs to this grid; the present grid's time ends there.

    The same twice changes nothing; a day before the present assignment began is refused. Locks the place's assignments.
    Needs administrator over both.
    """
    viewer.require("administrator", area=place_code)
    viewer.require("administrator", area=grid_code)
    require_known_areas([place_code, grid_code])
    try:
        with act(viewer, key=key) as a:
            present = BuildingGrid.objects.select_for_update().filter(building_code=place_code, valid_to=None).first()
            if present is not None and present.grid_code == grid_code and present.valid_from <= valid_from:
                return present
            if present is not None:
                _end_assignment(present, valid_from)
            row = BuildingGrid.objects.create(building_code=place_code, grid_code=grid_code, valid_from=valid_from)
            rows = [row, *([present] if present else [])]
            a.record(facts.GRID_ASSIGNED, subject=f"area:{place_code}", payload=_grid_payload(row), rows=rows, area=place_code[:12])
            a.result = {"assignment": row.pk}
    except AlreadyDone as done:
        return BuildingGrid.objects.get(pk=done.result["assignment"])
    return row


def _end_assignment(present: BuildingGrid, on: date) -> None:
    if on <= present.valid_from:
        raise LinliError(
            "areas.earlier_assignment",
            zh="该楼栋在这一天之后已划入另一网格",
            en="The building was put into another grid on or after that day.",
            place=Place(field="valid_from"),
            expected=(f"{present.valid_from} 之后的日期", f"a day after {present.valid_from}"),
            found=str(on),
            remedy_zh="核对日期",
            remedy_en="check the day",
        )
    present.valid_to = on
    present.save(update_fields=["valid_to"])


def register_address(
    viewer: Viewer, *, place_code: str, unit: str = "", householder: str = "", detail: str = "", key: str | None = None
) -> Address:
    """Register a door: unit in a building (2-301), householder in a village group. The same door twice is one.

    Needs clerk over the village. The householder's name and the detail are encrypted under the address's own key.
    """
    viewer.require("clerk", area=place_code[:12])
    require_known_areas([place_code])
    blind = vault.blind("householder", householder) if householder else None
    address = Address(uid=uuid7(), place_code=place_code, unit=unit.strip(), householder_blind=blind)
    door = Address.objects.filter(place_code=place_code, unit=address.unit)
    door = (
        door.filter(householder_blind__in=vault.blinds("householder", householder)) if householder else door.filter(householder_blind=None)
    )
    try:
        with act(viewer, key=key) as a:
            found = door.first()
            if found is None and _insert_address(address, {"householder": householder, "detail": detail}):
                subject = f"address:{address.uid}"
                a.record(facts.ADDRESS_REGISTERED, subject=subject, payload={"place": place_code}, rows=[address], area=place_code[:12])
            else:
                address = found or door.get()
            a.result = {"address": str(address.uid)}
    except AlreadyDone as done:
        return Address.objects.get(uid=done.result["address"])
    return address


def _insert_address(address: Address, fields: Mapping[str, str]) -> bool:
    try:
        with transaction.atomic():
            ciphers = vault.protect(address.uid, fields)
            address.householder_cipher = ciphers.get("householder", "")
            address.detail_cipher = ciphers.get("detail", "")
            address.save(force_insert=True)
    except IntegrityError as error:
        if "address_one_door" in str(error):
            return False
        raise
    return True

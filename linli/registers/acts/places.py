"""Places: opened, changed, moved and closed, one by one or by list, each from a day on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.db.models import F, Max, Model, Q

from linli.kernel import clock
from linli.kernel.digests import digest
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.errors import Place as Spot
from linli.kernel.positions import WGS84, Position
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.areas import degrees
from linli.registers.acts.guards import require_known_areas, require_word
from linli.registers.acts.whereabouts import misplaced
from linli.registers.models import Place, PlaceBefore, PlaceRole
from linli.registers.models.places import PLACE_SOURCES
from linli.registers.places import StatedPlace
from linli.trace import act, bulk_act
from linli.trace.bulk import BulkFact
from linli.trace.rows import digests_now, ref
from linli.trace.sets import update_all
from linli.trace.turns import one_at_a_time

SUBJECT = "register:places"
EDITORS = ("officer", "administrator")
PEOPLE = ("officer", "report")
"""Sources of a place that are somebody's word about that very place, which no map and no list of the city changes."""
FIELD = (*EDITORS, "steward")
"""Who says that a place has opened or closed: also who walks past it every day."""
BATCH = 5000
_DATED = ("area_code", "lon", "lat", "system", "given", "address", "hours", "dates")
_PLAIN = ("name_zh", "name_en", "kind", "phone", "licence", "osm", "generated")
_LAST = Q(until__isnull=True) | Q(until=F("place__closed"))
"""The roles that a place has, or had when it closed."""
_FIELDS = (*_DATED, *_PLAIN, "opened", "closed", "source")


@dataclass(frozen=True, slots=True)
class ImportedPlaces:
    """How many places a list opened, changed and closed, and how many it left alone because an officer or a resident has spoken since.

    changes: each with its word (opened, reopened, changed, moved, closed; kept: left alone), number and Chinese name, in number order.
    """

    opened: int
    changed: int
    closed: int
    kept: int = 0
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of rows by their ids: the roles that they have or had when they closed, and until when they last were otherwise."""

    roles: Mapping[int, Sequence[PlaceRole]]
    latest: Mapping[int, date]


@dataclass(slots=True)
class _Change:
    """What becomes of one place. word: "" where nothing differs; rows: its roles and earlier standing that are new or changed."""

    word: str
    place: Place
    on: date
    before: PlaceBefore | None = None
    begun: list[PlaceRole] = field(default_factory=list)
    ended: list[PlaceRole] = field(default_factory=list)


def open_place(viewer: Viewer, *, place: StatedPlace, on: date, source: str = "officer") -> Place:
    """A place that is there from a day on; one that had closed opens again. The same again changes nothing; another place under the same
    number is refused. Needs officer, administrator or steward over its area. Locks the row."""
    stated = place if place.opened else replace(place, opened=on)
    return _recorded(viewer, place.code, lambda _row: stated, on, source, FIELD, anew=True)


def change_place(viewer: Viewer, *, place: StatedPlace, on: date, source: str = "officer", seen: str = "") -> Place:
    """Open the place of this number, or change it from a day on; said again, nothing changes. What it was before that day stays on record.

    seen: mark_of() the place that the form began with; refused where somebody has changed it since. Needs officer or administrator over
    its area, and over the area that it had. Locks the row.
    """

    def changed(row: Place | None) -> StatedPlace:
        if seen and row is not None and seen != mark_of(row):
            same = not _word(row, _wanted(row, place, source), place, _known([row]).roles[row.pk])
            if not same:  # the same sent twice is no conflict
                raise _changed_since(row)
        return place

    return _recorded(viewer, place.code, changed, on, source, EDITORS)


def move_place(
    viewer: Viewer, *, code: str, to: Position, on: date, area_code: str = "", address: str = "", source: str = "officer"
) -> Place:
    """From a day on the place stands there (WGS-84); area_code, address: also these, where given. Needs officer or administrator over
    the area that it had and has. Locks the row."""

    def moved(row: Place | None) -> StatedPlace:
        there = stated_of(_there(row, code))
        where = replace(there, place=to, system=WGS84, given=f"{to.lon:.7f}, {to.lat:.7f}")
        return replace(where, area_code=area_code or there.area_code, address=address or there.address)

    return _recorded(viewer, code, moved, on, source, EDITORS)


def close_place(viewer: Viewer, *, code: str, on: date, source: str = "officer") -> Place:
    """From a day on the place is no longer there; it stays on record. Said again of the same day nothing changes.

    Refused before the day on which it opened, and for another day once it has closed. One that is still to close may on another day; one
    that is still to open never does.
    Needs officer, administrator or steward over its area. Locks the row.
    """

    def closed(row: Place | None) -> StatedPlace:
        there = stated_of(_there(row, code))
        if there.closed is not None and there.closed != on and there.closed <= clock.today():
            raise _closed_already(there)
        if there.opened is not None and there.opened <= clock.today():
            _require_days(replace(there, closed=on), there.opened)
        return _closing(there, on)

    return _recorded(viewer, code, closed, on, source, FIELD)


def import_places(
    viewer: Viewer,
    *,
    places: Sequence[StatedPlace],
    on: date,
    file_digest: str,
    source: str = "list",
    whole: bool = False,
    settled: Callable[[ImportedPlaces], None] = lambda _: None,
) -> ImportedPlaces:
    """Open or change the places of a list from a day on; the same list twice changes nothing.

    What an officer or a confirmed report has said of a place since is kept, and named in the changes; of a map's element also what a list
    of the city says. An officer's own table changes what it names, but opens nothing again that somebody has closed. whole: the list has
    everything of its source, so what it no longer names closes on that day (of made-up places and others each their own). settled: is told
    in the same transaction, which it ends by raising. Needs administrator or officer over every area. One bulk act, in number order;
    locks the rows.
    """
    require_word("source", source, PLACE_SOURCES)
    _require(viewer, {one.area_code for one in places}, EDITORS)
    require_known_areas({one.area_code for one in places})
    if elsewhere := misplaced(viewer, places):
        raise Problems([problem for _number, problem in elsewhere])
    stated = {one.code: one for one in sorted(places, key=lambda one: one.code)}
    with bulk_act(viewer, facts.PLACES_IMPORTED, subject=SUBJECT, payload={"file_digest": file_digest, "on": str(on)}) as bulk:
        present = _locked(stated, source, whole)
        _require(viewer, {row.area_code for row in present.values()}, EDITORS)
        kept = {code: row for code, row in present.items() if _keeps(row, stated.get(code), source)}
        known = _known(present.values())
        changes = [_change(present.get(code), one, on, source, known) for code, one in stated.items() if code not in kept]
        gone = [row for code, row in present.items() if code not in stated and row.closed is None]
        changes += [_change(row, _closing(stated_of(row, known.roles[row.pk]), on), on, source, known) for row in gone]
        changes = [change for change in changes if change.word]
        _save(changes)
        bulk.extend(_facts(changes))
        done = _imported(changes, list(kept.values()))
        settled(done)
    return done


def _keeps(row: Place, stated: StatedPlace | None, source: str) -> bool:
    """Whether a list changes nothing of a place, as somebody has spoken of it. A table that opens it on a later day does open it again."""
    if source == "officer":
        if row.closed is None or row.source not in PEOPLE or stated is None or stated.closed is not None:
            return False
        return stated.opened is None or stated.opened < row.closed
    return row.source in PEOPLE or (source == "osm" and row.source != source)


def _imported(changes: Sequence[_Change], kept: Sequence[Place]) -> ImportedPlaces:
    words_of = [(change.word, change.place) for change in changes] + [("kept", row) for row in kept]
    told = sorted(((word, row.code, row.name_zh) for word, row in words_of), key=lambda one: one[1])
    words = [word for word, _code, _name in told]
    opened, changed = words.count("opened") + words.count("reopened"), words.count("changed") + words.count("moved")
    return ImportedPlaces(opened, changed, words.count("closed"), len(kept), tuple(told))


def close_generated(viewer: Viewer, *, on: date) -> int:
    """The made-up places of a demo are no longer there, but for those that somebody has spoken of: a city's own take their place. Needs
    administrator over the whole city."""
    return _close_all(viewer, on, "generated", lambda row: row.generated and row.source not in PEOPLE)


def close_mapped(viewer: Viewer, *, on: date, wrong: Callable[[Place], bool]) -> int:
    """Places of a map that is not in use any more, and that nobody has spoken of since, are no longer there. wrong: which of them. Needs
    administrator over the whole city."""
    return _close_all(viewer, on, "osm", lambda row: row.source == "osm" and wrong(row))


def _close_all(viewer: Viewer, on: date, why: str, which: Callable[[Place], bool]) -> int:
    viewer.require("administrator")
    payload = {"file_digest": why, "on": str(on)}
    with bulk_act(viewer, facts.PLACES_IMPORTED, subject=SUBJECT, payload=payload) as bulk:
        rows = [row for row in Place.objects.select_for_update().filter(closed=None).order_by("code") if which(row)]
        known = _known(rows)
        changes = [_change(row, _closing(stated_of(row, known.roles[row.pk]), on), on, row.source, known) for row in rows]
        _save(changes)
        bulk.extend(_facts(changes))
    return len(changes)


def stated_of(row: Place, roles: Sequence[PlaceRole] | None = None) -> StatedPlace:
    """A place as its row has it, for a form to begin from or an act to change a part of."""
    own = PlaceRole.objects.filter(_LAST, place=row) if roles is None else roles
    same = (*_DATED, *_PLAIN, "opened", "closed", "code")
    values = {name: getattr(row, name) for name in same if name not in ("lon", "lat")}
    does = tuple(sorted((role.category, role.capacity) for role in own))
    return StatedPlace(**values, place=Position(float(row.lon), float(row.lat)), roles=does)


def mark_of(row: Place) -> str:
    """What tells whether a place is as it was: of everything that is stated of it. One query."""
    return digest(repr(stated_of(row)).encode())


def _changed_since(row: Place) -> LinliError:
    return LinliError(
        "places.changed_since",
        zh="您填写的时候，别人改过这一处",
        en="Somebody else has changed this place meanwhile.",
        found=row.name_zh,
        remedy_zh="先看看现在登记的是什么；再保存一次，就按您填的写",
        remedy_en="look at what is on record now; saving again writes what you have filled in",
    )


def _closed_already(there: StatedPlace) -> LinliError:
    return LinliError(
        "places.closed_already",
        zh=f"这一处从 {there.closed} 起已经停业，没有改动",
        en=f"This place is closed since {there.closed}. Nothing was changed.",
        place=Spot(field="on"),
        expected=("还在营业的场所", "a place that is open"),
        found=f"{there.code} {there.name_zh}",
        remedy_zh="日期登记错了，先打开这一处保存，就重新开业，再登记停业",
        remedy_en="if that day is wrong, open the place and save it, which opens it again, then close it",
    )


def _closing(there: StatedPlace, on: date) -> StatedPlace:
    """The same, gone from that day on; what was still to open never does."""
    return replace(there, closed=max(on, there.opened) if there.opened else on)


def _recorded(
    viewer: Viewer,
    code: str,
    say: Callable[[Place | None], StatedPlace],
    on: date,
    source: str,
    who: Sequence[str],
    *,
    anew: bool = False,
) -> Place:
    """One place as say() states it, given its locked row."""
    require_word("source", source, PLACE_SOURCES)
    with act(viewer) as a:
        one_at_a_time(f"registers.place:{code}")
        row = Place.objects.select_for_update().filter(code=code).first()
        stated = say(row)
        _require(viewer, {stated.area_code} | ({row.area_code} if row else set()), who)
        require_known_areas([stated.area_code])
        for _number, problem in misplaced(viewer, [stated]):
            raise problem
        change = _change(row, stated, on, source, _known([row] if row else []))
        if anew and change.word in ("changed", "moved"):
            raise _taken(code, change.place.name_zh)
        if change.word:
            _save([change])
            a.record(facts.PLACE_RECORDED, subject=_subject(change), payload=_payload(change), rows=_rows(change), area=stated.area_code)
    return change.place


def _change(row: Place | None, stated: StatedPlace, on: date, source: str, known: _Known) -> _Change:
    """What becomes of a place that is stated so from a day on. Nothing is saved; the row is as it will be."""
    wanted = _wanted(row, stated, source)
    _require_days(stated, wanted["opened"])
    if row is None:
        place = Place(code=stated.code, **wanted)
        days = {"since": stated.opened, "until": stated.closed}
        begun = [PlaceRole(place=place, category=slug, capacity=many, **days) for slug, many in stated.roles]
        return _Change("opened", place, on, begun=begun)
    own = known.roles[row.pk]
    change = _Change(_word(row, wanted, stated, own), row, on)
    if not change.word:
        return change
    if any(getattr(row, name) != wanted[name] for name in _DATED):
        change.before = _before(row, on, known.latest.get(row.pk))
    again = row.closed is not None and stated.closed is None
    since = stated.opened if again and stated.opened and row.closed and stated.opened >= row.closed else on
    first = min((day for day in (row.opened, stated.opened) if day), default=None) if again else wanted["opened"]
    was_closed = row.closed
    for name, value in (wanted | {"opened": first}).items():
        setattr(row, name, value)
    _change_roles(change, own, stated, since, was_closed)
    return change


def _wanted(row: Place | None, stated: StatedPlace, source: str) -> dict[str, Any]:
    """What the columns of a place are once it is as stated."""
    lon, lat = degrees(stated.place)
    wanted = {name: getattr(stated, name) for name in (*_DATED, *_PLAIN) if name not in ("lon", "lat")} | {"lon": lon, "lat": lat}
    return wanted | {"source": source, "closed": stated.closed, "opened": stated.opened or (row.opened if row else None)}


def _require_days(stated: StatedPlace, opened: date | None) -> None:
    if opened and stated.closed and stated.closed < opened:
        raise LinliError(
            "places.closed_before_opening",
            zh="停业日期早于开业日期",
            en="The place would close before it opened.",
            place=Spot(field="closed"),
            expected=(f"{opened} 或之后的日期", f"{opened} or a later day"),
            found=str(stated.closed),
            remedy_zh="核对日期",
            remedy_en="check the days",
        )


def _word(row: Place, wanted: Mapping[str, object], stated: StatedPlace, own: Sequence[PlaceRole]) -> str:
    if row.closed is not None and stated.closed is None:
        return "reopened"
    if stated.closed is not None and row.closed is None:
        return "closed"
    if any(getattr(row, name) != wanted[name] for name in ("lon", "lat")):
        return "moved"
    same = all(getattr(row, name) == value for name, value in wanted.items())
    roles = stated.closed is not None or {(role.category, role.capacity) for role in own} == set(stated.roles)
    return "" if same and roles else "changed"


def _change_roles(change: _Change, own: Sequence[PlaceRole], stated: StatedPlace, since: date, was_closed: date | None) -> None:
    """own: the roles that the place has, or had when it closed. A closing that is taken back by its day never was."""
    wanted = dict(stated.roles) if stated.closed is None else {}
    end = stated.closed or change.on
    for role in own if was_closed is None or stated.closed or since <= was_closed else ():
        kept = role.category in wanted and wanted[role.category] == role.capacity
        until = None if kept else max(end, role.since) if role.since else end
        if kept:
            del wanted[role.category]
        if role.until != until:
            role.until = until
            change.ended.append(role)
    change.begun += [PlaceRole(place=change.place, category=slug, capacity=many, since=since) for slug, many in sorted(wanted.items())]


def _before(row: Place, on: date, latest: date | None) -> PlaceBefore | None:
    """The place as it was until that day; None where it opened on that day or later: it was never so."""
    if row.opened is not None and on <= row.opened:
        return None
    if latest is not None and on < latest:
        raise LinliError(
            "places.earlier_change",
            zh="这一天之后已经登记过搬迁或变更",
            en="The place has moved or changed since that day.",
            place=Spot(field="on"),
            expected=(f"{latest} 或之后的日期", f"{latest} or a later day"),
            found=str(on),
            remedy_zh="核对日期",
            remedy_en="check the day",
        )
    return None if latest == on else PlaceBefore(place=row, until=on, **{name: getattr(row, name) for name in _DATED})


def _save(changes: Sequence[_Change]) -> None:
    new = [change.place for change in changes if change.place.pk is None]
    try:
        Place.objects.bulk_create(new, batch_size=BATCH)
    except IntegrityError as error:
        raise _opened_meanwhile(error) from None
    update_all([change.place for change in changes if change.word != "opened"], *_FIELDS)
    update_all([role for change in changes for role in change.ended], "until")
    PlaceRole.objects.bulk_create([role for change in changes for role in change.begun], batch_size=BATCH)
    PlaceBefore.objects.bulk_create([change.before for change in changes if change.before], batch_size=BATCH)


def _rows(change: _Change) -> list[Model]:
    return [change.place, *change.begun, *change.ended, *([change.before] if change.before else [])]


def _facts(changes: Sequence[_Change]) -> Iterator[BulkFact]:
    rows = [_rows(change) for change in changes]
    digests = digests_now(ref(row) for own in rows for row in own)
    for change, own in zip(changes, rows, strict=True):
        yield facts.PLACE_RECORDED, _subject(change), _payload(change), {str(ref(row)): digests[ref(row)] for row in own}


def _subject(change: _Change) -> str:
    return f"place:{change.place.uid}"


def _payload(change: _Change) -> dict[str, str]:
    return {"change": change.word, "code": change.place.code, "on": str(change.on)}


def _locked(stated: Mapping[str, StatedPlace], source: str, whole: bool) -> dict[str, Place]:
    """The rows that the list names, and all of its source where it is whole."""
    rows = Place.objects.select_for_update().order_by("code")
    found = {row.code: row for row in rows.filter(code__in=stated)}
    if whole:
        generated = any(one.generated for one in stated.values())
        found |= {row.code: row for row in rows.filter(source=source, generated=generated, closed=None)}
    return found


def _known(rows: Iterable[Place]) -> _Known:
    """Two queries for all of them."""
    roles: dict[int, list[PlaceRole]] = {row.pk: [] for row in rows}
    for role in PlaceRole.objects.filter(_LAST, place__in=list(roles)).order_by("category"):
        roles[role.place_id].append(role)
    latest = PlaceBefore.objects.filter(place__in=list(roles)).values_list("place").annotate(Max("until"))
    return _Known(roles, dict(latest))


def _there(row: Place | None, code: str) -> Place:
    if row is None:
        raise LinliError(
            "places.unknown",
            zh="没有这个编号的场所",
            en="There is no place of this number.",
            place=Spot(field="code"),
            found=code,
            remedy_zh="核对编号",
            remedy_en="check the number",
        )
    return row


def _require(viewer: Viewer, codes: Iterable[str], who: Sequence[str]) -> None:
    for code in codes:
        if not any(viewer.may(role, area=code) for role in who):
            viewer.require(who[0], area=code)


def others(viewer: Viewer, places: Sequence[StatedPlace]) -> list[tuple[int, LinliError]]:
    """Which of a list stand in the register as places of areas that the viewer doesn't keep, by their number in the sequence, each with
    its refusal. One query."""
    stand = Place.objects.filter(code__in=[one.code for one in places]).values_list("code", "name_zh", "area_code")
    foreign = {code: name for code, name, area in stand if not any(viewer.may(role, area=area) for role in EDITORS)}
    return [(number, _not_yours(one.code, foreign[one.code])) for number, one in enumerate(places) if one.code in foreign]


def _not_yours(code: str, name: str) -> LinliError:
    return LinliError(
        "places.not_yours",
        zh="这个编号是另一个地区的场所，不归您管",
        en="The place of this number is of an area that you don't keep.",
        place=Spot(field="code"),
        expected=("您管理的场所，或没有用过的编号", "a place that you keep, or a number that is not used"),
        found=f"{code} {name}",
        remedy_zh="换一个编号；要改的确实是这一处，请当地的工作人员改",
        remedy_en="choose another number; if it is this very place that has changed, ask an officer of its area",
    )


def _opened_meanwhile(error: IntegrityError) -> Exception:
    """Somebody has opened one of these numbers since the rows were looked for; anything else is the error itself."""
    detail = getattr(getattr(error.__cause__, "diag", None), "message_detail", None) or ""
    before, _, code = detail.partition("(code)=(")
    if before == detail:
        return error
    return LinliError(
        "places.opened_meanwhile",
        zh="刚才别人用同样的编号登记了一处场所，这次没有写入",
        en="Somebody else has just opened a place of the same number. Nothing was written.",
        place=Spot(field="code"),
        expected=("没有用过的编号", "a number that is not used"),
        found=code.partition(")")[0],
        remedy_zh="看看已经登记的是不是同一处；不是就换一个编号再来",
        remedy_en="see whether it is the same place; if it isn't, choose another number and try again",
    )


def _taken(code: str, name: str) -> Refused:
    return Refused(
        "places.taken",
        zh="这个编号已经有另一处场所",
        en="Another place has this number already.",
        place=Spot(field="code"),
        expected=("没有用过的编号", "a number that is not used"),
        found=f"{code} {name}",
        remedy_zh="换一个编号，或修改已有的场所",
        remedy_en="choose another number, or change the place that there is",
    )

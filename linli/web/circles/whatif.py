"""What somebody tries on a circle's map: changes as the form carries them, in words, and what each circle gains or loses by them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.circles.declared import Norm
from linli.circles.few import FEW, Split, exact_for
from linli.circles.models import Circle
from linli.circles.queries.whatif import Change, WhatIf, standing_figures
from linli.circles.reckoning.changing import AddBridge, ClosePlace, Edit, MovePlace, OpenPlace, SetGate
from linli.circles.reckoning.figures import farthest, stated
from linli.circles.standing import Standing
from linli.kernel.errors import LinliError, Place
from linli.kernel.positions import Position
from linli.kernel.viewer import Viewer
from linli.reach.graph import Gate
from linli.reach.profiles import PROFILES
from linli.registers.categories import categories
from linli.registers.queries.places import PlaceRow, Places
from linli.rules import Label
from linli.web.circles import said
from linli.web.circles.ranking import circle_words
from linli.web.map.starts import Candidate, candidates, crowded, only, position_of, start_of, where_words
from linli.web.templatetags.texts import words

KINDS = {
    "open": gettext_lazy("开一处"),
    "close": gettext_lazy("关一处"),
    "move": gettext_lazy("搬一处"),
    "shut": gettext_lazy("关一道门"),
    "unshut": gettext_lazy("开一道门"),
    "bridge": gettext_lazy("架一座桥或通一条路"),
}
MOST = 20
SEPARATOR = "|"
_NEW = "new-"


class UnclearError(LinliError):
    """A text that is typed where a position is asked for, and may mean several places or none: which one?"""

    def __init__(self, field: str, text: str, several: Sequence[Candidate]) -> None:
        self.field, self.text_given, self.several = field, text, several
        if several:
            zh, en = f"有好几处可能是“{text}”", f"Several places may be meant by “{text}”."
            remedy_zh, remedy_en = "在下面选一处", "choose one below"
        else:
            zh, en = f"没有找到“{text}”", f"“{text}” was not found."
            remedy_zh = "写小区、楼栋、店、路、大门的名字，或者经度,纬度；有地图时点地图就行"
            remedy_en = "give the name of a community, building, shop, street or gate, or longitude,latitude, or tap the map"
        super().__init__("circles.edit_where", zh=zh, en=en, place=Place(field=field), remedy_zh=remedy_zh, remedy_en=remedy_en)

    @property
    def crowded(self) -> bool:
        """Whether there may be more of the name."""
        return crowded(self.several)

    @property
    def guessed(self) -> bool:
        """Whether nothing is written so, and these only sound like it."""
        return bool(self.several) and not any(one.sure for one in self.several)

    def answers(self) -> list[tuple[Candidate, str]]:
        """Each that may be meant, with what the form carries when it is chosen."""
        return [(one, SEPARATOR.join((self.field, self.text_given, one.code))) for one in self.several]


@dataclass(frozen=True, slots=True)
class Tried:
    """A change as the form carries it (text), as the engine takes it, in words, and as the map draws it."""

    text: str
    edit: Edit
    words: str
    drawn: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Near:
    """A place that can be changed: its name and where it is, in words, and both with its number, as a list names it."""

    row: PlaceRow
    name: str
    where: str
    words: str


@dataclass(frozen=True, slots=True)
class Around:
    """What can be changed round a circle: its places, by name and where they are, and its gates, by name."""

    places: list[Near]
    gates: list[Gate]


def around(there: Standing, places: Places, box: Sequence[Sequence[float]]) -> Around:
    """Places and gates in a box of degrees [[south, west], [north, east]], a little wider. No query; O(places + gates)."""
    if not box:
        return Around([], [])
    (south, west), (north, east) = box
    wide, high = 0.006, 0.005
    graph = there.grounds.graph

    def inside(lon: float, lat: float) -> bool:
        return west - wide <= lon <= east + wide and south - high <= lat <= north + high

    near = [row for row in places.rows if row.key.startswith("place:") and inside(row.lon, row.lat)]
    near.sort(key=lambda row: (row.name_zh, row.area_code, row.code))
    gates = [gate for gate in graph.gates if inside(float(graph.lon[gate.node]), float(graph.lat[gate.node]))]
    comma = _("，")
    told = [(row, _name(row), where_words(row)) for row in near]
    return Around(
        [Near(row, name, where, comma.join(part for part in (name, where, row.code) if part)) for row, name, where in told],
        sorted(gates, key=lambda gate: (gate.name, gate.key)),
    )


def read(texts: Iterable[str], there: Standing, places: Places) -> tuple[list[Tried], LinliError | None]:
    """The changes that a form carries, in order, with what is wrong of the first that is left out: it can no longer be, it is of a place
    that an earlier one closes, or there are more than MOST."""
    found: list[Tried] = []
    problem: LinliError | None = None
    given = list(texts)
    if len(given) > MOST:
        problem = _wrong("kind", _("一次最多 %(most)s 项假设") % {"most": MOST}, str(len(given)))
    for number, text in enumerate(given[:MOST]):
        try:
            one = _tried(text[:200], number, there, places)
            _require_there(one, found)
        except LinliError as wrong:
            problem = problem or wrong
        else:
            found.append(one)
    return found, problem


def _require_there(one: Tried, before: Iterable[Tried]) -> None:
    if isinstance(one.edit, ClosePlace | MovePlace):
        gone = next((other for other in before if other.edit == ClosePlace(one.edit.key)), None)
        if gone is not None:
            raise _wrong("place", _("与“%(earlier)s”不矛盾的假设") % {"earlier": gone.words}, one.words)


def added(given: QueryDict, number: int, there: Standing, places: Places) -> Tried:
    """The change that the form asks to add. Raises LinliError with the field that is wrong."""
    kind = str(given.get("kind", ""))
    if kind not in KINDS:
        raise _wrong("kind", "、".join(str(one) for one in KINDS.values()), kind)
    if kind == "bridge":
        parts = [_where(given, "where", there, places), _where(given, "other", there, places)]
    elif kind in ("shut", "unshut"):
        parts = [str(given.get("gate", ""))]
    else:
        parts = [str(given.get("category" if kind == "open" else "place", ""))]
        parts += [_where(given, "where", there, places)] if kind != "close" else []
    return _tried(SEPARATOR.join((kind, *parts)), number, there, places)


def _tried(text: str, number: int, there: Standing, places: Places) -> Tried:
    kind, *parts = text.split(SEPARATOR)
    make = {"open": _opened, "close": _closed, "move": _moved, "shut": _gate, "unshut": _gate, "bridge": _bridge}.get(kind)
    if make is None or len(parts) != (1 if kind in ("close", "shut", "unshut") else 2):
        raise _wrong("kind", "、".join(str(one) for one in KINDS.values()), text[:40])
    edit, said_, drawn = make(parts, kind, number, there, places)
    return Tried(text, edit, said_, {"kind": kind, **drawn})


def _opened(parts: list[str], kind: str, number: int, there: Standing, places: Places) -> tuple[Edit, str, dict[str, Any]]:
    known = categories(settings.LINLI_CITY).get(parts[0])
    if known is None:
        raise _wrong("category", _("一个类别"), parts[0])
    at = _position(parts[1], "where")
    name = words(known.label)
    told = _("在 %(where)s 开一处：%(what)s") % {"where": _spot(at), "what": name}
    return OpenPlace(f"{_NEW}{number}", at, frozenset({parts[0]})), told, {"at": [at.lon, at.lat], "name": name}


def _closed(parts: list[str], kind: str, number: int, there: Standing, places: Places) -> tuple[Edit, str, dict[str, Any]]:
    row = _place(parts[0], places)
    return ClosePlace(row.uid), _("%(place)s 关掉") % {"place": _name(row)}, {"at": [row.lon, row.lat], "name": _name(row)}


def _moved(parts: list[str], kind: str, number: int, there: Standing, places: Places) -> tuple[Edit, str, dict[str, Any]]:
    row, at = _place(parts[0], places), _position(parts[1], "where")
    told = _("%(place)s 搬到 %(where)s") % {"place": _name(row), "where": _spot(at)}
    return MovePlace(row.uid, at), told, {"at": [at.lon, at.lat], "from": [row.lon, row.lat], "name": _name(row)}


def _gate(parts: list[str], kind: str, number: int, there: Standing, places: Places) -> tuple[Edit, str, dict[str, Any]]:
    graph = there.grounds.graph
    gate = next((one for one in graph.gates if one.key == parts[0]), None)
    if gate is None:
        raise _wrong("gate", _("路网里的一道门"), parts[0])
    name = gate.name or gate.key
    told = (_("%(gate)s 一直关着") if kind == "shut" else _("%(gate)s 一直开着")) % {"gate": name}
    return SetGate(gate.key, kind == "shut"), told, {"at": [float(graph.lon[gate.node]), float(graph.lat[gate.node])], "name": name}


def _bridge(parts: list[str], kind: str, number: int, there: Standing, places: Places) -> tuple[Edit, str, dict[str, Any]]:
    start, end = _position(parts[0], "where"), _position(parts[1], "other")
    told = _("从 %(one)s 到 %(other)s 架桥或通路") % {"one": _spot(start), "other": _spot(end)}
    return AddBridge(start, end), told, {"at": [start.lon, start.lat], "to": [end.lon, end.lat], "name": ""}


def _where(given: QueryDict, field: str, here: Standing, places: Places) -> str:
    """A position out of the form: coordinates as “111.0,35.0”, or whatever the public map finds by its name. UnclearError where that is
    nothing, or several of which none was chosen."""
    text = str(given.get(field, "")).strip()[:60]
    lon, _comma, lat = text.replace("，", ",").partition(",")
    there = position_of({"lon": lon, "lat": lat})
    if there is None and text:
        code = _chosen(given, field, text)
        several = [] if code else candidates(text, places, here)
        one = only(several)
        meant = start_of(code or (one.code if one else ""), places, here)
        if meant is None:
            raise UnclearError(field, text, several)
        there = meant[0]
    if there is None:
        raise _wrong(field, _("经度,纬度，或者小区、楼栋、店、路、大门的名字"), text)
    return f"{there.lon:.6f},{there.lat:.6f}"


def _chosen(given: QueryDict, field: str, text: str) -> str:
    """Which of several was meant by this very text; "" where none was chosen."""
    before = f"{field}{SEPARATOR}{text}{SEPARATOR}"
    return next((one[len(before) :] for one in reversed(given.getlist("meant")) if one.startswith(before)), "")


def _position(text: str, field: str) -> Position:
    lon, _comma, lat = text.partition(",")
    there = position_of({"lon": lon, "lat": lat})
    if there is None:
        raise _wrong(field, _("经度,纬度"), text)
    return there


def _place(uid: str, places: Places) -> PlaceRow:
    row = next((one for one in places.rows if one.uid == uid), None)
    if row is None:
        raise _wrong("place", _("现有的一处场所"), uid)
    return row


def _name(row: PlaceRow) -> str:
    return words(Label(row.name_zh, row.name_en or row.name_zh))


def _spot(at: Position) -> str:
    return f"{at.lon:.5f}, {at.lat:.5f}"


def _wrong(field: str, expected: str, found: str) -> LinliError:
    return LinliError(
        "circles.edit",
        zh="这项假设不能试算",
        en="This change can't be tried.",
        place=Place(field=field),
        expected=(expected, expected),
        found=found[:40] or "—",
        remedy_zh="改正后再试",
        remedy_en="change it and try again",
    )


@dataclass(frozen=True, slots=True)
class Row:
    """What changes for a circle and norm, in words. gained: people who reach it then and didn't before, less those who lose it, and who
    doesn't reach it before and then, as the viewer is told of them; rank: by how many, which gives away no more."""

    circle: Circle
    name: str
    norm: Norm
    group: str
    walks: str
    change: Change
    rank: int
    gained: str
    missed: tuple[str, str]
    before: tuple[str, str, Any]
    after: tuple[str, str, Any]


def rows(viewer: Viewer, found: WhatIf, circle: Circle) -> list[Row]:
    """What changes, the circle's own first, then by how many people gain or lose."""
    scene = found.after.scene
    told = [
        Row(
            one.circle,
            circle_words(one.circle),
            one.norm,
            words(scene.groups[one.norm.group].label),
            str(said.WALKS[scene.groups[one.norm.group].profile]),
            one,
            *_people(one, exact=exact_for(viewer, one.circle.area_code)),
            *(said.STATES[stated(state, one.covered[0] + one.uncovered[0])] for state in one.state),
        )
        for one in found.changes
    ]
    return sorted(told, key=lambda row: (row.circle.pk != circle.pk, -row.rank))


def _people(one: Change, *, exact: bool) -> tuple[int, str, tuple[str, str]]:
    """By how many the row ranks, who gains, and who misses it before and then. After a change by so few nothing is told of those left."""
    (before, after), every = one.uncovered, one.covered[0] + one.uncovered[0]
    what, gained = f"{one.circle.code}:{one.norm.key}", before - after
    told = said.about(abs(gained), f"{what}:gained", exact=exact)
    sign = "+" if gained > 0 else "−" if gained else ""
    then = words(Split(every - before, before, exact=exact).left)
    if exact or not gained:
        left = words(Split(every - after, after, exact=exact).left)
    else:
        left = said.about(after, f"{what}:left", exact=False) if abs(gained) >= FEW else "–"
    return abs(gained) if exact else said.coarse(abs(gained), f"{what}:gained"), sign + told, (then, left)


def homes(found: WhatIf, circle: Circle, norm: Norm) -> list[dict[str, Any]]:
    """Every home of the circle: whether its people reach what the norm asks for before and after. Positions of buildings, no numbers."""
    scene, done, _before = standing_figures(found.run)
    profile = scene.groups[norm.group].profile
    limit, people = norm.limit(PROFILES[profile]), scene.people
    then, now = farthest(found.after.walks, norm, profile), farthest(done, norm, profile)
    members = scene.scopes.homes(scene.scopes.circles.index(circle.code))
    chosen = members[people.positioned[members] & (people.group(norm.group)[members] > 0)]
    yes, was = ((far[chosen] >= 0) & (far[chosen] <= limit) for far in (then, now))
    where = np.column_stack((people.lon[chosen], people.lat[chosen])).round(6).tolist()
    return [{"at": at, "was": bool(old), "covered": bool(new)} for at, old, new in zip(where, was, yes, strict=True)]

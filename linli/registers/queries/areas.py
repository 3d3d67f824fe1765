"""Reading the division table: versions on a day, subtrees, grids, stewards, and names resolved against it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from linli.kernel import areas
from linli.kernel.errors import LinliError, Place
from linli.registers.bitemporal import true_on
from linli.registers.models import Area, BuildingGrid, Staff, StaffGrant
from linli.registers.placenames import english

# What people leave out of, or write instead of, the end of an official name.
ENDINGS = (
    "", "省", "市", "县", "区", "镇", "乡", "街道", "办事处", "委会", "民委员会", "居委会", "居民委员会", "村委会", "村民委员会",
    "社区居委会", "社区居民委员会",
)  # fmt: skip
LONGEST_NAME = 30
VILLAGE_DIGITS = 12
_TOKEN = re.compile(r".{1,10}?(?:自治区|特别行政区|街道|社区|[省市县区镇乡村])")
_LEVELS = ("county", "prefecture", "township", "village", "province")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place of the table that a name which is not in it may mean. distance: characters that differ."""

    area: Area
    distance: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a place name means in this city's table. Several areas: ambiguous. None: outside it, with what was likely meant."""

    text: str
    areas: tuple[Area, ...]
    likely: tuple[Suggestion, ...] = ()


def under(code: str) -> Q:
    """Rows of area_code in the subtree of a code ("" is everywhere), as a range of the index."""
    return Q(area_code__gte=code, area_code__lt=areas.next_prefix(code)) if code else Q()


def subtree(code: str, on: date) -> QuerySet[Area]:
    """Every area below and including the code on a day, in code order."""
    rows = Area.objects.filter(true_on(on)).order_by("code")
    return rows.filter(code__gte=code, code__lt=areas.next_prefix(code)) if code else rows


def area_on(code: str, on: date) -> Area | None:
    """The version of a code on a day."""
    return Area.objects.filter(true_on(on), code=code).first()


def current_code(code: str, on: date) -> str | None:
    """The code itself on a day, or what succeeded it; None where nothing did. One query per step."""
    seen: set[str] = set()
    while code and code not in seen:
        if area_on(code, on) is not None:
            return code
        seen.add(code)
        closed = Area.objects.filter(code=code, valid_to__lte=on).order_by("-valid_to").first()
        code = closed.successor_code if closed else ""
    return None


def path_of(code: str, on: date) -> tuple[Area, ...]:
    """The area and everything above it on a day, from the province down. One query."""
    codes = [code]
    while (above := areas.parent(codes[-1])) is not None:
        codes.append(above)
    return tuple(Area.objects.filter(true_on(on), code__in=codes).order_by("code"))


def full_name(code: str, on: date) -> str:
    """'山西省运城市盐湖区东城街道': the names from the province down."""
    return "".join(area.name for area in path_of(code, on))


def grid_of(place_code: str, on: date) -> str | None:
    """The grid of a building or village group on a day, None if it was in none."""
    return BuildingGrid.objects.filter(true_on(on), building_code=place_code).values_list("grid_code", flat=True).first()


def buildings_of(grid_code: str, on: date) -> list[str]:
    """The buildings and groups of a grid on a day, in code order."""
    return list(
        BuildingGrid.objects.filter(true_on(on), grid_code=grid_code).order_by("building_code").values_list("building_code", flat=True)
    )


@dataclass(frozen=True, slots=True)
class Stewards:
    """Who looks after a building or group on a day: its grid's worker (网格员) and its own steward (楼栋管家)."""

    grid_code: str | None
    grid_worker: Staff | None
    steward: Staff | None


def stewards_of(place_code: str, on: date) -> Stewards:
    """The people responsible for a building or group on a day. Two queries."""
    grid = grid_of(place_code, on)
    codes = [code for code in (place_code, grid) if code]
    grants = (
        StaffGrant.objects.filter(true_on(on), role="steward", area_code__in=codes, staff__is_active=True)
        .select_related("staff")
        .defer("staff__password")
    )
    by_code = {grant.area_code: grant.staff for grant in grants}
    return Stewards(grid, by_code.get(grid or ""), by_code.get(place_code))


def grid_workers(places: Collection[str], on: date) -> dict[str, str]:
    """The name of the grid worker (网格员) of each building, group or grid that has one on a day. Two queries, however many places."""
    grids = dict(BuildingGrid.objects.filter(true_on(on), building_code__in=places).values_list("building_code", "grid_code"))
    wanted = {place: grids.get(place, place) for place in places}
    grants = StaffGrant.objects.filter(true_on(on), role="steward", area_code__in=set(wanted.values()), staff__is_active=True)
    names = {code: name for code, name in grants.values_list("area_code", "staff__name") if areas.level(code) == "grid"}
    return {place: names[grid] for place, grid in wanted.items() if grid in names}


def communities(places: Collection[str], on: date) -> dict[str, tuple[str, str]]:
    """The village's or community's committee (村委会, 居委会) that each place belongs to, in Chinese and English, where the table has it.
    One query."""
    wanted = {place: place[:VILLAGE_DIGITS] for place in places if len(place) >= VILLAGE_DIGITS}
    rows = Area.objects.filter(true_on(on), code__in=set(wanted.values()))
    names = {code: (committee(name), f"the committee of {english(code, name)}") for code, name in rows.values_list("code", "name")}
    return {place: names[code] for place, code in wanted.items() if code in names}


def committee(name: str) -> str:
    """What the committee of a village or community is called: tables of divisions write it out, cut it short or leave it out."""
    if name.endswith(("委员会", "委会")):
        return name
    return name + ("村民委员会" if name.endswith("村") else "居民委员会" if name.endswith("社区") else "村（居）民委员会")


def resolve_area(text: str, on: date) -> Resolution:
    """What a place name means: a full path, an official or a usual short name, at any level.

    A name outside the table gives no area but the likely ones by edit distance and shared characters. At most one query per
    level of the path; suggestions read the table once.
    """
    _require_table(on)
    wanted = tidy(text)
    ends = list(walk(wanted, "", on))
    complete = tuple(area for area, rest in ends if not rest)
    if complete:
        return Resolution(text, complete)
    deepest = min(ends, key=lambda end: len(end[1]), default=None)
    rest = deepest[1] if deepest else wanted
    return Resolution(text, (), tuple(suggestions(rest, deepest[0].code if deepest else "", on)))


def tidy(text: str) -> str:
    """A place text in one spelling: half width, no spaces or separating marks."""
    return re.sub(r"[\s,，、;；/|]+", "", unicodedata.normalize("NFKC", text))


def _require_table(on: date) -> None:
    if Area.objects.filter(true_on(on)).exists():
        return
    first = Area.objects.order_by("valid_from").first()
    raise LinliError(
        "areas.no_table",
        zh="这一天没有可用的区划表",
        en="There is no division table for that day.",
        place=Place(field="on"),
        expected=f"a day from {first.valid_from} on" if first else "an imported table",
        expected_zh=f"{first.valid_from} 或以后" if first else "已导入的区划表",
        found=str(on),
        remedy_zh="导入该日期的区划表：linli areas import",
        remedy_en="import the table of that day: linli areas import",
    )


def walk(text: str, within: str, on: date, levels: Iterable[str] | None = None) -> Iterator[tuple[Area, str]]:
    """Where reading the text from the left can end: (area, what is left unread), for every reading that cannot go on.

    A path may leave levels out. Readings that stop early although another name fits longer are not followed.
    """
    steps = _steps(text, within, on, levels)
    for area, length in steps:
        rest = text[length:]
        ends = list(walk(rest, area.code, on, levels)) if rest else []
        yield from ends or [(area, rest)]


def _steps(text: str, within: str, on: date, levels: Iterable[str] | None) -> list[tuple[Area, int]]:
    """Areas below `within` whose name, or short name, the text begins with; longest reading of each. One query."""
    lengths: dict[str, int] = {}
    for length in range(1, min(len(text), LONGEST_NAME) + 1):
        for ending in ENDINGS if length > 1 else ("",):
            lengths[text[:length] + ending] = length
    rows = subtree(within, on).filter(name__in=lengths).exclude(code=within)
    if levels is not None:
        rows = rows.filter(level__in=levels)
    found = [(area, lengths[area.name]) for area in rows]
    # A short name loses against a longer reading of the same kind: 绛县 is not 绛 of 绛县经济开发区.
    longest = max((length for _, length in found), default=0)
    highest = min((len(area.code) for area, _ in found), default=0)
    return [(area, length) for area, length in found if length == longest or len(area.code) == highest]


def suggestions(text: str, within: str, on: date, limit: int = 3) -> list[Suggestion]:
    """The places of the table that are written most like the text: fewest differing characters, most shared, highest level."""
    token = _TOKEN.match(text)
    wanted = token.group(0) if token else text[:10]
    ranked = []
    for area in subtree(within, on).filter(level__in=_LEVELS):
        shared = len(set(area.name) & set(wanted))
        distance = edit_distance(area.name, wanted)
        if shared > 1 and distance <= max(1, len(wanted) // 2):
            ranked.append((distance, -shared, _LEVELS.index(area.level), area.code, area))
    return [Suggestion(area, distance) for distance, _, _, _, area in sorted(ranked)[:limit]]


def edit_distance(one: str, other: str) -> int:
    """Levenshtein distance in characters; O(len × len)."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, opposite in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (letter != opposite))
    return row[-1]

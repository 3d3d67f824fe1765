"""Places of a map (OpenStreetMap) as the register states them: keyed by the map's own elements, so that a newer map updates them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from linli.kernel.documents import tidy_line
from linli.kernel.hours import hours_lines, read_hours
from linli.kernel.positions import WGS84, Position
from linli.reach.sources.opening import hours_of
from linli.reach.sources.osm import SourcePlace
from linli.registers.categories import Category
from linli.registers.places import LONGEST, StatedPlace
from linli.registers.stated import PHONE

ALWAYS = "周一至周日 00:00-24:00\n节假日 00:00-24:00\n调休上班日 00:00-24:00"
_KINDS = {"green": "green", "care": "institution", "public": "institution", "community": "institution"}
_OWN_KINDS = {"bus-stop": "stop", "terminal": "terminal", "idle-space": "space"}


def tag_rules(known: Mapping[str, Category]) -> dict[str, tuple[str, ...]]:
    """Which tags mean which category, as a reader of maps takes them; categories that another register keeps are not read from maps."""
    return {slug: one.osm for slug, one in known.items() if one.osm and not one.register}


def places_of_map(found: Sequence[SourcePlace], known: Mapping[str, Category], area_code: str) -> list[StatedPlace]:
    """The map's places, all in one area. A large one that streets enter, such as a park, is a place at each entrance.

    Hours that the map doesn't say, or says in a way that can't be read, are not known. What has no name goes by what it is.
    """
    return [stated for one in found for stated in _stated(one, known, area_code)]


def _stated(one: SourcePlace, known: Mapping[str, Category], area_code: str) -> Iterator[StatedPlace]:
    spots = one.entrances or ((one.lon, one.lat),)
    label = known[one.categories[0]].label
    name_zh = _text(one, "name_zh", "name:zh", "name") or label.zh
    for number, (lon, lat) in enumerate(spots, start=1):
        key = f"{one.key}#{number}" if one.entrances else one.key
        yield StatedPlace(
            code=f"osm-{key}",
            name_zh=name_zh,
            name_en=_text(one, "name_en", "name:en") or ("" if one.tags.get("name") else label.en),
            kind=_kind(one.categories[0], known),
            area_code=area_code,
            place=Position(lon, lat),
            system=WGS84,
            given=f"{lon:.7f}, {lat:.7f}",
            roles=tuple(sorted((slug, None) for slug in one.categories)),
            address=tidy_line(one.tags.get("addr:street", "") + one.tags.get("addr:housenumber", ""))[: LONGEST["address"]],
            phone=_phone(one.tags.get("phone") or one.tags.get("contact:phone") or ""),
            hours=_hours(one),
            osm=key,
        )


def _text(one: SourcePlace, field: str, *tags: str) -> str:
    found = next((one.tags[tag] for tag in tags if one.tags.get(tag)), "")
    return tidy_line(found)[: LONGEST[field]]


def _phone(text: str) -> str:
    first = tidy_line(text.split(";")[0])
    return first if PHONE.fullmatch(first) else ""


def _hours(one: SourcePlace) -> str:
    if one.hours:
        return "\n".join(hours_lines(read_hours(one.hours), chinese=True))
    return ALWAYS if one.raw_hours and hours_of(one.raw_hours) == "" else ""


def _kind(slug: str, known: Mapping[str, Category]) -> str:
    return _OWN_KINDS.get(slug) or _KINDS.get(known[slug].group, "shop")

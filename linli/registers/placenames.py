"""English names of divisions: toneless pinyin of the name without its suffix, then the suffix in English (盐湖区: Yanhu District).

How the country's own English texts write it. A reading that pinyin gets wrong, and a name that is translated rather than spelt,
is put right by the city in areas/english.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from linli.kernel import areas
from linli.kernel.errors import LinliError, Place

FILE = "english.yaml"
# By level, the longest suffix first. A village committee's name speaks of the village it is the committee of.
SUFFIXES: dict[str, tuple[tuple[str, str], ...]] = {
    "province": (("自治区", "Autonomous Region"), ("省", "Province"), ("市", "City")),
    "prefecture": (("自治州", "Autonomous Prefecture"), ("地区", "Prefecture"), ("市", "City"), ("盟", "League")),
    "county": (
        ("经济技术开发区", "Economic and Technological Development Zone"),
        ("示范区", "Demonstration Zone"),
        ("开发区", "Development Zone"),
        ("自治县", "Autonomous County"),
        ("区", "District"),
        ("县", "County"),
        ("市", "City (county-level)"),
        ("旗", "Banner"),
    ),
    "township": (
        ("经济技术开发区", "Economic and Technological Development Zone"),
        ("经济开发区", "Economic Development Zone"),
        ("街道办事处", "Subdistrict"),
        ("街道", "Subdistrict"),
        ("镇", "Town"),
        ("乡", "Township"),
    ),
    "village": (
        ("村民委员会", "Village"),
        ("村委会", "Village"),
        ("社区居民委员会", "Community"),
        ("社区居委会", "Community"),
        ("居民委员会", "Community"),
        ("居委会", "Community"),
        ("社区", "Community"),
        ("村", "Village"),
    ),
}
# A village group or building that has a number for its name, alone or after its village's.
_NUMBERED = re.compile(r"(.*?) ?(?:第([0-9]+)组|([0-9]+)号楼)")
# Provinces whose English names are not their pinyin.
PROVINCES = {"陕西": "Shaanxi", "内蒙古": "Inner Mongolia", "香港": "Hong Kong", "澳门": "Macao"}


def english(code: str, name: str, overrides: Mapping[str, str] | None = None) -> str:
    """The English name of a division by its code; what it is called in `overrides` goes before. An empty name stays empty."""
    if overrides and code in overrides:
        return overrides[code]
    if numbered := _NUMBERED.fullmatch(name):
        village, group, building = numbered.groups()
        own = f"group {int(group)}" if group else f"building {int(building)}"
        return f"{english(code[:12], village, overrides)}, {own}" if village else own.capitalize()
    for suffix, words in SUFFIXES.get(areas.level(code), ()):
        stem = name.removesuffix(suffix)
        if stem and stem != name:
            return f"{spelt(stem)} {words}"
    return spelt(name)


@lru_cache(maxsize=10_000)
def spelt(stem: str) -> str:
    """One word of toneless pinyin with a capital; an apostrophe before a syllable that begins with a vowel (西安: Xi'an)."""
    from pypinyin import Style, lazy_pinyin  # its dictionaries take a third of a second to load

    if stem in PROVINCES:
        return PROVINCES[stem]
    syllables = lazy_pinyin(stem, style=Style.NORMAL, v_to_u=True)
    joined = "".join(f"'{syllable}" if place and syllable[:1] in "aoe" else syllable for place, syllable in enumerate(syllables))
    return joined[:1].upper() + joined[1:]


def overrides_of(folder: Path) -> dict[str, str]:
    """The names in a city's areas/english.yaml, by code; none without the file. Raises LinliError for anything but code and name."""
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        told = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        told = None
    names = told.get("names") if isinstance(told, dict) else None
    if not isinstance(names, dict) or not all(isinstance(part, str) and part for pair in names.items() for part in pair):
        raise LinliError(
            "areas.english_names",
            zh="英文地名文件格式不对",
            en="This is not a file of English names.",
            place=Place(str(path)),
            expected=('names: {"140826": Jiang County, …}，每个代码加引号', 'names: {"140826": Jiang County, …}, each code in quotes'),
            remedy_zh="代码加引号，逐个写出英文名",
            remedy_en="put each code in quotes and give its name",
        )
    for code in names:
        areas.level(code)
    return names


def sound(text: str) -> str:
    """How a text sounds, sign by sign without tones, each between blanks: 得胜 and 德勝 are both ' de sheng '. What people mistype or write
    in traditional signs sounds the same."""
    return f" {' '.join(_sound(sign) for sign in text)} "


@lru_cache(maxsize=1 << 14)
def _sound(sign: str) -> str:
    from pypinyin import lazy_pinyin

    return str(lazy_pinyin(sign)[0])

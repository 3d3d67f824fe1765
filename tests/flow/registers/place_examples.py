"""A small city with real shapes of codes, and people in it, for tests of the registers."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from linli.kernel import areas
from linli.kernel.identity import check_character
from linli.kernel.viewer import Grant, Viewer, system
from linli.registers import acts
from linli.registers.acts.areas import NewPlace
from linli.registers.divisions import Division
from linli.registers.models import Resident

SYSTEM = system("test")
FIRST_DAY = date(2023, 6, 30)
CLERK = Viewer("staff:00000000-0000-7000-8000-000000000001", (Grant("clerk", "1408"),))
NAMES = {
    "14": "山西省",
    "1408": "运城市",
    "140802": "盐湖区",
    "140802002": "东城街道",
    "140802002001": "槐东社区居委会",
    "140802002002": "府东社区居委会",
    "140882": "河津市",
    "140882100": "樊村镇",
    "140882100201": "樊村村委会",
    "140882101": "僧楼镇",
    "140882101201": "张吴村委会",
    "140826": "绛县",
    "140826402": "山西绛县经济开发区",
}
VILLAGE = "140802002001"
BUILDING = "140802002001B0001"
OTHER_BUILDING = "140802002001B0002"
GROUP = "140882100201Z01"
PLACES = [
    NewPlace("140802002001G001", "槐东一网格"),
    NewPlace("140802002001G002", "槐东二网格"),
    NewPlace(BUILDING, "幸福小区1号楼", "140802002001G001"),
    NewPlace(OTHER_BUILDING, "幸福小区2号楼", "140802002001G002"),
    NewPlace("140882100201G001", "樊村网格"),
    NewPlace(GROUP, "第一组", "140882100201G001"),
    NewPlace("140882100201Z02", "第二组", "140882100201G001"),
]
_numbers = count(1)


def division(code: str, name: str, kind: str = "statutory") -> Division:
    return Division(code, name, areas.level(code), kind, areas.parent(code) or "")


def small_table(**changed: str) -> dict[str, Division]:
    """The table of the small city; changed: code → another name, "" to leave it out (written c140802=…)."""
    names = NAMES | {code.removeprefix("c"): name for code, name in changed.items()}
    return {code: division(code, name) for code, name in names.items() if name}


def load_small_city() -> None:
    acts.import_divisions(SYSTEM, divisions=small_table(), valid_from=FIRST_DAY, file_digest="sha256:test")
    acts.add_places(SYSTEM, places=PLACES, valid_from=FIRST_DAY, source="test")


def identity(born: date = date(1950, 3, 7), *, male: bool = True) -> str:
    """A valid number under a division that does not exist, another one at each call."""
    sequence = (next(_numbers) * 2 + male) % 1000
    first = f"990000{born:%Y%m%d}{sequence:03d}"
    return first + check_character(first)


def person(name: str = "王建国", **fields: Any) -> Resident:
    fields.setdefault("situations", [acts.Lives("registered", VILLAGE, FIRST_DAY), acts.Lives("lives", BUILDING, FIRST_DAY)])
    return acts.register_resident(SYSTEM, name=name, **fields)

"""A small city by chance: people in households of both kinds, with gaps, in a few villages of two counties."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from linli.kernel.identity import check_character
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer, system
from linli.registers.bulk import NewHousehold, NewLink, NewResident, register_residents
from linli.registers.imports import Delivery, ImportReport, import_list
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.models import Area, ListImport

SYSTEM = system("tests")
FIRST_DAY = date(2020, 1, 1)
VILLAGES = ("140802001001", "140802001002", "140881101200", "140881101201")
NAMES = ("测试甲", "测试乙", "测试丙", "测试丁", "测试戊")


def identity_number(born: date, serial: int) -> str:
    """A number under a division code that does not exist, with a valid check character."""
    first17 = f"990000{born:%Y%m%d}{serial % 1000:03d}"
    return first17 + check_character(first17)


def add_areas() -> None:
    """The villages with their townships and counties."""
    codes = {village[:length] for village in VILLAGES for length in (2, 4, 6, 9, 12)}
    levels = {2: "province", 4: "prefecture", 6: "county", 9: "township", 12: "village"}
    Area.objects.bulk_create(Area(code=code, name=f"区划{code}", level=levels[len(code)], valid_from=FIRST_DAY) for code in sorted(codes))


def some_people(count: int, seed: int = 1) -> list[NewResident]:
    """People of all ages; one in six has no identity number on record, some live elsewhere or at no known place."""
    chance = random.Random(seed)
    people = []
    for number in range(count):
        born = date(1930, 1, 1) + timedelta(days=chance.randrange(33_000))
        village = chance.choice(VILLAGES)
        places = [("registered", village, FIRST_DAY)]
        if chance.random() < 0.8:
            places.append(("lives", village if chance.random() < 0.8 else chance.choice(VILLAGES), FIRST_DAY))
        people.append(
            NewResident(
                uid=uuid7(),
                name=chance.choice(NAMES) + str(number),
                identity=identity_number(born, number) if chance.random() < 0.85 else "",
                birth_date=born,
                sex=chance.choice(("male", "female")),
                hukou_type=chance.choice(("agricultural", "unified", None)),
                relations_known=chance.random() < 0.7,
                situations=places,
            )
        )
    return people


def some_households(people: list[NewResident], seed: int = 1) -> list[NewHousehold]:
    """Both kinds; one in ten people belongs to none."""
    chance = random.Random(seed)
    homes = []
    for kind in ("hukou_book", "shared_living"):
        left = [person.uid for person in people if chance.random() < 0.9]
        while left:
            members, left = left[: chance.randint(1, 5)], left[chance.randint(1, 5) :]
            left = [uid for uid in left if uid not in members]
            roles = ["head", *(chance.choice(("spouse", "child", "parent", "other")) for _ in members[1:])]
            homes.append(NewHousehold(uuid7(), kind, chance.choice(VILLAGES), FIRST_DAY, list(zip(members, roles, strict=True))))
    return homes


def some_links(people: list[NewResident], seed: int = 1) -> list[NewLink]:
    """A child and its guardian here and there, in both directions."""
    chance = random.Random(seed)
    links = []
    for one, other in zip(people[::3], people[1::3], strict=False):
        if chance.random() < 0.5:
            links += [NewLink(one.uid, other.uid, "guardian", FIRST_DAY), NewLink(other.uid, one.uid, "ward", FIRST_DAY)]
    return links


def load_city(count: int = 60, seed: int = 1) -> list[NewResident]:
    """Areas, people, households and links in the database."""
    add_areas()
    people = some_people(count, seed)
    register_residents(SYSTEM, people, some_households(people, seed), some_links(people, seed), source="tests", generated=True)
    return people


def uids(people: list[NewResident]) -> list[UUID]:
    """The people's uids."""
    return [person.uid for person in people]


def deliver(
    folder: Path,
    rows: Iterable[Sequence[object]],
    as_of: date | None = None,
    *,
    slug: str = "disability-certificate",
    viewer: Viewer = SYSTEM,
    settled: Callable[[ListImport], None] = lambda row: None,
    **options: Any,
) -> ImportReport:
    """Write a csv as a department would and import it. rows: cells under HEADERS[slug]."""
    path = folder / f"{slug}-{as_of}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS[slug])
        writer.writerows(rows)
    return import_list(viewer, declaration=list_of(slug), delivery=Delivery(path, as_of=as_of, **options), settled=settled)


def list_of(slug: str) -> ListDeclaration:
    """One of the demo city's lists."""
    return load_lists(Path(settings.LINLI_CITY))[slug]


def on_list(person: NewResident, *values: object) -> list[object]:
    """A row about the person: number, name, birth date, area, then the list's own columns."""
    return [person.identity, person.name, person.birth_date, person.situations[0][1], *values]


WHO = ["身份证号码", "姓名", "出生日期", "行政区划代码"]
HEADERS = {
    "disability-certificate": [*WHO, "残疾类别", "残疾等级"],
    "subsistence-allowance": [*WHO, "低保类别", "批准日期"],
    "elder-survey": [*WHO, "是否独居"],
    "employer-roster": ["统一社会信用代码", "参保人数"],
}

"""What lists say day by day: a teacher's month from the posts delivered, and who is covered on the day of an injury."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pytest
from django.conf import settings

from linli.kernel import clock
from linli.kernel.identity import check_character
from linli.kernel.ids import uuid7
from linli.kernel.viewer import system
from linli.programmes import Programme, catalogue, parse_programme
from linli.programmes.files import city_vocabulary
from linli.programmes.reckoning import Stretch, reckon_many, total
from linli.registers import snapshot
from linli.registers.bulk import NewResident, register_residents
from linli.registers.imports import Delivery, import_list
from linli.registers.lists import load_lists
from linli.registers.models import Area
from linli.rules import evaluate_frame
from linli.vault import keyring

pytestmark = pytest.mark.django_db
SYSTEM = system("tests")
VILLAGE, BORN, START = "140802001001", date(1988, 5, 4), date(2020, 1, 1)
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
RATES = "[{from: 2026-01-01, rows: {一类: 10 yuan, 二类: 7 yuan}}, {from: 2026-03-21, rows: {一类: 12 yuan, 二类: 8 yuan}}]"


@pytest.fixture(autouse=True)
def _city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    path = tmp_path / "keys.json"
    monkeypatch.delenv("LINLI_KEYS", raising=False)
    monkeypatch.setenv("LINLI_KEY_FILE", str(path))
    keyring.write(keyring.new_keyring(), path)
    levels = {2: "province", 4: "prefecture", 6: "county", 9: "township", 12: "village"}
    Area.objects.bulk_create(Area(code=VILLAGE[:size], name=f"区划{size}", level=level, valid_from=START) for size, level in levels.items())
    with clock.frozen(datetime(2026, 4, 1, 2, tzinfo=UTC)):
        yield


def reckon_days(asked: Programme, who: UUID, first: date, last: date) -> tuple[Stretch, ...]:
    return reckon_many(asked, [who], first, last)[str(who)]


def programme() -> Programme:
    """The allowance with rates, as the city will have it once they are published."""
    text = catalogue(Path(settings.LINLI_CITY)).newest("rural-teaching-allowance").text
    return parse_programme(text.replace("values: []", f"values: {RATES}").encode(), city_vocabulary(Path(settings.LINLI_CITY)))


def teacher(serial: int) -> NewResident:
    number = f"990000{BORN:%Y%m%d}{serial:03d}"
    places = [(kind, VILLAGE, START) for kind in ("registered", "lives", "insured")]
    return NewResident(
        uid=uuid7(), name=f"测试教师{serial}", identity=number + check_character(number), birth_date=BORN, sex="female", situations=places
    )


HEADERS = {"teacher-post": ["学校类别", "到岗日期", "离岗日期"], "platform-orders": ["接单日期", "平台名称"]}


def deliver(folder: Path, as_of: date, rows: list[tuple[Any, ...]], slug: str = "teacher-post") -> None:
    path = folder / f"{slug}-{as_of}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["身份证号", "姓名", *HEADERS[slug]])
        writer.writerows((one.identity, one.name, *said) for one, *said in rows)
    import_list(SYSTEM, declaration=load_lists(Path(settings.LINLI_CITY))[slug], delivery=Delivery(path, as_of=as_of))


def test_each_day_is_paid_at_the_rate_of_its_school_and_of_its_day(tmp_path: Path):
    moved, stayed, left = (teacher(number) for number in (1, 2, 3))
    register_residents(SYSTEM, [moved, stayed, left], [], [], source="tests", generated=True)
    deliver(tmp_path, date(2026, 3, 1), [(one, "一类", "2024-09-01", "") for one in (moved, stayed, left)])
    deliver(
        tmp_path,
        date(2026, 3, 31),
        [
            (moved, "一类", "2024-09-01", "2026-03-10"),
            (moved, "二类", "2026-03-11", ""),
            (stayed, "一类", "2024-09-01", ""),
            (left, "一类", "2024-09-01", "2026-03-05"),
        ],
    )
    found = reckon_days(programme(), moved.uid, FIRST, LAST)
    assert [(one.days, one.fen) for one in found] == [(10, 1000), (10, 700), (11, 800)]
    assert total(found) == 10_000 + 7_000 + 8_800
    assert total(reckon_days(programme(), stayed.uid, FIRST, LAST)) == 20 * 1000 + 11 * 1200
    assert [(one.days, one.fen) for one in reckon_days(programme(), left.uid, FIRST, LAST)] == [(5, 1000), (26, 0)]
    before = reckon_days(programme(), left.uid, date(2026, 2, 1), date(2026, 2, 28))
    assert total(before) == 28 * 1000
    stranger = reckon_days(programme(), uuid7(), FIRST, LAST)
    assert [(one.verdict, one.amount) for one in stranger] == [("unknown", None)]


def test_covered_is_who_had_an_order_on_any_platform_that_day_and_nobody_else(tmp_path: Path):
    """The rule is asked as of the day of the injury, however late the claim comes."""
    rider, idle = teacher(4), teacher(5)
    register_residents(SYSTEM, [rider, idle], [], [], source="tests", generated=True)
    for day in (5, 6):
        orders = [(rider, f"2026-03-{day:02d}", "甲"), (rider, f"2026-03-{day:02d}", "乙")] if day == 5 else [(idle, "2026-03-06", "甲")]
        deliver(tmp_path, date(2026, 3, day), orders, "platform-orders")
    rule = catalogue(Path(settings.LINLI_CITY)).newest("platform-injury-cover").rule

    def covered(who: NewResident, day: int) -> bool | None:
        people, homes, links = snapshot.facts_for([who.uid], as_of=date(2026, 3, day)).frames()
        claimed = people.with_columns(hurt_on_duty=pl.lit(True))
        return {"eligible": True, "not_eligible": False, "unknown": None}[
            evaluate_frame(rule, claimed, homes, links, as_of=date(2026, 3, day))["verdict"][0]
        ]

    assert [covered(rider, day) for day in (4, 5, 6, 7)] == [None, True, False, None], "no list was sent for the 4th and the 7th"
    assert [covered(idle, day) for day in (5, 6)] == [False, True]

"""A price list read cell by cell: what is wrong is named by its place, and nothing is guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from linli.kernel.errors import Problems
from linli.registers.prices.reading import overlaps, read_prices

HEAD = "项目编码,项目名称,计价单位,价格（元）,医院等级,起始日期,终止日期\n"
FIRST = date(2026, 1, 1)


def listed(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "prices.csv"
    path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_rows_are_read_with_their_days_and_grades(tmp_path: Path):
    found = read_prices(listed(tmp_path, "110200001,普通门诊诊查费,次,5.00,三级,2026-01-01,2026-06-30", "110200001,普通门诊诊查费,次,3,,,"))
    assert [(one.row, one.code, one.level, one.fen, one.valid_from, one.valid_to) for one in found] == [
        (2, "110200001", "3", 500, FIRST, date(2026, 6, 30)),
        (3, "110200001", "", 300, None, None),
    ]


@pytest.mark.parametrize(
    ("row", "place", "code"),
    [
        ("110200001,诊查费,次,-5,,,", "D2", "cells.too_small"),
        ("110200001,诊查费,次,五元,,,", "D2", "cells.not_money"),
        (",诊查费,次,5,,,", "A2", "cells.required"),
        ("110200001,诊查费,次,5,特级,,", "E2", "cells.choice"),
        ("110200001,诊查费,次,5,,2026-02-30,", "F2", "cells.date"),
        ("110200001,诊查费,次,5,,2026-02-03,2026-02-02", "2", "cells.backwards"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, row: str, place: str, code: str):
    with pytest.raises(Problems) as caught:
        read_prices(listed(tmp_path, row))
    [error] = caught.value.problems
    assert error.place is not None
    assert str(error.place.line) == place.lstrip("ABCDEF")
    assert error.zh
    assert error.en


def test_a_missing_column_is_named(tmp_path: Path):
    with pytest.raises(Problems) as caught:
        read_prices(listed(tmp_path, "1,诊查费,次", head="项目编码,项目名称,计价单位\n"))
    assert caught.value.problems[0].expected_zh == "价格"


@pytest.mark.parametrize(
    ("rows", "clash"),
    [
        (("1,甲,次,5,,2026-01-01,", "1,甲,次,6,,2026-02-01,"), False),
        (("1,甲,次,5,,2026-01-01,2026-01-31", "1,甲,次,6,,2026-02-01,"), False),
        (("1,甲,次,5,,2026-01-01,2026-02-01", "1,甲,次,6,,2026-02-01,"), True),
        (("1,甲,次,5,,2026-02-01,2026-02-28", "1,甲,次,6,,2026-01-01,2026-03-31"), True),
        (("1,甲,次,5,,,", "1,甲,次,6,,2026-01-01,"), True),
        (("1,甲,次,5,三级,,", "1,甲,次,6,二级,,"), False),
        (("1,甲,次,5,,,", "2,乙,次,5,,,"), False),
    ],
)
def test_two_prices_on_one_day_are_an_overlap(tmp_path: Path, rows: tuple[str, str], clash: bool):
    found = list(overlaps(read_prices(listed(tmp_path, *rows)), FIRST, "prices.csv"))
    assert [error.place and error.place.line for error in found] == ([3] if clash else [])

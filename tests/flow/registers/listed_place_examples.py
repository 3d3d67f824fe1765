"""A place as a file brings it."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from linli.kernel.clock import today
from linli.registers.categories import categories
from linli.registers.places import COLUMNS, StatedPlace, place_of

CITY = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
KNOWN = categories(CITY)
ROW = {
    "编号": "P1", "名称": "老王早点", "英文名称": "", "类别": "早餐店", "形式": "摊点", "区划代码": "140802002001", "经度": "111.01",
    "纬度": "35.0", "坐标系": "WGS-84", "地址": "河东街1号", "电话": "", "营业时间": "周一至周日 06:00-09:30", "单独日期": "",
    "证照号": "", "开业日期": "", "停业日期": "",
}  # fmt: skip


def place_list(*rows: dict[str, str], name: str = "places.csv") -> SimpleUploadedFile:
    """A list as a browser sends it: a breakfast stall a row, but for what is changed."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ROW)
    writer.writeheader()
    writer.writerows(ROW | row for row in rows)
    return SimpleUploadedFile(name, out.getvalue().encode())


def place(code: str = "P1", lon: float = 111.01, **changed: Any) -> StatedPlace:
    """A breakfast stall, but for what is changed."""
    values = {COLUMNS[name]: text for name, text in ROW.items()} | {"code": code, "lon": str(lon)} | changed
    return place_of(values, KNOWN)


def day(name: str = "on", when: date | None = None) -> dict[str, str]:
    """A day as a form with three boxes sends it; today if left out."""
    chosen = when or today()
    return {f"{name}_0": str(chosen.year), f"{name}_1": str(chosen.month), f"{name}_2": str(chosen.day)}

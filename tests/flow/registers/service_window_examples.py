"""A service window as a file brings it."""

from __future__ import annotations

from typing import Any

from linli.registers.windows import COLUMNS, NewWindow, window_of

ITEMS = frozenset({"home-adaptation", "disabled-student-aid"})
ROW = {
    "编号": "W1", "名称": "东城街道便民服务中心", "英文名称": "Dongcheng service centre", "区划代码": "140802002000", "服务范围": "全市",
    "经度": "111.01", "纬度": "35.0", "坐标系": "WGS-84", "地址": "测试路1号", "电话": "0359-0000000",
    "办公时间": "周一至周五 09:00-12:00 14:00-18:00", "单独日期": "", "办理事项": "全部",
}  # fmt: skip


def window(code: str, lon: float = 111.01, **changed: Any) -> NewWindow:
    """A window that does the items of ITEMS, but for what is changed."""
    values = {COLUMNS[name]: text for name, text in ROW.items()} | {"code": code, "lon": str(lon)} | changed
    return window_of(values, ITEMS)

"""Windows of the small city: one open on working days, one in the mornings only, one that serves its own county and one item alone."""

from __future__ import annotations

from datetime import datetime

from place_examples import SYSTEM, VILLAGE
from web_examples import AID

from linli.kernel.clock import SHANGHAI
from linli.kernel.positions import WGS84, Position
from linli.registers import acts
from linli.registers.windows import COLUMNS, NewWindow, window_of

TOWNSHIP = "140802002"
MONDAY = datetime(2026, 11, 23, 15, tzinfo=SHANGHAI)
FORM = {
    "code": "W-1", "name_zh": "测试街道便民服务中心", "name_en": "Test Street centre", "area_code": TOWNSHIP, "reach": "全市",
    "system": WGS84, "lon": "111.01", "lat": "35.0", "address": "测试路1号", "phone": "12345",
    "hours": "周一至周五 09:00-12:00 14:00-18:00", "dates": "", "items": "全部",
}  # fmt: skip


def described(**changed: str) -> NewWindow:
    """A window as FORM says, but for what is changed."""
    assert set(FORM) == set(COLUMNS.values())
    return window_of(FORM | changed, frozenset({AID}))


def open_windows() -> None:
    """Three windows, and the centre of 东城街道 from which two of them are two and one kilometres away."""
    morning = {"name_zh": "上午办公的便民服务站", "name_en": "Morning service station", "hours": "周一至周五 09:00-12:00"}
    own = {"name_zh": "本区助学窗口", "name_en": "Own county's window", "reach": "本辖区", "area_code": "140802"}
    windows = [
        described(lon="111.02"),
        described(code="W-2", **morning, dates="2026-12-01 休息"),
        described(code="W-3", **own, lon="111.3", items=AID),
    ]
    acts.import_windows(SYSTEM, windows=windows, source="test")
    acts.position_areas(SYSTEM, positions={TOWNSHIP: Position(111.0, 35.0), VILLAGE: Position(111.001, 35.0)}, source="test")

"""Windows of the small city: one open on working days, one in the mornings only, one that serves its own county and one item alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from place_examples import SYSTEM, VILLAGE
from web_examples import AID

from linli.kernel.clock import SHANGHAI, now
from linli.kernel.positions import WGS84, Position
from linli.kernel.workdays import workdays
from linli.registers import acts
from linli.registers.windows import COLUMNS, NewWindow, window_of

CITIES = Path(__file__).resolve().parents[3] / "cities"
TOWNSHIP = "140802002"
DAYS = workdays(CITIES / "yuncheng")
MONDAY = next(
    day.replace(hour=15, minute=0, second=0, microsecond=0)
    for ahead in range(1, 60)
    if (day := now().astimezone(SHANGHAI) + timedelta(days=ahead)).weekday() == 0
    and all(DAYS.is_workday(day.date() + timedelta(days=more)) for more in (0, 1))
)
"""At three in the afternoon of the next one that is a working day, as the day after it: the city is made before."""
REST = MONDAY + timedelta(days=8)
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
        described(code="W-2", **morning, dates=f"{REST:%Y-%m-%d} 休息"),
        described(code="W-3", **own, lon="111.3", items=AID),
    ]
    acts.import_windows(SYSTEM, windows=windows, source="test")
    acts.position_areas(SYSTEM, positions={TOWNSHIP: Position(111.0, 35.0), VILLAGE: Position(111.001, 35.0)}, source="test")

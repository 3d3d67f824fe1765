"""Places of a made-up town: shops along its streets, stalls in its lanes, stations inside its compounds, as a list of places has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from linli.kernel.positions import WGS84
from linli.registers.categories import Category
from linli.registers.generated.town.ground import Ground, Line, Point
from linli.registers.generated.town.plan import Block, Random
from linli.registers.places import KIND_WORDS

DAILY = "节假日 {0}；周一至周日 {0}"
WEEKDAYS = "周一至周五 {0}；调休上班日 {0}"
SIX_DAYS = "周一至周六 {0}；调休上班日 {0}"
ADDRESS = "演示数据，不是实际地址"
FRONT_METRES, LANE_FRONT_METRES = 8.0, 4.0  # from the middle of a street, and of a lane, to a shop's door
UNKNOWN_HOURS = 0.04  # of places nobody has said their hours
CLOSED, TO_OPEN, OLD_DAYS = 0.06, 0.015, 9 * 365


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of place and how many of it a block of each type has: assumptions for a demo, no statistics.

    many: in the core, an old estate, an ordinary block. hours: the patterns that occur. also: other roles it may have, each with how often.
    where: "street", "lane" (where there is one) or "inside" a compound. takes: least and most capacity.
    """

    category: str
    many: tuple[float, float, float]
    hours: tuple[str, ...]
    kind: str = "shop"
    also: Mapping[str, float] = field(default_factory=dict)
    where: str = "street"
    takes: tuple[int, int] | None = None


def _daily(*spans: str) -> tuple[str, ...]:
    return tuple(DAILY.format(span) for span in spans)


TRADES = (
    Trade("convenience", (15.04, 10.56, 8.48), _daily("07:00-23:00", "00:00-24:00", "06:30-22:30"), also={"parcel": 0.22}),
    Trade("supermarket", (1.68, 0.29, 0.77), _daily("08:30-21:30", "08:00-21:00"), also={"fresh-food": 0.5, "experience": 0.1}),
    Trade("market", (0.2, 0.52, 0.21), _daily("05:30-19:30", "06:00-12:30 15:30-19:30"), also={"breakfast": 0.3}),
    Trade("fresh-food", (0.92, 1.39, 0.92), _daily("07:00-20:30", "08:00-21:30")),
    Trade("breakfast", (0.75, 0.64, 0.34), _daily("06:00-10:00", "05:30-14:00", "06:00-21:00")),
    Trade("breakfast", (0.25, 0.98, 0.25), _daily("05:45-09:00", "06:00-09:30"), "stall", where="lane"),
    Trade("laundry", (1.14, 0.41, 0.58), _daily("08:30-20:00", "09:00-21:00"), also={"repair": 0.12}),
    Trade("hairdresser", (1.5, 1.4, 1), _daily("09:00-21:00", "08:30-20:30")),
    Trade("photo-print", (0.45, 0.18, 0.18), _daily("08:30-19:30"), also={"parcel": 0.1}),
    Trade("housekeeping", (0.29, 0.19, 0.19), (SIX_DAYS.format("08:30-18:00"),)),
    Trade("repair", (0.17, 0.54, 0.17), (*_daily("08:00-19:00"), SIX_DAYS.format("08:30-18:30"))),
    Trade("repair", (0.07, 0.48, 0.1), (SIX_DAYS.format("08:00-11:30 14:30-18:00"), *_daily("08:30-12:00")), "stall", where="lane"),
    Trade("pharmacy", (3.45, 2.4, 2.1), _daily("08:00-21:30", "08:00-22:00", "00:00-24:00")),
    Trade("parcel", (0.75, 0.52, 0.6), _daily("08:30-20:30", "09:00-21:00")),
    Trade("recycling", (0.27, 0.98, 0.55), _daily("08:00-18:00"), "stall", where="lane"),
    Trade("elder-care", (0.7, 1.16, 0.82), _daily("08:00-18:00", "08:30-17:30"), "institution", {"elder-meals": 0.5}, "inside", (10, 40)),
    Trade("childcare", (0.57, 0.21, 0.57), (WEEKDAYS.format("07:30-18:00"), WEEKDAYS.format("08:00-18:30")), "institution", takes=(20, 90)),
    Trade("elder-meals", (0.36, 0.65, 0.36), _daily("10:30-13:00 16:30-18:30"), "institution", {}, "inside", (30, 120)),
    Trade("clinic", (0.48, 0.4, 0.4), (*_daily("08:00-18:00"), SIX_DAYS.format("08:00-12:00 14:30-18:00")), "institution"),
    Trade("mutual-aid", (0.17, 0.55, 0.33), _daily("08:30-11:30 14:30-17:30"), "institution", {"activity": 0.4}, "inside"),
    Trade("green-space", (0.16, 0.13, 0.42), _daily("00:00-24:00"), "green"),
    Trade("play-space", (0.12, 0.16, 0.48), _daily("06:00-22:00"), "green", {}, "inside"),
    Trade("terminal", (0.33, 0.13, 0.13), _daily("00:00-24:00", "08:00-22:00"), "terminal"),
    Trade("bus-stop", (1.3, 0.9, 0.8), _daily("06:00-21:30"), "stop"),
    Trade("activity", (0.16, 0.08, 0.1), ("周二至周日 09:00-17:30；节假日 09:00-17:30；调休上班日 09:00-17:30",), "institution"),
    Trade("experience", (0.3, 0, 0.03), _daily("10:00-21:00")),
    Trade("idle-space", (0.08, 0.16, 0.06), (WEEKDAYS.format("09:00-18:00"),), "space"),
)  # fmt: skip
_TYPE = {"core-business": 0, "old-estate": 1, "ordinary": 2}
_FIRST = (
    ("福源", "Fuyuan"), ("广汇", "Guanghui"), ("惠民", "Huimin"), ("永兴", "Yongxing"), ("瑞祥", "Ruixiang"), ("安康", "Ankang"),
    ("家和", "Jiahe"), ("德胜", "Desheng"), ("万家", "Wanjia"), ("新亮", "Xinliang"), ("同乐", "Tongle"), ("百顺", "Baishun"),
    ("长青", "Changqing"), ("明珠", "Mingzhu"), ("金穗", "Jinsui"), ("春和", "Chunhe"), ("宏泰", "Hongtai"), ("祥云", "Xiangyun"),
)  # fmt: skip
_STALLS = ("老王", "老李", "张姐", "刘师傅", "小赵", "老陈", "马师傅", "王婶")
Row = dict[str, str]


def rows_of(
    ground: Ground,
    blocks: Sequence[Block],
    entrances: Mapping[int, Sequence[Point]],
    known: Mapping[str, Category],
    rng: Random,
    as_of: date,
) -> list[Row]:
    """Rows of a list of places, by number. Every block has better and worse luck of its own, which all its trades share."""
    found: list[Row] = []
    for number, block in enumerate(blocks):
        community = _nearest_community(blocks, block)
        for entrance in entrances.get(number, ()):
            values = {"类别": known["green-space"].label.zh, "形式": "绿地", "营业时间": DAILY.format("06:00-22:00")}
            name = f"{_FIRST[number % len(_FIRST)][0]}公园{len(found) % 4 + 1}号入口（演示）"
            found.append(_row(ground, entrance, community, len(found), values | {"名称": name, "英文名称": "Park entrance (demo)"}))
        if block.use not in ("homes", "square"):
            continue
        luck = float(rng.lognormal(-0.15, 0.55))
        for trade in TRADES:
            often = trade.many[_TYPE["core-business" if block.use == "square" else block.kind]] * luck
            for _ in range(int(rng.poisson(often))):
                values = _said(trade, known, rng, as_of)
                found.append(_row(ground, _spot(block, trade.where, rng), community, len(found), values))
    return found


def _nearest_community(blocks: Sequence[Block], block: Block) -> str:
    """The community of a block, or of the nearest that has one: also a park lies in some community."""
    settled = [one for one in blocks if one.community]
    best = min(settled, key=lambda one: (abs(one.row - block.row) + abs(one.column - block.column), one.row, one.column))
    return best.community.code if best.community else ""


def _row(ground: Ground, spot: Point, community: str, number: int, values: Row) -> Row:
    place = ground.position(spot)
    own = {"编号": f"DEMO-P{number + 1:05d}", "区划代码": community, "经度": f"{place.lon:.7f}", "纬度": f"{place.lat:.7f}"}
    return own | {"坐标系": WGS84, "地址": ADDRESS} | values


def _said(trade: Trade, known: Mapping[str, Category], rng: Random, as_of: date) -> Row:
    """What a place says of itself."""
    also = [slug for slug, often in trade.also.items() if float(rng.random()) < often]
    first_zh, first_en = _FIRST[int(rng.integers(len(_FIRST)))]
    label = known[trade.category].label
    stall = str(rng.choice(_STALLS))
    capacity = f"（{int(rng.integers(*trade.takes))}）" if trade.takes else ""
    opened = as_of - timedelta(days=int(rng.integers(30, OLD_DAYS)))
    draw, hours = float(rng.random()), str(rng.choice(trade.hours))
    closed = ""
    if draw < CLOSED:
        closed = str(max(as_of - timedelta(days=int(rng.integers(5, 500))), opened + timedelta(days=20)))
    elif draw < CLOSED + TO_OPEN:
        opened = as_of + timedelta(days=int(rng.integers(10, 90)))
    return {
        "名称": f"{stall if trade.kind == 'stall' else first_zh}{label.zh}（演示）",
        "英文名称": f"{first_en} {label.en} (demo)",
        "类别": "、".join([label.zh + capacity, *(known[slug].label.zh for slug in also)]),
        "形式": KIND_WORDS[trade.kind],
        "营业时间": "" if float(rng.random()) < UNKNOWN_HOURS else hours,
        "开业日期": str(opened),
        "停业日期": closed,
    }


def _spot(block: Block, where: str, rng: Random) -> Point:
    """In front of the wall: between it and the middle of the street; or beside a building."""
    if where == "inside" and block.slots:
        x, y = block.slots[int(rng.integers(len(block.slots)))]
        return x + 12.0, y
    lanes = block.lanes if where == "lane" or float(rng.random()) < 0.35 else []
    lines = lanes or list(block.sides.values())
    line = lines[int(rng.integers(len(lines)))]
    along = line.at(float(rng.uniform(0.06, 0.94)))
    return _beside(block, line, along, LANE_FRONT_METRES if lanes else FRONT_METRES, rng)


def _beside(block: Block, line: Line, along: Point, metres: float, rng: Random) -> Point:
    """A little to the side of the street's middle: of a main street towards the block, of a lane either way."""
    east, north = block.middle
    lies = line.a[1] == line.b[1]
    if line in block.lanes:
        side = 1.0 if float(rng.random()) < 0.5 else -1.0
    else:
        side = 1.0 if (north > along[1] if lies else east > along[0]) else -1.0
    x, y = (along[0], along[1] + side * metres) if lies else (along[0] + side * metres, along[1])
    return round(x, 1), round(y, 1)

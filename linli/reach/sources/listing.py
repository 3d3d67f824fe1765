"""What an import mended, left out or doubts, kept one by one so that a person can look at each."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from linli.kernel.errors import LinliError, Place
from linli.reach.snapping import WORDS as OFF

WORDS: Final = {
    "self_loop": ("首尾是同一节点的路段，已略去", "a link from a node to itself, left out"),
    "parallel": ("同一对节点之间有多条路段，均保留", "one of several links between the same two nodes, all kept"),
    "double_link": ("完全相同的路段重复出现，只保留一条", "the same link once more, kept once"),
    "zero_length": ("长度为零的路段，保留", "a link without length, kept"),
    "ends_apart": ("路段两端相距太远，其中一个节点的坐标不对，已略去", "the ends lie too far apart: a node is misplaced; left out"),
    "length_short": ("长度小于两端的直线距离，按所给长度保留", "shorter than the straight line between its ends, kept as given"),
    "length_long": ("长度远大于两端的直线距离，按所给长度保留", "far longer than the straight line between its ends, kept as given"),
    "lonely_node": ("没有任何路段的节点", "a node without any link"),
    "island": ("与其余路网不相通的一小块", "a small part of the network with no way to the rest"),
    "cut": ("没有桥、隧道或道口而穿过阻隔的路段，已断开", "a link that crosses a barrier without bridge, tunnel or crossing, cut"),
    "on_barrier": ("节点正在阻隔线上，按道口处理，可以通过", "a node on a barrier, taken for a crossing: it can be passed"),
    "barrier_outside": ("阻隔完全在路网范围之外，不起作用", "a barrier wholly outside the network: it bars nobody"),
    "barrier_without_line": ("阻隔不足两个点，已略去", "a barrier of fewer than two points, left out"),
    "not_walkable": ("注明不许步行或不开放，已略去", "nobody may walk there, or it is not public; left out"),
    "vehicles_oneway": ("车辆的单行不限制步行；步行单行用 foot_oneway 列", "oneway binds vehicles; for people on foot it is foot_oneway"),
    "gate_hours": ("大门的开放时间读不懂，按一直开放处理", "a gate's opening hours can't be read; it counts as open"),
    "place_hours": ("场所的营业时间读不懂，按一直开放处理", "a place's hours can't be read; it counts as open"),
    "gate_private": ("只供住户通行的大门，按可以通行处理（住在里面的人要从这里出入）", "a gate for residents only; it counts as open"),
    "gate_off_network": ("大门不在任何可步行的道路上，已略去", "a gate on no link that can be walked, left out"),
    "node_missing": ("道路的节点不在文件中，缺少的一段已略去", "a street's node is not in the file; that part is left out"),
    "unknown_highway": ("不认识的道路类型，已略去", "a kind of street that is not known, left out"),
    "unknown_word": ("不认识的写法：没写“否”的桥即是桥，没写不许的即可步行", "an unknown word: bridge unless no, walked unless forbidden"),
    "unread_incline": ("坡度写法读不懂，按不陡处理", "an incline that can't be read; it counts as not steep"),
    "broken_area": ("水面轮廓不完整，按线处理", "the outline of a water area is not closed, taken as a line"),
    "no_relations": ("文件中没有任何关系，可能被截断", "the file holds no relations: it may be cut short"),
    "gcj02": ("坐标很可能是 GCJ-02 而不是所说明的坐标系", "the coordinates are most likely GCJ-02 and not in the system that is declared"),
    "bd09": ("坐标很可能是 BD-09 而不是所说明的坐标系", "the coordinates are most likely BD-09 and not in the system that is declared"),
    "column_unread": ("这一列没有读取，列名可能写错", "a column that nobody reads; its name may be misspelt"),
    "row_twice": ("与前面某行完全相同的行，只取一次", "a row that says just what an earlier one says, taken once"),
    "service_never": ("没有任何运行日期的班次日历", "a service that runs on no day"),
    "trip_short": ("不足两站的车次，已略去", "a trip of fewer than two stops, left out"),
    "trip_never": ("所属日历不运行的车次", "a trip whose service never runs"),
    "stop_unused": ("没有任何车次停靠的站点", "a stop where nothing calls"),
    "stop_far": ("离其他站点极远的站点，坐标可能有误", "a stop very far from the others; its position may be wrong"),
    "village_without_stop": (
        "步行范围内没有公交停靠的站点，也走不到县城：乘车到不了",
        "no stop of a bus within the walk, nor a county seat: no journey begins here",
    ),
    "seat_without_stop": (
        "县城步行范围内没有公交停靠的站点：乘车到不了这里",
        "no stop of a bus within the walk of this county seat: no journey ends here",
    ),
    "too_fast": ("两站之间快得不可能", "faster between two stops than any bus or train here"),
    "time_between": ("中间站没有时刻，按站序内插", "a stop between without a time, put in evenly"),
    "headway_overlap": ("同一车次的发车间隔时段重叠，都计入", "frequencies of one trip overlap; both count"),
    **{f"place_{why.name.lower()}": (f"场所{zh}；按所写的使用", f"a place: {en}; used as stated") for why, (zh, en) in OFF.items()},
    "network_shifted": ("路网可能是 GCJ-02，或本文件说明的坐标系不对", "the network is shifted, or this file's own declaration is wrong"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Doubt:
    """One thing listed. code: of WORDS; where: file and row, or the source's own key; found: what stands there."""

    code: str
    where: str
    found: str = ""

    def words(self, chinese: bool) -> str:
        """What it means."""
        return WORDS[self.code][0 if chinese else 1]


@dataclass(slots=True)
class Listing:
    """Everything that was listed, in the order it was found."""

    doubts: list[Doubt] = field(default_factory=list)

    def add(self, code: str, where: str, found: object = "") -> None:
        """List one thing."""
        self.doubts.append(Doubt(code, where, str(found)[:200]))

    def extend(self, code: str, wheres: Iterable[str], founds: Iterable[object]) -> None:
        """List several of one kind."""
        for where, found in zip(wheres, founds, strict=True):
            self.add(code, where, found)

    def counts(self) -> dict[str, int]:
        """How many of each code, by code."""
        return dict(sorted(Counter(one.code for one in self.doubts).items()))

    def write(self, path: Path, chinese: bool) -> None:
        """As a csv of code, where, found and the words."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["code", "where", "found", "meaning"])
            for one in sorted(self.doubts):
                writer.writerow([one.code, one.where, one.found, one.words(chinese)])


def refused(
    code: str,
    said: tuple[str, str],
    remedy: tuple[str, str],
    *,
    file: str | None = None,
    line: int | None = None,
    field: str | None = None,
    expected: str | tuple[str, str] | None = None,
    found: object = None,
) -> LinliError:
    """A refusal "reach.<code>" with its place. Pairs are (zh, en)."""
    return LinliError(
        f"reach.{code}",
        zh=said[0],
        en=said[1],
        place=Place(file=file, line=line, field=field),
        expected=expected,
        found=found if isinstance(found, tuple) else None if found is None else str(found)[:120],
        remedy_zh=remedy[0],
        remedy_en=remedy[1],
    )

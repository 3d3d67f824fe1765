"""Open data (开放数据): counts by programme, county and quarter for everyone, small ones left out, each publication kept as it was.

Once a month, and every number coarsely (suppressing.py): neither a publication nor the difference of two says anything of a few people.
What the city publishes is its own to say: cities/<city>/open-data.yaml; without the file, or without a limit in it, nothing is published.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from linli.insight import csvw, suppressing
from linli.insight.csvw import About, Column
from linli.insight.facts import OPEN_DATA_PUBLISHED
from linli.insight.models import Publication
from linli.insight.suppressing import Told
from linli.kernel import clock
from linli.kernel.digests import digest
from linli.kernel.errors import malformed
from linli.kernel.viewer import Viewer, system
from linli.programmes.catalogue import load_city
from linli.programmes.models import ProgrammeVersion
from linli.programmes.naming import area_name
from linli.registers.models import Area
from linli.rules.declare import Label
from linli.trace import act

PUBLISHING = system("insight.publish")
SQL = Path(__file__).parent / "sql" / "open_counts.sql"
QUARTERS = 8
"""How many quarters back it goes, the one under way included."""
OTHER = "other"
MEASURES = ("eligible", "applied", "granted", "refused", "paid")
SHORT = {
    "eligible": Label("符合条件", "Eligible"),
    "applied": Label("申请", "Applied"),
    "granted": Label("给予", "Granted"),
    "refused": Label("不予", "Refused"),
    "paid": Label("已发放", "Paid"),
    "paid_yuan": Label("金额（元）", "Yuan paid"),
}
"""Columns of numbers as a page heads them."""
_FILE = "open-data.yaml"
_COUNT = {"base": "nonNegativeInteger"}
COLUMNS = (
    Column("period", Label("季度", "calendar quarter"), {"base": "string", "format": r"[0-9]{4}-Q[1-4]"}, True),
    Column("programme", Label("政策代码", "code of the programme"), {"base": "string", "format": r"[a-z0-9][a-z0-9-]*"}, True),
    Column("programme_zh", Label("政策名称", "the programme's name in Chinese"), "string", True),
    Column("programme_en", Label("政策英文名称", "the programme's name in English"), "string", True),
    Column("area", Label("区划代码", "division code; four digits: the whole city; other: no county of the city"), "string", True),
    Column("area_zh", Label("地区", "the area's name in Chinese"), "string", True),
    Column("area_en", Label("地区英文名称", "the area's name in English"), "string", True),
    Column("eligible", Label("符合条件", "whom the rule found eligible at some time of the quarter"), _COUNT),
    Column("applied", Label("申请", "applications made in the quarter"), _COUNT),
    Column("granted", Label("给予", "applications decided in favour, as the decision stands now"), _COUNT),
    Column("refused", Label("不予", "applications refused, as the decision stands now"), _COUNT),
    Column("paid", Label("已发放", "beneficiaries paid in the quarter, as banks said"), _COUNT),
    Column(
        "paid_yuan",
        Label("已发放金额约数（元）", "about how many yuan: paid, times what one got on average in the city to two digits"),
        {"base": "decimal", "format": {"pattern": "0.00"}},
    ),
    Column("withheld", Label("未公布的列", "columns left out of this row because counts are small or none, separated by spaces"), "string"),
)
KEY = ("period", "programme", "area")
_malformed = partial(
    malformed,
    "insight.malformed_open_data",
    zh="开放数据文件不正确",
    en="The file of open data is malformed.",
    like=f"cities/yuncheng/{_FILE}",
)


@dataclass(frozen=True, slots=True)
class Declared:
    """What the city says of its open data. smallest: counts below are left out, and everything is told in multiples
    of it; licence: its address and names."""

    smallest: int
    licence: str = ""
    licence_label: Label | None = None


def declared() -> Declared | None:
    """The city's word; None where it publishes nothing. Raises LinliError for a malformed file."""
    path = Path(settings.LINLI_CITY) / _FILE
    if not path.is_file():
        return None
    try:
        told: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        smallest, licence = told["smallest"], told["licence"]
        if smallest is None:
            return None
        if isinstance(smallest, bool) or not isinstance(smallest, int) or smallest < 2:
            raise ValueError(f"smallest: {smallest}")
        if licence is None:
            return Declared(smallest)
        return Declared(smallest, str(licence["url"]), Label(licence["zh"], licence["en"]))
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise _malformed(path, "smallest: 2 or more, licence: {url, zh, en} or null", f"{type(error).__name__}: {error}") from None


def publish(viewer: Viewer = PUBLISHING) -> Publication | None:
    """Count, and publish if nothing was yet in this month and anything differs from what was published last; None otherwise, and where the
    city publishes nothing: the fewer days there are to compare, the less a difference says.

    One statement over a few quarters; waits for another publication under way.
    """
    said = declared()
    if said is None:
        return None
    with act(viewer) as a:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('insight'), 1)")
        last = publications().first()
        if last is not None and not due(last):
            return None
        rows = list(_rows(said.smallest, clock.today()))
        text, about = csvw.table(COLUMNS, rows), _about(said)
        if last is not None and (last.table, csvw.undated(last.metadata)) == (text, csvw.metadata(COLUMNS, KEY, about)):
            return None
        now = clock.now()
        told = csvw.metadata(COLUMNS, KEY, replace(about, modified=now))
        row = Publication.objects.create(
            made_at=now, digest=digest((text + told).encode()), smallest=said.smallest, rows=len(rows), table=text, metadata=told
        )
        a.record(OPEN_DATA_PUBLISHED, subject=str(row), payload={"digest": row.digest, "rows": row.rows}, rows=[row], area="")
        return row


def due(last: Publication) -> bool:
    """Whether another month has begun since a publication."""
    return clock.day_of(last.made_at).replace(day=1) < clock.today().replace(day=1)


def publications() -> QuerySet[Publication]:
    """Everything that was published, the newest first."""
    return Publication.objects.order_by("-made_at", "-id")


def publication(uid: UUID) -> Publication | None:
    """One of them. One query."""
    return Publication.objects.filter(uid=uid).first()


def _about(said: Declared) -> About:
    city = load_city(Path(settings.LINLI_CITY)).label
    text = Label(
        f"各项政策按季度、县（市、区）的人次，每月公布一次。{said.smallest} 以下的数（含 0）不公布，其余取 {said.smallest} 的整倍数，"
        f"每县的数与实际相差不到 {said.smallest}；金额是这个人数乘以全市人均的约数。全市是各县公布的数加上没有单独公布的几县合计，"
        "各县的相差加在一起，所以可能差得更多。"
        "空格表示没有公布。",
        f"Counts by programme, quarter and county, once a month. Counts below {said.smallest}, none included, are left out; the others are"
        f" multiples of {said.smallest}, a county's less than {said.smallest} from what was counted; amounts are that number times"
        " about what one got in the city. The city is the sum of the counties told, with those left out together: what they are off"
        " adds up, so it can be off by more. An empty cell was left out.",
    )
    return About(Label(f"{city.zh}惠民政策统计", f"{city.en}: livelihood programmes in figures"), text, city, said.licence, None)


def quarters(day: date) -> list[tuple[str, datetime, datetime]]:
    """(name, first moment, first moment of the next) of the last quarters up to the one of the day, oldest first."""
    number = day.year * 4 + (day.month - 1) // 3
    return [(f"{one // 4}-Q{one % 4 + 1}", _first(one), _first(one + 1)) for one in range(number - QUARTERS + 1, number + 1)]


def _first(number: int) -> datetime:
    return clock.midnight(date(number // 4, number % 4 * 3 + 1, 1))


def _rows(smallest: int, day: date) -> Iterator[list[Any]]:
    city = load_city(Path(settings.LINLI_CITY))
    places = {code: area_name(Path(settings.LINLI_CITY), code) or Label(zh, zh) for code, zh in _counties(city.area)}
    names = {row.slug: Label(row.zh, row.en) for row in ProgrammeVersion.objects.order_by("effective_from")}
    counts = _counts(day, list(places))
    places |= {OTHER: Label("其他", "elsewhere")}
    for (period, programme), line in sorted(counts.items()):
        name = names.get(programme, Label(programme, programme))
        told = _told(line, list(places), smallest, f"{period}:{programme}")
        if all(one.total is None for one in told.values()):
            continue
        each = _each_fen(line, smallest)
        for area, label in ((city.area, city.label), *places.items()):
            cells = _cells(told, None if area == city.area else area, each)
            yield [period, programme, name.zh, name.en, area, label.zh, label.en, *cells]


def _counties(area: str) -> list[tuple[str, str]]:
    rows = Area.objects.filter(level="county", code__startswith=area, valid_to__isnull=True).order_by("code")
    return list(rows.values_list("code", "name"))


def _counts(day: date, counties: list[str]) -> dict[tuple[str, str], dict[str, dict[str, int]]]:
    """By quarter and programme: by measure and area, how many. One statement."""
    names, firsts, pasts = zip(*quarters(day), strict=True)
    found: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
    with connection.cursor() as cursor:
        asked = {"names": list(names), "firsts": list(firsts), "pasts": list(pasts), "counties": counties}
        cursor.execute(SQL.read_text(encoding="utf-8"), asked)
        for programme, period, measure, area, number in cursor.fetchall():
            found.setdefault((period, programme), {}).setdefault(measure, {})[area] = int(number)
    return found


def _told(line: Mapping[str, Mapping[str, int]], places: Sequence[str], smallest: int, about: str) -> dict[str, Told]:
    """What is published of one quarter of a programme, by column. Every place counts: what nobody is in is left out like what few are."""
    found = {}
    for measure in MEASURES:
        counts = line.get(measure, {})
        every = {area: counts.get(area, 0) for area in places}
        found[measure] = suppressing.told(every, smallest, partial(shift, f"{about}:{measure}"))
    return found


def shift(about: str, what: str, unit: int) -> int:
    """Of this installation, for suppressing.told(): what is rounded is named by `about` and `what`."""
    return int(str(salted_hmac("linli.insight.opendata", f"{about}:{what}:{unit}", algorithm="sha256").hexdigest()), 16) % unit


def _each_fen(line: Mapping[str, Mapping[str, int]], smallest: int) -> int | None:
    """What one beneficiary got on average in the whole city, in fen to two digits; None where one got more than a share of so many."""
    people, fen = (sum(line.get(measure, {}).values()) for measure in ("paid", "paid_fen"))
    if not people or fen < smallest * max(line["paid_most"].values()):
        return None
    ten = int(10 ** max(0, len(str(fen // people)) - 2))
    return (fen // people + ten // 2) // ten * ten


def _cells(line: Mapping[str, Told], area: str | None, each: int | None) -> list[Any]:
    """The cells of one area (None: the city) from `eligible` on, and which were left out. Amounts say nothing that their number doesn't."""
    numbers = {measure: one.total if area is None else one.cells[area] for measure, one in line.items()}
    paid = numbers["paid"]
    yuan = None if paid is None or each is None else f"{Decimal(paid * each) / 100:.2f}"
    hidden = [*(measure for measure, number in numbers.items() if number is None), *(["paid_yuan"] if yuan is None else [])]
    return [*numbers.values(), yuan, " ".join(hidden) or None]


@dataclass(frozen=True, slots=True)
class Summary:
    """A programme's line for the whole city in the newest quarter. cells: names of columns and what they hold, "" where left out."""

    period: str
    slug: str
    label: Label
    cells: tuple[tuple[Label, str], ...]


def summary(row: Publication) -> list[Summary]:
    """The newest quarter of a publication for the whole city, by programme. Reads the table as anybody would."""
    lines = list(csv.DictReader(io.StringIO(row.table, newline="")))
    newest, city = max((line["period"] for line in lines), default=""), load_city(Path(settings.LINLI_CITY)).area
    return [
        Summary(
            line["period"],
            line["programme"],
            Label(line["programme_zh"], line["programme_en"]),
            tuple((label, line[name]) for name, label in SHORT.items()),
        )
        for line in lines
        if line["period"] == newest and line["area"] == city
    ]

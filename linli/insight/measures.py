"""How applications fare: working days of each step by version, what was approved and what checks found of it, what people were asked, how
content they were, what a unit cost. Every rate goes with the two counts that it is made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, Sum
from django.db.models.functions import Substr

from linli.insight.elsewhere import Elsewhere
from linli.insight.models import ApprovalFigure, FundFigure, ServiceFigure, StepFigure
from linli.insight.queries import inside, reach, require
from linli.kernel.viewer import Viewer
from linli.ledger.comparing import Spent, UnitCost, unit_costs

_OFFICE = ("programme", "area_code", "desk_code", "department", "automatic", "granted", "refused", "checked", "findings")
_SERVICE = ("applications", "known", "asked", "invited", "answered", "score", "paid_fen", "units", "completed")


@dataclass(frozen=True, slots=True)
class StepTime:
    """As in StepFigure; step "" is the whole way from acceptance to the end."""

    programme: str
    version: str
    area_code: str
    step: str
    number: int
    median: int
    ninth: int
    stood: int
    late: int
    hundredths: int


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions of a programme, county or office within a year. checked, findings: of them, by batches' checks and spot checks."""

    programme: str
    county: str
    desk: str
    department: str
    automatic: bool
    granted: int
    refused: int
    checked: int
    findings: int

    @property
    def decided(self) -> int:
        """Granted and refused."""
        return self.granted + self.refused


@dataclass(frozen=True, slots=True)
class Service:
    """As in ServiceFigure. key: programme or county."""

    key: str
    applications: int
    known: int
    asked: int
    invited: int
    answered: int
    score: int
    paid_fen: int
    units: int
    completed: int

    @property
    def needed(self) -> int:
        """Fields that applications needed in all."""
        return self.known + self.asked


def times(viewer: Viewer, *, programme: str = "", whole: bool = False) -> list[StepTime]:
    """Every figure of the viewer's areas, of the city and of counties; whole: only the whole way. One query."""
    require(viewer)
    rows = StepFigure.objects.filter(reach(viewer), **({"programme": programme} if programme else {}), **({"step": ""} if whole else {}))
    names = tuple(StepTime.__dataclass_fields__)
    return [StepTime(*row) for row in rows.order_by("programme", "area_code", "version", "step").values_list(*names)]


def widest(found: Iterable[StepTime]) -> list[StepTime]:
    """Of each programme, version and step the figure of the widest area; none where several areas are as wide: medians don't add up."""
    grouped: dict[tuple[str, str, str], list[StepTime]] = {}
    for one in found:
        grouped.setdefault((one.programme, one.version, one.step), []).append(one)
    firsts = (sorted(each, key=lambda one: len(one.area_code)) for each in grouped.values())
    return [each[0] for each in firsts if len(each) == 1 or len(each[0].area_code) < len(each[1].area_code)]


def decided(viewer: Viewer, *, programme: str = "", county: str = "") -> list[Decided]:
    """By programme, county and office. One query."""
    require(viewer)
    rows = ApprovalFigure.objects.filter(reach(viewer), inside(county), **({"programme": programme} if programme else {}))
    return [Decided(*row) for row in rows.order_by("programme", "area_code", "automatic", "desk_code", "department").values_list(*_OFFICE)]


def summed(found: Iterable[Decided]) -> dict[tuple[str, bool], Decided]:
    """By programme, and whether a rule alone decided."""
    sums: dict[tuple[str, bool], Decided] = {}
    for one in found:
        key = (one.programme, one.automatic)
        before = sums.get(key, Decided(one.programme, "", "", "", one.automatic, 0, 0, 0, 0))
        figures = (getattr(before, name) + getattr(one, name) for name in ("granted", "refused", "checked", "findings"))
        sums[key] = Decided(one.programme, "", "", "", one.automatic, *figures)
    return sums


def service_by_programme(viewer: Viewer, *, county: str = "") -> list[Service]:
    """Of each programme, in the order of slugs. One query."""
    return _service(viewer, F("programme"), inside(county))


def service_by_county(viewer: Viewer, programme: str) -> list[Service]:
    """Of each county, in the order of codes. One query."""
    return _service(viewer, Substr("area_code", 1, 6), Q(programme=programme))


def _service(viewer: Viewer, key: Any, chosen: Q) -> list[Service]:
    require(viewer)
    rows = ServiceFigure.objects.filter(reach(viewer), chosen).annotate(key=key).values_list("key")
    return [Service(*row) for row in rows.annotate(*(Sum(name) for name in _SERVICE)).order_by("key")]


def costs(
    found: Iterable[Service], *, works: bool = False, elsewhere: Mapping[str, Sequence[Elsewhere]] | None = None
) -> dict[str, UnitCost]:
    """What was paid this year per beneficiary, or per home whose works were accepted, each beside the median of the others in `found` and
    of what it costs elsewhere."""
    spent = [Spent(one.key, one.paid_fen, one.completed if works else one.units) for one in found]
    known = {key: [fen for one in each for fen in (one.least_fen, one.most_fen)] for key, each in (elsewhere or {}).items()}
    return {one.programme: one for one in unit_costs(spent, elsewhere=known)}


def paid_by_fund(viewer: Viewer, *, programme: str = "", county: str = "") -> dict[str, list[tuple[str, int]]]:
    """(fund, fen paid out of it this year) of each programme in the viewer's areas, in the order of their names. One query."""
    require(viewer)
    rows = FundFigure.objects.filter(reach(viewer), inside(county), **({"programme": programme} if programme else {}))
    found: dict[str, list[tuple[str, int]]] = {}
    for slug, fund, fen in rows.order_by("programme", "fund").values_list("programme", "fund").annotate(fen=Sum("paid_fen")):
        found.setdefault(slug, []).append((fund, fen))
    return found

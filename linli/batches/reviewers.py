"""Cross review: which units look at each other's files, or that the level above does, since fewer than three could take part."""

from __future__ import annotations

from django.db.models import Q

from linli.batches import queries
from linli.batches.models import Batch
from linli.batches.openness import random_check
from linli.kernel import clock
from linli.programmes.declaration import Programme
from linli.registers.bitemporal import true_on
from linli.registers.models import Area
from linli.rules.declare import Label
from linli.sampling import CrossReview
from linli.sampling.cycles import FEWEST

WHOLE = "all"
"""The stratum of what lies in no county."""
LEVEL_LENGTH = {"county": 6, "township": 9}
ABOVE = {"county": 4, "township": 6}
CODE = "upper_review"
LABEL = Label("能互审的单位不足三个，改由上一级审核", "fewer than three units could review each other: the level above does")


def unit_of(area_code: str, level: str | None) -> str:
    """The county or township that a code lies in, as a stratum and a reviewing unit."""
    return area_code[: LEVEL_LENGTH[level or "county"]] or WHOLE


def desk_above(area_code: str, level: str) -> str:
    """The desk of the level above, which reviews where the units can't: the city's of a county, the county's of a township."""
    return area_code[: ABOVE[level]]


def level_of(programme: Programme) -> str | None:
    """Between which units a programme has its files reviewed, None where it doesn't."""
    return programme.verification.cross if programme.verification is not None else None


def of_all(batch: Batch, programme: Programme) -> bool:
    """Whether all files are reviewed, since none is drawn."""
    verification = programme.verification
    return verification is not None and verification.key is None and random_check(programme, batch.given) is None


def review_of(row: Batch, programme: Programme) -> CrossReview | None:
    """The units that review each other's drawn files, or all where the programme draws none. Where fewer than three have files, all the
    others of the batch's area take part, or else of the programme's; None where these are fewer than three as well. Two queries."""
    level = level_of(programme)
    if level is None:
        return None
    codes = queries.listed(row).order_by().values_list("area_code", flat=True).distinct()
    units = {unit_of(code, level) for code in codes}
    known = _units(level, row.area_code, programme.place.area)
    for area in (row.area_code, programme.place.area):
        if len(units) < FEWEST:
            units |= {code for code in known if code.startswith(area)}
    if len(units) < FEWEST:
        return None
    return CrossReview(tuple(sorted(units)), "all" if of_all(row, programme) else "drawn")


def _units(level: str, one: str, other: str) -> set[str]:
    """The counties, or townships, of two areas today. One query."""
    inside = Q(code__startswith=one) | Q(code__startswith=other)
    found = Area.objects.filter(inside, true_on(clock.today()), level=level, kind="statutory")
    return set(found.values_list("code", flat=True))

"""Ranks of a review: points × weight, added up exactly, so that the same sheets give the same ranks on any day they are scored again.

The criteria and their weights are the programme's (`scores` in its file). A weight is that of the review's day, whenever it is reckoned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from linli.kernel.digests import digest_of
from linli.kernel.errors import LinliError
from linli.programmes.declaration import Programme
from linli.programmes.particulars import Criterion, Scores


@dataclass(frozen=True, slots=True)
class Sheet:
    """One reviewer's points for one candidate, by criterion."""

    candidate: str
    reviewer: str
    points: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """points: the mean of the reviewers', by criterion. rank, total: None while `missing` names criteria without any."""

    candidate: str
    rank: int | None
    total: Fraction | None
    points: Mapping[str, Fraction]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """places: by rank, who has none last, equals by candidate. weights: those that counted. digest: over all that went in and came out."""

    day: date
    weights: Mapping[str, Fraction]
    places: tuple[Place, ...]
    digest: str


def ranking(programme: Programme, day: date, sheets: Sequence[Sheet], facts: Mapping[str, Mapping[str, int | None]]) -> Ranking:
    """Rank every candidate who has a sheet or facts. facts: the registers' numbers by candidate, for criteria that a fact stands for.

    Who is equal in the total and in all of `ties` shares a rank, and the next rank is left out. A register's number above a criterion's
    most counts as that. Raises LinliError for a programme without scores, a weight that has no value on the day, points out of range, and
    two sheets of one reviewer for one candidate. Pure.
    """
    scores = programme.particulars.scores
    if scores is None:
        raise LinliError("programmes.no_scores", zh="这项政策没有评分办法", en="This programme has no scores.", found=programme.slug)
    weights = {criterion.id: _weight(programme, criterion, day) for criterion in scores.criteria}
    _check(scores, sheets)
    given: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for sheet in sheets:
        for criterion, points in sheet.points.items():
            given[sheet.candidate][criterion].append(points)
    candidates = sorted({*given, *facts})
    unranked = [_place(scores, weights, one, given[one], facts.get(one, {})) for one in candidates]
    places = tuple(_ranked(scores, unranked))
    return Ranking(day, weights, places, _digest(day, weights, sheets, facts, places))


def _weight(programme: Programme, criterion: Criterion, day: date) -> Fraction:
    parameter = programme.rule.declarations.parameters[criterion.weight]
    value = parameter.dated.on(day)
    if value is None:
        raise LinliError(
            "programmes.no_weight",
            zh=f"{day} 没有“{parameter.label.zh}”的数值，不能计分",
            en=f"“{parameter.label.en}” has no value on {day}, so nothing can be scored.",
            found=criterion.weight,
            remedy_zh="由主管部门填写权重、起始日期和依据",
            remedy_en="the owner fills in the weight, its first day and its source",
        )
    return Fraction(int(value), 10**parameter.type.scale)  # type: ignore[arg-type]  # a decimal is a scaled whole number


def _check(scores: Scores, sheets: Iterable[Sheet]) -> None:
    most = {criterion.id: criterion.most for criterion in scores.criteria if criterion.fact is None}
    seen: set[tuple[str, str]] = set()
    for sheet in sheets:
        if (sheet.candidate, sheet.reviewer) in seen:
            raise _refused(sheet, "同一评审人员有两张评分表", "One reviewer has two sheets for one candidate.", ("一张", "one"), "2")
        seen.add((sheet.candidate, sheet.reviewer))
        for criterion, points in sheet.points.items():
            if criterion not in most:
                raise _refused(
                    sheet, "没有这项由评审人员打分的内容", "Reviewers give no points for this.", (", ".join(most),) * 2, criterion
                )
            if not 0 <= points <= most[criterion]:
                raise _refused(sheet, "得分超出范围", "These points are out of range.", (f"0–{most[criterion]}",) * 2, str(points))


def _refused(sheet: Sheet, zh: str, en: str, expected: tuple[str, str], found: str) -> LinliError:
    return LinliError(
        "programmes.wrong_sheet",
        zh=f"{zh}（考评对象 {sheet.candidate}）",
        en=f"{en} (candidate {sheet.candidate})",
        expected=expected[1],
        expected_zh=expected[0],
        found=found,
        remedy_zh="改正评分表",
        remedy_en="correct the sheet",
    )


def _place(
    scores: Scores, weights: Mapping[str, Fraction], candidate: str, given: Mapping[str, Sequence[int]], facts: Mapping[str, int | None]
) -> Place:
    points: dict[str, Fraction] = {}
    for criterion in scores.criteria:
        number = facts.get(criterion.fact) if criterion.fact is not None else None
        if number is not None:
            points[criterion.id] = Fraction(min(max(number, 0), criterion.most))
        elif criterion.fact is None and given.get(criterion.id):
            points[criterion.id] = Fraction(sum(given[criterion.id]), len(given[criterion.id]))
    missing = tuple(criterion.id for criterion in scores.criteria if criterion.id not in points)
    total = None if missing else sum((points[one] * weights[one] for one in points), Fraction(0))
    return Place(candidate, None, total, points, missing)


def _ranked(scores: Scores, places: Iterable[Place]) -> Iterable[Place]:
    def worth(place: Place) -> tuple[Fraction, ...]:
        return (place.total or Fraction(0), *(place.points[one] for one in scores.ties))

    listed = list(places)
    complete = sorted((one for one in listed if one.total is not None), key=lambda one: one.candidate)
    complete.sort(key=worth, reverse=True)
    rank = 0
    for number, place in enumerate(complete, 1):
        if number == 1 or worth(place) != worth(complete[number - 2]):
            rank = number
        yield Place(place.candidate, rank, place.total, place.points, ())
    yield from sorted((one for one in listed if one.total is None), key=lambda one: one.candidate)


def _digest(
    day: date,
    weights: Mapping[str, Fraction],
    sheets: Iterable[Sheet],
    facts: Mapping[str, Mapping[str, int | None]],
    places: Iterable[Place],
) -> str:
    """The same whatever order the sheets come in."""
    return digest_of(
        {
            "day": day.isoformat(),
            "weights": {one: str(weight) for one, weight in weights.items()},
            "sheets": sorted([sheet.candidate, sheet.reviewer, sorted(sheet.points.items())] for sheet in sheets),
            "facts": {one: dict(values) for one, values in facts.items()},
            "places": [[place.candidate, place.rank, str(place.total)] for place in places],
        }
    )

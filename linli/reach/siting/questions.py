"""What a siting question is, checked: who is to be covered, by which candidates, at what cost, and what is already decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linli.kernel.errors import LinliError, Problems
from linli.kernel.money import yuan_text
from linli.reach.graph import Longs
from linli.reach.metric import Bools
from linli.reach.siting.bounding import HEAVIEST
from linli.reach.siting.cover import Cover
from linli.reach.sources.listing import refused

ENDLESS = 1 << 62
_Said = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Which candidates should open.

    weight: residents of each home, or those of them who count (int64, homes). served: homes that an existing place already covers.
    cost: of each candidate, fen (int64, candidates). forced, excluded: of each candidate (bool).
    """

    cover: Cover
    weight: Longs
    served: Bools
    cost: Longs
    forced: Bools
    excluded: Bools


def question(
    cover: Cover,
    weight: npt.ArrayLike,
    *,
    served: npt.ArrayLike | None = None,
    cost: npt.ArrayLike | None = None,
    forced: npt.ArrayLike = (),
    excluded: npt.ArrayLike = (),
    names: Sequence[str] = (),
) -> Question:
    """A checked question. weight: whole numbers, one per home. served: True for homes already covered, or their numbers. forced, excluded:
    numbers of candidates. cost: fen. names: what errors call the candidates. Problems for everything in it that can't be meant."""
    weights, costs = _whole(weight), _whole(np.zeros(cover.candidates, dtype=np.int64) if cost is None else cost)
    marks = {name: _numbers(value) for name, value in (("forced", forced), ("excluded", excluded))}
    said = np.asarray(() if served is None else served)
    done = np.flatnonzero(said) if said.dtype == np.bool_ and len(said) == cover.homes else _numbers(said)
    if wrong := list(_wrong(cover, weights, costs, {**marks, "served": done})):
        raise Problems(wrong)
    assert weights is not None
    assert costs is not None
    flags = {name: _flags(cover.candidates, values) for name, values in marks.items()}
    if np.any(flags["forced"] & flags["excluded"]):
        both = np.flatnonzero(flags["forced"] & flags["excluded"]).tolist()
        clash = ("候选点既要求选中又要求排除", "A candidate is both forced and excluded.")
        raise _problem("both", "forced", clash, ", ".join(names[one] if names else str(one) for one in both)[:120], _EITHER)
    return Question(cover, weights, _flags(cover.homes, done), costs, flags["forced"], flags["excluded"])


def limits(asked: Question, places: int | None, budget: int | None) -> tuple[int, int]:
    """Places and money that are left once what is forced is open. Problems for a limit that leaves none for it, and for no limit at all."""
    if places is None and budget is None:
        raise _problem("limit", "p", ("没有说明最多几处或多少钱", "Neither the number of places nor the budget is given."), "—", _GIVE)
    wrong: list[LinliError] = []
    count, spent = int(asked.forced.sum()), int(asked.cost[asked.forced].sum())
    for field, limit, needed, said_as, remedy in (
        ("p", places, count, str, ("提高 --p，或减少必选的候选点", "raise --p, or force fewer")),
        ("budget", budget, spent, _yuan, ("提高 --budget，或减少必选的候选点", "raise --budget, or force fewer")),
    ):
        if limit is not None and limit < 0:
            wrong.append(_problem("limit", field, _NEGATIVE, said_as(limit), _NOUGHT, f"≥ {said_as(0)}"))
        elif limit is not None and limit < needed:
            said = ("连必须开设的都不够", "It doesn't even allow for the forced ones.")
            wrong.append(_problem("limit", field, said, said_as(limit), remedy, f"≥ {said_as(needed)}"))
    if wrong:
        raise Problems(wrong)
    left = asked.cover.candidates - count
    return min(left, left if places is None else places - count), ENDLESS if budget is None else budget - spent


_GIVE = ("给出 --p 或 --budget", "give --p or --budget")
_NEGATIVE = ("不能为负", "It can't be negative.")
_NOUGHT = ("写 0 或更大的数", "give 0 or more")
_EITHER = ("二者只留其一", "keep one of the two")
_TABLE = ("核对住户表和候选点表", "check the tables of homes and candidates")


def _wrong(cover: Cover, weight: Longs | None, cost: Longs | None, marks: dict[str, Longs | None]) -> Iterator[LinliError]:
    for field, values, length in (("weight", weight, cover.homes), ("cost", cost, cover.candidates)):
        if values is None:
            yield _problem("number", field, ("须为整数", "It must be whole numbers."), "—", _TABLE)
        elif len(values) != length:
            yield _problem("length", field, ("数目不符", "Their number is wrong."), str(len(values)), _TABLE, str(length))
        elif len(values) and values.min() < 0:
            yield _problem("negative", field, _NEGATIVE, str(values.min()), _TABLE, "≥ 0")
        elif (total := int(values.sum(dtype=object))) >= (HEAVIEST if field == "weight" else ENDLESS):
            yield _problem("large", field, ("合计过大", "Their sum is too large."), str(total), _TABLE)
    for field, values in marks.items():
        most = cover.homes if field == "served" else cover.candidates
        if values is None:
            yield _problem("number", field, ("须为编号", "It must be numbers."), "—", _TABLE)
        elif len(values) and (values.min() < 0 or values.max() >= most):
            yield _problem("unknown", field, ("没有这个编号", "There is no such number."), str(values.max()), _TABLE, f"0–{most - 1}")


def _whole(values: npt.ArrayLike) -> Longs | None:
    given = np.asarray(values)
    if given.ndim != 1 or (len(given) and given.dtype.kind not in "iub"):
        return None
    return given.astype(np.int64)


def _numbers(values: npt.ArrayLike) -> Longs | None:
    given = _whole(values)
    return None if given is None or np.asarray(values).dtype == np.bool_ else given


def _flags(length: int, numbers: Longs | None) -> Bools:
    flags = np.zeros(length, dtype=np.bool_)
    flags[numbers if numbers is not None else []] = True
    return flags


def _yuan(fen: int) -> str:
    return f"¥{yuan_text(fen)}"


def _problem(code: str, field: str, said: _Said, found: str, remedy: _Said, expected: str | None = None) -> LinliError:
    return refused(f"siting_{code}", said, remedy, field=field, expected=expected, found=found)

"""Draw files in and out: canonical JSON out; in, every field checked for type, size and reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from linli.kernel.digests import ALGORITHMS, canonical
from linli.kernel.errors import LinliError
from linli.sampling.forms import (
    FORMAT,
    Balls,
    Commitment,
    CrossReview,
    Draw,
    Frozen,
    Item,
    Outcome,
    Plan,
    PublicDraw,
    Raised,
    Replaced,
    Result,
    Reveal,
    Size,
    Words,
)
from linli.sampling.hashing import require
from linli.sampling.rates import MAX_STEPS, Findings, Step
from linli.sampling.reading import MAX_ITEMS, parse, read_bytes
from linli.sampling.refusals import refused
from linli.sampling.spots import Spot

MAX_COMMITMENTS, MAX_STRATA, MAX_CONDITIONS, MAX_COUNTIES, MAX_REASONS, MAX_GROUPS, MAX_NUMBERS = 5, 10_000, 1_000, 3_000, 20, 5, 40
LONGEST_SECRET, SALT = 128, (16, 64)
T = TypeVar("T")


def write_draw(draw: Draw) -> bytes:
    """The draw file: canonical JSON (UTF-8, sorted keys, no spaces) and a newline."""
    return canonical(draw.document()) + b"\n"


def read_draw(source: bytes | Path, *, file: str | None = None) -> Draw:
    """A draw out of a file's bytes or path. Raises LinliError with the field for anything that is not a well-formed draw file.

    Well-formed says nothing of genuine: that is what `verify` is for. About 10 µs an item.
    """
    if isinstance(source, Path):
        return draw_from(parse(read_bytes(source), str(source)))
    return draw_from(parse(source, file))


def draw_from(root: Spot) -> Draw:
    """A draw out of a parsed document."""
    format_, body, digest, reveals, outcome, result = root.parts("format", "frozen", "digest", "reveals", "outcome", "result")
    format_.choice(FORMAT)
    frozen = frozen_from(body, digest)
    return Draw(
        frozen,
        tuple(_reveal(spot) for spot in reveals.each(0, len(frozen.plan.commitments))),
        _optional(outcome, _outcome),
        _optional(result, lambda spot: _result(spot, frozen.plan.algorithm)),
    )


def frozen_from(body: Spot, digest: Spot) -> Frozen:
    """A frozen list out of a parsed document."""
    names = ("draw", "title", "algorithm", "replaces", "commitments", "public_draw", "reveal_by", "strata", "conditions", "cross_review")
    draw, title, algorithm, replaces, commitments, public, until, strata, conditions, cross, items, at = body.parts(*names, "items", "at")
    hashed = require(algorithm.choice(*ALGORITHMS))
    plan = Plan(
        draw=draw.code(),
        title=_words(title),
        algorithm=hashed,
        commitments=tuple(_commitment(spot, hashed) for spot in commitments.each(0, MAX_COMMITMENTS)),
        reveal_by=until.moment(),
        strata={code: _size(spot) for code, spot in strata.entries(MAX_STRATA)},
        conditions={code: _words(spot) for code, spot in conditions.entries(MAX_CONDITIONS)},
        public_draw=_optional(public, _public_draw),
        cross_review=_optional(cross, _cross_review),
        replaces=_optional(replaces, _replaced),
    )
    return Frozen(plan, _items(items, plan), at.moment(), digest.digest(hashed))


def _optional(spot: Spot, read: Callable[[Spot], T]) -> T | None:
    return None if spot.is_absent() else read(spot)


def _words(spot: Spot) -> Words:
    zh, en = spot.parts("zh", "en")
    return Words(zh.text(), en.text())


def _commitment(spot: Spot, algorithm: str) -> Commitment:
    department, salt, length, digest, at = spot.parts("department", "salt", "length", "digest", "at")
    return Commitment(department.code(), salt.octets(*SALT), length.integer(1, LONGEST_SECRET), digest.digest(algorithm), at.moment())


def _public_draw(spot: Spot) -> PublicDraw:
    name, on, groups = spot.parts("name", "on", "groups")
    return PublicDraw(_words(name), on.day(), tuple(_balls(group) for group in groups.each(1, MAX_GROUPS)))


def _balls(spot: Spot) -> Balls:
    numbers, low, high, distinct = spot.parts("numbers", "low", "high", "distinct")
    least = low.integer(0, 10**6)
    most = high.integer(least, 10**6)
    return Balls(numbers.integer(1, min(MAX_NUMBERS, most - least + 1) if distinct.truth() else MAX_NUMBERS), least, most, distinct.truth())


def _replaced(spot: Spot) -> Replaced:
    draw, reason = spot.parts("draw", "reason")
    return Replaced(draw.code(), _words(reason))


def _size(spot: Spot) -> Size:
    rate, count, raised = spot.parts("rate", "count", "raised")
    if rate.is_absent() == count.is_absent() or (rate.is_absent() and not raised.is_absent()):
        raise spot.wrong("rate 和 count 二选一；raised 只随 rate", "one of rate and count; raised with a rate only")
    return Size(_optional(rate, Spot.share), _optional(count, lambda one: one.integer(0, MAX_ITEMS)), _optional(raised, _raised))


def _raised(spot: Spot) -> Raised:
    before, checked, faulty, schedule = spot.parts("rate_before", "checked", "faulty", "schedule")
    findings = Findings(checked.integer(0), faulty.integer(0))
    return Raised(before.share(), findings, tuple(_step(step) for step in schedule.each(0, MAX_STEPS)))


def _step(spot: Spot) -> Step:
    share, rate = spot.parts("share", "rate")
    return Step(share.share(), rate.share())


def _cross_review(spot: Spot) -> CrossReview:
    counties, files = spot.parts("counties", "files")
    return CrossReview(_rising(counties, 0, MAX_COUNTIES), cast(Literal["drawn", "all"], files.choice("drawn", "all")))


def _items(spot: Spot, plan: Plan) -> tuple[Item, ...]:
    items: list[Item] = []
    before = ""
    for one in spot.each(0, MAX_ITEMS):
        item = _item(one, plan)
        if item.id <= before:
            raise _out_of_order(Spot(item.id, one, "id"), item.id == before)
        before = item.id
        items.append(item)
    return tuple(items)


def _item(spot: Spot, plan: Plan) -> Item:
    """One item, its codes all declared in the plan. Codes the plan has already checked are looked up, not checked again."""
    id_, stratum, county, reasons = spot.parts("id", "stratum", "county", "reasons")
    codes = () if reasons.value == [] else _rising(reasons, 0, MAX_REASONS)
    _declared(stratum, plan.strata)
    for code, one in zip(codes, reasons.each(0, MAX_REASONS), strict=True):
        _declared(Spot(code, one.parent, one.key), plan.conditions)
    if plan.cross_review is None and county.is_absent():
        return Item(id_.code(), stratum.value, None, codes)
    return Item(id_.code(), stratum.value, county.code(), codes)


def _declared(spot: Spot, codes: Mapping[str, Any]) -> None:
    if type(spot.value) is not str or spot.value not in codes:
        shown = ", ".join(list(codes)[:10])
        raise spot.wrong(f"方案中列出的代码：{shown}", f"a code that the plan lists: {shown}")


def _rising(spot: Spot, low: int, high: int) -> tuple[str, ...]:
    """Codes in rising order, none twice: one set, one form."""
    codes: list[str] = []
    for one in spot.each(low, high):
        code = one.code()
        if codes and code <= codes[-1]:
            raise _out_of_order(one, code == codes[-1])
        codes.append(code)
    return tuple(codes)


def _out_of_order(spot: Spot, twice: bool) -> LinliError:
    said = ("同一编号出现两次", "The same code stands twice.") if twice else ("编号没有按顺序排列", "The codes are not in order.")
    expected = ("每个编号一次，由小到大", "each once, in rising order")
    remedy = ("去掉重复的；列表由 freeze 排序", "drop what is there twice; freeze sorts a list")
    return refused("twice" if twice else "order", spot.place(), said, expected=expected, found=spot.value, remedy=remedy)


def _reveal(spot: Spot) -> Reveal:
    department, secret, at = spot.parts("department", "secret", "at")
    return Reveal(department.code(), secret.octets(1, LONGEST_SECRET), at.moment())


def _outcome(spot: Spot) -> Outcome:
    numbers, at = spot.parts("numbers", "at")
    groups = tuple(tuple(one.integer(0) for one in group.each(1, MAX_NUMBERS)) for group in numbers.each(1, MAX_GROUPS))
    return Outcome(groups, at.moment())


def _result(spot: Spot, algorithm: str) -> Result:
    seed, by_condition, drawn, cycle, assignments = spot.parts("seed", "by_condition", "drawn", "cycle", "assignments")
    return Result(
        seed.digest(algorithm),
        _codes(by_condition, MAX_ITEMS),
        {code: _codes(ids, MAX_ITEMS) for code, ids in drawn.entries(MAX_STRATA)},
        _optional(cycle, lambda one: _codes(one, MAX_COUNTIES)),
        _optional(assignments, lambda one: {id_: county.code() for id_, county in one.entries(MAX_ITEMS)}),
    )


def _codes(spot: Spot, high: int) -> tuple[str, ...]:
    return tuple(one.code() for one in spot.each(0, high))

"""Recomputing a draw step by step, each step said in words; what the file says is compared with what the computation gives.

Each step starts from what the file says of the step before, so that the one that was tampered with is the one that is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

from linli.kernel.errors import LinliError, Place
from linli.sampling import drawing
from linli.sampling.commitments import check_commitments, check_reveals
from linli.sampling.forms import Draw, Frozen, Result, said
from linli.sampling.publicdraws import check_outcome, check_public_draw
from linli.sampling.refusals import refused

Pair = tuple[str, str]
"""Words as (zh, en)."""
REVEALS: Pair = ("公布的秘密", "The revealed secrets")


@dataclass(frozen=True, slots=True)
class Check:
    """One step recomputed. zh, en: what it is, and what came out; problem: why it does not hold, else None."""

    code: str
    zh: str
    en: str
    problem: LinliError | None = None

    def text(self, language: str) -> str:
        """One line, or two where something is wrong, in 'zh' or 'en'."""
        line = f"{'✗' if self.problem else '✓'} {self.zh if language.startswith('zh') else self.en}"
        return f"{line}\n  {self.problem.text(language)}" if self.problem else line


@dataclass(frozen=True, slots=True)
class Verification:
    """All steps. holds: whether every one did, which for a draw that isn't finished is no."""

    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        return all(check.problem is None for check in self.checks)


def verify(draw: Draw, *, published: str | None = None, file: str | None = None) -> Verification:
    """Recompute everything. published: the digest that was made public when the list was frozen; file: for the places of problems.

    A file alone shows only that it agrees with itself: it could have been written whole afterwards. With the published digest it shows
    that plan, commitments and list were there first. One HMAC and one comparison an item.
    """
    return Verification(tuple(check if check.problem is None else _placed(check, file) for check in _checks(draw, published)))


def _checks(draw: Draw, published: str | None) -> Iterator[Check]:
    frozen, result = draw.frozen, draw.result
    yield from _frozen(frozen, published)
    if result is None:
        if draw.reveals:
            yield _check("reveals", REVEALS, lambda: _reveals(draw))
        yield Check("result", "抽取结果", "The result", _unfinished(draw))
        return
    yield _check("reveals", REVEALS, lambda: _reveals(draw))
    if frozen.plan.public_draw or draw.outcome:
        yield _check("outcome", ("公开摇号的结果", "The result of the public draw"), lambda: _outcome(draw))
    yield _check("seed", ("随机种子", "The seed"), lambda: _seed(draw, result))
    yield _check("by_condition", ("按条件抽中", "Drawn by condition"), lambda: _by_condition(frozen, result))
    yield from _samples(frozen, result)
    yield _check("cycle", ("交叉审核次序", "The cycle of cross review"), lambda: _cycle(frozen, result))
    yield _check("assignments", ("交叉审核分派", "Who reviews which file"), lambda: _assignments(frozen, result))


def _frozen(frozen: Frozen, published: str | None) -> Iterator[Check]:
    """What was settled before anything was revealed."""
    yield _check("list", ("冻结的方案和名单", "The frozen plan and list"), lambda: _list(frozen))
    if published is not None:
        yield _check("published", ("冻结时公布的摘要", "The digest published then"), lambda: _published(frozen, published))
    yield _check("commitments", ("事先的承诺", "The commitments beforehand"), lambda: _commitments(frozen))
    if frozen.plan.public_draw:
        yield _check("public_draw", ("指定的公开摇号", "The public draw that was named"), lambda: _public_draw(frozen))
    if any(how.raised for how in frozen.plan.strata.values()):
        yield _check("rates", ("因查出问题而提高的比例", "Rates raised by findings"), lambda: _rates(frozen))
    if frozen.plan.cross_review:
        yield _check("reviewers", ("参加交叉审核的县（市、区）", "The counties of the cross review"), lambda: _reviewers(frozen))


def _check(code: str, name: Pair, look: Callable[[], Pair]) -> Check:
    """The check of one step: `look` says what came out, or raises what is wrong."""
    try:
        zh, en = look()
    except LinliError as problem:
        return Check(code, *name, problem)
    return Check(code, f"{name[0]}：{zh}", f"{name[1]}: {en}")


def _placed(check: Check, file: str | None) -> Check:
    """The check with the file in its problem's place."""
    if check.problem is not None and check.problem.place is not None:
        check.problem.at(Place(file=file, field=check.problem.place.field))
    return check


def _list(frozen: Frozen) -> Pair:
    drawing.check_unchanged(frozen)
    drawing.check_filled(frozen)
    plan, at, count = frozen.plan, said(frozen.at), f"{len(frozen.items):,}"
    zh = f"“{plan.title.zh}”，{count} 件，{len(plan.strata)} 层，{at} 冻结，摘要 {frozen.digest}"
    en = f"“{plan.title.en}”, {count} items in {len(plan.strata)} strata, frozen {at}, digest {frozen.digest}"
    if plan.replaces:
        zh += f"；替代抽取 {plan.replaces.draw}（{plan.replaces.reason.zh}）"
        en += f"; instead of draw {plan.replaces.draw} ({plan.replaces.reason.en})"
    return zh, en


def _published(frozen: Frozen, published: str) -> Pair:
    if published.strip().lower() != frozen.digest:
        raise refused(
            "published",
            "digest",
            ("这不是冻结时公布的那份名单", "This is not the list whose digest was published."),
            expected=published,
            found=frozen.digest,
            remedy=("向公布单位索取冻结时的文件", "ask for the file as it was frozen"),
        )
    return "相符：方案、承诺和名单在公布秘密之前就已确定", "it fits: plan, commitments and list were settled before anything was revealed"


def _commitments(frozen: Frozen) -> Pair:
    check_commitments(frozen)
    who = ", ".join(f"{one.department} {said(one.at)}" for one in frozen.plan.commitments)
    return f"{who}，都早于冻结", f"{who}, all before the list was frozen"


def _public_draw(frozen: Frozen) -> Pair:
    check_public_draw(frozen)
    public = frozen.plan.public_draw
    assert public is not None
    return f"{public.name.zh}，{public.on}，晚于公布秘密的期限", f"{public.name.en}, {public.on}, after the last moment for secrets"


def _rates(frozen: Frozen) -> Pair:
    drawing.check_rates(frozen)
    told = [
        (code, how.raised.findings, how.raised.rate_before, how.rate) for code, how in frozen.plan.strata.items() if how.raised is not None
    ]
    zh = "；".join(f"{code} 查 {found.checked} 件，{found.faulty} 件有问题，{before} → {now}" for code, found, before, now in told)
    en = "; ".join(f"{code}: {found.faulty} of {found.checked} with findings, {before} → {now}" for code, found, before, now in told)
    return zh, en


def _reviewers(frozen: Frozen) -> Pair:
    drawing.check_reviewers(frozen)
    cross = frozen.plan.cross_review
    assert cross is not None
    return f"{len(cross.counties)} 个", f"{len(cross.counties)}"


def _reveals(draw: Draw) -> Pair:
    check_reveals(draw.frozen, draw.reveals, complete=draw.result is not None)
    who = ", ".join(f"{one.department} {said(one.at)}" for one in draw.reveals)
    return f"{who}，与承诺相符，都在冻结之后", f"{who}, as committed to, all after the list was frozen"


def _outcome(draw: Draw) -> Pair:
    check_outcome(draw.frozen, draw.outcome)
    public = draw.frozen.plan.public_draw
    assert public is not None
    assert draw.outcome is not None
    numbers = " + ".join(" ".join(str(number) for number in group) for group in draw.outcome.numbers)
    return (
        f"{numbers}；请与 {public.on} {public.name.zh} 公布的号码核对",
        f"{numbers}; compare it with what {public.name.en} published on {public.on}",
    )


def _seed(draw: Draw, result: Result) -> Pair:
    _same("result.seed", drawing.seed_of(draw.frozen, draw.reveals, draw.outcome), result.seed)
    return result.seed, result.seed


def _by_condition(frozen: Frozen, result: Result) -> Pair:
    expected = drawing.drawn_by_condition(frozen)
    _same_ids("result.by_condition", expected, result.by_condition)
    counts = Counter(reason for item in frozen.items for reason in item.reasons)
    words = frozen.plan.conditions
    zh = "".join(f"；{words[code].zh} {count}" for code, count in sorted(counts.items()))
    en = "".join(f"; {words[code].en} {count}" for code, count in sorted(counts.items()))
    return f"{len(expected)} 件{zh}", f"{len(expected)} items{en}"


def _samples(frozen: Frozen, result: Result) -> Iterator[Check]:
    """One check a stratum, then one of all: that the result has these strata and no other."""
    of, expected = drawing.left_to_chance(frozen), drawing.sample(frozen, result.seed)
    for stratum in frozen.plan.strata:
        name = (f"随机抽查 {stratum}", f"The random sample of {stratum}")
        yield _check("sample", name, partial(_sample, stratum, expected[stratum], len(of[stratum]), frozen, result))
    yield _check("strata", ("随机抽查各层", "The strata of the random sample"), lambda: _strata(frozen, result))


def _sample(stratum: str, expected: tuple[str, ...], of: int, frozen: Frozen, result: Result) -> Pair:
    _same_ids(f"result.drawn.{stratum}", expected, result.drawn.get(stratum, ()))
    how = frozen.plan.strata[stratum]
    asked_zh, asked_en = (f"按件数 {how.count}", f"count {how.count}") if how.rate is None else (f"比例 {how.rate}", f"rate {how.rate}")
    return f"{of:,} 件中抽 {len(expected):,} 件（{asked_zh}）", f"{len(expected):,} of {of:,} ({asked_en})"


def _strata(frozen: Frozen, result: Result) -> Pair:
    _same_ids("result.drawn", sorted(frozen.plan.strata), sorted(result.drawn))
    count = f"{sum(len(ids) for ids in result.drawn.values()):,}"
    return f"{len(result.drawn)} 层共抽 {count} 件", f"{count} items in {len(result.drawn)} strata"


def _cycle(frozen: Frozen, result: Result) -> Pair:
    expected = drawing.cycle_of(frozen, result.seed)
    _same_ids("result.cycle", expected, result.cycle)
    if expected is None:
        return "本次没有", "none in this draw"
    shown = " → ".join((*expected, expected[0]))
    return f"{shown}（后一个审核前一个）", f"{shown} (each is reviewed by the next)"


def _assignments(frozen: Frozen, result: Result) -> Pair:
    order = drawing.cycle_of(frozen, result.seed)
    if order is None:
        _same("result.assignments", None, result.assignments)
        return "本次没有", "none in this draw"
    drawing.check_reviewers(frozen)
    expected = drawing.assigned(frozen, order, result.by_condition, result.drawn)
    _same_ids("result.assignments", sorted(expected.items()), sorted((result.assignments or {}).items()))
    return f"{len(expected):,} 件，没有一件由本县审核", f"{len(expected):,} files, none by its own county"


def _same_ids(field: str, expected: Sequence[object] | None, found: Sequence[object] | None) -> None:
    """Refuses two lists that differ, with the first place where they do."""
    for index, (one, other) in enumerate(zip_longest(expected or (), found or ())):
        _same(f"{field}[{index}]", one, other)
    if (expected is None) != (found is None):
        _same(field, expected, found)


def _same(field: str, expected: object, found: object) -> None:
    if expected != found:
        raise refused(
            "differs",
            field,
            ("文件中写的与重新计算的不同", "What the file says is not what the computation gives."),
            expected=_shown(expected),
            found=_shown(found),
            remedy=("以重新计算的为准，向公布单位查询", "the computation counts; ask whoever published the file"),
        )


def _shown(value: object) -> Pair:
    if value is None:
        return "无", "nothing"
    text = " → ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return (text, text) if len(text) <= 100 else (f"{text[:97]}…", f"{text[:97]}…")


def _unfinished(draw: Draw) -> LinliError:
    """What a file without a result still waits for."""
    missing = sorted({one.department for one in draw.frozen.plan.commitments} - {one.department for one in draw.reveals})
    public = draw.frozen.plan.public_draw
    waits = [*missing, *([str(public.on)] if public and draw.outcome is None else [])]
    return refused(
        "unfinished",
        "result",
        ("还没有抽取", "It has not been drawn yet."),
        found=(f"尚缺 {'、'.join(waits)}", f"waiting for {', '.join(waits)}") if waits else None,
        remedy=("公布秘密和摇号结果后再核验", "verify it again when the secrets and the public draw are known"),
    )

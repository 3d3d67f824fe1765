"""A named later public draw in the place of a second secret: what it must be, and what counts as its result.

Its name, day, ranges and the order of its numbers are fixed before the list is frozen, so that one result has one reading. Secrets are
revealed before its day: nobody who knows the outcome can then still break the draw off.
"""

from __future__ import annotations

import math

from linli.kernel.clock import SHANGHAI
from linli.sampling.forms import Balls, Frozen, Outcome, PublicDraw, said
from linli.sampling.refusals import refused

FEWEST_OUTCOMES = 1_000_000
"""With a million outcomes somebody who knows the secret and tries a million lists still moves a chance by less than 0.3 of a percent."""


def outcomes(public: PublicDraw) -> int:
    """In how many ways the public draw can come out."""
    return math.prod(_ways(group) for group in public.groups)


def check_public_draw(frozen: Frozen) -> None:
    """Refuses a public draw whose result could be known, or tried out, before the list is frozen and the secrets are revealed."""
    plan, public = frozen.plan, frozen.plan.public_draw
    if public is None:
        return
    if public.on <= max(plan.reveal_by, frozen.at).astimezone(SHANGHAI).date():
        raise refused(
            "public_draw_day",
            "frozen.public_draw.on",
            ("公开摇号应在公布秘密的期限之后的另一天", "The public draw is held on a later day than the last one for secrets."),
            expected=(f"晚于 {said(plan.reveal_by)}（北京时间次日起）", f"a day after {said(plan.reveal_by)}, in Shanghai"),
            found=str(public.on),
            remedy=("改用更晚的一期，或把公布秘密的期限提前", "name a later one, or have the secrets revealed earlier"),
        )
    if outcomes(public) < FEWEST_OUTCOMES:
        raise refused(
            "few_outcomes",
            "frozen.public_draw.groups",
            ("这种摇号的结果太少，可以逐个试出对自己有利的名单", "So few outcomes can be tried out one by one against many lists."),
            expected=(f"至少 {FEWEST_OUTCOMES:,} 种", f"at least {FEWEST_OUTCOMES:,}"),
            found=f"{outcomes(public):,}",
            remedy=("用号码更多的摇号，或加上更多组号码", "name a draw with more numbers, or take more groups of it"),
        )


def check_outcome(frozen: Frozen, outcome: Outcome | None) -> None:
    """Refuses a result before its day, where none was named, or not of the form that was named."""
    public = frozen.plan.public_draw
    if (public is None) != (outcome is None):
        raise refused(
            "outcome",
            "outcome",
            ("公开摇号的结果应当有而没有，或不应当有", "The result of a public draw is missing, or none was named."),
            expected=("方案指定的公开摇号的结果", "the result of the public draw that the plan names"),
            found=str(None if outcome is None else [list(group) for group in outcome.numbers]),
            remedy=("按冻结的方案填写", "fill it in as the frozen plan says"),
        )
    if public is None or outcome is None:
        return
    if outcome.at.astimezone(SHANGHAI).date() < public.on:
        raise refused(
            "outcome_early",
            "outcome.at",
            ("公开摇号还没有举行", "The public draw has not been held yet."),
            expected=(f"{public.on} 起", f"from {public.on}"),
            found=said(outcome.at),
            remedy=("等公布后再填", "wait for its result"),
        )
    fits = len(outcome.numbers) == len(public.groups)
    if not fits or not all(_fits(group, numbers) for group, numbers in zip(public.groups, outcome.numbers, strict=True)):
        raise refused(
            "outcome_form",
            "outcome.numbers",
            ("号码与方案写明的摇号不符", "The numbers are not of the draw that the plan names."),
            expected=("; ".join(_shape(group)[0] for group in public.groups), "; ".join(_shape(group)[1] for group in public.groups)),
            found=str([list(group) for group in outcome.numbers]),
            remedy=("照公布的号码填写", "copy the numbers as they were published"),
        )


def _ways(group: Balls) -> int:
    span = group.high - group.low + 1
    return math.comb(span, group.numbers) if group.distinct else span**group.numbers


def _fits(group: Balls, numbers: tuple[int, ...]) -> bool:
    inside = len(numbers) == group.numbers and all(group.low <= number <= group.high for number in numbers)
    return inside and (not group.distinct or list(numbers) == sorted(set(numbers)))


def _shape(group: Balls) -> tuple[str, str]:
    count, span = group.numbers, f"{group.low}–{group.high}"
    if group.distinct:
        return f"{count} 个 {span} 的不同号码，由小到大", f"{count} different numbers of {span}, rising"
    return f"{count} 个 {span} 的号码，按摇出的顺序", f"{count} numbers of {span}, as drawn"

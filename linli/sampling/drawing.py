"""Making a draw: freeze the list, collect what is revealed, compute the result. The same functions recompute it in verifying.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from linli.kernel.digests import canonical
from linli.kernel.errors import Place
from linli.sampling.commitments import check_commitments, check_reveals
from linli.sampling.cycles import assignments, check_counties, cycle
from linli.sampling.documents import frozen_from
from linli.sampling.forms import Draw, Frozen, Item, Outcome, Plan, Result, Reveal, Size, whole
from linli.sampling.hashing import LIST, SEED, named_digest
from linli.sampling.publicdraws import check_outcome, check_public_draw
from linli.sampling.rates import check_findings, check_schedule, next_rate
from linli.sampling.reading import MAX_LIST_BYTES, too_large
from linli.sampling.refusals import refused
from linli.sampling.spots import Spot
from linli.sampling.strata import ranked, size


def freeze(plan: Plan, items: Iterable[Item], *, at: datetime) -> Frozen:
    """Close the list at `at`, an aware instant. Publish `digest` at once: afterwards neither plan nor list can change unseen.

    The order of items, commitments, counties and reasons doesn't matter. O(n log n); about 20 µs an item. Raises LinliError with the
    field for whatever would let somebody steer the draw, and for items that the plan doesn't provide for.
    """
    tidy = Frozen(_tidy_plan(plan), tuple(_tidy_items(items)), whole(at), "")
    unhashed = f"{plan.algorithm}:{'0' * 64}"
    read = frozen_from(Spot(tidy.body(), Spot(None), "frozen"), Spot(unhashed, Spot(None), "digest"))
    length = len(canonical(read.body()))
    if length > MAX_LIST_BYTES:
        raise too_large(Place(field="frozen"), length, MAX_LIST_BYTES)
    check_frozen(read)
    return replace(read, digest=list_digest(read))


def reveal(draw: Draw, one: Reveal) -> Draw:
    """The draw file with one more secret, checked against its commitment; `finish` follows when all are there."""
    given = tuple(sorted((*draw.reveals, replace(one, at=whole(one.at))), key=lambda each: each.department))
    check_reveals(draw.frozen, given, complete=False)
    return replace(draw, reveals=given)


def finish(draw: Draw, outcome: Outcome | None = None) -> Draw:
    """The draw with its result. outcome: of the public draw, where the plan names one.

    Raises LinliError if the list isn't the frozen one, a secret is missing or doesn't fit, or the outcome can't be one of that draw.
    """
    read = None if outcome is None else replace(outcome, at=whole(outcome.at))
    check_frozen(draw.frozen)
    check_unchanged(draw.frozen)
    check_reveals(draw.frozen, draw.reveals)
    check_outcome(draw.frozen, read)
    return replace(draw, outcome=read, result=result_of(draw.frozen, seed_of(draw.frozen, draw.reveals, read)))


def list_digest(frozen: Frozen) -> str:
    """The digest that is published when the list is frozen, recomputed: over plan, commitments, items and time."""
    return named_digest(LIST, frozen.body(), frozen.plan.algorithm)


def seed_of(frozen: Frozen, reveals: Sequence[Reveal], outcome: Outcome | None) -> str:
    """The seed: a digest over the list's digest, the secrets by department, and the public draw's numbers."""
    secrets = {one.department: one.secret.hex() for one in reveals}
    numbers = None if outcome is None else [list(group) for group in outcome.numbers]
    return named_digest(SEED, {"digest": frozen.digest, "secrets": secrets, "numbers": numbers}, frozen.plan.algorithm)


def result_of(frozen: Frozen, seed: str) -> Result:
    """Everything that follows from a frozen list and a seed. One HMAC an item."""
    by_condition, drawn, order = drawn_by_condition(frozen), sample(frozen, seed), cycle_of(frozen, seed)
    return Result(seed, by_condition, drawn, order, None if order is None else assigned(frozen, order, by_condition, drawn))


def drawn_by_condition(frozen: Frozen) -> tuple[str, ...]:
    """The ids that a condition draws, in order."""
    return tuple(item.id for item in frozen.items if item.reasons)


def left_to_chance(frozen: Frozen) -> dict[str, list[str]]:
    """The ids of each stratum that no condition draws: the sample is taken from these, and rates are shares of these."""
    found: dict[str, list[str]] = {stratum: [] for stratum in frozen.plan.strata}
    for item in frozen.items:
        if not item.reasons:
            found[item.stratum].append(item.id)
    return found


def sample(frozen: Frozen, seed: str) -> dict[str, tuple[str, ...]]:
    """The random sample by stratum, first drawn first."""
    taken = {}
    for stratum, ids in left_to_chance(frozen).items():
        how = frozen.plan.strata[stratum]
        taken[stratum] = tuple(ranked(seed, stratum, ids)[: size(len(ids), rate=how.rate, count=how.count)])
    return taken


def cycle_of(frozen: Frozen, seed: str) -> tuple[str, ...] | None:
    """The counties in the order in which each reviews the one before it; None without a cross review."""
    cross = frozen.plan.cross_review
    return None if cross is None else cycle(seed, cross.counties)


def assigned(frozen: Frozen, order: tuple[str, ...], by_condition: Iterable[str], drawn: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Who reviews each file that is reviewed: all of them, or those drawn by condition or by chance."""
    cross = frozen.plan.cross_review
    everything = cross is not None and cross.files == "all"
    chosen = {*by_condition, *(one for ids in drawn.values() for one in ids)}
    return assignments(order, {item.id: str(item.county) for item in frozen.items if everything or item.id in chosen})


def check_frozen(frozen: Frozen) -> None:
    """Refuses a frozen list that is empty, could be steered, whose rates aren't those of their findings, or whose cycle can't be."""
    check_filled(frozen)
    check_commitments(frozen)
    check_public_draw(frozen)
    check_rates(frozen)
    check_reviewers(frozen)


def check_filled(frozen: Frozen) -> None:
    """Refuses an empty list."""
    if not frozen.items:
        said = ("名单是空的", "The list is empty.")
        raise refused("empty", "frozen.items", said, remedy=("先把案件列入名单", "put the files on the list first"))


def check_unchanged(frozen: Frozen) -> None:
    """Refuses a list that isn't the one whose digest was published."""
    found = list_digest(frozen)
    if found != frozen.digest:
        raise refused(
            "list_changed",
            "digest",
            ("名单或方案在冻结后被改动", "The list or the plan was changed after it was frozen."),
            expected=frozen.digest,
            found=found,
            remedy=("用冻结时的文件；要改名单须另立一次抽取", "take the file as it was frozen; another list needs another draw"),
        )


def check_reviewers(frozen: Frozen) -> None:
    """Refuses a cross review by fewer than three counties, or of files of a county that takes no part."""
    cross = frozen.plan.cross_review
    if cross is None:
        return
    check_counties(list(cross.counties))
    known = set(cross.counties)
    for index, item in enumerate(frozen.items):
        if item.county not in known:
            raise refused(
                "county",
                f"frozen.items[{index}].county",
                ("这件所属的县（市、区）不参加交叉审核", "The county of this file takes no part in the cross review."),
                expected=", ".join(cross.counties[:20]),
                found=str(item.county),
                remedy=("把该县列入 cross_review.counties，或改正所属", "list it under cross_review.counties, or mend the file's county"),
            )


def check_rates(frozen: Frozen) -> None:
    """Refuses a raised rate that isn't what the findings and the schedule make of the rate before."""
    for stratum, how in frozen.plan.strata.items():
        if how.raised is not None:
            _check_raised(how, f"frozen.strata.{stratum}")


def _check_raised(how: Size, field: str) -> None:
    raised = how.raised
    assert raised is not None
    check_findings(raised.findings, f"{field}.raised")
    check_schedule(raised.schedule, f"{field}.raised.schedule")
    due = next_rate(raised.rate_before, raised.findings, raised.schedule)
    if how.rate != due:
        raise refused(
            "rate_due",
            f"{field}.rate",
            ("抽查比例与查出的问题不符", "The rate is not the one that the findings call for."),
            expected=str(due),
            found=str(how.rate),
            remedy=("按递增规则取比例", "take the rate that the schedule gives"),
        )


def _tidy_plan(plan: Plan) -> Plan:
    """The plan with everything whose order means nothing put in order, and its times in UTC and whole seconds."""
    cross = plan.cross_review
    commitments = sorted((replace(one, at=whole(one.at)) for one in plan.commitments), key=lambda one: one.department)
    counties = cross and replace(cross, counties=tuple(sorted(cross.counties)))
    return replace(plan, commitments=tuple(commitments), cross_review=counties, reveal_by=whole(plan.reveal_by))


def _tidy_items(items: Iterable[Item]) -> list[Item]:
    ordered = [replace(item, reasons=tuple(sorted(item.reasons))) if len(item.reasons) > 1 else item for item in items]
    return sorted(ordered, key=lambda item: item.id)

"""What has to be looked at of a batch, and by whom; findings of one batch raise the rate of the next."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from linli.batches import facts, queries, reviewers
from linli.batches.keychecks import reasons_of
from linli.batches.models import Batch, Check, Draw, Item
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.registers.statistics import gather_where_grown
from linli.sampling import Draw as DrawFile
from linli.sampling import Findings, read_draw
from linli.trace import bulk_act
from linli.trace.rows import with_digests

AT_ONCE = 2000


def assign(viewer: Viewer, batch: Batch, programme: Programme, drawn: DrawFile | None) -> int:
    """Make the checks that the programme's verification asks for; returns how many. For an act that has locked the batch.

    Of every file one by its own county; of a drawn one another by the unit that reviews it, by the level above where the units can't review
    each other, else by the batch's own office. One that was
    drawn and is off the list by now keeps its check open: carried.py looks for it when it is listed again.
    """
    verification = programme.verification
    if verification is None:
        return 0
    wanted = _wanted(batch, programme, drawn)
    made = 0
    while some := list(islice(wanted, AT_ONCE)):
        made += len(Check.objects.bulk_create(some))
    gather_where_grown(Check)
    about = {"programme": batch.programme, "period": batch.period, "checks": made}
    with bulk_act(viewer, facts.CHECKS_MADE, subject=str(batch), payload=about, area=batch.area_code) as bulk:
        new = Check.objects.filter(item__batch=batch).order_by("id")
        known = {"batch": str(batch.uid)}
        bulk.extend(
            (facts.CHECK_ASKED, f"item:{item}", {**known, "kind": kind}, digests)
            for digests, (item, kind) in with_digests(new, "item__uid", "kind")
        )
    return made


def _wanted(batch: Batch, programme: Programme, drawn: DrawFile | None) -> Iterator[Check]:
    verification = programme.verification
    assert verification is not None
    by_id, by_chance, assigned = _result(drawn)
    standing = queries.listed(batch) if drawn is None else Item.objects.filter(batch=batch).order_by("id")
    items = standing.iterator(chunk_size=AT_ONCE)
    known = (
        reasons_of(batch, programme, items, clock.today()) if drawn is None else ((item, by_id.get(str(item.uid), ())) for item in items)
    )
    cycle = drawn is not None and drawn.frozen.plan.cross_review is not None
    above = None if cycle else verification.cross
    told, every = ((reviewers.CODE,), reviewers.of_all(batch, programme)) if above else ((), False)
    for item, reasons in known:
        uid, listed = str(item.uid), item.state == "listed"
        if verification.every and listed:
            yield _check(item, "every", item.county)
        desk = assigned.get(uid, reviewers.desk_above(item.area_code, above) if above else batch.area_code)
        if reasons:
            yield _check(item, "key", desk, (*reasons, *told))
        elif uid in by_chance:
            yield _check(item, "random", desk, told)
        elif uid in assigned or (every and listed):
            yield _check(item, "cross", desk, told)


def _result(drawn: DrawFile | None) -> tuple[dict[str, tuple[str, ...]], set[str], dict[str, str]]:
    """Of a draw: who was drawn by which conditions, who by chance, who reviews whom."""
    if drawn is None or drawn.result is None:
        return {}, set(), {}
    reasons = {item.id: item.reasons for item in drawn.frozen.items if item.reasons}
    return reasons, {one for ids in drawn.result.drawn.values() for one in ids}, dict(drawn.result.assignments or {})


def _check(item: Item, kind: str, desk: str, conditions: tuple[str, ...] = ()) -> Check:
    return Check(item=item, kind=kind, desk_code=desk, conditions=list(conditions), subject=item.person)


def latest_rate(batch: Batch, stratum: str) -> tuple[Fraction, Findings] | None:
    """At which rate a stratum was checked the last time that any of it was drawn in a batch of the programme, whatever batches of other
    places came in between, and what was found there. Two queries, and the files of draws from the newest back to that one."""
    there = Item.objects.filter(batch=OuterRef("batch"), area_code__startswith="" if stratum == reviewers.WHOLE else stratum)
    draws = Draw.objects.filter(Exists(there), batch__programme=batch.programme, state="drawn", batch__approved_at__isnull=False)
    found = (_of(draw, stratum) for draw in draws.exclude(batch=batch).order_by("-drawn_at").iterator(chunk_size=1))
    return next((one for one in found if one is not None), None)


def _of(draw: Draw, stratum: str) -> tuple[Fraction, Findings] | None:
    """The rate of a stratum in a draw, and what was found of those drawn; None where none was. One query."""
    file = read_draw(draw.document.encode())
    size = file.frozen.plan.strata.get(stratum)
    ids = [UUID(one) for one in file.result.drawn.get(stratum, ())] if file.result is not None else []
    if size is None or size.rate is None or not ids:
        return None
    done = Check.objects.filter(item__uid__in=ids, kind="random").exclude(result="")
    found = done.aggregate(checked=Count("id"), faulty=Count("id", filter=Q(result="finding") & ~Q(settled="cleared")))
    return size.rate, Findings(found["checked"], found["faulty"])

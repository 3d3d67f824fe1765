"""A batch begins: opened for a programme, period and area, filled with the awards that are due, thinned out, frozen, or dissolved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet, Sum

from linli.batches import due, facts, periods, queries
from linli.batches.declared import Declared
from linli.batches.models import REMOVALS, Batch, Check, Difference, Draw, Item, LeftOut
from linli.batches.openness import missing
from linli.batches.refusals import refused, require_nobody_near, require_other, require_state
from linli.casework.steps import acts as steps
from linli.casework.steps import showing
from linli.kernel import clock
from linli.kernel.documents import tidy_line
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.kernel.workdays import ONE_DAY
from linli.programmes.declaration import Programme
from linli.programmes.queries import live_version, programme_of
from linli.registers.statistics import gather_where_grown
from linli.trace import Act, act, bulk_act
from linli.trace.bulk import BulkFact
from linli.trace.rows import with_digests
from linli.trace.sets import update_all
from linli.trace.turns import one_at_a_time

_SQL = Path(__file__).resolve().parents[1] / "sql"
_DUE = (_SQL / "due.sql").read_text(encoding="utf-8")
_GIVEN = """SELECT * FROM unnest(%(awards)s::bigint[], %(fens)s::bigint[], %(reckonings)s::text[]::jsonb[], %(reasons)s::text[],
    %(facts)s::text[]::jsonb[]) AS d (award_id, fen, reckoning, reason, facts)"""
_GATHER = (_SQL / "gather.sql").read_text(encoding="utf-8")
DEFAULT_HOUSEHOLD = "shared_living"
LONGEST_REASON = 200
AGAINST = ("finding", "objection")
"""Reasons for which a case that waits for its notice, or is shown, is looked at again before it may be shown at all."""


def open_batch(viewer: Viewer, *, programme: str, period: str, area: str = "", given: Mapping[str, Any] | None = None) -> Batch:
    """Open a batch of a programme for a period and area, "" the whole city, under the version in force today.

    given: figures that the programme leaves open, name -> {value, document}; refused without those that this batch will need
    (openness.missing). Asked again while that batch is being gathered, by whomever and at whatever moment, it is that one. Two queries
    and the act.
    """
    viewer.require("officer", area=area, programme=programme)
    version = live_version(programme, clock.today())
    if version is None:
        said = ("没有正在执行的这项政策", "There is no such programme in force.")
        raise refused("no_programme", said, ("先发布政策", "publish the programme first"), field="programme", found=programme)
    declared = programme_of(version)
    _require_paid(declared)
    assert declared.payment is not None
    periods.check(declared.payment.cycle, period)
    told = dict(given or {})
    missing(declared, period, told, refuse=True)
    same = {"programme": programme, "programme_version": version.version, "period": period, "area_code": area, "given": told}
    with act(viewer) as current:
        one_at_a_time(f"batches.open:{programme}:{period}:{area}")
        known = Batch.objects.filter(**same, state="gathering").first()
        if known is not None:
            return known
        row = Batch.objects.create(**same, opened_at=clock.now(), opened_by=viewer.actor)
        current.record(facts.OPENED, subject=str(row), payload={**about(row), "area": area, "given": told}, area=area, rows=[row])
    return row


def _require_paid(programme: Programme) -> None:
    if programme.payment is None:
        raise refused(
            "not_paid",
            ("这项政策不发放资金", "This programme pays nothing."),
            ("不需要批次", "it needs no batch"),
            field="programme",
            found=programme.slug,
        )


def about(row: Batch) -> dict[str, Any]:
    """What every fact of a batch says of it."""
    return {"programme": row.programme, "period": row.period}


def gather(viewer: Viewer, *, batch: UUID) -> int:
    """List every award that is due and on no other list; again as often as wanted until the list is frozen. How many were added.

    One statement for all, 0.3 ms an award with its fact; of a programme that asks its rule day by day, or reckons a loan, one for each 500.
    Then one fact each in a chain of their own. What was left out, and why, is kept beside. Refused for a period that
    hasn't begun, or is counted in days and isn't over. Locks the batch.
    """
    with act(viewer):
        row = mine(viewer, batch, "gathering")
        programme = queries.programme_of(row)
        first, last = due.days_of(row, programme)
        kind = due.kind_of(programme)
        if first > clock.today():
            raise _not_begun(first)
        if kind != "rule" and row.period != periods.ONCE and last >= clock.today():
            raise _not_over(last)
        row.left_out.all().delete()
        fill = _fill_by_award if kind in ("rule", "prorated") else _fill_reckoned
        now = clock.now()
        payload = {**about(row), "items": fill(row, programme, first, last, now)}
        differing = _take_along(row, now) if kind != "rule" else []
        with bulk_act(viewer, facts.GATHERED, subject=str(row), payload=payload, area=row.area_code) as bulk:
            if payload["items"]:
                bulk.extend(_listed_facts(row))
            for one in differing:
                record_difference(bulk.act, one, "listed")
        gather_where_grown(Item, LeftOut)
        return bulk.count


def _not_begun(first: date) -> LinliError:
    return refused(
        "period_to_come",
        ("这个期间还没有开始，不能提前发放", "This period hasn't begun: nothing of it is due yet."),
        (f"{first} 起再收录", f"gather from {first} on"),
        expected=f"{first}",
        found=f"{clock.today()}",
    )


def _not_over(last: date) -> LinliError:
    return refused(
        "period_open",
        ("按天计算的期间还没有结束，不能收录", "A period that is counted in days isn't over yet."),
        ("期间结束后再收录", "gather once it is over"),
        expected=f"{last + ONE_DAY}",
        found=f"{clock.today()}",
    )


def _states(programme: Programme) -> list[str]:
    """In which states an award is due: while it stands; of one that rests or has ended, the days before; where its case has a notice step,
    of one that is proposed and whose case is in it now (due.sql, due.candidates)."""
    steps = programme.procedure.steps if programme.procedure is not None else ()
    early = ["proposed"] if any(step.kind == "notice" for step in steps) else []
    return ["active", *early, "suspended", "ended"]


def _fill_by_award(row: Batch, programme: Programme, first: date, last: date, now: datetime) -> int:
    given = {
        "by_day": due.kind_of(programme) == "prorated",
        "of": (last - first).days + 1,
        "first": first,
        "last": last,
        "states": _states(programme),
        "never": list(due.NEVER_OWED),
        "area": row.area_code,
    }
    return _insert(row, programme, now, _DUE, given)


def _fill_reckoned(row: Batch, programme: Programme, first: date, last: date, now: datetime) -> int:
    """As due.py has it, some awards at a time."""
    awards = due.candidates(row, _states(programme), first, last).iterator(chunk_size=due.AT_ONCE)
    listed = 0
    while some := list(islice(awards, due.AT_ONCE)):
        found = list(due.with_earlier(due.reckoned(programme, row.period, some, first, last)))
        given: dict[str, list[Any]] = {
            "awards": [one.award for one in found],
            "fens": [one.fen for one in found],
            "reckonings": [json.dumps(one.told, ensure_ascii=False) for one in found],
            "reasons": [one.reason for one in found],
            "facts": [json.dumps(one.facts) for one in found],
        }
        listed += _insert(row, programme, now, _GIVEN, given)
    return listed


def _insert(row: Batch, programme: Programme, now: datetime, source: str, given: dict[str, Any]) -> int:
    known: dict[str, Any] = {
        "batch": row.pk,
        "programme": row.programme,
        "period": row.period,
        "household": programme.household_kind or DEFAULT_HOUSEHOLD,
        "today": clock.today(),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_GATHER.replace("{due}", source, 1), known | given)
        return int(cursor.fetchone()[0])


def _take_along(row: Batch, now: datetime) -> list[Difference]:
    """What earlier periods owed is paid with the items that were just listed."""
    added = Item.objects.filter(batch=row, added_at=now)
    waiting = due.waiting().filter(item__award__in=added.values("award"))
    found = list(waiting.select_related("item").select_for_update(of=("self",)).order_by("id"))
    new = dict(added.filter(award__in=[one.item.award_id for one in found]).values_list("award", "pk"))
    for one in found:
        one.listed_in_id = new[one.item.award_id]
    update_all(found, "listed_in")
    return found


def record_difference(current: Act, one: Difference, state: str) -> None:
    """The fact of what became of a difference, about the paid item; for the act that changed it."""
    payload = {"batch": str(one.item.batch.uid), "difference": str(one.uid), "fen": one.fen, "state": state}
    current.record(facts.DIFFERS, subject=str(one.item), payload=payload, area=one.item.area_code, rows=[one])


def _listed_facts(row: Batch) -> Iterator[BulkFact]:
    """One fact for each item that has none yet: those of the latest moment of adding."""
    newest = Item.objects.filter(batch=row).order_by("-id").values("added_at")[:1]
    added = Item.objects.filter(batch=row, added_at=newest).order_by("id")
    for digests, (uid, amount) in with_digests(added, "uid", "amount_fen"):
        yield facts.LISTED, f"item:{uid}", {"batch": str(row.uid), "amount_fen": amount}, digests


def mine(viewer: Viewer, batch: UUID, *states: str) -> Batch:
    """The batch, locked, that the viewer may change, in one of the states. Raises LinliError."""
    row = queries.batch(viewer, batch, lock=True)
    viewer.require("officer", area=row.area_code, programme=row.programme)
    require_state(row, *states)
    return row


def remove(viewer: Viewer, *, item: UUID, reason: str) -> None:
    """Take an item off its list, with the reason, until the batch is approved; what a frozen list comes to is set anew. Locks the batch.

    Refused to whoever is near to somebody on the list. Off a frozen list what may be drawn, or is drawn and not checked, comes by another
    officer than whoever made the list; with a finding that is open only by settling it.
    """
    with act(viewer) as current:
        found = Item.objects.filter(uid=item).values_list("batch__uid", flat=True).first()
        if found is None:
            raise refused("no_item", ("没有这一笔", "There is no such item."), ("从批次名单进入", "open it from the batch's list"))
        row = mine(viewer, found, "gathering", "frozen", "checking", "notice")
        require_nobody_near(viewer.actor, row)
        known = Item.objects.get(uid=item)
        if row.state != "gathering" and known.state == "listed":
            _refuse_to_evade(viewer, row, known)
        take_off(current, row, known, reason)


def _refuse_to_evade(viewer: Viewer, row: Batch, item: Item) -> None:
    checks = Check.objects.filter(item=item)
    if checks.filter(result="finding", settled="").exists():
        raise refused(
            "finding_open",
            ("核查发现的问题还没有处理，不能移出", "A finding of its check isn't settled: it stays on the list until then."),
            ("先处理核查发现的问题", "settle the finding first"),
            expected=("问题已处理", "the finding settled"),
            found=("问题待处理", "a finding to be settled"),
        )
    if row.state == "frozen" or checks.filter(result="").exists():
        require_other(viewer.actor, (row.opened_by, row.frozen_by), ("未核查的一笔的移出", "Taking off what isn't checked"))


def take_off(current: Act, row: Batch, item: Item, reason: str) -> None:
    """What removing an item writes; for an act that has locked the batch."""
    if item.state != "listed":
        raise refused("not_listed", ("这一笔已不在名单上", "This item isn't on the list any more."), ("刷新页面", "load the page again"))
    if reason not in REMOVALS or not reason:
        raise refused(
            "reason", ("请选择移出原因", "Say why it is taken off."), ("选择一项", "choose one"), field="reason", found=reason[:40]
        )
    item.state, item.reason, item.ended_at = "removed", reason, clock.now()
    item.save(update_fields=["state", "reason", "ended_at"])
    changed: list[Any] = [item]
    case = item.award.case
    if case.status == "open" and not (reason in AGAINST and steps.back_from_notice(current.viewer, case.uid)):
        showing.down(current.viewer, [case.pk])
    if row.state != "gathering":
        count_anew(row)
        changed.append(row)
    payload = {"batch": str(row.uid), "reason": reason}
    current.record(facts.REMOVED, subject=str(item), payload=payload, area=item.area_code, rows=changed, also=[str(row)])


def cases_of(row: Batch) -> QuerySet[Any, Any]:
    """Primary keys of the cases of what stands on the list, as a subquery."""
    return queries.listed(row).order_by().values("award__case")


def count_anew(row: Batch) -> None:
    """Set count and total to what stands on the list. Two statements."""
    sums = queries.listed(row).order_by().aggregate(count=Count("id"), total=Sum("amount_fen"))
    row.count, row.total_fen = sums["count"], sums["total"] or 0
    row.save(update_fields=["count", "total_fen"])


def declare(viewer: Viewer, *, batch: UUID, declared: Declared | None) -> Batch:
    """Record what a county handed in of the list, or that nothing stands any longer. A total that the list doesn't come to stops it."""
    with act(viewer) as current:
        row = mine(viewer, batch, "gathering", "frozen", "checking", "notice")
        row.declared = None if declared is None else as_document(declared)
        row.declared_fen = None if declared is None else declared.total_fen
        row.save(update_fields=["declared", "declared_fen"])
        payload = {
            **about(row),
            "total_fen": declared.total_fen if declared else None,
            "count": declared.count if declared else None,
            "levels": len(declared.levels) if declared else 0,
        }
        current.record(facts.DECLARED, subject=str(row), payload=payload, area=row.area_code, rows=[row])
    return row


def as_document(declared: Declared) -> dict[str, Any]:
    """What was handed in as the batch keeps it; queries.declared_of reads it back."""
    levels = [[level.fen, level.count, level.sum_fen] for level in declared.levels]
    return {
        "levels": levels,
        "total_fen": declared.total_fen,
        "count": declared.count,
        "parts": list(declared.parts),
        "over_fen": declared.over_fen,
    }


def dissolve(viewer: Viewer, *, batch: UUID, reason: str) -> Batch:
    """Give a batch up before it is approved: its items are free for another, its draw is void. Locks it; set statements."""
    told = tidy_line(reason)[:LONGEST_REASON]
    if not told:
        raise refused("reason", ("请写明作废原因", "Say why it is dissolved."), ("填写原因", "write the reason"), field="reason")
    with act(viewer):
        row = mine(viewer, batch, "gathering", "frozen", "checking", "notice")
        _refuse_while_shown(row)
        now = clock.now()
        gone = Item.objects.filter(batch=row, state="listed").update(state="removed", reason="dissolved", ended_at=now)
        row.state, row.ended_at = "dissolved", now
        row.save(update_fields=["state", "ended_at"])
        with bulk_act(viewer, facts.RELEASED, subject=str(row), payload={**about(row), "items": gone}, area=row.area_code) as bulk:
            rows = Item.objects.filter(batch=row, reason="dissolved").order_by("id")
            payload = {"batch": str(row.uid), "reason": "dissolved"}
            bulk.extend((facts.REMOVED, f"item:{uid}", payload, digests) for digests, (uid,) in with_digests(rows, "uid"))
            _void_draws(bulk.act, row, told)
    return row


def _void_draws(current: Act, row: Batch, reason: str) -> None:
    for draw in Draw.objects.select_for_update().filter(batch=row).exclude(state="void"):
        draw.state, draw.reason = "void", reason
        draw.save(update_fields=["state", "reason"])
        current.record(facts.DRAW_VOID, subject=str(draw), payload={"draw": draw.code, "reason": reason}, rows=[draw, row])
    current.record(facts.DISSOLVED, subject=str(row), payload={**about(row), "reason": reason}, area=row.area_code, rows=[row])


def _refuse_while_shown(row: Batch) -> None:
    if row.announcements.filter(state="up").exists():
        raise LinliError(
            "batches.notice_up",
            zh="公示还在进行",
            en="Its public notice still stands.",
            remedy_zh="先撤下公示",
            remedy_en="withdraw the notice first",
        )

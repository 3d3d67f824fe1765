"""Approval: somebody who neither opened nor froze the batch approves it once nothing speaks against it; its money is held with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from linli.batches import facts, queries
from linli.batches.acts import excluding
from linli.batches.acts.gathering import about, mine
from linli.batches.blocks import fund_slugs, reconciliation
from linli.batches.models import Batch, Item
from linli.batches.reconciling import Reconciliation
from linli.batches.refusals import refused, require_nobody_near, require_other
from linli.casework.models import StepTaken
from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems
from linli.kernel.viewer import Viewer
from linli.ledger.acts import Commitment, commit_all, fund_of, lock_balances
from linli.programmes.declaration import Programme
from linli.trace import act, bulk_act
from linli.trace.rows import with_digests

AT_ONCE = 2000
BEFORE = ("before_decision", "before_payment")
_HELD = """
    UPDATE batches_item AS i SET fund = h.fund, hold = h.hold FROM unnest(%(ids)s::bigint[], %(funds)s::text[], %(holds)s::uuid[])
        AS h (id, fund, hold) WHERE i.id = h.id
"""


def key_of(item: UUID) -> str:
    """Under which the ledger knows what is held for an item (ledger.queries.parts_of)."""
    return f"batch:{item}"


def approve(viewer: Viewer, *, batch: UUID) -> Batch:
    """Approve a batch for payment and hold its money, all or nothing.

    Refused to whoever opened or froze it, or is near to somebody on its list; before the public notice has stood, where the programme
    wants it first; and, with every reason (Problems), while reconciliation does not hold; whom the look at the list found excluded stays on
    record then too. Locks the batch and the funds' balances; set statements for 2,000 items at a time.
    """
    excluding.look(viewer, batch=batch)
    with act(viewer) as current:
        row = mine(viewer, batch, "checking", "notice")
        require_other(viewer.actor, (row.opened_by, row.frozen_by), ("批次", "A batch"))
        require_nobody_near(viewer.actor, row)
        programme = queries.programme_of(row)
        _require_shown(row, programme)
        found = reconciliation(row)
        if not found.holds:
            raise Problems(problems(found))
        slugs = fund_slugs(programme)
        spent = _hold(viewer, row, slugs)
        row.state, row.approved_at, row.approved_by = "approved", clock.now(), viewer.actor
        row.save(update_fields=["state", "approved_at", "approved_by"])
        payload = {**about(row), "count": row.count, "total_fen": row.total_fen, "funds": spent}
        current.record(facts.APPROVED, subject=str(row), payload=payload, area=row.area_code, rows=[row])
        with bulk_act(viewer, facts.MONEY_HELD, subject=str(row), payload={**about(row), "items": row.count}, area=row.area_code) as bulk:
            rows = with_digests(queries.listed(row), "uid", "fund", "hold")
            known = {"batch": str(row.uid)}
            bulk.extend(
                (facts.HELD, f"item:{uid}", {**known, "fund": fund, "hold": str(hold)}, digests) for digests, (uid, fund, hold) in rows
            )
    return row


def problems(found: Reconciliation) -> list[LinliError]:
    """What keeps a batch from being paid, each with what to do."""
    return [
        LinliError(f"batches.block.{one.code}", zh=one.what[0], en=one.what[1], remedy_zh=one.remedy[0], remedy_en=one.remedy[1])
        for one in found.blocks
    ]


def shown_first(programme: Programme) -> bool:
    """Whether the public notice stands before the money is paid."""
    return programme.public_notice is not None and programme.public_notice.place in BEFORE


def _require_shown(row: Batch, programme: Programme) -> None:
    """Its own notice has stood, or each of its cases was in one before it was decided: works are shown, then done, then paid."""
    if shown_first(programme) and not row.announcements.filter(state="ended").exists() and not _each_shown(row):
        said = ("公示期满后才能批准", "It is approved once its public notice has stood for its days.")
        raise refused("notice_first", said, ("先公示", "put up the notice first"))


def _each_shown(row: Batch) -> bool:
    passed = StepTaken.objects.filter(case=OuterRef("award__case"), kind="notice", result="passed")
    return not queries.listed(row).filter(~Exists(passed)).exists()


def _hold(viewer: Viewer, row: Batch, slugs: list[str]) -> dict[str, int]:
    """Hold what each item will be paid, drawing on the funds in their order; what each fund gives."""
    lock_balances(accounts=[fund_of(slug).account.code for slug in slugs])
    spent: dict[str, int] = defaultdict(int)
    source: Iterator[Item] = queries.listed(row).iterator(chunk_size=AT_ONCE)
    while some := list(islice(source, AT_ONCE)):
        wanted = [Commitment(key_of(item.uid), item.amount_fen, f"{row.programme} {row.period}") for item in some]
        parts = commit_all(viewer, funds=slugs, commitments=wanted)
        columns: dict[str, list[Any]] = {
            "ids": [item.pk for item in some],
            "funds": [each[0].fund for each in parts],
            "holds": [each[0].hold for each in parts],
        }
        with connection.cursor() as cursor:
            cursor.execute(_HELD, columns)
        for part in (one for each in parts for one in each):
            spent[part.fund] += part.fen
    return dict(spent)

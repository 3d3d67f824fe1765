"""What the bank answered: taken as a file, dealt with row by row. Nothing is paid here for any other reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db import connection

from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.settlement import facts
from linli.settlement.acts import answers, owing
from linli.settlement.acts.shared import MACHINE, require_nobody_near, require_over
from linli.settlement.acts.telling import Judged, lock, tell
from linli.settlement.banking.layouts import layout_of
from linli.settlement.banking.outcomes import read_outcomes
from linli.settlement.banking.rows import BadRow, Told
from linli.settlement.banking.rows import OutcomeRow as ReadRow
from linli.settlement.judging import Asked, judged
from linli.settlement.models import APPLIED, Instruction, Order, Outcome, OutcomeRow, Payment
from linli.settlement.refusals import require_another
from linli.trace import Act, act
from linli.trace.sets import update_all

APPLY = "settlement.apply_outcome"
_BATCHES = """
SELECT DISTINCT o.batch FROM settlement_outcomerow r JOIN settlement_instruction i ON i.reference = r.reference
JOIN settlement_order o ON o.id = i.order_id WHERE r.outcome_id = %(outcome)s"""


def receive(viewer: Viewer, *, layout: str, path: Path, name: str) -> Outcome:
    """Take the bank's file; a job then deals with its rows. The same file a second time is the one that was taken.

    The viewer must be an officer over every batch that it answers for, have neither made nor released a file of it, and not be near to
    anybody whose payment it answers for.
    Raises LinliError for what is no such file. One transaction.
    """
    return cast(Outcome, answers.take(viewer, READER, layout=layout, path=path, name=name))


def _rows(outcome: Outcome, path: Path, told: Told) -> Iterator[ReadRow | BadRow]:
    return read_outcomes(layout_of(Path(settings.LINLI_CITY), outcome.layout), path, told)


def _stored(row: ReadRow) -> dict[str, Any]:
    return {"amount_fen": row.amount_fen, "tail": row.tail, "told_on": row.day}


def _require_over_all(viewer: Viewer, outcome: Outcome) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BATCHES, {"outcome": outcome.pk})
        batches = [row[0] for row in cursor.fetchall()]
    for batch in batches:
        require_over(viewer, batch)
    named = OutcomeRow.objects.filter(outcome=outcome).values("reference")
    hands = Order.objects.filter(instructions__reference__in=named).values_list("made_by", "released_by").distinct()
    require_another(viewer.actor, [actor for pair in hands for actor in pair], "file")
    require_nobody_near(viewer.actor, Payment.objects.filter(instructions__reference__in=named))
    if not batches:
        viewer.require("officer")


READER = answers.Reader(
    Outcome,
    rows=_rows,
    made=_stored,
    said=("amount_fen", "tail", "code"),
    allow=_require_over_all,
    fact=facts.OUTCOME_RECEIVED,
    done=facts.OUTCOME_APPLIED,
    job=(APPLY, "outcome"),
)


def apply_some(*, outcome: UUID) -> bool:
    """Deal with the next rows of an answer, up to 500 in one transaction; whether there are more. Killed in between, it goes on there.

    Rows of one verdict that moves money are dealt with at a time, since a transaction posts to the ledger once. Locks the answer, then
    the instructions and payments in order. About 0.9 ms of CPU a row.
    """
    with act(MACHINE) as current:
        row, waiting = answers.next_piece(current, READER, outcome)
        if not waiting:
            return False
        found = _judge(row, waiting)
        moving = next((kind for kind in APPLIED if any(one.verdict == kind for one in found)), "")
        chosen = [one for one in found if one.verdict == moving]
        if chosen:
            _apply(row, moving, chosen)
        noted = [one for one in found if one.verdict == moving or one.verdict not in APPLIED]
        _look_twice(current, noted)
        _note(noted)
    return True


def _judge(outcome: Outcome, rows: Sequence[OutcomeRow]) -> list[Judged]:
    layout = layout_of(Path(settings.LINLI_CITY), outcome.layout)
    asked = Instruction.objects.filter(reference__in={row.reference for row in rows}).select_related("order", "payment", "account")
    by_reference = {one.reference: one for one in asked.select_for_update(of=("self", "payment")).order_by("id")}
    found = []
    for row in rows:
        code, instruction = layout.code(row.code), by_reference.get(row.reference)
        verdict = judged(row.amount_fen, row.tail, code, _asked(instruction))
        found.append(Judged(row, verdict, code, instruction))
    return found


def _asked(instruction: Instruction | None) -> Asked | None:
    if instruction is None:
        return None
    return Asked(instruction.state, instruction.amount_fen, instruction.tail, instruction.order.state in ("handed_over", "settled"))


def _apply(outcome: Outcome, kind: str, chosen: list[Judged]) -> None:
    """All of them at once; if the book refuses one, each by itself, so that a single row holds up no other."""
    lock(kind, chosen)
    try:
        tell(outcome, kind, chosen)
    except LinliError:
        for one in chosen:
            if one.instruction is not None:
                one.instruction.refresh_from_db()  # with its payment: what was tried with all of them was taken back
            try:
                tell(outcome, kind, [one])
            except LinliError as problem:
                one.verdict, one.row.found = "spent", problem.code


def _look_twice(current: Act, found: Sequence[Judged]) -> None:
    """What the bank called failed and now calls paid is not sent again, until it says once more that it failed."""
    said = [(one.verdict, one.code.means, one.instruction) for one in found if one.code is not None and one.instruction is not None]
    late = [(verdict, means, row.payment_id) for verdict, means, row in said if row.state in ("failed", "returned")]
    owing.contradicted(current, [key for verdict, means, key in late if (verdict, means) == ("contradicted", "paid")])
    owing.said_again(current, [key for verdict, means, key in late if verdict == "repeated" and means in ("failed", "returned")])


def _note(found: Sequence[Judged]) -> None:
    for one in found:
        one.row.verdict = one.verdict
    update_all([one.row for one in found], "verdict", "found")

"""What the bank answered: taken as a file, dealt with row by row. Nothing is paid here for any other reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.settlement import facts
from linli.settlement.acts import owing
from linli.settlement.acts.shared import MACHINE, one_at_a_time, require_over
from linli.settlement.acts.telling import Judged, tell
from linli.settlement.banking.layouts import Layout, layout_of
from linli.settlement.banking.outcomes import read_outcomes
from linli.settlement.banking.rows import BadRow, Told
from linli.settlement.banking.rows import OutcomeRow as ReadRow
from linli.settlement.judging import Asked, judged
from linli.settlement.models import APPLIED, REFUSED, Instruction, Order, Outcome, OutcomeRow
from linli.settlement.refusals import refused, require_another
from linli.trace import Act, act

APPLY = "settlement.apply_outcome"
PIECE = 500
_STAGED = 2000
LARGEST_FILE = 512 * 1024 * 1024
# A reference that stands in a file twice: said the same twice, it counts once; said differently, nobody knows which is true.
_DUPLICATES = """
UPDATE settlement_outcomerow r SET verdict = 'duplicate'
FROM (
    SELECT id, row_number() OVER (PARTITION BY reference ORDER BY line) AS place,
        count(*) OVER same AS alike, count(*) OVER (PARTITION BY reference) AS every
    FROM settlement_outcomerow WHERE outcome_id = %(outcome)s AND verdict = ''
    WINDOW same AS (PARTITION BY reference, amount_fen, tail, code)
) twice
WHERE r.id = twice.id AND twice.every > 1 AND (twice.alike < twice.every OR twice.place > 1)"""
_BATCHES = """
SELECT DISTINCT o.batch FROM settlement_outcomerow r JOIN settlement_instruction i ON i.reference = r.reference
JOIN settlement_order o ON o.id = i.order_id WHERE r.outcome_id = %(outcome)s"""


def receive(viewer: Viewer, *, layout: str, path: Path, name: str) -> Outcome:
    """Take the bank's file; a job then deals with its rows. The same file a second time is the one that was taken.

    The viewer must be an officer over every batch that it answers for, and have neither made nor released a file of it.
    Raises LinliError for what is no such file. One transaction:
    rows are staged 2,000 at a time, about 0.1 ms a row.
    """
    form = layout_of(Path(settings.LINLI_CITY), layout)
    if path.stat().st_size > LARGEST_FILE:
        raise refused(
            "too_large", "file", ("文件过大", "The file is too large."), remedy=("请银行分文件提供", "ask the bank for several files")
        )
    digest = digest_of(path)
    with act(viewer) as current:
        one_at_a_time(f"receive:{digest}")
        known = Outcome.objects.filter(file_digest=digest).first()
        if known is not None:
            return known
        row = Outcome.objects.create(
            layout=form.slug, file_name=name[:120], file_digest=digest, received_by=viewer.actor, received_at=clock.now(), state="applying"
        )
        row.rows, row.warnings = _stage(row, form, path)
        row.save(update_fields=["rows", "warnings"])
        _require_over_all(viewer, row)
        told = {"layout": row.layout, "file": digest, "rows": row.rows}
        current.record(facts.OUTCOME_RECEIVED, subject=f"outcome:{row.uid}", payload=told, rows=[row])
        app.configure_task(APPLY).defer(outcome=str(row.uid))
    return row


def digest_of(path: Path) -> str:
    """Of a file, "sha256:…"."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**18):
            found.update(block)
    return f"sha256:{found.hexdigest()}"


def _stage(outcome: Outcome, layout: Layout, path: Path) -> tuple[int, list[str]]:
    told = Told()
    rows: Iterator[ReadRow | BadRow] = read_outcomes(layout, path, told)
    count = 0
    while piece := list(islice(rows, _STAGED)):
        OutcomeRow.objects.bulk_create(_staged(outcome, row) for row in piece)
        count += len(piece)
    if not count:
        raise refused(
            "empty", "file", ("文件里没有回盘记录", "The file holds no rows."), remedy=("核对文件和格式", "check the file and its layout")
        )
    with connection.cursor() as cursor:
        cursor.execute(_DUPLICATES, {"outcome": outcome.pk})
    return count, sorted(set(told.warnings))


def _staged(outcome: Outcome, row: ReadRow | BadRow) -> OutcomeRow:
    if isinstance(row, BadRow):
        return OutcomeRow(outcome=outcome, line=row.line, verdict="unreadable", found=row.column[:80])
    return OutcomeRow(
        outcome=outcome,
        line=row.line,
        reference=safe(row.reference, 40),
        amount_fen=row.amount_fen,
        tail=row.tail,
        code=safe(row.code, 40),
        told_on=row.day,
    )


def safe(text: str, most: int) -> str:
    """What PostgreSQL can hold; a reference that isn't ours matches none anyway."""
    return text.replace("\x00", "�")[:most]


def _require_over_all(viewer: Viewer, outcome: Outcome) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BATCHES, {"outcome": outcome.pk})
        batches = [row[0] for row in cursor.fetchall()]
    for batch in batches:
        require_over(viewer, batch)
    named = OutcomeRow.objects.filter(outcome=outcome).values("reference")
    hands = Order.objects.filter(instructions__reference__in=named).values_list("made_by", "released_by").distinct()
    require_another(viewer.actor, [actor for pair in hands for actor in pair], "file")
    if not batches:
        viewer.require("officer")


def apply_some(*, outcome: UUID) -> bool:
    """Deal with the next rows of an answer, up to 500 in one transaction; whether there are more. Killed in between, it goes on there.

    Rows of one verdict that moves money are dealt with at a time, since a transaction posts to the ledger once. Locks the answer, then
    the instructions and payments in order. About 2 ms a row.
    """
    with act(MACHINE) as current:
        row = Outcome.objects.select_for_update().get(uid=outcome)
        waiting = list(OutcomeRow.objects.filter(outcome=row, verdict="").order_by("line")[:PIECE])
        if not waiting:
            _finish(current, row)
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


def _finish(current: Act, outcome: Outcome) -> None:
    if outcome.state == "done":
        return
    outcome.state = "done"
    outcome.save(update_fields=["state"])
    refused_rows = OutcomeRow.objects.filter(outcome=outcome, verdict__in=REFUSED).count()
    payload = {"rows": outcome.rows, "refused": refused_rows}
    current.record(facts.OUTCOME_APPLIED, subject=f"outcome:{outcome.uid}", payload=payload)


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
    try:
        tell(outcome, kind, chosen)
    except LinliError:
        for one in chosen:
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
    OutcomeRow.objects.bulk_update([one.row for one in found], ["verdict", "found"])

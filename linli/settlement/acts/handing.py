"""The file leaves the house: only released, only as it was released, and everybody who took it is on record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.settlement import facts
from linli.settlement.acts.ordering import ORDER, locked, order_for, told
from linli.settlement.acts.owing import entered_by, require_owed
from linli.settlement.acts.shared import require_as_recorded, require_nobody_near
from linli.settlement.files import order_bytes
from linli.settlement.models import Order, Payment
from linli.settlement.refusals import refused, require_another, require_state
from linli.trace import Act, act
from linli.trace.unaltered import refusing_altered


@refusing_altered
def hand_over(viewer: Viewer, *, order: UUID, path: Path) -> Order:
    """Write the released file to `path`, which the caller keeps private; handed over from the first time on, and noted every time.

    Raises LinliError, and nothing is handed over, if it would not be byte for byte what the checker released. Reads every account in
    the viewer's name. Locks the order.
    """
    with act(viewer) as current:
        row = _released(locked(viewer, order), viewer)
        _write(viewer, row, path)
        _note(current, row)
    return row


@refusing_altered
def write_released(viewer: Viewer, *, order: UUID, path: Path, progress: Callable[[int], None]) -> Order:
    """Write the released file, byte for byte as it was released, without handing it over yet: for a job that whoever takes it waits for.

    Reads every account in the viewer's name; each is listed to its person. Memory is that of a thousand payments. Raises as hand_over().
    """
    row = _released(order_for(viewer, order), viewer)
    _write(viewer, row, path, progress)
    return row


@refusing_altered
def note_handed_over(viewer: Viewer, *, order: UUID) -> Order:
    """Whoever takes the written file is on record, every time. Raises LinliError for an order that was taken back meanwhile."""
    with act(viewer) as current:
        row = _released(locked(viewer, order), viewer)
        _note(current, row)
    return row


def _note(current: Act, row: Order) -> None:
    if row.state == "released":
        row.state, row.handed_over_at = "handed_over", clock.now()
        row.save()
    current.record(facts.HANDED_OVER, subject=f"order:{row.uid}", payload=told(row), rows=[row])


def _released(row: Order, viewer: Viewer) -> Order:
    """A file that may leave the house, with somebody who entered none of its accounts and is near to nobody whom it pays."""
    require_state(ORDER, row.state, "released", "handed_over", "settled")
    require_another(viewer.actor, entered_by(row), row.number)
    require_nobody_near(viewer.actor, Payment.objects.filter(instructions__order=row))
    if row.state == "released":
        require_owed(row)
        require_as_recorded(row)
    return row


def _write(viewer: Viewer, order: Order, path: Path, progress: Callable[[int], None] = lambda _: None) -> None:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for piece in order_bytes(viewer, order, progress):
            digest.update(piece)
            file.write(piece)
    found = f"sha256:{digest.hexdigest()}"
    if found != order.file_digest:
        path.unlink()
        raise refused(
            "file_differs",
            "file",
            ("文件内容与复核时不一致，不能交给银行", "The file is not the one that was released."),
            expected=order.file_digest,
            found=found,
            remedy=("作废后重新编制，并检查数据是否被改动", "drop it, make it anew, and run linli trace verify --deep"),
        )

"""The numbers of a public draw that stands for a secret: one officer enters them with their source, another compares them, then the draw
is made with them. They stand on the draw's public page from the moment they are entered, for anybody to compare."""

from __future__ import annotations

from uuid import UUID

from linli.batches import facts
from linli.batches.acts.drawing import locked, make_draw
from linli.batches.models import Draw, PublicOutcome
from linli.batches.refusals import refused, require_other
from linli.kernel import clock
from linli.kernel.documents import tidy_line
from linli.kernel.viewer import Viewer
from linli.sampling import Outcome, finish, read_draw
from linli.trace import Act, act

LONGEST = 200


def enter_outcome(viewer: Viewer, *, draw: UUID, numbers: tuple[tuple[int, ...], ...], source: str) -> PublicOutcome:
    """Enter what the public draw that was named has brought, and where it is published. The same again is the one that was entered.

    Refused before its day, before all secrets are there, and for numbers of another form. Locks the batch and the draw.
    """
    told = tidy_line(source)
    if not told or len(told) > LONGEST:
        raise refused(
            "outcome_source",
            ("请写明开奖号码从哪里来（200 字以内）", "Say where the numbers are published, in 200 characters."),
            ("写开奖公告的名称、期号和网址", "name the announcement, its number and its address"),
            field="source",
        )
    with act(viewer) as current:
        found = locked(viewer, draw, "frozen")
        before = _waiting(found)
        if before is not None:
            if (_told(before).numbers, before.source) == (numbers, told):
                return before
            raise refused(
                "outcome_entered",
                ("开奖号码已经登记，等另一人确认", "Numbers were entered already and wait for another officer."),
                ("有误的，先作废再重新登记", "drop them first if they are wrong"),
                field="numbers",
            )
        finish(read_draw(found.document.encode()), Outcome(numbers, clock.now()))
        row = PublicOutcome.objects.create(
            draw=found, numbers=[list(one) for one in numbers], source=told, entered_at=clock.now(), entered_by=viewer.actor
        )
        payload = {"draw": found.code, "numbers": row.numbers, "source": told}
        current.record(facts.OUTCOME_ENTERED, subject=str(found), payload=payload, rows=[row], also=[str(found.batch)])
    return row


def confirm_outcome(viewer: Viewer, *, draw: UUID) -> Draw:
    """Another officer has compared the numbers with their source: the draw is made with them. Locks the batch and the draw."""
    with act(viewer) as current:
        found = locked(viewer, draw, "frozen")
        row = _one(found)
        require_other(viewer.actor, (row.entered_by,), ("开奖号码的确认", "Confirming the numbers of the public draw"))
        _end(current, found, row, viewer, "confirmed")
        make_draw(viewer, found, read_draw(found.document.encode()), _told(row))
    return found


def drop_outcome(viewer: Viewer, *, draw: UUID) -> Draw:
    """Numbers that were entered by mistake, and that nobody has confirmed, are dropped. Locks the batch and the draw."""
    with act(viewer) as current:
        found = locked(viewer, draw, "frozen")
        _end(current, found, _one(found), viewer, "dropped")
    return found


def _end(current: Act, found: Draw, row: PublicOutcome, viewer: Viewer, how: str) -> None:
    row.state, row.ended_by, row.ended_at = how, viewer.actor, clock.now()
    row.save(update_fields=["state", "ended_by", "ended_at"])
    payload = {"draw": found.code, "how": how}
    current.record(facts.OUTCOME_ENDED, subject=str(found), payload=payload, rows=[row], also=[str(found.batch)])


def _told(row: PublicOutcome) -> Outcome:
    return Outcome(tuple(tuple(group) for group in row.numbers), row.entered_at)


def _waiting(found: Draw) -> PublicOutcome | None:
    return found.outcomes.filter(state="waiting").first()


def _one(found: Draw) -> PublicOutcome:
    row = _waiting(found)
    if row is None:
        raise refused(
            "no_outcome",
            ("没有等待确认的开奖号码", "No numbers wait to be confirmed."),
            ("刷新页面", "load the page again"),
        )
    return row

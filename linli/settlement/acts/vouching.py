"""What officers enter from a bank's paper: one enters it, another confirms it, and only then it counts."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from linli.casework.models import Case
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.registers.models import Resident
from linli.registers.nearness import require_not_near
from linli.settlement import facts
from linli.settlement.models import BankWord
from linli.settlement.refusals import no_such, refused, require_another, require_state
from linli.trace import Act, act

WORD = ("登记", "entry")


def entered(current: Act, viewer: Viewer, word: BankWord, area: str) -> BankWord:
    """Keep what an officer enters, for the act that has checked it."""
    word.entered_by, word.entered_at = viewer.actor, clock.now()
    word.save(force_insert=True)
    _told(current, word, area)
    return word


def waiting(word: UUID, *kinds: str) -> BankWord:
    """An entry of one of the kinds, locked; one that was dropped is refused. Raises LinliError."""
    found = BankWord.objects.select_for_update(of=("self",)).filter(uid=word, kind__in=kinds).first()
    if found is None:
        raise no_such(WORD, word)
    require_state(WORD, found.state, "waiting", "confirmed")
    return found


def require_second(viewer: Viewer, word: BankWord, *others: str) -> None:
    """Raise Refused for whoever entered it or is one of the others, or could be sitting behind them."""
    require_another(viewer.actor, [word.entered_by, *others], word.reference)


def ended(current: Act, viewer: Viewer, word: BankWord, state: str, area: str) -> None:
    """It counts, or is dropped; for the act that has locked it."""
    word.state, word.ended_by, word.ended_at = state, viewer.actor, clock.now()
    word.save(update_fields=["state", "ended_by", "ended_at"])
    _told(current, word, area)


def drop(viewer: Viewer, *, word: UUID) -> BankWord:
    """Take back what was entered wrongly, while nobody has confirmed it. Needs an officer of the programme where the person is, who has
    nothing to do with them. Again it changes nothing. Locks it."""
    with act(viewer) as current:
        found = BankWord.objects.select_for_update(of=("self",)).filter(uid=word).first()
        if found is None:
            raise no_such(WORD, word)
        programme, area = about(found)
        viewer.require("officer", area=area[:6], programme=programme)
        require_not_near(viewer.actor, Resident.objects.filter(uid=found.person))
        if found.state != "dropped":
            require_state(WORD, found.state, "waiting")
            ended(current, viewer, found, "dropped", area)
    return found


def about(word: BankWord) -> tuple[str, str]:
    """Programme and area of what an entry is about. One query or two."""
    if word.instruction is not None:
        return word.instruction.payment.programme, word.instruction.payment.area_code
    case = Case.objects.get(uid=str(word.case))
    return case.programme, case.area_code


def require_same(known: BankWord, fen: int, on: date) -> None:
    """Raise LinliError where something else was entered by the same reference."""
    if (known.fen, known.on) != (fen, on):
        raise refused(
            "entered_otherwise",
            "reference",
            ("这个回单号已经登记过，金额或日期不同", "That reference was entered before with another sum or day."),
            expected=f"{known.fen} / {known.on}",
            found=f"{fen} / {on}",
            remedy=("核对银行回单；登记错的先作废再登记", "look at the receipt; drop a wrong entry and enter it anew"),
        )


def _told(current: Act, word: BankWord, area: str) -> None:
    payload = {"word": str(word.uid), "kind": word.kind, "fen": word.fen, "state": word.state}
    current.record(facts.BANK_WORD, subject=f"resident:{word.person}", payload=payload, rows=[word], area=area[:6])

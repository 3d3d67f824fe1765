"""Reads of settlement: batches being paid, orders, answers, and how the payments of one award stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from linli.casework.desks import inside
from linli.casework.models import Case
from linli.entitlements.models import Recovery
from linli.kernel.compiled import compiled
from linli.kernel.viewer import Viewer
from linli.ledger.queries import received_under
from linli.settlement.models import (
    MADE_GOOD,
    ONCE,
    AccountAnswer,
    AccountAnswerRow,
    BankAnswer,
    BankWord,
    Inquiry,
    Instruction,
    Order,
    Outcome,
    OutcomeRow,
    Payer,
    Payment,
    Question,
)
from linli.settlement.refusals import no_such

Kind = TypeVar("Kind", bound=BankAnswer)
READERS = ("officer", "auditor")
PAGE = 50
BATCHES = 30
CONTRADICTED = Q(reason="paid_before")
"""Payments of which the bank said that they failed, and then that they were paid."""


@dataclass(frozen=True, slots=True)
class Status:
    """How one payment of an award stands, for the person. step: planned, on_its_way, paid, failed, retained or withdrawn.

    day: paid on, or for a retained part the first day it can be paid; tail: of the account; reason: why it waits or failed.
    offset_fen: what was set off from it with the person's consent. item: of the batch.
    """

    uid: UUID
    item: UUID
    part: str
    period: str
    fen: int
    step: str
    day: date | None
    tail: str
    reason: str
    offset_fen: int


@dataclass(frozen=True, slots=True)
class BatchFigures:
    """A batch as settlement has it: payments and fen by state (models.PAYMENT_STATES). contradicted: beside those that wait or failed.

    beside: by state, payments that no item comes to: what a bank paid twice, what is paid back to somebody.
    """

    batch: UUID
    programme: str
    period: str
    counts: Mapping[str, int]
    sums: Mapping[str, int]
    contradicted: int = 0
    beside: Mapping[str, int] = field(default_factory=dict)

    def number(self, *states: str) -> int:
        """How many payments of any part are in these states."""
        return sum(self.counts.get(state, 0) + self.beside.get(state, 0) for state in states)

    @property
    def count(self) -> int:
        """All that are to be paid, those given up left out."""
        return sum(number for state, number in self.counts.items() if state != "withdrawn")

    @property
    def fen(self) -> int:
        """Their sum."""
        return sum(fen for state, fen in self.sums.items() if state != "withdrawn")


def of_award(award: UUID) -> list[Status]:
    """The payments of an award, newest first. The caller has checked whose it is. Two queries."""
    return _statuses(_of_award(award))


@compiled
def _of_award(award: UUID) -> QuerySet[Payment, tuple[Any, ...]]:
    return Payment.objects.filter(award=award).order_by("-id").values_list(*_COLUMNS)[:PAGE]


def of_case(case: UUID) -> list[Status]:
    """The payments of a case's award, newest first. The caller has checked whose it is. Two queries."""
    return _statuses(_of_case(case))


@compiled
def _of_case(case: UUID) -> QuerySet[Payment, tuple[Any, ...]]:
    return Payment.objects.filter(case=case).order_by("-id").values_list(*_COLUMNS)[:PAGE]


def made_good(recovery: Recovery) -> list[Status]:
    """What is paid back to somebody of whom nothing was paid too much after all, newest first. As of_case()."""
    rows = Payment.objects.filter(person=recovery.person, offset_case=recovery.case.uid, part=MADE_GOOD)
    return _statuses(list(rows.order_by("-id").values_list(*_COLUMNS)[:PAGE]))


_COLUMNS = (
    "pk",
    "uid",
    "item",
    "part",
    "period",
    "amount_fen",
    "state",
    "paid_on",
    "not_before",
    "account__tail",
    "reason",
    "offset_fen",
)


def _statuses(found: list[tuple[Any, ...]]) -> list[Status]:
    sent = found and set(
        Instruction.objects.filter(payment__in=[one[0] for one in found], state="open", order__state="handed_over").values_list(
            "payment", flat=True
        )
    )
    return [
        Status(uid, item, part, period, fen, _step(state, key in sent), paid_on or not_before, tail or "", reason, offset or 0)
        for key, uid, item, part, period, fen, state, paid_on, not_before, tail, reason, offset in found
    ]


def _step(state: str, sent: bool) -> str:
    if state in ("waiting", "ready", "ordered"):
        return "on_its_way" if sent else "planned"
    return state


def readable(viewer: Viewer, roles: Collection[str] = READERS) -> Q:
    """Payments within the viewer's grants in these roles: as officer or auditor."""
    everywhere = any(grant.role in roles and not grant.area and not grant.programme for grant in viewer.grants)
    if viewer.all_seeing or everywhere:
        return Q()
    seen = Q(pk__in=())
    for grant in viewer.grants:
        if grant.role in roles:
            own = inside("area_code", grant.area)
            seen |= own & Q(programme=grant.programme) if grant.programme else own
    return seen


def figures(viewer: Viewer, batches: Iterable[UUID] | None = None, *, before: UUID | None = None) -> list[BatchFigures]:
    """Batches being paid that the viewer may read, those of the latest payments first, a page of BATCHES at a time. Two queries; one over
    the payments of that many batches."""
    mine = Payment.objects.filter(readable(viewer))
    keys = list(batches) if batches is not None else _latest(mine.filter(batch__lt=before) if before else mine)
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    sums: dict[UUID, dict[str, int]] = defaultdict(dict)
    named: dict[UUID, tuple[str, str]] = {}
    odd: dict[UUID, int] = defaultdict(int)
    beside: dict[UUID, dict[str, int]] = defaultdict(dict)
    by_state = mine.filter(batch__in=keys).values_list("batch", "programme", "period", "state")
    own, twofold = Q(part__in=ONCE), Count("id", filter=CONTRADICTED & ~Q(state__in=("waiting", "failed")))
    told = by_state.annotate(n=Count("id", filter=own), fen=Sum("amount_fen", filter=own), more=Count("id", filter=~own), odd=twofold)
    for batch, programme, period, state, number, fen, more, other in told.order_by():
        odd[batch] += other
        named[batch] = programme, period
        counts[batch][state], sums[batch][state], beside[batch][state] = number, fen or 0, more
    return [BatchFigures(key, *named[key], counts[key], sums[key], odd[key], beside[key]) for key in keys if key in named]


def _latest(rows: QuerySet[Payment]) -> list[UUID]:
    """Batches in the order in which they were taken over, newest first: a batch's uid begins with its time."""
    return list(rows.order_by("-batch").values_list("batch", flat=True).distinct()[:BATCHES])


def batch_of(viewer: Viewer, batch: UUID) -> BatchFigures:
    """One batch; raises LinliError if there is nothing of it that the viewer may read."""
    found = figures(viewer, [batch])
    if not found:
        raise no_such(("批次", "batch"), batch)
    return found[0]


def payments(viewer: Viewer, batch: UUID, states: Iterable[str], *, after: int = 0) -> list[Payment]:
    """Payments of a batch in some states, and those about which the bank contradicts itself, oldest first, a page at a time. One query."""
    rows = Payment.objects.filter(readable(viewer), CONTRADICTED | Q(state__in=list(states)), batch=batch, pk__gt=after)
    return list(rows.select_related("account").order_by("id")[:PAGE])


def payment(viewer: Viewer, uid: UUID) -> Payment:
    """One payment; raises LinliError."""
    found = Payment.objects.filter(readable(viewer), uid=uid).select_related("account").first()
    if found is None:
        raise no_such(("款项", "payment"), uid)
    return found


def tries(found: Payment) -> list[Instruction]:
    """How often the bank was asked, first try first."""
    return list(found.instructions.select_related("order", "account").order_by("id"))


def orders(viewer: Viewer, batch: UUID) -> list[Order]:
    """The files of a batch, newest first. Raises as batch_of()."""
    batch_of(viewer, batch)
    return list(Order.objects.filter(batch=batch).order_by("-id")[:PAGE])


def order(viewer: Viewer, uid: UUID) -> Order:
    """One file; raises LinliError."""
    found = Order.objects.filter(uid=uid).select_related("payer").first()
    if found is None or not Payment.objects.filter(readable(viewer), batch=found.batch).exists():
        raise no_such(("发放文件", "bank file"), uid)
    return found


def last_order(programme: str) -> Order | None:
    """The newest file of a programme that was not dropped, None before the first. One query."""
    return Order.objects.filter(programme=programme).exclude(state="dropped").select_related("payer").order_by("-id").first()


def told(found: Order) -> dict[str, int]:
    """How many of an order's payments the bank has said what of, by state. One query."""
    rows = found.instructions.values_list("state").annotate(n=Count("id")).order_by()
    return dict(rows)


def outcomes_of(found: Order) -> list[Outcome]:
    """The bank's answers that named this order's payments, newest first. One query."""
    named = OutcomeRow.objects.filter(reference__in=found.instructions.values("reference")).values("outcome")
    return list(Outcome.objects.filter(pk__in=named).order_by("-id")[:PAGE])


def outcome(viewer: Viewer, uid: UUID) -> Outcome:
    """One answer of the bank about payments. Raises LinliError."""
    return _answer(viewer, Outcome.objects.filter(uid=uid), uid)


def _answer(viewer: Viewer, rows: QuerySet[Kind], uid: UUID) -> Kind:
    """For officers and auditors of the whole city, and for who sent it in while they are officer over all that it answers for: a token
    that was narrowed reads no more than its part."""
    found = rows.first()
    if found is None or not (any(viewer.may(role) for role in READERS) or (found.received_by == viewer.actor and _over_all(viewer, found))):
        raise no_such(("回盘文件", "bank's answer"), uid)
    return found


def _over_all(viewer: Viewer, found: BankAnswer) -> bool:
    """Whether all payments of its rows lie within the viewer's grants as officer. One query, none for answers about accounts."""
    if not isinstance(found, Outcome):
        return True
    named = Payment.objects.filter(instructions__reference__in=found.lines.values("reference"))
    return not named.exclude(readable(viewer, ("officer",))).exists()


def verdicts(found: Outcome | AccountAnswer) -> dict[str, int]:
    """How many rows of an answer came to what; "" those that wait. One query."""
    return dict(found.lines.values_list("verdict").annotate(n=Count("id")).order_by())


def refused_rows(found: Outcome | AccountAnswer, *, after: int = 0) -> list[Any]:
    """Rows of an answer that were not applied, in the file's order, a page at a time. One query."""
    return list(found.lines.filter(verdict__in=found.not_used, line__gt=after).order_by("line")[:PAGE])


def rows_of(found: Outcome, *, after: int = 0) -> list[OutcomeRow]:
    """Every row of an answer in the file's order, a page at a time. One query."""
    return list(found.lines.filter(line__gt=after).order_by("line")[:PAGE])


def payers() -> list[Payer]:
    """Accounts that orders can be paid from."""
    return list(Payer.objects.filter(ended_at=None).order_by("id"))


def unconfirmed(batch: UUID) -> QuerySet[Payment]:
    """Payments of a batch that are ready, to an account that no bank has confirmed and none is being asked about."""
    waiting = Question.objects.filter(account=OuterRef("account"), state="open")
    rows = Payment.objects.filter(~Exists(waiting), batch=batch, state="ready")
    return rows.exclude(account__checked_by__startswith="bank:")


def inquiries(batch: UUID) -> list[Inquiry]:
    """The account checks of a batch that the viewer was already shown, newest first. One query."""
    return list(Inquiry.objects.filter(batch=batch).order_by("-id")[:PAGE])


def inquiry(viewer: Viewer, uid: UUID) -> Inquiry:
    """One account check; raises LinliError."""
    found = Inquiry.objects.filter(uid=uid).first()
    if found is None or not Payment.objects.filter(readable(viewer), batch=found.batch).exists():
        raise no_such(("账户核验文件", "account check"), uid)
    return found


def asked(found: Inquiry) -> dict[str, int]:
    """How many of an account check's accounts the bank has said what of, by state. One query."""
    return dict(found.questions.values_list("state").annotate(n=Count("id")).order_by())


def account_answers_of(found: Inquiry) -> list[AccountAnswer]:
    """The bank's answers that named this check's accounts, newest first. One query."""
    named = AccountAnswerRow.objects.filter(reference__in=found.questions.values("reference")).values("answer")
    return list(AccountAnswer.objects.filter(pk__in=named).order_by("-id")[:PAGE])


def account_answer(viewer: Viewer, uid: UUID) -> AccountAnswer:
    """One answer about accounts. Raises LinliError."""
    return _answer(viewer, AccountAnswer.objects.filter(uid=uid), uid)


def recoveries(viewer: Viewer, *, after: int = 0) -> list[Recovery]:
    """What was paid too much and is not back yet, being set off too, within the viewer's grants as officer or auditor, oldest first, a page
    at a time. One query."""
    asked = Q(case__status="open") | Q(case__outcome="offset", stopped_at=None)
    rows = Recovery.objects.filter(_recoverable(viewer), asked, returned_fen__lt=F("amount_fen"), pk__gt=after)
    return list(rows.select_related("case", "award").order_by("id")[:PAGE])


def recovery(viewer: Viewer, case: UUID) -> Recovery:
    """One of them by its case, also when it has ended; raises LinliError."""
    found = Recovery.objects.filter(_recoverable(viewer), case__uid=case).select_related("case", "award").first()
    if found is None:
        raise no_such(("多发款项核实", "matter of money paid too much"), case)
    return found


def _recoverable(viewer: Viewer) -> Q:
    if viewer.all_seeing:
        return Q()
    seen = Q(pk__in=())
    for grant in viewer.grants:
        if grant.role in READERS:
            own = inside("case__area_code", grant.area) if grant.area else Q(pk__isnull=False)
            seen |= own & Q(case__programme=grant.programme) if grant.programme else own
    return seen


def came_back(case: Case) -> list[tuple[datetime, str, int]]:
    """What came back of a recovery: when, by which reference, how many fen; oldest first. One query."""
    return received_under(f"recovery:{case.uid}:")


def entries(viewer: Viewer) -> list[BankWord]:
    """What waits for a second officer, entered from the bank's papers, within the viewer's grants, oldest first, a page. One query."""
    cases = Recovery.objects.filter(_recoverable(viewer)).values("case__uid")
    mine = Q(case__in=cases) | Q(instruction__payment__in=Payment.objects.filter(readable(viewer)))
    return list(BankWord.objects.filter(mine, state="waiting").select_related("instruction__payment", "outcome").order_by("id")[:PAGE])


def entries_of_case(case: UUID) -> list[BankWord]:
    """What waits for a second officer about a recovery that the viewer was already shown, oldest first. One query."""
    return list(BankWord.objects.filter(case=case, state="waiting").order_by("id")[:PAGE])


def entries_of_payment(found: Payment) -> list[BankWord]:
    """The same about a payment. One query."""
    return list(BankWord.objects.filter(instruction__payment=found, state="waiting").select_related("outcome").order_by("id")[:PAGE])


def seen_in_files(entries: Iterable[BankWord]) -> dict[str, OutcomeRow]:
    """By reference the newest row of a bank's file that carries what somebody entered; none where no file does. One query."""
    named = {one.reference for one in entries}
    rows = OutcomeRow.objects.filter(reference__in=named).select_related("outcome").order_by("id") if named else ()
    return {row.reference: row for row in rows}

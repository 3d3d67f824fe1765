"""Orders: one person makes the file, another releases it. What the checker releases is that file, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, QuerySet, Sum
from procrastinate.contrib.django import app

from linli.kernel import clock
from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.ledger.acts import open_account
from linli.ledger.models import Account as Book
from linli.registers.statistics import gather_where_grown
from linli.settlement import facts
from linli.settlement.acts import escrows, making_good, owing
from linli.settlement.acts.shared import MACHINE, RESIDENT, payment_facts, require_as_recorded, require_nobody_near, require_over
from linli.settlement.banking.layouts import Layout, checks_accounts, layout_of
from linli.settlement.banking.orders import check_head, check_line, order_file
from linli.settlement.banking.rows import Line
from linli.settlement.files import head_of, layout_as_made, lines_of
from linli.settlement.models import Inquiry, Instruction, Order, Payer, Payment
from linli.settlement.refusals import no_such, refused, require_another, require_some, require_state
from linli.trace import Act, AlreadyDone, act, bulk_act
from linli.trace.bulk import BulkFact
from linli.trace.rows import with_digests
from linli.trace.turns import one_at_a_time
from linli.trace.unaltered import AlteredError, refusing_altered, require_unaltered

FILL = "settlement.fill_order"
MOST = 999_999
ORDER = ("发放文件", "bank file")
_INSTRUCT = """
INSERT INTO settlement_instruction (uid, order_id, payment_id, account_id, sequence, reference, amount_fen, tail, state, code)
SELECT gen_random_uuid(), %(order)s, p.id, p.account_id, row_number() OVER (ORDER BY p.id),
    'LL' || %(number)s || lpad((row_number() OVER (ORDER BY p.id))::text, 6, '0'), p.amount_fen, a.tail, 'open', ''
FROM settlement_payment p JOIN settlement_account a ON a.id = p.account_id
WHERE p.id IN (
    SELECT q.id FROM settlement_payment q JOIN settlement_account b ON b.id = q.account_id
    WHERE q.batch = %(batch)s AND q.state = 'ready' AND (NOT %(confirmed)s OR b.checked_by LIKE 'bank:%%')
    ORDER BY q.id LIMIT %(most)s FOR UPDATE OF q
)
ORDER BY p.id"""
_MARK = """
UPDATE settlement_payment SET state = 'ordered', state_since = %(now)s, reason = '', attempts = attempts + 1
WHERE id IN (SELECT payment_id FROM settlement_instruction WHERE order_id = %(order)s)"""


def enter_payer(viewer: Viewer, *, name: str, number: str, bank: str) -> Payer:
    """Enter an account of the treasury that orders are paid from, once. Needs an officer of the whole city."""
    viewer.require("officer")
    with act(viewer) as current:
        one_at_a_time(f"settlement.payer:{number}")
        if Payer.objects.filter(number=number, ended_at=None).exists():
            said = ("这个付款账户已经登记", "This account is entered already.")
            raise refused("payer_known", "number", said, found=f"…{number[-4:]}", remedy=("使用已登记的账户", "use the one that is there"))
        row = Payer.objects.create(name=name, number=number, bank=bank, entered_by=viewer.actor, entered_at=clock.now())
        current.record(facts.PAYER_ENTERED, subject=f"payer:{row.uid}", payload={"payer": str(row.uid)}, rows=[row])
    return row


@refusing_altered
def make_order(
    viewer: Viewer, *, batch: UUID, layout: str, day: date, payer: UUID | None = None, project_code: str = "", key: str | None = None
) -> Order:
    """Begin an order of everything that a batch has ready; a job fills it. One unfinished order to a batch at a time: the same asked for
    again, or by several at once, is the one that is being made, and another is refused until that is filled.

    day: on which the bank is to pay. payer, project_code: refused where the layout names them and they are not given, or has no
    room for them. Refused to whoever is near to somebody who would be paid.
    """
    require_over(viewer, batch)
    require_nobody_near(viewer.actor, Payment.objects.filter(batch=batch, state="ready"))
    require_unaltered(_ready(batch), RESIDENT, "person")
    form = layout_of(Path(settings.LINLI_CITY), layout)
    _require_to_come(day)
    paying = _payer(form, payer)
    if form.needs_project_code and not project_code:
        raise _lacking("project_code", ("一卡通项目代码", "the project's code"))
    try:
        with act(viewer, key=key and f"settlement:order:{viewer.actor}:{key}") as current:
            number = next_number(Order)
            order = Order(layout=form.slug, layout_digest=form.digest, payer=paying, project_code=project_code, day=day)
            known = Order.objects.filter(batch=batch, state="making").first()
            if known is not None:
                _require_same(known, order)
                order = known
            else:
                order.number, order.batch, order.programme = number, batch, _programme_ready(batch, form)
                order.state, order.made_by, order.made_at = "making", viewer.actor, clock.now()
                order.save(force_insert=True)
                check_head(form, head_of(order, count=1, total_fen=1))
                _changed(current, order)
                app.configure_task(FILL).defer(order=str(order.uid))
            current.result = {"order": str(order.uid)}
    except AlreadyDone as done:
        return Order.objects.get(uid=done.result["order"])
    return order


def _require_to_come(day: date) -> None:
    """Raise LinliError for a day that is over: no bank pays on it."""
    today = clock.today()
    if day < today:
        raise refused(
            "past_day",
            "day",
            ("请银行付款的日期已经过去", "The day on which the bank is to pay is over."),
            expected=f"≥ {today}",
            found=str(day),
            remedy=("填写今天或以后的日期", "give today or a later day"),
        )


def _require_same(known: Order, wanted: Order) -> None:
    """Raise LinliError where a file of the batch is being made that isn't the one that is asked for."""
    if any(getattr(known, name) != getattr(wanted, name) for name in ("layout_digest", "payer_id", "project_code", "day")):
        raise refused(
            "being_made",
            "layout",
            ("这个批次正在编制另一份文件", "Another file of this batch is being made."),
            found=known.number,
            remedy=("等它编制完再编制新的；编错的先作废", "wait until it is ready; if it is wrong, drop it first"),
        )


def _programme_ready(batch: UUID, form: Layout) -> str:
    """The programme of what is ready. Raises LinliError where nothing is, or no bank has confirmed any of the accounts."""
    rows = Payment.objects.filter(batch=batch, state="ready").values_list("programme", flat=True)
    ready = list(rows[:1])
    require_some(ready, ("可以发放的款项", "payments that are ready"))
    if not checks_accounts(Path(settings.LINLI_CITY), form):
        return ready[0]
    confirmed = rows.filter(account__checked_by__startswith="bank:")
    found = confirmed.first()
    if found is None:
        raise refused(
            "unconfirmed",
            "layout",
            ("这些账户还没有经银行核验", "No bank has confirmed these accounts yet."),
            expected=("银行核验通过的账户", "accounts that the bank confirmed"),
            found=(f"{rows.count()} 笔未核验", f"{rows.count()} not confirmed"),
            remedy=("先编制账户核验文件，读入银行的回盘", "make an account check first, and read the bank's answer"),
        )
    return found


def fill_order(*, order: UUID) -> Order:
    """Put every ready payment of the batch into an order that is being made, or drop it where one was altered behind the trace."""
    try:
        return _filled(order=order)
    except AlteredError:
        return drop_order(MACHINE, order=order)


@refusing_altered
def _filled(*, order: UUID) -> Order:
    """Put every ready payment of the batch into an order that is being made: one transaction, however many; a second call does nothing.

    A payment that cannot be written in the layout waits for its account to be corrected. Locks the order and its payments. About 0.7 ms a
    payment; memory does not grow with them.
    """
    with act(MACHINE) as current:
        row = Order.objects.select_for_update().get(uid=order)
        if row.state != "making":
            return row
        require_unaltered(_ready(row.batch).select_for_update(of=("self",)), RESIDENT, "person")
        making_good.before_filling(row)
        owing.set_aside(row)
        _instruct(row)
        gather_where_grown(Instruction)
        while bad := _try_to_write(row):
            _put_back(row, bad)
        row.state = "made" if row.count else "dropped"
        if Payment.objects.filter(instructions__order=row).exclude(part=escrows.ESCROW).exists():
            _open_payees(row.programme)
        row.save()
        with bulk_act(
            MACHINE, facts.INSTRUCTED_TOGETHER, subject=f"order:{row.uid}", payload={"batch": str(row.batch), "count": row.count}
        ) as bulk:
            bulk.extend(_instructed(row))
        current.record(facts.ORDER_MADE, subject=f"order:{row.uid}", payload=told(row), rows=[row])
    return row


def _ready(batch: UUID) -> QuerySet[Payment]:
    return Payment.objects.filter(batch=batch, state="ready").order_by("id")


def _instruct(order: Order) -> None:
    """Only what a bank has confirmed, where it is asked first."""
    city = Path(settings.LINLI_CITY)
    with connection.cursor() as cursor:
        confirmed = checks_accounts(city, layout_of(city, order.layout))
        named: dict[str, Any] = {"order": order.pk, "number": order.number, "batch": order.batch, "most": MOST, "confirmed": confirmed}
        cursor.execute(_INSTRUCT, named)
        cursor.execute(_MARK, {"order": order.pk, "now": clock.now()})


def _try_to_write(order: Order) -> list[int]:
    """Give the order the count, sum and digest of its file as it would be written now. Answers the keys of instructions whose line the
    layout has no room for: while there are any, it stands for no file. Reads every account, in the machine's name.
    """
    figures = Instruction.objects.filter(order=order).aggregate(count=Count("id"), total=Sum("amount_fen"))
    order.count, order.total_fen, order.file_digest = figures["count"], figures["total"] or 0, ""
    if not order.count:
        return []
    layout, head, found = layout_as_made(order), head_of(order), hashlib.sha256()
    bad: list[int] = []

    def fitting() -> Iterator[Line]:
        for key, line in lines_of(MACHINE, order):
            if _fits(layout, head, line):
                yield line
            else:
                bad.append(key)

    try:
        for piece in order_file(layout, head, fitting()):
            found.update(piece)
    except LinliError:
        if not bad:
            raise
    order.file_digest = "" if bad else f"sha256:{found.hexdigest()}"
    return bad


def _fits(layout: Layout, head: Any, line: Line) -> bool:
    try:
        check_line(layout, head, line)
    except LinliError:
        return False
    return True


def _put_back(order: Order, bad: list[int]) -> None:
    """Take instructions that can't be written out of an order that nobody has seen yet; their payments wait."""
    payments = list(Payment.objects.filter(instructions__in=bad))
    Instruction.objects.filter(pk__in=bad).delete()
    for payment in payments:
        payment.attempts -= 1
    owing.wait(order, payments, "unwritable")


def _instructed(order: Order) -> Iterator[BulkFact]:
    """One fact for each payment of the order, with the digests of the payment and of its instruction."""
    rows = Payment.objects.filter(instructions__order=order).order_by("instructions__sequence")
    instructions = with_digests(Instruction.objects.filter(order=order).order_by("sequence"))
    for (fact_type, subject, payload, digests), (own, _) in zip(
        payment_facts(facts.INSTRUCTED, rows, order=str(order.uid)), instructions, strict=True
    ):
        yield fact_type, subject, payload, {**digests, **own}


@refusing_altered
def release_order(viewer: Viewer, *, order: UUID) -> Order:
    """Release a file for the bank. The checker is not its maker, in the act and in the table, entered none of its accounts, planned none of
    its payouts, had no part in what it makes good, and is near to nobody whom it pays. Locks the order."""
    with act(viewer) as current:
        row = locked(viewer, order)
        require_another(viewer.actor, [row.made_by, *owing.entered_by(row), *escrows.planned_by(row)], row.number)
        making_good.require_no_part(viewer.actor, row)
        require_nobody_near(viewer.actor, Payment.objects.filter(instructions__order=row))
        require_state(ORDER, row.state, "made")
        require_as_recorded(row)
        owing.require_owed(row)
        row.state, row.released_by, row.released_at = "released", viewer.actor, clock.now()
        row.save()
        _changed(current, row)
    return row


@refusing_altered
def drop_order(viewer: Viewer, *, order: UUID) -> Order:
    """Take back a file that has not been handed over, or that the job has not filled: its payments are ready again. By nobody who is near
    to somebody whom it pays. Locks the order and its payments."""
    with act(viewer) as current:
        row = locked(viewer, order)
        require_state(ORDER, row.state, "making", "made", "released")
        payments = Payment.objects.filter(instructions__order=row)
        require_nobody_near(viewer.actor, payments)
        require_unaltered(payments.order_by("id"), RESIDENT, "person")
        keys = list(payments.order_by("id").select_for_update(of=("self",)).values_list("pk", flat=True))
        Instruction.objects.filter(order=row).update(state="dropped")
        told = Payment.objects.filter(pk__in=keys, reason=owing.PAID_BEFORE)
        told.update(state="waiting", state_since=clock.now())
        Payment.objects.filter(pk__in=keys, state="ordered").update(state="ready", state_since=clock.now())
        row.state = "dropped"
        row.save()
        with bulk_act(viewer, facts.INSTRUCTED_TOGETHER, subject=f"order:{row.uid}", payload={"batch": str(row.batch), "count": 0}) as bulk:
            rows = payments.order_by("instructions__sequence")
            instructions = with_digests(Instruction.objects.filter(order=row).order_by("sequence"))
            for (kind, subject, payload, digests), (own, _) in zip(
                payment_facts(facts.PLANNED, rows, state=None), instructions, strict=True
            ):
                bulk.extend([(kind, subject, payload, {**digests, **own})])
        _changed(current, row)
    return row


def locked(viewer: Viewer, order: UUID) -> Order:
    """The order, locked, that the viewer may deal with. Raises LinliError."""
    return order_for(viewer, order, lock=True)


def order_for(viewer: Viewer, order: UUID, *, lock: bool = False) -> Order:
    """The same, locked or not."""
    rows = Order.objects.select_for_update() if lock else Order.objects.all()
    row = rows.filter(uid=order).first()
    if row is None:
        raise no_such(ORDER, order)
    require_over(viewer, row.batch)
    return row


def told(order: Order) -> dict[str, Any]:
    """What every fact of an order says of it."""
    return {
        "number": order.number,
        "batch": str(order.batch),
        "count": order.count,
        "total_fen": order.total_fen,
        "file": order.file_digest,
    }


def _changed(current: Act, order: Order) -> None:
    current.record(facts.ORDER_CHANGED, subject=f"order:{order.uid}", payload={**told(order), "state": order.state}, rows=[order])


def _payer(layout: Layout, payer: UUID | None) -> Payer | None:
    if not layout.needs_payer:
        return None
    found = Payer.objects.filter(uid=payer, ended_at=None).first() if payer else None
    if found is None:
        raise _lacking("payer", ("付款账户", "the account that pays"))
    return found


def _lacking(field: str, what: tuple[str, str]) -> LinliError:
    return refused(
        "lacking",
        field,
        (f"这种银行文件需要{what[0]}", f"This layout needs {what[1]}."),
        remedy=("补充后再编制", "give it and try again"),
    )


def next_number(table: type[Order | Inquiry]) -> str:
    """Day in Shanghai and a count, twelve figures. Files are numbered one after the other, each kind for itself: locks until the commit."""
    day = clock.now().astimezone(SHANGHAI).strftime("%Y%m%d")
    one_at_a_time("settlement.order.number")
    last = table.objects.filter(number__startswith=day).order_by("-number").values_list("number", flat=True).first()
    return f"{day}{int(last[8:]) + 1 if last else 1:04d}"


def _open_payees(programme: str) -> None:
    """The accounts that payments of a programme go to in the book: what payees got, and what is kept back from contractors."""
    for code, kind, floor in ((payees(programme), "payee", None), (retained(programme), "clearing", 0)):
        if not Book.objects.filter(code=code).exists():
            open_account(MACHINE, code=code, unit="fen", kind=kind, floor=floor)


def payees(programme: str) -> str:
    """The ledger's account of what the payees of a programme got."""
    return f"payees:{programme}"


def retained(programme: str) -> str:
    """The ledger's account of what is kept back from contractors of a programme."""
    return f"retained:{programme}"

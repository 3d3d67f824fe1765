"""An order as the bank gets it: its instructions opened a piece at a time, every reading of an account noted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

from django.conf import settings

from linli import vault
from linli.casework.models import Case
from linli.kernel.clock import SHANGHAI
from linli.kernel.viewer import Viewer
from linli.registers.models import Organisation, Resident
from linli.settlement.acts.shared import PURPOSE
from linli.settlement.banking.layouts import AccountCheck, Form, Layout, layout_of
from linli.settlement.banking.orders import file_name, inquiry_file, order_file
from linli.settlement.banking.rows import Head, Line
from linli.settlement.checking import given_of, tidy_number
from linli.settlement.models import ORGANISATIONS, Inquiry, Instruction, Order, Payment, Question

PIECE = 1000
NOTE = "补助资金"
"""What stands on the payee's statement: no programme, since others may see it."""
RECEIPT_SIGNS = 7
"""An organisation that is paid for several people finds each by so many last digits of the receipt: six at random and the check digit."""


def layout_as_made(order: Order | Inquiry) -> Layout:
    """The layout of an order or inquiry; raises LinliError if it was changed since, so that no other file goes out under it."""
    from linli.settlement.refusals import refused

    layout = layout_of(Path(settings.LINLI_CITY), order.layout)
    if layout.digest != order.layout_digest:
        raise refused(
            "layout_changed",
            "layout",
            ("银行文件格式在编制之后改过", "The layout was changed after this file was made."),
            expected=order.layout_digest,
            found=layout.digest,
            remedy=("作废这个文件，重新编制", "drop this file and make it anew"),
        )
    return layout


def head_of(order: Order, *, count: int | None = None, total_fen: int | None = None) -> Head:
    """What the file says of the whole order."""
    payer = order.payer
    return Head(
        number=order.number,
        made_at=order.made_at,
        day=order.day,
        count=order.count if count is None else count,
        total_fen=order.total_fen if total_fen is None else total_fen,
        project_code=order.project_code,
        payer_name=payer.name if payer else "",
        payer_account=payer.number if payer else "",
        payer_bank=payer.bank if payer else "",
    )


def lines_of(viewer: Viewer, order: Order) -> Iterator[tuple[int, Line]]:
    """The lines of an order with their instruction's key, in their order; each account's reading is an entry of the person's access log."""
    pay = layout_as_made(order).pay
    last, named = 0, "identity" in pay.sources
    with_payee = ("account", "payment") if named else ("account",)
    while True:
        asked = Instruction.objects.filter(order=order, sequence__gt=last).select_related(*with_payee)
        rows = list(asked.order_by("sequence")[:PIECE])
        if not rows:
            return
        place = f"order {order.number}"
        people = [(row.account.person, {"account": row.account.cipher}) for row in rows]
        opened = vault.reveal_many(viewer, purpose=PURPOSE, people=people, place=place)
        payees = [row.payment.payee_uid or row.account.person if named else None for row in rows]
        identities, receipts = identities_of(viewer, payees, place), _receipts(row.payment_id for row in rows)
        for row, payee, found in zip(rows, payees, opened, strict=True):
            given, whose = given_of(found.get("account", "")), identities.get(payee, "")
            note, number = _note(pay, receipts.get(row.payment_id, "")), tidy_number(given.number)
            line = Line(row.sequence, row.reference, number, given.name, row.amount_fen, given.bank_number, note, whose)
            yield row.pk, line
        last = rows[-1].sequence


def _receipts(payments: Iterable[int]) -> dict[int, str]:
    """By payment, of those to organisations, the receipt of its case. Two queries at most."""
    rows = Payment.objects.filter(pk__in=list(payments), payee__in=ORGANISATIONS, case__isnull=False)
    cases = dict(rows.values_list("pk", "case"))
    known = dict(Case.objects.filter(uid__in=set(cases.values())).values_list("uid", "receipt")) if cases else {}
    return {payment: known[case] for payment, case in cases.items() if case in known}


def _note(pay: Form, receipt: str) -> str:
    """What stands on the statement: for an organisation with the receipt's last digits, as far as the bank's column has room for them."""
    full = f"{NOTE} 回执尾号{receipt[-RECEIPT_SIGNS:]}"
    room = next((one.room for one in pay.row if one.of == "note"), 0)
    return full if receipt and (not room or len(full.encode(pay.encoding)) <= room) else NOTE


def identities_of(viewer: Viewer, payees: Iterable[UUID | None], place: str) -> dict[UUID | None, str]:
    """Identity numbers of people, credit codes of organisations, for a bank that wants them; the reading is an entry of the person's access
    log. Four statements, none where nobody is asked about."""
    wanted = {one for one in payees if one is not None}
    if not wanted:
        return {}
    held = list(Resident.objects.filter(uid__in=wanted, erased_at__isnull=True).values_list("uid", "identity_cipher"))
    opened = vault.reveal_many(viewer, purpose=PURPOSE, people=[(uid, {"identity": cipher}) for uid, cipher in held], place=place)
    found: dict[UUID | None, str] = {uid: one.get("identity", "") for (uid, _), one in zip(held, opened, strict=True)}
    return found | {uid: code or "" for uid, code in Organisation.objects.filter(uid__in=wanted).values_list("uid", "credit_code")}


def ask_of(inquiry: Inquiry) -> AccountCheck:
    """How an inquiry's bank is asked; raises LinliError if the layout was changed since it was made, or offers no check any more."""
    found = layout_as_made(inquiry).check
    if found is None:
        raise AssertionError("the digest of a layout covers its check")
    return found


def inquiry_head(inquiry: Inquiry, *, count: int | None = None) -> Head:
    """What an inquiry's file says of the whole."""
    day = inquiry.made_at.astimezone(SHANGHAI).date()
    return Head(number=inquiry.number, made_at=inquiry.made_at, day=day, count=inquiry.count if count is None else count, total_fen=0)


def questions_of(viewer: Viewer, inquiry: Inquiry) -> Iterator[tuple[Question, Line]]:
    """The questions of an inquiry with their lines, in their order; each account's reading is an entry of the person's access log."""
    last, named = 0, "identity" in ask_of(inquiry).ask.sources
    while rows := list(Question.objects.filter(inquiry=inquiry, sequence__gt=last).select_related("account").order_by("sequence")[:PIECE]):
        people = [(row.account.person, {"account": row.account.cipher}) for row in rows]
        place = f"inquiry {inquiry.number}"
        opened = vault.reveal_many(viewer, purpose=PURPOSE, people=people, place=place)
        holders = _holders(inquiry, rows) if named else {}
        identities = identities_of(viewer, holders.values(), place)
        for row, found in zip(rows, opened, strict=True):
            given = given_of(found.get("account", ""))
            whose = identities.get(holders.get(row.account_id, row.account.person), "")
            yield row, Line(row.sequence, row.reference, tidy_number(given.number), given.name, 0, given.bank_number, "", whose)
        last = rows[-1].sequence


def _holders(inquiry: Inquiry, rows: Sequence[Question]) -> dict[int, UUID]:
    """Who is paid to each account, by its key."""
    paid = Payment.objects.filter(batch=inquiry.batch, account__in=[row.account_id for row in rows])
    return {account: payee or person for account, payee, person in paid.values_list("account_id", "payee_uid", "person")}


def inquiry_bytes(viewer: Viewer, inquiry: Inquiry) -> Iterator[bytes]:
    """The file that asks, in pieces."""
    count = Question.objects.filter(inquiry=inquiry).count()
    yield from inquiry_file(ask_of(inquiry).ask, inquiry_head(inquiry, count=count), (line for _, line in questions_of(viewer, inquiry)))


def inquiry_name(inquiry: Inquiry) -> str:
    """What the file that asks is called."""
    return ask_of(inquiry).ask.file.format(number=inquiry.number)


def order_bytes(viewer: Viewer, order: Order, progress: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
    """The file in pieces. progress(payments): every thousand and at the end; it may raise to stop."""

    def lines() -> Iterator[Line]:
        for _, line in lines_of(viewer, order):
            yield line
            if line.sequence % PIECE == 0 or line.sequence == order.count:
                progress(line.sequence)

    yield from order_file(layout_as_made(order), head_of(order), lines())


def name_of(order: Order) -> str:
    """What the file is called."""
    return file_name(layout_as_made(order), head_of(order))

"""A payment that waits or failed: another account, checked again, and the money committed anew; or it is given up."""

from __future__ import annotations

from uuid import UUID

from linli import vault
from linli.batches import acts as batches
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.ledger.acts import Holding, hold_all, release
from linli.registers.models import Resident
from linli.registers.nearness import require_not_near
from linli.settlement import facts
from linli.settlement.acts import keeping
from linli.settlement.acts.accounts import Wanted, checked, holders_of
from linli.settlement.acts.owing import require_clear, require_payment_owed
from linli.settlement.acts.shared import RESIDENT, about, subject_of
from linli.settlement.checking import Given, tidy_number
from linli.settlement.models import THE_PERSONS, Payment
from linli.settlement.refusals import no_such, refused, require_state
from linli.trace import act
from linli.trace.unaltered import refusing_altered, require_unaltered

PAYMENT = ("款项", "payment")
OPEN = ("waiting", "failed")


@refusing_altered
def correct_account(viewer: Viewer, *, payment: UUID, given: Given) -> Payment:
    """Give a payment that waits or failed another account. Where its check passes the payment is ready again, and its money is committed
    anew if it had gone back to the fund; else it waits with the reason. Refused in one's own or one's family's matter.

    The new account is a row of its own. Locks the payment. Fifteen statements.
    """
    with act(viewer) as current:
        row = locked_payment(viewer, payment)
        require_state(PAYMENT, row.state, *OPEN)
        require_payment_owed(row)
        if len(given.name) > 120 or len(given.number) > 40 or len(given.bank) > 14:
            raise refused("not_writable", "account", ("账户信息过长", "The account is too long."), remedy=("核对后重填", "check it"))
        person = row.person
        cipher = vault.protect(person, {"account": Given(given.name.strip(), tidy_number(given.number), given.bank.strip()).text()})[
            "account"
        ]
        wanted = Wanted(row.award, person, row.payee, row.payee_uid, cipher)
        (account,) = checked([wanted], [given], [cipher], holders_of([wanted]))
        account.entered_by = viewer.actor
        account.save()
        row.account, row.reason, row.state_since = account, account.reason, clock.now()
        if account.state == "good":
            row.state = "ready"
            commit_anew(viewer, row, f"again:{row.uid}:{row.attempts}")
        row.save()
        payload = about(row) | {"reason": row.reason}
        current.record(facts.ACCOUNT_CORRECTED, subject=subject_of(row), payload=payload, rows=[row, account], area=row.area_code[:6])
    return row


def commit_anew(viewer: Viewer, row: Payment, key: str) -> None:
    """Holds in place of those that a failure gave back; refused if the fund has not enough. None where they stand."""
    if not row.funds or row.holds:
        return
    holds = [
        Holding(key=f"{key}@{fund}", account=f"fund:{fund}", unit="fen", amount=fen, reference=str(row.uid))
        for fund, fen in zip(row.funds, row.shares, strict=True)
    ]
    row.holds = [done.uid for done in hold_all(viewer, holds=holds)]


@refusing_altered
def withdraw(viewer: Viewer, *, payment: UUID, reason: str) -> Payment:
    """Give a payment up that waits or failed: what is held or kept back for it is the fund's again, and its award may be listed anew. Locks
    the payment.

    reason: a code, kept with the fact.
    """
    with act(viewer) as current:
        row = locked_payment(viewer, payment)
        require_state(PAYMENT, row.state, *OPEN)
        require_clear(row)
        if row.part in THE_PERSONS:
            raise refused(
                "the_persons",
                "payment",
                ("这是别人自己的钱，不能放弃发放", "This is somebody's own money: it isn't given up."),
                remedy=("更正账户后发放", "give another account"),
            )
        rest = keeping.given_up_with(row)
        release(viewer, holds=row.holds)
        if row.part == "retained":
            keeping.give_up(viewer, row)
        row.state, row.state_since, row.holds = "withdrawn", clock.now(), []
        row.save()
        if rest is not None:
            rest.state, rest.state_since = "withdrawn", clock.now()
            rest.save()
        for one in (row, *([rest] if rest else [])):
            payload = about(one) | {"reason": reason[:120]}
            current.record(facts.WITHDRAWN, subject=subject_of(one), payload=payload, rows=[one], area=one.area_code[:6])
        if row.part == "whole":
            batches.unpaid(viewer, [row.item])
    return row


def locked_payment(viewer: Viewer, payment: UUID) -> Payment:
    """The payment, locked, that the viewer may deal with: of their area, not their own or their family's, and not altered behind the
    trace. Raises LinliError."""
    row = Payment.objects.select_for_update(of=("self",)).filter(uid=payment).first()
    if row is None:
        raise no_such(PAYMENT, payment)
    viewer.require("officer", area=row.area_code[:6], programme=row.programme)
    require_not_near(viewer.actor, Resident.objects.filter(uid__in=[row.person, *([row.payee_uid] if row.payee_uid else [])]))
    require_unaltered(Payment.objects.filter(pk=row.pk), RESIDENT, "person")
    return row

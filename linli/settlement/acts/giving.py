"""A payment that waits or failed for its account: the person says where to pay instead, from home, and a worker puts it in.

The public site may read payments and change none: what the person gives is kept with their application, whose account it is anyway.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from linli import vault
from linli.agreements import acts as agreements
from linli.casework import said
from linli.entitlements.acts import Account
from linli.entitlements.models import Application
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers.models import Organisation, Resident
from linli.settlement import facts
from linli.settlement.acts.correcting import OPEN, PAYMENT, correct_account
from linli.settlement.acts.owing import require_payment_owed
from linli.settlement.acts.shared import MACHINE, PURPOSE, about, subject_of
from linli.settlement.checking import given_of
from linli.settlement.models import Payment
from linli.settlement.refusals import no_such, require_state
from linli.trace import AlreadyDone, act

NOBODY = UUID(int=0)
LONGEST_BANK = 14
"""Characters of a bank's number in a bank file; a name that somebody wrote instead is left out there."""


def give_account(viewer: Viewer, *, payment: UUID, account: Account, key: str | None = None) -> Payment:
    """Say where to pay instead. Allowed: the person or whoever acts for them, known by the card. Locks the application; the payment is
    checked, and ready again, once a worker has taken the account up."""
    row = payment_for(viewer, payment)
    try:
        with act(viewer, key=said.scoped(viewer, "give_account_again", key)) as current:
            require_state(PAYMENT, row.state, *OPEN)
            require_payment_owed(row)
            application = Application.objects.select_for_update().select_related("case").filter(case__uid=row.case or NOBODY).first()
            if application is None:
                raise no_such(PAYMENT, payment)
            application.account_cipher = account.sealed(row.person)
            application.save(update_fields=["account_cipher"])
            current.record(
                facts.ACCOUNT_GIVEN, subject=subject_of(row), payload=about(row), rows=[application], area=application.case.area_code[:6]
            )
    except AlreadyDone:
        return row
    return row


def payment_for(viewer: Viewer, payment: UUID) -> Payment:
    """A payment of the person's own matter, or of somebody whom the viewer acts for. Raises LinliError for any other. One query."""
    row = Payment.objects.filter(uid=payment).first()
    if row is None or not viewer.acts_for_resident(row.person):
        raise no_such(PAYMENT, payment)
    if viewer.subject:
        viewer.require_level("card")
    return row


def payee_name(row: Payment) -> str:
    """Whose name the account has to bear, by the registers; "" where they don't know. Two queries at most."""
    uid = row.payee_uid or row.person
    named = Resident.objects.filter(uid=uid).values_list("name", flat=True).first()
    return named or Organisation.objects.filter(uid=uid).values_list("name", flat=True).first() or ""


def take_up(payment: UUID) -> int:
    """Put what the person gave into every payment of the award that still waits or failed, and into the award; how many payments.

    Each in an act of its own: one whose fund has not enough stays as it is, with the account for next time.
    """
    row = Payment.objects.get(uid=payment)
    application = Application.objects.get(case__uid=row.case or NOBODY)
    if not application.account_cipher:
        return 0
    opened = vault.reveal(MACHINE, purpose=PURPOSE, subject=row.person, fields={"account": application.account_cipher}, place="check")
    told, taken = given_of(opened["account"]), 0
    given = replace(told, bank=told.bank if len(told.bank) <= LONGEST_BANK else "")
    agreements.pay_to(MACHINE, row.award, application.account_cipher)
    for one in Payment.objects.filter(award=row.award, state__in=OPEN).order_by("pk").values_list("uid", flat=True):
        try:
            correct_account(MACHINE, payment=one, given=given)
            taken += 1
        except LinliError:
            continue
    return taken

"""What is kept back from a contractor is released by a step of its own, when the days after acceptance are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from linli.casework.models import Case
from linli.entitlements.works.standing import accepted_on
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes.procedure.declaration import Retention
from linli.programmes.queries import pinned
from linli.settlement import facts
from linli.settlement.acts.correcting import PAYMENT, locked_payment
from linli.settlement.acts.shared import about, subject_of
from linli.settlement.models import Payment
from linli.settlement.refusals import no_such, refused, require_another, require_state
from linli.trace import act


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a retained part: of which programme's rule, when the works were accepted, and the first day on which it may be paid.

    accepted_on, due: None while no acceptance is recorded.
    """

    retention: Retention
    accepted_on: date | None

    @property
    def due(self) -> date | None:
        """The first day on which it may be paid."""
        return self.accepted_on + timedelta(days=self.retention.days) if self.accepted_on else None


def kept(row: Payment) -> Kept | None:
    """What a retained part waits for; None for any other payment, or where its programme keeps nothing back. Three queries at most."""
    if row.part != "retained" or row.case is None:
        return None
    case = Case.objects.filter(uid=row.case).first()
    payment = pinned(case.programme, case.programme_version or "").payment if case is not None else None
    if payment is None or payment.retention is None:
        return None
    return Kept(payment.retention, accepted_on(case) if case is not None else None)


def release(viewer: Viewer, *, payment: UUID) -> Payment:
    """release_retention() as the case's own version and acceptance have it."""
    row = Payment.objects.filter(uid=payment, part="retained").first()
    found = kept(row) if row is not None else None
    if row is None or found is None:
        raise no_such(PAYMENT, payment)
    if found.accepted_on is None:
        raise refused(
            "not_accepted",
            "payment",
            ("没有验收记录，不能支付质保金", "No acceptance is recorded: what was kept back can't be paid."),
            remedy=("先在申请的页面记录验收", "record the acceptance on the case's page first"),
        )
    return release_retention(viewer, payment=payment, accepted_on=found.accepted_on, retention=found.retention)


def release_retention(viewer: Viewer, *, payment: UUID, accepted_on: date, retention: Retention) -> Payment:
    """Let a retained part be paid: the next order takes it. Refused before `retention.days` after acceptance, and while the main part has
    not been paid. Needs an officer of the programme in its area, near to neither person nor payee, other than who made or released the file
    that paid the main part. Locks the payment.
    """
    with act(viewer) as current:
        row = locked_payment(viewer, payment)
        if row.part != "retained":
            raise no_such(PAYMENT, payment)
        require_state(PAYMENT, row.state, "retained")
        main = Payment.objects.get(item=row.item, part="whole")
        require_state(("主体款项", "main part"), main.state, "paid")
        _require_another(viewer, main)
        row.not_before = accepted_on + timedelta(days=retention.days)
        if clock.today() < row.not_before or accepted_on > clock.today():
            raise refused(
                "too_early",
                "accepted_on",
                ("质保期未满，不能支付质保金", "The retention period is not over."),
                expected=row.not_before.isoformat(),
                found=clock.today().isoformat(),
                remedy=("到期后再办理", "come back on that day"),
            )
        row.account, row.state, row.state_since, row.reason = main.account, "ready", clock.now(), ""
        row.save()
        payload = about(row) | {"accepted_on": accepted_on.isoformat()}
        current.record(facts.RETENTION_RELEASED, subject=subject_of(row), payload=payload, rows=[row], area=row.area_code[:6])
    return row


def _require_another(viewer: Viewer, main: Payment) -> None:
    """Whoever paid a contractor doesn't also say that nothing speaks against the rest."""
    paid = main.instructions.order_by("-id").values_list("order__made_by", "order__released_by").first()
    require_another(viewer.actor, paid or (), "retention")

"""What is kept back from a contractor is released by a step of its own, when the days after acceptance are over."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes.procedure.declaration import Retention
from linli.settlement import facts
from linli.settlement.acts.correcting import PAYMENT
from linli.settlement.acts.shared import about, subject_of
from linli.settlement.models import Payment
from linli.settlement.refusals import no_such, refused, require_state
from linli.trace import act


def release_retention(viewer: Viewer, *, payment: UUID, accepted_on: date, retention: Retention) -> Payment:
    """Let a retained part be paid: the next order takes it. Refused before `retention.days` after acceptance, and while the main part has
    not been paid. Needs an officer of the programme in its area. Locks the payment.
    """
    with act(viewer) as current:
        row = Payment.objects.select_for_update(of=("self",)).filter(uid=payment, part="retained").first()
        if row is None:
            raise no_such(PAYMENT, payment)
        viewer.require("officer", area=row.area_code[:6], programme=row.programme)
        require_state(PAYMENT, row.state, "retained")
        main = Payment.objects.get(item=row.item, part="whole")
        require_state(("主体款项", "main part"), main.state, "paid")
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

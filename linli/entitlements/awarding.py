"""What a decision leaves behind: its row, and the award that it makes, whether officers decided or the rule alone."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from linli.agreements import acts as agreements
from linli.agreements.acts import Terms
from linli.entitlements import facts
from linli.entitlements.models import Application, Decision
from linli.entitlements.reckoning import Reckoned, by_day
from linli.entitlements.recording import record
from linli.kernel import clock
from linli.kernel.dates import age_on
from linli.programmes.declaration import Programme
from linli.registers.models import Resident
from linli.trace import Act

ADULT = 18
LOOK_AGAIN = {"month": 28, "quarter": 85, "term": 150, "year": 335}
"""Days after which an award that goes on is screened anew: before its next period begins."""


def settle(
    a: Act, application: Application, programme: Programme, reckoned: Reckoned, outcome: str, *, signers: list[str], automatic: bool = False
) -> Decision:
    """The decision's row and fact. For the act that makes it."""
    granted = outcome == "granted"
    decision = Decision.objects.create(
        application=application,
        outcome=outcome,
        amount_fen=reckoned.amount_fen if granted else None,
        category=reckoned.category if granted else "",
        conditions=dict(reckoned.conditions),
        rule_digest=reckoned.reasons.explanation.digest,
        automatic=automatic,
        decided_at=clock.now(),
        decided_by="" if automatic else signers[0],
        confirmed_by=signers[-1] if len(signers) > 1 else "",
    )
    told = {"decision": str(decision.uid), "outcome": outcome, "automatic": automatic, "rule": decision.rule_digest}
    record(a, application, facts.DECIDED, told, [decision, application])
    return decision


def award(a: Act, application: Application, programme: Programme, *, last: bool) -> None:
    """What is owed from now on; proposed until the case's last step is done."""
    case, payment, standing = application.case, programme.payment, programme.standing
    if payment is None or not (application.amount_fen or by_day(programme)):
        return
    today = clock.today()
    person = Resident.objects.get(uid=application.person)
    minor = person.birth_date is not None and age_on(person.birth_date, today) < ADULT and application.beneficiary_kind == "person"
    terms = Terms(
        beneficiary_kind=application.beneficiary_kind,
        beneficiary=application.beneficiary_uid,
        person=UUID(str(application.person)),
        category=application.category,
        amount_fen=application.amount_fen,
        cycle=payment.cycle,
        begins_on=today,
        ends_on=None,
        payee=application.payee,
        payee_uid=application.payee_uid,
        account_cipher=application.account_cipher,
        minor=minor,
        renew_on=next_look(today, standing.renews) if standing else None,
    )
    agreements.make(a, case, terms, state="active" if last else "proposed")


def next_look(day: date, cycle: str) -> date | None:
    """When an award that goes on is screened anew: a cycle after that day; None for one that isn't."""
    days = LOOK_AGAIN.get(cycle)
    return day + timedelta(days=days) if days else None

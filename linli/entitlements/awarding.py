"""What a decision leaves behind: its row, and the award that it makes, whether officers decided or the rule alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from linli.agreements import acts as agreements
from linli.agreements.acts import Terms
from linli.agreements.models import Award
from linli.entitlements import facts
from linli.entitlements.models import Application, Decision
from linli.entitlements.reckoning import Reckoned, each_reckoned
from linli.entitlements.recording import record
from linli.entitlements.works.standing import planned_fen
from linli.kernel import clock
from linli.kernel.dates import age_on
from linli.programmes.declaration import Programme
from linli.registers import snapshot
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


def award(a: Act, application: Application, programme: Programme, reckoned: Reckoned, *, last: bool) -> None:
    """What is owed from now on; proposed until the case's last step is done. What was proposed before it was decided is set anew."""
    _stated(a, application, programme, reckoned, state="active" if last else "proposed", reason="decided")


def propose(a: Act, application: Application, programme: Programme, reckoned: Reckoned) -> None:
    """What is shown to the public before it is decided. For the act that brings the case there."""
    _stated(a, application, programme, reckoned, state="proposed", reason="proposed")


def _stated(a: Act, application: Application, programme: Programme, reckoned: Reckoned, *, state: str, reason: str) -> None:
    terms = _terms(application, programme, reckoned)
    if terms is None:
        return
    standing = Award.objects.select_for_update().filter(case=application.case).first()
    if standing is None:
        agreements.make(a, application.case, terms, state=state)
    else:
        agreements.restate(a, standing, replace(terms, area_code=standing.area_code), state=state, reason=reason)


def _terms(application: Application, programme: Programme, reckoned: Reckoned) -> Terms | None:
    """None where nothing is paid. Of works the price is that of the list, until it is that of what was accepted. Whoever deals with the
    case pays too, unless the programme says that another place does."""
    place, payment, standing = programme.place, programme.payment, programme.standing
    if payment is None:
        return None
    amount = planned_fen(application.case) if payment.reckoned == "works" else application.amount_fen
    if not (amount or each_reckoned(programme)):
        return None
    today = clock.today()
    person = Resident.objects.get(uid=application.person)
    return Terms(
        beneficiary_kind=application.beneficiary_kind,
        beneficiary=application.beneficiary_uid,
        person=UUID(str(application.person)),
        category=application.category,
        amount_fen=amount,
        cycle=payment.cycle,
        begins_on=today,
        ends_on=last_day(programme, application),
        payee=application.payee,
        payee_uid=application.payee_uid,
        account_cipher=application.account_cipher,
        minor=kept_offline(person, application.beneficiary_kind),
        renew_on=next_look(today, standing.renews) if standing else None,
        area_code=application.case.area_code if place.payer == place.office else reckoned.reasons.payer,
    )


def kept_offline(person: Resident, kind: str) -> bool:
    """Whether nothing of a line stands online: whoever is named in it, of a household its head, is under age, or nobody knows."""
    return kind != "organisation" and (person.birth_date is None or age_on(person.birth_date, clock.today()) < ADULT)


def last_day(programme: Programme, application: Application) -> date | None:
    """The day that the programme's award runs until, by the fact that its file names; None where it names none, or nobody knows it."""
    name = programme.standing.until if programme.standing else None
    if name is None or application.beneficiary_kind != "person":
        return None
    person, today = str(application.beneficiary_uid), clock.today()
    day = snapshot.facts_for([person], as_of=today).people.get(person, {}).get(name)
    return day if isinstance(day, date) and day >= today else None


def next_look(day: date, cycle: str) -> date | None:
    """When an award that goes on is screened anew: a cycle after that day; None for one that isn't."""
    days = LOOK_AGAIN.get(cycle)
    return day + timedelta(days=days) if days else None

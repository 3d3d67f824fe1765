"""What the rule of an application's version says of the beneficiary today, and what is still to be given before it can be decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings

from linli.entitlements.models import Application
from linli.entitlements.told import NOTHING, Told
from linli.kernel import clock
from linli.kernel.viewer import system
from linli.programmes.amounts import in_whole_fen, per_payment
from linli.programmes.declaration import Material, Programme
from linli.programmes.naming import public_facts
from linli.registers.models import Resident
from linli.screening.explaining import Reasons, reasons_under

ACCOUNT = "account"
"""The material that is given by naming an account."""
IDENTITY = "identity"
RECKONING = system("entitlements.reckon")
PURPOSES = ("entitlements.reckon",)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """verdict: eligible, not_eligible or unknown. amount_fen: of one payment. category: the level's codes, "" where there is one level.

    missing: facts that would decide it. conditions: True, False or None by id. reasons: with facts and sources, for pages and letters.
    """

    verdict: str
    amount_fen: int | None
    category: str
    conditions: Mapping[str, bool | None]
    missing: tuple[str, ...]
    reasons: Reasons


def reckon(programme: Programme, beneficiary: UUID, told: Told = NOTHING) -> Reckoned:
    """Ask the rule of one version about one beneficiary: on today's facts, or those of the day that the case is about.

    The system asks, for whoever applies or decides; the reading is recorded under a purpose of its own. What of it is shown to whom is the
    caller's business.
    """
    day = told.event or clock.today()
    reasons = reasons_under(RECKONING, programme, beneficiary, day=day, facts_on=day, purposes=PURPOSES, given=told.facts)
    verdict = reasons.explanation.verdict
    return Reckoned(
        verdict.verdict,
        payment_of(programme, verdict.amount_fen),
        category_of(reasons),
        dict(verdict.conditions),
        verdict.missing,
        reasons,
    )


def each_reckoned(programme: Programme) -> bool:
    """Whether what a payment comes to is only known for its period: the rule's amounts of its days, or the bills of it."""
    return programme.payment is not None and programme.payment.reckoned in ("days", "slips")


def payment_of(programme: Programme, amount_fen: int | None) -> int | None:
    """One payment out of the rule's amount, in whole fen; a part of a fen is rounded up to the person's good. None where the rule's amount
    is that of a day: what a payment comes to is reckoned for each (linli.batches.due)."""
    if amount_fen is None or each_reckoned(programme):
        return None
    return in_whole_fen(amount_fen * per_payment(programme))


def category_of(reasons: Reasons) -> str:
    """The level that the amount goes by: codes of facts that everyone may read (naming.public_facts); naming.category_words says them."""
    shown = public_facts(Path(settings.LINLI_CITY), reasons.programme)
    said = [fact.value.zh for fact in reasons.explanation.amount_facts if fact.value is not None and fact.name in shown]
    return ",".join(dict.fromkeys(said))[:60]


def needs(programme: Programme, person: Resident, reckoned: Reckoned, *, committed: Iterable[str], account: bool) -> dict[str, str]:
    """The state of each material (see casework.Requirement): what a register says needn't be given, what it can't say is wanted.

    committed: materials for which the person has given their word. account: whether it is known where to pay.
    """
    return {one.id: _state(one, person, reckoned, set(committed), account) for one in programme.materials}


def _state(one: Material, person: Resident, reckoned: Reckoned, committed: set[str], account: bool) -> str:
    if one.id == ACCOUNT:
        return "given" if account else "wanted"
    if one.exempt == "commitment":
        return "commitment" if one.id in committed else "wanted"
    if one.exempt != "data_sharing":
        return "wanted"
    if one.id == IDENTITY:
        return "exempt" if person.identity_blind else "wanted"
    return "wanted" if any(_names(missing, one.gives) for missing in reckoned.missing) else "exempt"


def _names(missing: str, gives: Iterable[str]) -> bool:
    """Whether a missing fact, of the subject or of somebody in the household, is one that a material gives."""
    return missing.rpartition(".")[2] in set(gives)


def keep(row: Application, reckoned: Reckoned, day: date) -> None:
    """Put what the rule said on the application; the caller saves it."""
    row.verdict, row.amount_fen, row.category = reckoned.verdict, reckoned.amount_fen, reckoned.category
    row.conditions, row.missing, row.reckoned_on = dict(reckoned.conditions), list(reckoned.missing), day

"""Reads of an escrow: who is a party and has agreed, what stands in the ledger, what is still to be paid out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from linli.casework.models import Case
from linli.entitlements.escrow.models import Escrow, EscrowDeposit, EscrowEntry, EscrowParty, EscrowPayout
from linli.kernel.compiled import compiled
from linli.kernel.viewer import Viewer
from linli.ledger.models import Account
from linli.ledger.queries import standing
from linli.programmes.declaration import Programme
from linli.programmes.particulars import Escrow as Declared
from linli.programmes.queries import pinned
from linli.registers.models import Organisation, Resident
from linli.rules.declare import Label

BANK, DUE = "escrow:bank", "escrow:due"
"""Accounts for the whole city: what the escrow bank has received and not sent (the other way round), and what it was told to send."""


def held_on(case: Case) -> str:
    """The account of what is held for a case."""
    return f"escrow:{case.uid}"


def held_fen(case: Case) -> int:
    """What stands in the ledger for a case. Three queries at most."""
    code = held_on(case)
    return standing(code).posted if Account.objects.filter(code=code).exists() else 0


@dataclass(frozen=True, slots=True)
class Party:
    """A party of the programme's file; row None until somebody was named. name: of whoever stands behind it, "" once erased."""

    id: str
    label: Label
    row: EscrowParty | None
    name: str

    @property
    def agreed(self) -> bool:
        """Whether they agreed to the terms as they stand."""
        return self.row is not None and self.row.agreed_at is not None


@dataclass(frozen=True, slots=True)
class Standing:
    """An escrow as it stands. row None before price and parties were set; waiting: entered by one officer and confirmed by no other yet;
    held_fen: by the ledger."""

    declared: Declared
    row: Escrow | None
    parties: tuple[Party, ...]
    waiting: tuple[EscrowEntry, ...]
    deposits: tuple[EscrowDeposit, ...]
    payouts: tuple[EscrowPayout, ...]
    held_fen: int

    @property
    def lacking(self) -> tuple[Party, ...]:
        """Those who have not agreed."""
        return tuple(one for one in self.parties if not one.agreed)

    @property
    def entered(self) -> bool:
        """Whether slips of all the money were entered, confirmed or not."""
        return self.row is not None and self.held_fen + sum(one.fen for one in self.waiting) == self.row.price_fen

    @property
    def complete(self) -> bool:
        """Whether all the money stands in the ledger."""
        return self.row is not None and self.held_fen == self.row.price_fen


def of_case(case: Case, programme: Programme, *, by_ledger: bool = True) -> Standing | None:
    """The escrow of a case that the viewer was already shown; None for a programme without. Ten queries at most.

    by_ledger: what is held is asked of the ledger; False where nobody may read it (the public site): then what came in less what went out.
    """
    declared = programme.particulars.escrow
    if declared is None:
        return None
    row = Escrow.objects.filter(case=case).first()
    if row is None:
        return Standing(declared, None, tuple(Party(one.id, one.label, None, "") for one in declared.parties), (), (), (), 0)
    named = {one.party: one for one in EscrowParty.objects.filter(escrow=row, terms=row.terms)}
    names = _names(named.values())
    parties = tuple(
        Party(one.id, one.label, named.get(one.id), names.get(named[one.id].holder, "") if one.id in named else "")
        for one in declared.parties
    )
    waiting = tuple(EscrowEntry.objects.filter(escrow=row, state="waiting").order_by("id"))
    deposits = tuple(EscrowDeposit.objects.filter(escrow=row).order_by("id"))
    payouts = tuple(EscrowPayout.objects.filter(escrow=row).order_by("id"))
    held = held_fen(case) if by_ledger else sum(one.fen for one in deposits) - sum(one.fen for one in payouts)
    return Standing(declared, row, parties, waiting, deposits, payouts, held)


def _names(rows: Iterable[EscrowParty]) -> dict[UUID, str]:
    listed = list(rows)
    people = Resident.objects.filter(uid__in=[one.holder for one in listed if one.kind == "resident"], erased_at__isnull=True)
    houses = Organisation.objects.filter(uid__in=[one.holder for one in listed if one.kind == "organisation"])
    return {**dict(people.values_list("uid", "name")), **dict(houses.values_list("uid", "name"))}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody is asked to agree to, in a case of their own or of somebody else. label: of the programme; party: their part."""

    case: Case
    label: Label
    party: EscrowParty
    part: Label
    price_fen: int


def asked_of(viewer: Viewer) -> list[Asked]:
    """Everything open in which the viewer is a party, agreed or not, newest first. One query, and one for each version of a programme."""
    if not viewer.subject:
        return []
    return [_asked(one) for one in _parts(UUID(viewer.subject)) if one.terms == one.escrow.terms]


@compiled
def _parts(holder: UUID) -> QuerySet[EscrowParty]:
    rows = EscrowParty.objects.filter(kind="resident", holder=holder, escrow__case__status="open").select_related("escrow__case")
    return rows.order_by("-id")


def _asked(one: EscrowParty) -> Asked:
    case = one.escrow.case
    programme = pinned(case.programme, case.programme_version or "")
    declared = programme.particulars.escrow
    parts = {party.id: party.label for party in declared.parties} if declared else {}
    return Asked(case, programme.label, one, parts.get(one.party, Label(one.party, one.party)), one.escrow.price_fen)

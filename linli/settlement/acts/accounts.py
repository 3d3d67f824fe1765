"""Accounts: taken from awards or given anew, checked against the registers and against what banks have said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.registers.models import Organisation, Resident
from linli.settlement.acts.shared import MACHINE, PURPOSE
from linli.settlement.banking.columns import tail_of
from linli.settlement.checking import Given, Holder, by_name_and_status, given_of, tidy_number
from linli.settlement.models import Account

# What a bank says of an account that no other award makes good again.
LASTING = ("no_account", "closed")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account that a payment needs. payee, payee_uid: who is paid, a resident or an organisation; cipher: under the key of person."""

    award: UUID
    person: UUID
    payee: str
    payee_uid: UUID | None
    cipher: str

    @property
    def holder(self) -> UUID:
        """Whose name the account has to bear."""
        return self.payee_uid or self.person


def accounts_for(wanted: Sequence[Wanted]) -> tuple[dict[UUID, Account], list[Account]]:
    """The account of each award, and which of them are new: one whose sealed text is the award's is used again with its check.

    An award without an account, or of an erased person, has none. Call it in an act, which records the new ones. Eight statements.
    """
    known = _latest([one.award for one in wanted])
    reused = {one.award: known[one.award] for one in wanted if one.award in known and known[one.award].cipher == one.cipher}
    asked = [one for one in wanted if one.cipher and one.award not in reused]
    holders = holders_of(asked)
    alive = _with_keys(asked)
    opened = vault.reveal_many(MACHINE, purpose=PURPOSE, people=[(one.person, {"account": one.cipher}) for one in alive], place="check")
    given = [given_of(found["account"]) for found in opened]
    new = checked(alive, given, [one.cipher for one in alive], holders)
    Account.objects.bulk_create(new)
    return reused | {one.award: one for one in new}, new


def checked(wanted: Sequence[Wanted], given: Sequence[Given], ciphers: Sequence[str], holders: Mapping[UUID, Holder]) -> list[Account]:
    """Accounts, not saved, with the built-in check's answer. One query."""
    numbers = [tidy_number(one.number) for one in given]
    blinds = [_blind(number) for number in numbers]
    told = _told(blinds)
    now = clock.now()
    found = []
    for one, what, cipher, number, blind in zip(wanted, given, ciphers, numbers, blinds, strict=True):
        reason = by_name_and_status(what, holders.get(one.holder, Holder("")), told=told.get(blind, ""))
        found.append(
            Account(
                award=one.award,
                person=one.person,
                cipher=cipher,
                tail=tail_of(number),
                blind=blind,
                state="bad" if reason else "good",
                reason=reason,
                checked_by=MACHINE.actor,
                checked_at=now,
                entered_at=now,
            )
        )
    return found


def holders_of(wanted: Iterable[Wanted]) -> dict[UUID, Holder]:
    """Who the registers say is to be paid, by uid. Two queries."""
    uids = {one.holder for one in wanted}
    people = Resident.objects.filter(uid__in=uids, erased_at__isnull=True).values_list("uid", "name", "deceased_on")
    found = {uid: Holder(name, deceased) for uid, name, deceased in people}
    found |= {uid: Holder(name) for uid, name in Organisation.objects.filter(uid__in=uids - found.keys()).values_list("uid", "name")}
    return found


def _latest(awards: Sequence[UUID]) -> dict[UUID, Account]:
    rows = Account.objects.filter(award__in=awards).order_by("award", "-id").distinct("award")
    return {row.award: row for row in rows}


def _with_keys(wanted: Sequence[Wanted]) -> list[Wanted]:
    erased = set(Resident.objects.filter(uid__in={one.person for one in wanted}, erased_at__isnull=False).values_list("uid", flat=True))
    return [one for one in wanted if one.person not in erased]


def _blind(number: str) -> str:
    try:
        return vault.blind("account", number)
    except LinliError:
        return ""  # nothing in it that could be an account number


def _told(blinds: Iterable[str]) -> dict[str, str]:
    """What a bank said last of these numbers, where it said that there is no such account any more."""
    rows = Account.objects.filter(blind__in={one for one in blinds if one}, checked_by__startswith="bank:").order_by("id")
    return {row.blind: row.reason for row in rows if row.reason in LASTING}

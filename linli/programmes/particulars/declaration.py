"""The parts that only some programmes have, as values. docs/programmes.md says what each of them asks of a case."""

from __future__ import annotations

from dataclasses import dataclass

from linli.programmes.procedure import Term
from linli.rules.declare import Label

SIGNERS = {
    "applicant": Label("本人或监护人", "the applicant or the guardian"),
    "assessor": Label("评估人员", "the assessor"),
    "contractor": Label("施工单位", "the contractor"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a case refers to by its id: an area of works, a party."""

    id: str
    label: Label


@dataclass(frozen=True, slots=True)
class Event:
    """The day that a case is about (an injury, a treatment): the rule, the lists and the price list are asked as of that day.

    claim: within what time of it one has to apply.
    """

    label: Label
    claim: Term


@dataclass(frozen=True, slots=True)
class Registration:
    """The register list that the `register` step writes, from the day of the registration on; facts: what it writes there of the case."""

    list: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the other system may answer. grants: whether the person gets what they asked for."""

    id: str
    label: Label
    grants: bool


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Whose system decides a forwarded case, and every answer that it can give."""

    body: str
    system: Label
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Works:
    """What may be done to a home: items lie in these areas, and each of the signers signs the list before works begin.

    cap: the most that one household's items may cost, in fen; None: no document states it.
    """

    areas: tuple[Named, ...]
    signers: tuple[str, ...]
    cap: int | None


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures of one thing. least: how many at the least."""

    id: str
    label: Label
    least: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is photographed before a change and after it. Without the first nothing begins, without the last nothing is accepted."""

    before: tuple[Pictures, ...]
    after: tuple[Pictures, ...]


@dataclass(frozen=True, slots=True)
class Loan:
    """The facts that say what a bank's file tells of a loan: how much, since when, until when, and on which day it was repaid early."""

    principal: str
    begins: str
    ends: str
    repaid: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """What points are given for. most: the greatest number of points; weight: the rule's dated parameter that they are multiplied by.

    fact: the register's number that stands for the points, None where reviewers give them.
    """

    id: str
    label: Label
    most: int
    weight: str
    fact: str | None


@dataclass(frozen=True, slots=True)
class Scores:
    """How a review ranks. ties: criteria whose points decide between equal totals, in order; who is equal in all shares a rank."""

    criteria: tuple[Criterion, ...]
    ties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Escrow:
    """Other people's money held by a third party. Steps by id, in this order: all parties have agreed; the money has come in; the new
    right is registered; the money is released. A case that ends before the last of them returns all of it to whoever paid it in.
    """

    parties: tuple[Named, ...]
    consent: str
    paid_in: str
    registered: str
    released: str

    @property
    def steps(self) -> tuple[str, str, str, str]:
        """The four steps in the order that they must have."""
        return (self.consent, self.paid_in, self.registered, self.released)


@dataclass(frozen=True, slots=True)
class Particulars:
    """Every part None where the file is silent."""

    event: Event | None
    registers: Registration | None
    forward_to: Forwarding | None
    works: Works | None
    evidence: Evidence | None
    loan: Loan | None
    scores: Scores | None
    escrow: Escrow | None

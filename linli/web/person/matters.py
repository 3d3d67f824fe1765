"""Matters of mandates in words, and the paper on which one is signed (授权委托书)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from linli.casework.kinds import KINDS
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.registers.acts.guardianships import EVIDENCE
from linli.registers.guardians import comes_of_age, is_guarded
from linli.registers.matters import CASE, ERRANDS
from linli.registers.models import Mandate
from linli.registers.queries.accounts import lapsed
from linli.rules.declare import Label

GONE = Label("已经不在的事项", "a matter that is no longer there")


def matter_labels(matters: Iterable[str]) -> dict[str, Label]:
    """Matters by their words: an errand's own, of a case its kind and receipt number. One query if any is a case."""
    wanted = {matter for matter in matters if matter}
    uids = [matter.removeprefix(CASE) for matter in wanted if matter.startswith(CASE)]
    known = {str(one): case_label(one) for one in Case.objects.filter(uid__in=uids)} if uids else {}
    return {matter: known.get(matter) or ERRANDS.get(matter, GONE) for matter in wanted}


def matter_label(matter: str) -> Label:
    """The words of one matter."""
    return matter_labels([matter])[matter]


def labelled(rows: Iterable[Mandate]) -> list[tuple[Mandate, Label | None]]:
    """Mandates with the words of their matters, None for those that are for no single one. One query at most."""
    mandates = list(rows)
    labels = matter_labels(one.matter for one in mandates)
    return [(one, labels.get(one.matter)) for one in mandates]


def case_label(case: Case) -> Label:
    """A case by what it is and its receipt number."""
    kind, receipt = KINDS[case.kind], grouped(case.receipt)
    return Label(f"跟进{kind.zh}，回执编号 {receipt}", f"Follow the {kind.en}, receipt {receipt}")


@dataclass(frozen=True, slots=True)
class Paper:
    """What the printed form says. last: the last day in force; ended, lapsed: when it was ended, or whether it is over otherwise;
    ward: a guardian signs for the principal; rests: no guardian has agreed to it yet; shown: the paper that shows a guardianship, where
    it is not the register's own.

    Identity numbers are written in by hand, so that printing reads none.
    """

    principal: str
    agent: str
    clerk: bool
    matter: Label | None
    kind: str
    valid_from: date
    last: date | None
    ended: datetime | None = None
    lapsed: bool = False
    ward: bool = False
    rests: bool = False
    shown: str = ""

    @property
    def over(self) -> bool:
        """Whether nobody acts by it any longer."""
        return self.ended is not None or self.lapsed

    @property
    def guardianship(self) -> bool:
        """Whether it records who the guardian is, which nobody gave and nobody signs."""
        return self.kind == "guardian"


def paper_of(mandate: Mandate) -> Paper:
    """The form of a mandate that is on record."""
    agent = mandate.agent_staff or mandate.agent_resident
    assert agent is not None
    matter = matter_label(mandate.matter) if mandate.matter else None
    clerk = mandate.agent_staff is not None
    ward, guardianship = is_guarded(mandate.principal), mandate.kind == "guardian"
    ends = mandate.valid_to or (comes_of_age(mandate.principal) if guardianship else None)
    return Paper(
        mandate.principal.name,
        agent.name,
        clerk,
        matter,
        mandate.kind,
        mandate.valid_from,
        last_day(ends),
        mandate.ended_at,
        lapsed(mandate),
        ward,
        ward and not guardianship and mandate.agreed_by_id is None,
        mandate.evidence if guardianship and mandate.evidence.startswith(tuple(EVIDENCE.values())) else "",
    )


def last_day(valid_to: date | None) -> date | None:
    """The last day before an end, as people write it on paper."""
    return valid_to - timedelta(days=1) if valid_to else None

"""How far the works of a case have come: the list that counts, who signed it, which pictures there are, what still lacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from linli.casework.models import Case, Document
from linli.entitlements.works.models import Acceptance, Bill, WorksList, WorksSignature
from linli.programmes.amounts import shown_by
from linli.programmes.declaration import Programme
from linli.programmes.particulars.declaration import SIGNERS, Pictures
from linli.programmes.procedure.declaration import Step

PARKED = frozenset({"notice", "sign"})


@dataclass(frozen=True, slots=True)
class Shots:
    """Pictures of one thing at one time, before or after: those that no officer rejected, in the order of arrival."""

    wanted: Pictures
    part: str
    documents: tuple[Document, ...]

    @property
    def lacking(self) -> int:
        """How many more there have to be."""
        return max(0, self.wanted.least - len(self.documents))


@dataclass(frozen=True, slots=True)
class Works:
    """The works of one case. current: the list that counts; signatures: those on it that stand; shots: before, then after.

    bills: what papers show was spent; accepted: what stands of it.
    """

    programme: Programme
    current: WorksList | None
    signatures: tuple[WorksSignature, ...]
    shots: tuple[Shots, ...]
    bills: tuple[Bill, ...]
    accepted: Acceptance | None

    @property
    def unsigned(self) -> tuple[str, ...]:
        """Whose signature lacks, in the programme's order."""
        declared = self.programme.particulars.works
        signed = {one.signer for one in self.signatures}
        return tuple(one for one in declared.signers if one not in signed) if declared else ()

    def lacking(self, part: str) -> tuple[Shots, ...]:
        """The pictures of a time that are still too few. part: before or after."""
        return tuple(one for one in self.shots if one.part == part and one.lacking)

    @property
    def shown_fen(self) -> int:
        """What papers show was spent."""
        return sum(one.amount_fen for one in self.bills)


def has_works(programme: Programme) -> bool:
    """Whether anything of this package is asked of the programme's cases."""
    return programme.particulars.works is not None or programme.particulars.evidence is not None


def by_bills(programme: Programme) -> bool:
    """Whether what is paid is what papers show, up to the rule's amount."""
    return shown_by(programme) == "works"


def works_of(case: Case, programme: Programme) -> Works:
    """The works of a case as they stand. Five queries."""
    current = current_list(case)
    signatures = WorksSignature.objects.filter(works=current, voided_at=None).select_related("document").order_by("id") if current else ()
    bills = Bill.objects.filter(case=case, withdrawn_at=None).select_related("document").order_by("id")
    accepted = Acceptance.objects.filter(case=case, replaced_at=None).first()
    return Works(programme, current, tuple(signatures), shots_of(case, programme), tuple(bills), accepted)


def current_list(case: Case) -> WorksList | None:
    """The newest version of a case's list. One query."""
    return WorksList.objects.filter(case=case).order_by("-version").first()


def waits_for_person(case: Case, programme: Programme) -> bool:
    """Whether the person's signature on the list lacks. Two queries, none for a programme without."""
    declared = programme.particulars.works
    current = current_list(case) if declared is not None and "applicant" in declared.signers else None
    return current is not None and not WorksSignature.objects.filter(works=current, signer="applicant", voided_at=None).exists()


def accepted_on(case: Case) -> date | None:
    """The day on which a case's works were accepted, None before. One query."""
    return Acceptance.objects.filter(case=case, replaced_at=None).values_list("accepted_on", flat=True).first()


def planned_fen(case: Case) -> int | None:
    """What is to be paid of works: the price of what was accepted, else of the list; None before there is one. Two queries."""
    accepted = Acceptance.objects.filter(case=case, replaced_at=None).values_list("amount_fen", flat=True).first()
    return accepted or WorksList.objects.filter(case=case).order_by("-version").values_list("total_fen", flat=True).first()


def shots_of(case: Case, programme: Programme) -> tuple[Shots, ...]:
    """The pictures that the programme asks for, with those that there are. One query, none where it asks for none."""
    evidence = programme.particulars.evidence
    if evidence is None:
        return ()
    given = list(Document.objects.filter(case=case, part__in=("before", "after")).exclude(check_result="rejected").order_by("id"))
    return tuple(
        Shots(wanted, part, tuple(one for one in given if (one.part, one.material) == (part, wanted.id)))
        for part, every in (("before", evidence.before), ("after", evidence.after))
        for wanted in every
    )


def begins_after(programme: Programme) -> Step | None:
    """The last step that a desk does before the works: nothing may lack when it is left. None where there are no works."""
    steps = programme.procedure.steps if programme.procedure else ()
    place = next((at for at, step in enumerate(steps) if step.kind == "works"), None)
    return next((step for step in reversed(steps[:place]) if step.kind not in PARKED), None) if place is not None else None


def said(signers: tuple[str, ...]) -> tuple[str, str]:
    """Signers in words, as (zh, en)."""
    return "、".join(SIGNERS[one].zh for one in signers), ", ".join(SIGNERS[one].en for one in signers)


def pictures_said(lacking: tuple[Shots, ...]) -> tuple[str, str]:
    """Pictures that lack in words, as (zh, en)."""
    return (
        "、".join(f"{one.wanted.label.zh} {one.lacking} 张" for one in lacking),
        ", ".join(f"{one.wanted.label.en} ({one.lacking})" for one in lacking),
    )

"""Reads of a review: who waits to be ranked and by whose sheets, the ranks that stand, and the same ranks reckoned again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from linli.casework.desks import workable
from linli.casework.kinds import APPLICATION
from linli.casework.models import Case
from linli.entitlements.models import Application
from linli.entitlements.reviewing.models import Ranking, RankingPlace, ReviewSheet
from linli.entitlements.reviewing.refusals import refusal
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.particulars import Scores
from linli.programmes.queries import pinned
from linli.programmes.scoring import Ranking as Reckoned
from linli.programmes.scoring import Sheet
from linli.programmes.scoring import ranking as reckon
from linli.registers.models import Resident
from linli.registers.snapshot import facts_for


def scores_of(programme: Programme) -> Scores:
    """How the programme ranks. Raises LinliError for one that doesn't."""
    found = programme.particulars.scores
    if found is None:
        raise refusal(
            "none", ("这项政策不评名次", "This programme ranks nobody."), ("核对政策", "check the programme"), found=programme.slug
        )
    return found


def scored_step(programme: Programme) -> str:
    """The id of the step in which reviewers score: its appraisal, else the last before its decision that a desk does. Pure."""
    steps = programme.procedure.steps if programme.procedure else ()
    for kind in ("appraise", "review", "check"):
        found = [one.id for one in steps if one.kind == kind]
        if found:
            return found[-1]
    return ""


def candidates(programme: str, *, lock: bool = False) -> list[Case]:
    """Every open case of the programme that waits in its scored step, not ranked yet, in the order of receipt. One query, and one for each
    version."""
    rows = Case.objects.filter(programme=programme, kind=APPLICATION.slug, status="open", step__isnull=False, place__isnull=True)
    found = list((rows.select_for_update(of=("self",)) if lock else rows).order_by("pk"))
    steps = {version: scored_step(pinned(programme, version)) for version in {row.programme_version or "" for row in found}}
    return [row for row in found if row.step == steps[row.programme_version or ""]]


def sheets_of(rows: Iterable[Case]) -> list[Sheet]:
    """The sheets of these cases. One query."""
    found = ReviewSheet.objects.filter(case__in=list(rows)).select_related("case").order_by("case_id", "id")
    return [Sheet(str(one.case.uid), one.reviewer, dict(one.points)) for one in found]


def register_facts(programme: Programme, rows: Sequence[Case], day: date) -> dict[str, dict[str, int | None]]:
    """The numbers that registers hold for criteria with a fact, by case, as of the day. Three queries."""
    names = [one.fact for one in scores_of(programme).criteria if one.fact is not None]
    beneficiaries = dict(Application.objects.filter(case__in=rows).values_list("case__uid", "beneficiary"))
    people = facts_for([str(uid) for uid in beneficiaries.values()], as_of=day).people if names else {}
    return {str(row.uid): {name: people.get(str(beneficiaries[row.uid]), {}).get(name) for name in names} for row in rows}


def reckoned_again(row: Ranking) -> Reckoned:
    """The round scored again from its sheets, its kept facts and its day's weights: its digest is the ranking's. Two queries."""
    cases = list(Case.objects.filter(place__ranking=row))
    return reckon(pinned(row.programme, row.programme_version), row.day, sheets_of(cases), row.facts)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that waits to be ranked. name: "" once erased. reviewers: how many sheets there are; mine: the viewer's own points."""

    case: Case
    name: str
    reviewers: int
    mine: dict[str, int] | None


def waiting(viewer: Viewer, programme: str) -> list[Candidate]:
    """The cases of the programme that the viewer may score. Four queries and one for each version."""
    rows = candidates(programme)
    allowed = set(workable(viewer).filter(case__in=rows).values_list("case_id", flat=True))
    rows = [row for row in rows if row.pk in allowed]
    names = _names(rows)
    sheets: dict[int, list[ReviewSheet]] = {}
    for one in ReviewSheet.objects.filter(case__in=rows):
        sheets.setdefault(one.case_id, []).append(one)
    return [
        Candidate(
            row,
            names.get(row.subject_uid, ""),
            len(given := sheets.get(row.pk, [])),
            next((one.points for one in given if one.reviewer == viewer.actor), None),
        )
        for row in rows
    ]


def _names(rows: Iterable[Case]) -> dict[UUID, str]:
    people = Resident.objects.filter(uid__in=[row.subject_uid for row in rows], erased_at__isnull=True)
    return dict(people.values_list("uid", "name"))


@dataclass(frozen=True, slots=True)
class Placed:
    """A line of a ranking. name: "" once erased."""

    row: RankingPlace
    name: str

    @property
    def total(self) -> Fraction:
        """The exact total."""
        return Fraction(self.row.total)


def placed(row: Ranking) -> list[Placed]:
    """The ranks in order. Two queries."""
    rows = list(RankingPlace.objects.filter(ranking=row).select_related("case").order_by("rank", "id"))
    names = _names([one.case for one in rows])
    return [Placed(one, names.get(one.case.subject_uid, "")) for one in rows]


def rankings(programme: str) -> list[Ranking]:
    """The rounds of a programme, newest first. One query."""
    return list(Ranking.objects.filter(programme=programme).order_by("-ranked_at"))


def shown_now() -> list[Ranking]:
    """The rankings that everybody may read today. One query."""
    today = clock.today()
    return list(Ranking.objects.filter(shown_from__lte=today, shown_until__gte=today).order_by("-shown_from", "-id"))

"""Who may answer when something is contested: never anybody who had a part in it; a review another office than the one that decided.

A part is had by whoever signed or answered, and by whoever the rooms above name: who made, checked, approved or paid a list, who proposed
how money is taken back or entered that it came. Who contests that money was paid too much contests the decision it was paid on too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.casework.desks import Reach, departments_of, is_own, reach_of, require_desk, workable
from linli.casework.kinds import KINDS, LEVELS, NOTICE_OBJECTION, OBJECTION, REVIEW, desk_level
from linli.casework.models import Case, StepTaken, Task
from linli.kernel import clock
from linli.kernel.compiled import Fixed, compiled
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.registers.acts.independence import require_independent
from linli.registers.bitemporal import true_on
from linli.registers.models import Staff, StaffGrant
from linli.registers.queries.staff import viewer_of

CONTESTING = (OBJECTION.slug, REVIEW.slug)
"""Kinds of cases that contest a decision, their parent."""
DISPUTED = (*CONTESTING, NOTICE_OBJECTION.slug)
"""Those that nobody answers who had a part in what they are about."""
MOST_LOOKED_AT = 30
"""Officers who are tried when somebody reads who may answer instead."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a room above knows of who had a part. who: actors, of a case that disputes something; barred: keys of the open tasks on such
    cases that somebody never answers, a query that begins at the few that are disputed."""

    who: Callable[[Case], Iterable[str]]
    barred: Callable[[str], QuerySet[Task, int]]


_parts: list[Part] = []


def taking_part(part: Part) -> None:
    """Have a room asked who had a part; loaded when the site starts."""
    _parts.append(part)


def decided_above(row: Case) -> str | None:
    """The city's desk of what was decided there; None of what was decided further down. One query."""
    last = row.steps.order_by("-position").values_list("desk_code", flat=True).first()
    return last if last is not None and desk_level(last) == "prefecture" else None


def not_for(viewer: Viewer) -> list[int]:
    """Keys of open tasks on what is disputed that the viewer never answers: they had a part in it, or it is a review and their own office
    decided, or they sit below the city. One query where nothing that is disputed lies on the viewer's desks, as on most; two else, and
    one for the department beforehand."""
    reach = reach_of(viewer)
    if reach.nothing or not _some_disputed(Fixed(reach)):
        return []
    city = any(one.role == "officer" and len(one.area) <= LEVELS["prefecture"] for one in viewer.grants)
    return _not_for(Fixed(viewer.actor), Fixed(tuple(sorted(departments_of(viewer) or ())) if city else None))


@compiled
def _some_disputed(reach: Fixed[Reach]) -> QuerySet[Task, int]:
    rows = Task.objects.filter(reach.value.query, case__kind__in=DISPUTED, case__status="open", done_at__isnull=True)
    return rows.order_by().values_list("pk", flat=True)[:1]


@compiled
def _not_for(actor: Fixed[str], own: Fixed[tuple[str, ...] | None]) -> QuerySet[Task, int]:
    signed = {"signatures__contains": [{"actor": actor.value}]}
    part = of_contested(StepTaken.objects.filter(**signed), "case")
    part |= of_contested(Case.objects.filter(Q(opened_by=actor.value) | Q(answered_by=actor.value)), "pk")
    part |= of_contested(Case.objects.filter(kind=OBJECTION.slug, answered_by=actor.value), "parent")
    same = Q() if own.value is None else Q(case__parent__department__in=own.value)
    barred_from = part | Q(case__kind=REVIEW.slug) & same
    rows = Task.objects.filter(barred_from, case__parent__isnull=False, case__kind__in=CONTESTING, done_at__isnull=True)
    return rows.order_by().values_list("pk", flat=True).union(*(one.barred(actor.value) for one in _parts))


def contested(case: Case) -> list[Case]:
    """What a case contests: its parent, and of money paid too much also what was decided when it was paid. Two queries at most."""
    return [one for one in (case.parent, case.parent and case.parent.parent) if one is not None]


def of_contested(rows: QuerySet[Any], column: str, through: str = "pk") -> Q:
    """Of tasks: that there is one of the rows on what their case contests, as contested(). column: of the rows, which holds `through` of a
    case."""
    parent = rows.filter(**{column: OuterRef(f"case__parent__{through}")})
    return Q(Exists(parent)) | Q(Exists(rows.filter(**{column: OuterRef(f"case__parent__parent__{through}")})))


def annulled(case: Case) -> bool:
    """Whether what was decided doesn't stand any more: whoever looked at it again has it decided anew. One query, none of an open one."""
    return case.status == "closed" and bool(_annulled(case.pk))


@compiled
def _annulled(case: int) -> QuerySet[Case, int]:
    return Case.objects.filter(parent=case, kind__in=CONTESTING, status="closed", outcome="redo").values_list("pk", flat=True)[:1]


def offices_for(case: Case) -> list[tuple[str, list[str]]]:
    """(office, names of its officers) who may answer where a decision is contested; "" is of those who are in no department. Several
    queries for each officer of the place, MOST_LOOKED_AT at most."""
    places = [case.task.area_code[:length] for length in (0, LEVELS["prefecture"], LEVELS["county"])]
    found: dict[str, list[str]] = {}
    for one in _answering(case, places):
        found.setdefault(one.organisation.name if one.organisation else "", []).append(one.name)
    return list(found.items())


def desk_left(case: Case) -> str:
    """The desk where an objection is answered: its own while an officer there had no part in the decision, else the one above if somebody
    there had none. Queries as offices_for()."""
    own: str = case.task.desk_code
    above = KINDS[case.kind].desk_above(own)
    if above is None or next(_answering(case, [own]), None) is not None:
        return own
    return above if next(_answering(case, ["", above]), None) is not None else own


def _answering(case: Case, places: Sequence[str]) -> Iterator[Staff]:
    """Officers with a grant for one of the places who may answer where a decision is contested."""
    holding = StaffGrant.objects.filter(
        true_on(clock.today()), role="officer", area_code__in=places, programme_slug__in=("", case.programme)
    )
    officers = (
        Staff.objects.filter(pk__in=holding.values("staff"), is_active=True).select_related("organisation").defer("password").order_by("pk")
    )
    for one in officers[:MOST_LOOKED_AT]:
        viewer = viewer_of(one)
        if workable(viewer).filter(case=case).exists() and not is_own(viewer, case) and barred(viewer, case) is None:
            yield one


def require_another(viewer: Viewer, case: Case) -> None:
    """Raise Refused where the viewer had a part in what is disputed, in answering an earlier objection to it, or could be the same
    person as somebody who had; of a review also where they belong to the office that decided. Eight queries and more for each."""
    had_a_part = {one for one in _signers(case).union(*(part.who(case) for part in _parts)) if one.startswith("staff:")}
    if viewer.actor in had_a_part:
        raise Refused(
            "casework.decided_it",
            zh="您参与过这件事项的办理，须由其他人员复核",
            en="You had a part in this matter: somebody else has to look at it.",
            expected="another officer",
            expected_zh="没有参与办理的人员",
            remedy_zh="请其他经办人员办理",
            remedy_en="leave it to another officer",
        )
    for one in sorted(had_a_part):
        require_independent(one, viewer.actor)
    if case.kind == REVIEW.slug:
        _require_another_office(viewer, case)
    elif case.parent is not None and decided_above(case.parent) is not None:
        require_desk(viewer, "officer", case.task.desk_code, case.programme)


def barred(viewer: Viewer, case: Case) -> Refused | None:
    """Why the viewer can't answer where something is disputed, before they write a word; None where they can. Queries as
    require_another()."""
    if case.kind not in DISPUTED:
        return None
    try:
        require_another(viewer, case)
    except Refused as why:
        return why
    return None


def _signers(case: Case) -> set[str]:
    """Who signed a step of what is contested, stated it, answered it, or answered an objection to it."""
    about = contested(case)
    stays = StepTaken.objects.filter(case__in=about).values_list("signatures", flat=True)
    answered = Case.objects.filter(parent__in=about, kind=OBJECTION.slug).exclude(pk=case.pk).values_list("answered_by", flat=True)
    held = {who for one in about for who in (one.opened_by, one.answered_by)}
    return {one["actor"] for stay in stays for one in stay} | set(answered) | held


def _require_another_office(viewer: Viewer, case: Case) -> None:
    """A review lies with the city, outside the department that decided (行政复议法 第二十四条)."""
    decided = case.parent.department if case.parent else ""
    own = departments_of(viewer) or frozenset()
    if decided in own or not viewer.may("officer", area=case.task.desk_code, programme=case.programme):
        raise Refused(
            "casework.same_office",
            zh="行政复议须由作出决定的单位以外的机关办理",
            en="A review is answered by another office than the one that decided.",
            expected="an officer of the city outside the department that decided",
            expected_zh="作出决定的部门以外的市级人员",
            found=decided,
            remedy_zh="由复议机构的人员办理",
            remedy_en="leave it to the reviewing body",
        )

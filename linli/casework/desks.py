"""Which tasks are whose: by role and area of the grants in force, and by department for those who work in one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from linli.casework.kinds import LEVEL_WORDS, LEVELS, CaseKind, desk_level
from linli.casework.models import Case, StepTaken, Task
from linli.kernel import areas, clock
from linli.kernel.compiled import Fixed, compiled
from linli.kernel.errors import LinliError, Refused
from linli.kernel.looks import once
from linli.kernel.viewer import Grant, Viewer
from linli.programmes import load_city
from linli.registers.bitemporal import true_on
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.models import BuildingGrid, Organisation, Resident, StaffGrant
from linli.registers.nearness import is_near, require_not_near
from linli.registers.queries.areas import grid_of
from linli.registers.queries.residents import resident_with

STEWARD = "steward"
ROLES = ("officer", "clerk", STEWARD)
ABOVE_VILLAGE = r"^.{0,9}$"


def workable(viewer: Viewer) -> QuerySet[Task]:
    """The tasks that the viewer may see and do: their role, in the person's area, of their department if they work in one. A steward's
    task that lies above the village, because nobody is there or it is late, is the officers' too.

    One query beforehand, for the department.
    """
    return Task.objects.filter(reach_of(viewer).query)


@dataclass(frozen=True, slots=True)
class Reach:
    """What makes tasks somebody's, for a query that is put together once for all who have the same. own: sorted departments."""

    areas: tuple[tuple[str, tuple[str, ...]], ...]
    single: tuple[Grant, ...]
    own: tuple[str, ...] | None
    day: date

    @property
    def nothing(self) -> bool:
        """Whether there is no such task whatever there is."""
        return not self.single and not any(several for _role, several in self.areas)

    @property
    def query(self) -> Q:
        """The condition on tasks."""
        reach = Q(pk__in=())
        for role, several in self.areas:
            theirs = Q(role=role) | Q(role=STEWARD, desk_code__regex=ABOVE_VILLAGE) if role == "officer" else Q(role=role)
            for area in several:
                reach |= theirs & inside("area_code", area, self.day)
        for grant in self.single:
            reach |= Q(role=grant.role, programme=grant.programme) & inside("area_code", grant.area, self.day)
        return reach if self.own is None else reach & Q(case__department__in=["", *self.own])


def reach_of(viewer: Viewer) -> Reach:
    """The viewer's of today. One query at most, as departments_of()."""
    own, single = departments_of(viewer), tuple(one for one in viewer.grants if one.programme and one.role in ROLES)
    held = tuple((role, viewer.areas(role)) for role in ROLES)
    return Reach(held, single, None if own is None else tuple(sorted(own)), clock.today())


def may_work(viewer: Viewer, case: Case) -> bool:
    """Whether the viewer may take and answer it. Two queries."""
    reach = reach_of(viewer)
    return not reach.nothing and bool(_workable(case.pk, Fixed(reach)))


def workable_of(viewer: Viewer, subject: str) -> set[int]:
    """Keys of the subject's cases that the viewer may see and do. Two queries."""
    reach = reach_of(viewer)
    return set() if reach.nothing else set(_about(subject, Fixed(reach)))


@compiled
def _about(subject: str, reach: Fixed[Reach]) -> QuerySet[Task, int]:
    return Task.objects.filter(reach.value.query, case__subject=subject).values_list("case_id", flat=True)


@compiled
def _workable(case: int, reach: Fixed[Reach]) -> QuerySet[Task, int]:
    return Task.objects.filter(reach.value.query, case=case).values_list("pk", flat=True)


def inside(column: str, area: str, day: date | None = None) -> Q:
    """Rows whose code lies in an area ("" is everywhere); a grid's are those of the buildings and groups in it on a day (today)."""
    if not area:
        return Q()
    if areas.level(area) == "grid":
        placed = BuildingGrid.objects.filter(true_on(day or clock.today()), grid_code=area).values("building_code")
        return Q(**{column: area}) | Q(**{f"{column}__in": placed})
    return Q(**{f"{column}__gte": area, f"{column}__lt": areas.next_prefix(area)})


def desk_of(kind: CaseKind, role: str, area: str) -> str:
    """The desk that gets a task first: the lowest of the kind, but for a steward's task where no steward looks after the place the lowest
    one above with an officer, if there is any. Two queries at most.
    """
    lowest = kind.first_desk(area)
    held = on_duty(area) if role == STEWARD else []
    officers = [code for who, code in held if who == "officer"]
    if len(officers) < len(held) or not officers:
        return lowest
    reach = max(LEVELS["prefecture"], *(len(code) for code in officers))
    return next((area[: LEVELS[level]] for level in kind.levels if LEVELS[level] <= min(reach, LEVELS["township"])), lowest)


def on_duty(area: str) -> list[tuple[str, str]]:
    """(role, area) of the stewards and officers in whose area a place lies today, its grid's worker too. Two queries at most."""
    around = {area[:length] for length in range(len(area) + 1)}
    grid = grid_of(area, clock.today()) if len(area) > LEVELS["village"] else None
    held = StaffGrant.objects.filter(true_on(clock.today()), staff__is_active=True, role__in=(STEWARD, "officer"), programme_slug="")
    return list(held.filter(area_code__in=[*around, *([grid] if grid else ())]).values_list("role", "area_code"))


def departments_of(viewer: Viewer) -> frozenset[str] | None:
    """The owners of lists and the bodies whose tasks a member of a department may do; None for who works in none. At most one query, on a
    page once.

    A county's branch bears its department's name after the county's instead of the city's: 盐湖区残疾人联合会 is 运城市残疾人联合会 there.
    """
    name = department_name(viewer)
    if name is None:
        return None
    city = Path(settings.LINLI_CITY)
    known = load_city(city)
    owners = {declaration.owner_zh for declaration in load_lists(city).values()} | {body.zh for body in known.bodies.values()}
    prefix = known.label.zh
    return frozenset(owner for owner in owners if name.endswith(owner.removeprefix(prefix)))


def department_name(viewer: Viewer) -> str | None:
    """The department that somebody works in, by its name; None for who works in none. One query, on a page once."""
    if not viewer.actor.startswith("staff:"):
        return None
    return once(("department", viewer.actor), lambda: _works_in.first(UUID(viewer.actor.partition(":")[2])))


@compiled
def _works_in(staff: UUID) -> QuerySet[Organisation, str]:
    return Organisation.objects.filter(staff__uid=staff, kind="department").order_by("pk").values_list("name", flat=True)


def own_lists(viewer: Viewer) -> dict[str, ListDeclaration]:
    """The lists that the viewer may deliver: of their department if they work in one, touching an area of theirs. One query."""
    own = departments_of(viewer)
    reach = viewer.areas("officer")
    return {
        slug: one
        for slug, one in load_lists(Path(settings.LINLI_CITY)).items()
        if one.source == "file" and (own is None or one.owner_zh in own) and any(_touch(area, one.area) for area in reach)
    }


def _touch(one: str, other: str) -> bool:
    return areas.contains(one, other) or areas.contains(other, one)


def case_for(viewer: Viewer, uid: UUID, *, lock: bool = False) -> Case:
    """A case that the viewer may work on, with its task. What a grant doesn't cover is not there: LinliError. Three queries at most."""
    allowed = workable(viewer).filter(case__uid=uid).exists()
    rows = Case.objects.select_related("task")
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(uid=uid).first() if allowed else None
    if found is None:
        raise no_case(uid)
    return found


def is_own(viewer: Viewer, case: Case) -> bool:
    """Whether a case is about whoever looks at it, or about their household or family: a colleague deals with it. Four queries at most."""
    return is_near(viewer.actor, filter(None, [resident_with(case.subject_uid)]))


def require_impartial(viewer: Viewer, case: Case) -> None:
    """Raise Refused where is_own()."""
    require_not_near(viewer.actor, Resident.objects.filter(uid=case.subject_uid))


def reaches(viewer: Viewer, role: str, desk: str, programme: str) -> bool:
    """Whether somebody sits at a desk, or above it: a township's officer sees what the county has to do, and does not do it for it.

    A village's desk is whoever's who may see the task. No query.
    """
    if len(desk) >= LEVELS["village"]:
        return True
    return viewer.may(role, area=desk, programme=programme) or (role == STEWARD and viewer.may("officer", area=desk, programme=programme))


def require_desk(viewer: Viewer, role: str, desk: str, programme: str) -> None:
    """Raise Refused unless reaches()."""
    if not reaches(viewer, role, desk, programme):
        zh, en = LEVEL_WORDS[desk_level(desk)]
        raise Refused(
            "casework.higher_desk",
            zh=f"这一步由{zh}一级办理",
            en=f"This step is done at the level of the {en}.",
            expected=f"{role} for {desk}",
            expected_zh=f"范围包括 {desk} 的授权",
            remedy_zh="等上级办理；由下级办的，要在政策文件里写明下放",
            remedy_en="wait for the higher office; what a lower one does is said in the programme's file (delegated)",
        )


def require_step(viewer: Viewer, case: Case, role: str) -> None:
    """Raise Refused below the desk of the step where an application is; nothing for a case without one. One query."""
    for desk in StepTaken.objects.filter(case=case, done_at__isnull=True).values_list("desk_code", flat=True):
        require_desk(viewer, role, desk, case.programme)


def require_free(viewer: Viewer, row: Case) -> None:
    """Raise LinliError where a colleague has taken the task: they do it, or it is given back first."""
    if row.task.taken_by not in ("", viewer.actor):
        raise LinliError(
            "casework.taken",
            zh="同事已经领取",
            en="A colleague has taken it.",
            expected="a task that nobody has",
            expected_zh="还没有人领取的任务",
            remedy_zh="请同事退回，或选择其他任务",
            remedy_en="have it given back, or choose another",
        )


def no_case(found: object) -> LinliError:
    """There is no such case for whoever asks."""
    return LinliError(
        "casework.no_case",
        zh="没有这件事项，或不在您的职责范围内",
        en="There is no such case, or it is not yours to see.",
        found=str(found),
        remedy_zh="核对回执编号；如需办理请联系负责单位",
        remedy_en="check the receipt number; ask the office in charge",
    )

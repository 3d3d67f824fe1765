"""Households with their members' roles, and family links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.guards import county_of, home_of, lock, require_known_areas, require_range, require_word, subject_of
from linli.registers.bitemporal import believed, true_on, withdraw
from linli.registers.models import FamilyLink, Household, HouseholdMember, Resident
from linli.registers.models.families import HOUSEHOLD_KINDS, RELATIONS, ROLES
from linli.trace import AlreadyDone, act

Member = tuple[Resident, str]


def form_household(
    viewer: Viewer, *, kind: str, area_code: str, members: Sequence[Member], valid_from: date, key: str | None = None
) -> Household:
    """Form a household of a kind with its members' roles, exactly one of them head. Who was in another of that kind leaves it that day.

    Locks the members in order of id. Needs clerk over area_code. About 7 statements whatever the size.
    """
    viewer.require("clerk", area=area_code)
    require_known_areas([area_code])
    require_word("kind", kind, HOUSEHOLD_KINDS)
    _require_roles(members)
    try:
        with act(viewer, key=key) as a:
            locked = lock(*(resident for resident, _ in members))
            now = clock.now()
            household = Household.objects.create(uid=uuid7(), kind=kind, area_code=area_code, valid_from=valid_from, known_from=now)
            elsewhere = HouseholdMember.objects.filter(kind=kind, resident__in=locked)
            withdrawn, remains = withdraw(elsewhere, valid_from=valid_from, valid_to=None, now=now)
            joined = HouseholdMember.objects.bulk_create(
                HouseholdMember(household=household, kind=kind, resident=resident, role=role, valid_from=valid_from, known_from=now)
                for resident, (_, role) in zip(locked, members, strict=True)
            )
            _record(a, household, "formed", locked, [*joined, *withdrawn, *remains])
            a.result = {"household": str(household.uid)}
    except AlreadyDone as done:
        return Household.objects.get(uid=done.result["household"])
    return household


def change_member(
    viewer: Viewer, *, household: Household, resident: Resident, role: str | None, on: date, key: str | None = None
) -> HouseholdMember | None:
    """From `on` the resident has this role in the household; role None: they leave it. Returns the new membership, if any.

    Joining ends a membership in another household of the same kind. Locks the resident, then the household. Needs clerk over its area.
    """
    viewer.require("clerk", area=household.area_code)
    if role is not None:
        require_word("role", role, ROLES)
    try:
        with act(viewer, key=key) as a:
            (locked,) = lock(resident)
            held = Household.objects.select_for_update(no_key=True).get(pk=household.pk)
            _require_open(held, on)
            _require_one_head(held, locked, role, on)
            rows = HouseholdMember.objects.filter(kind=held.kind, resident=locked)
            was = rows.filter(believed(), true_on(on), household=held).first()
            if (was.role if was else None) == role:
                return was
            if role is None:
                rows = rows.filter(household=held)
            now = clock.now()
            withdrawn, remains = withdraw(rows, valid_from=on, valid_to=None, now=now)
            member = _join(held, locked, role, on, now) if role else None
            change = "left" if role is None else "role" if was else "joined"
            _record(a, held, change, [locked], [*withdrawn, *remains, *([member] if member else [])])
    except AlreadyDone:
        return None
    return member


def dissolve_household(viewer: Viewer, *, household: Household, on: date, key: str | None = None) -> Household:
    """The household ends on a day and with it every membership. Locks its members in order of id, then the household."""
    viewer.require("clerk", area=household.area_code)
    try:
        with act(viewer, key=key) as a:
            members = [row.resident for row in household.members.filter(believed()).select_related("resident")]
            lock(*members)
            held = Household.objects.select_for_update(no_key=True).get(pk=household.pk)
            if held.valid_to is not None:
                return held
            require_range(held.valid_from, on)
            now = clock.now()
            was = list(held.members.filter(believed(), true_on(on)).select_related("resident"))
            withdrawn, remains = withdraw(HouseholdMember.objects.filter(household=held), valid_from=on, valid_to=None, now=now)
            held.valid_to = on
            held.save(update_fields=["valid_to"])
            _record(a, held, "dissolved", [row.resident for row in was], [*withdrawn, *remains])
    except AlreadyDone:
        return Household.objects.get(pk=household.pk)
    return held


def _join(household: Household, resident: Resident, role: str, on: date, now: Any) -> HouseholdMember:
    return HouseholdMember.objects.create(
        household=household, kind=household.kind, resident=resident, role=role, valid_from=on, known_from=now
    )


def _record(a: Any, household: Household, change: str, people: Sequence[Resident], rows: Sequence[HouseholdMember]) -> None:
    """One fact for each household with its own memberships, and one for each of the people, which names no household."""
    theirs: dict[int, list[HouseholdMember]] = defaultdict(list)
    for row in rows:
        theirs[row.household_id].append(row)
    joined = theirs.pop(household.pk, [])
    said = {"kind": household.kind, "change": change}
    _record_household(a, household, said, [household, *joined])
    for left in Household.objects.filter(pk__in=theirs).order_by("pk"):
        _record_household(a, left, {"kind": left.kind, "change": "left"}, theirs[left.pk])
    for person in people:
        area = county_of(household.area_code)
        a.record(facts.HOUSEHOLD_CHANGED, subject=subject_of(person), payload=said, area=area)


def _record_household(a: Any, household: Household, said: dict[str, str], rows: Sequence[Any]) -> None:
    subject = f"household:{household.uid}"
    a.record(facts.HOUSEHOLD_CHANGED, subject=subject, payload=said, rows=rows, area=household.area_code)


def _require_roles(members: Sequence[Member]) -> None:
    for _, role in members:
        require_word("role", role, ROLES)
    heads = sum(role == "head" for _, role in members)
    twice = len({resident.pk for resident, _ in members}) < len(members)
    if heads != 1 or twice:
        raise LinliError(
            "registers.household_members",
            zh="一个家庭须有且只有一名户主，成员不得重复",
            en="A household has exactly one head and each member once.",
            place=Place(field="members"),
            expected=("一位户主", "one head"),
            found=(f"{heads} 位户主" + ("，有成员重复" if twice else ""), f"{heads} heads" + (", a member twice" if twice else "")),
            remedy_zh="核对成员名单",
            remedy_en="check the list of members",
        )


def _require_open(household: Household, on: date) -> None:
    if on < household.valid_from or household.valid_to is not None:
        raise LinliError(
            "registers.household_not_there",
            zh="该家庭在这一天不存在",
            en="The household is not there on that day.",
            place=Place(field="on"),
            expected=f"{household.valid_from} – {household.valid_to or '…'}",
            found=str(on),
            remedy_zh="核对日期或家庭",
            remedy_en="check the day and the household",
        )


def _require_one_head(household: Household, resident: Resident, role: str | None, on: date) -> None:
    """A new head is named only where there is none from that day on; the present head steps down first."""
    if role != "head":
        return
    from_then = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    other = household.members.filter(believed(), from_then, role="head").exclude(resident=resident).first()
    if other is not None:
        raise LinliError(
            "registers.two_heads",
            zh="该家庭已有户主",
            en="The household already has a head.",
            place=Place(field="role"),
            expected="no head from that day on",
            expected_zh="从那天起没有户主",
            found=subject_of(other.resident),
            remedy_zh="先变更原户主的身份",
            remedy_en="give the present head another role first",
        )


def link_family(
    viewer: Viewer,
    *,
    resident: Resident,
    relative: Resident,
    relation: str,
    valid_from: date,
    valid_to: date | None = None,
    key: str | None = None,
) -> FamilyLink:
    """State that `relative` is the resident's father, mother, spouse, child, guardian, ward, grandparent, grandchild or sibling.

    The reverse link is written with it (a child's reverse is father or mother by the parent's sex). The same statement twice
    changes nothing. Locks both in order of id. Needs clerk over the resident's area.
    """
    home = home_of(resident)
    viewer.require("clerk", area=home)
    require_word("relation", relation, RELATIONS)
    require_range(valid_from, valid_to)
    if resident.pk == relative.pk:
        raise LinliError(
            "registers.own_relative",
            zh="不能与自己建立亲属关系",
            en="Nobody is their own relative.",
            remedy_zh="核对双方",
            remedy_en="check both",
        )
    try:
        with act(viewer, key=key) as a:
            one, other = lock(resident, relative)
            link, rows = _link(one, other, relation, valid_from, valid_to)
            _, reverse_rows = _link(other, one, _reverse(relation, one), valid_from, valid_to)
            if rows or reverse_rows:
                _record_links(a, "linked", [*rows, *reverse_rows], home)
    except AlreadyDone:
        return FamilyLink.objects.filter(believed(), resident=resident, relative=relative, relation=relation).latest("known_from")
    return link


def end_family_link(viewer: Viewer, *, link: FamilyLink, on: date, key: str | None = None) -> None:
    """The link and its reverse end on a day (divorce, a guardian relieved); on their first day they never were. Locks both people."""
    home = home_of(link.resident)
    viewer.require("clerk", area=home)
    if on != link.valid_from:
        require_range(link.valid_from, on)
    try:
        with act(viewer, key=key) as a:
            one, other = lock(link.resident, link.relative)
            both = Q(resident=one, relative=other, relation=link.relation) | Q(
                resident=other, relative=one, relation=_reverse(link.relation, one)
            )
            withdrawn, remains = withdraw(FamilyLink.objects.filter(both), valid_from=on, valid_to=None, now=clock.now())
            if withdrawn:
                link.valid_to = on
                _record_links(a, "ended", [*withdrawn, *remains], home)
    except AlreadyDone:
        return


def _reverse(relation: str, resident: Resident) -> str:
    """What the resident is to a relative who is their `relation`."""
    if relation == "child":
        if resident.sex is None:
            raise LinliError(
                "registers.parent_without_sex",
                zh="父母一方的性别未知，无法登记为父亲或母亲",
                en="The parent's sex is unknown, so the link can be neither father nor mother.",
                place=Place(field="resident"),
                found=subject_of(resident),
                remedy_zh="先更正其性别，或从子女一方登记父亲或母亲",
                remedy_en="correct the parent's sex, or state father or mother from the child's side",
            )
        return "father" if resident.sex == "male" else "mother"
    pairs = {"guardian": "ward", "ward": "guardian", "grandparent": "grandchild", "grandchild": "grandparent"}
    return pairs.get(relation, "child" if relation in ("father", "mother") else relation)


def _link(
    resident: Resident, relative: Resident, relation: str, valid_from: date, valid_to: date | None
) -> tuple[FamilyLink, list[FamilyLink]]:
    """The believed link and the rows that changed to make it so (none if it was believed already)."""
    rows = FamilyLink.objects.filter(resident=resident, relative=relative, relation=relation)
    same = rows.filter(believed(), valid_from=valid_from, valid_to=valid_to).first()
    if same is not None:
        return same, []
    now = clock.now()
    _require_single(resident, relative, relation, valid_from, valid_to)
    withdrawn, remains = withdraw(rows, valid_from=valid_from, valid_to=valid_to, now=now)
    link = FamilyLink.objects.create(
        resident=resident, relative=relative, relation=relation, valid_from=valid_from, valid_to=valid_to, known_from=now
    )
    return link, [link, *withdrawn, *remains]


def _require_single(resident: Resident, relative: Resident, relation: str, valid_from: date, valid_to: date | None) -> None:
    """One father, one mother, one spouse at a time."""
    if relation not in ("father", "mother", "spouse"):
        return
    until = Q() if valid_to is None else Q(valid_from__lt=valid_to)
    overlap = (Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)) & until
    other = FamilyLink.objects.filter(believed(), overlap, resident=resident, relation=relation).exclude(relative=relative).first()
    if other is not None:
        raise LinliError(
            "registers.second_relative",
            zh="同一时期只能有一名父亲、母亲或配偶",
            en="One father, one mother and one spouse at a time.",
            place=Place(field="relation"),
            expected=f"no other {relation} in that time",
            expected_zh="那段时间没有另一条同样的关系",
            found=subject_of(other.relative),
            remedy_zh="先终止原有关系",
            remedy_en="end the earlier link first",
        )


def _record_links(a: Any, change: str, rows: Sequence[FamilyLink], area: str) -> None:
    """One fact for each of the two, with the links that are theirs; neither names the other."""
    theirs: dict[Resident, list[FamilyLink]] = defaultdict(list)
    for row in rows:
        theirs[row.resident].append(row)
    for person, links in theirs.items():
        payload = {"relation": links[0].relation, "change": change}
        a.record(facts.FAMILY_LINKED, subject=subject_of(person), payload=payload, rows=links, area=county_of(area))

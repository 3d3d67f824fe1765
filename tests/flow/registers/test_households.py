"""Households and family links: one household of a kind at a time, one head, both directions of a link, nothing overwritten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from place_examples import CLERK, FIRST_DAY, GROUP, VILLAGE, person

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers import acts, queries
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import FamilyLink, Household, HouseholdMember, Resident
from linli.trace.models import Fact

pytestmark = pytest.mark.usefixtures("small_city")
LATER = date(2025, 1, 1)


def household(*members: tuple[Resident, str], kind: str = "shared_living", on: date = FIRST_DAY) -> Household:
    return acts.form_household(CLERK, kind=kind, area_code=VILLAGE, members=list(members), valid_from=on)


def roles(home: Household, on: date, known_at: datetime | None = None) -> dict[str, str]:
    rows = home.members.filter(believed(known_at), true_on(on)).select_related("resident")
    return {row.resident.name: row.role for row in rows}


def test_a_household_has_its_members_and_their_roles() -> None:
    home = household((person("王建国"), "head"), (person("李秀英"), "spouse"), (person("王小明"), "child"))
    assert roles(home, FIRST_DAY) == {"王建国": "head", "李秀英": "spouse", "王小明": "child"}
    assert roles(home, FIRST_DAY - timedelta(days=1)) == {}


def test_both_kinds_stand_side_by_side() -> None:
    head = person("王建国")
    book, living = household((head, "head"), kind="hukou_book"), household((head, "head"))
    assert {row.household for row in queries.household_members(head, FIRST_DAY)} == {book, living}


@pytest.mark.parametrize("given", [[], ["head", "head"], ["spouse"], ["head", "uncle"]])
def test_a_household_needs_exactly_one_head_and_known_roles(given: list[str]) -> None:
    members = [(person(f"成员{number}"), role) for number, role in enumerate(given)]
    with pytest.raises(LinliError):
        household(*members)
    assert not Household.objects.exists()


def test_a_member_cannot_be_listed_twice() -> None:
    one = person()
    with pytest.raises(LinliError) as caught:
        household((one, "head"), (one, "child"))
    assert caught.value.code == "registers.household_members"


def test_joining_a_household_leaves_the_former_one_of_that_kind() -> None:
    child = person("王小明")
    old = household((person("王建国"), "head"), (child, "child"))
    book = household((child, "head"), kind="hukou_book")
    new = household((child, "head"), on=LATER)
    assert roles(old, LATER - timedelta(days=1)) == {"王建国": "head", "王小明": "child"}
    assert roles(old, LATER) == {"王建国": "head"}
    assert roles(new, LATER) == roles(book, LATER) == {"王小明": "head"}


def test_a_member_changes_role_joins_and_leaves() -> None:
    head, spouse, newcomer = person("王建国"), person("李秀英"), person("王小明")
    home = household((head, "head"), (spouse, "spouse"))
    acts.change_member(CLERK, household=home, resident=newcomer, role="child", on=LATER)
    acts.change_member(CLERK, household=home, resident=newcomer, role="child", on=LATER)
    acts.change_member(CLERK, household=home, resident=head, role=None, on=LATER)
    acts.change_member(CLERK, household=home, resident=spouse, role="head", on=LATER)
    assert roles(home, LATER - timedelta(days=1)) == {"王建国": "head", "李秀英": "spouse"}
    assert roles(home, LATER) == {"李秀英": "head", "王小明": "child"}
    changes = Fact.objects.filter(subject=f"household:{home.uid}").order_by("id").values_list("payload__change", flat=True)
    assert list(changes) == ["formed", "joined", "left", "role"]


def test_a_second_head_is_refused() -> None:
    spouse = person("李秀英")
    home = household((person("王建国"), "head"), (spouse, "spouse"))
    with pytest.raises(LinliError) as caught:
        acts.change_member(CLERK, household=home, resident=spouse, role="head", on=LATER)
    assert caught.value.code == "registers.two_heads"
    with pytest.raises(IntegrityError, match="overlap"), transaction.atomic():
        HouseholdMember.objects.filter(resident=spouse).update(role="head")


def test_the_kind_of_a_membership_is_its_households() -> None:
    home = household((person(), "head"))
    HouseholdMember.objects.filter(household=home).update(kind="hukou_book")
    with pytest.raises(IntegrityError, match="kind_is_the_households"), transaction.atomic():
        connection.check_constraints()
    HouseholdMember.objects.filter(household=home).update(kind=home.kind)


def test_what_was_believed_of_a_household_can_be_read_back() -> None:
    morning = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    with clock.frozen(morning):
        child = person("王小明")
        home = household((person("王建国"), "head"), (child, "child"))
    with clock.frozen(morning + timedelta(days=1)):
        acts.change_member(CLERK, household=home, resident=child, role=None, on=LATER)
    assert roles(home, LATER, morning + timedelta(hours=1)) == {"王建国": "head", "王小明": "child"}
    assert roles(home, LATER, morning + timedelta(days=2)) == {"王建国": "head"}


def test_a_dissolved_household_has_no_members_from_that_day() -> None:
    home = household((person("王建国"), "head"), (person("李秀英"), "spouse"))
    acts.dissolve_household(CLERK, household=home, on=LATER)
    acts.dissolve_household(CLERK, household=home, on=LATER)
    assert roles(home, LATER - timedelta(days=1)) == {"王建国": "head", "李秀英": "spouse"}
    assert roles(home, LATER) == {}
    with pytest.raises(LinliError) as caught:
        acts.change_member(CLERK, household=home, resident=person("来人"), role="other", on=LATER)
    assert caught.value.code == "registers.household_not_there"


def test_a_household_shows_in_its_members_timelines() -> None:
    head = person("王建国")
    household((head, "head"))
    assert Fact.objects.filter(subject=f"resident:{head.uid}", type="registers.household_changed").exists()


def relations(resident: Resident, on: date = LATER) -> set[tuple[str, str]]:
    return {(link.relation, link.relative.name) for link in queries.links_of(resident, on)}


@pytest.mark.parametrize(
    ("relation", "reverse"),
    [
        ("father", "child"),
        ("mother", "child"),
        ("spouse", "spouse"),
        ("guardian", "ward"),
        ("ward", "guardian"),
        ("grandparent", "grandchild"),
        ("grandchild", "grandparent"),
        ("sibling", "sibling"),
    ],
)
def test_a_link_is_read_from_both_sides(relation: str, reverse: str) -> None:
    one, other = person("王小明", sex="male"), person("王建国", sex="male")
    for _ in range(2):
        acts.link_family(CLERK, resident=one, relative=other, relation=relation, valid_from=FIRST_DAY)
    assert relations(one) == {(relation, "王建国")}
    assert relations(other) == {(reverse, "王小明")}
    assert Fact.objects.filter(type="registers.family_linked", echo_of=None).count() == 2


def test_a_childs_reverse_is_father_or_mother_by_the_parents_sex() -> None:
    child, father, mother = person("王小明"), person("王建国", sex="male"), person("李秀英", sex="female")
    for parent in (father, mother):
        acts.link_family(CLERK, resident=parent, relative=child, relation="child", valid_from=FIRST_DAY)
    assert relations(child) == {("father", "王建国"), ("mother", "李秀英")}
    with pytest.raises(LinliError) as caught:
        acts.link_family(CLERK, resident=person("性别不详"), relative=child, relation="child", valid_from=FIRST_DAY)
    assert caught.value.code == "registers.parent_without_sex"


def test_one_spouse_at_a_time() -> None:
    one, first, second = person("王建国"), person("李秀英"), person("张淑芬")
    link = acts.link_family(CLERK, resident=one, relative=first, relation="spouse", valid_from=FIRST_DAY)
    with pytest.raises(LinliError) as caught:
        acts.link_family(CLERK, resident=one, relative=second, relation="spouse", valid_from=LATER)
    assert caught.value.code == "registers.second_relative"
    with pytest.raises(IntegrityError, match="overlap"), transaction.atomic():
        FamilyLink.objects.create(resident=one, relative=second, relation="spouse", valid_from=LATER, known_from=clock.now())
    acts.end_family_link(CLERK, link=link, on=LATER)
    acts.link_family(CLERK, resident=one, relative=second, relation="spouse", valid_from=LATER)
    assert relations(one) == {("spouse", "张淑芬")}
    assert relations(one, LATER - timedelta(days=1)) == {("spouse", "李秀英")}
    assert relations(first) == set()


def test_nobody_is_their_own_relative() -> None:
    one = person()
    with pytest.raises(LinliError) as caught:
        acts.link_family(CLERK, resident=one, relative=one, relation="sibling", valid_from=FIRST_DAY)
    assert caught.value.code == "registers.own_relative"


def test_households_are_kept_by_the_clerks_of_their_area() -> None:
    one = person()
    with pytest.raises(Refused):
        acts.form_household(Viewer("public"), kind="hukou_book", area_code=GROUP, members=[(one, "head")], valid_from=FIRST_DAY)

"""A base register loaded at once is the same as people registered one by one, and all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from place_examples import CLERK, FIRST_DAY, SYSTEM, VILLAGE, identity, person

from linli import vault
from linli.kernel.errors import LinliError, Refused
from linli.kernel.identity import credit_check_character
from linli.kernel.ids import uuid7
from linli.registers import acts, bulk, queries
from linli.registers.bulk import NewHousehold, NewLink, NewOrganisation, NewResident, register_organisations, register_residents
from linli.registers.models import Household, HouseholdMember, Organisation, Resident, Situation
from linli.trace import AlreadyDone
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.trace.verify import verify_chains

pytestmark = pytest.mark.usefixtures("small_city")


def new(name: str = "王建国", **fields: Any) -> NewResident:
    fields.setdefault("identity", identity())
    return NewResident(uuid7(), name, situations=(("registered", VILLAGE, FIRST_DAY), ("lives", VILLAGE, FIRST_DAY)), **fields)


COMPARED = ("name", "name_pinyin", "name_initials", "name_bigrams", "sex", "birth_date", "birth_known", "hukou_type", "relations_known")


@pytest.mark.parametrize("name", ["尉迟建国", "阿依古丽·买买提", 'A"b\\c, {d}', "𠮷野"])
def test_loaded_or_registered_a_person_looks_the_same(name: str) -> None:
    one_by_one = person(name, identity=identity(date(1950, 3, 7)), hukou_type="unified", phone="19900000001")
    given = new(name, identity=identity(date(1950, 3, 7)), hukou_type="unified", phone="19900000002")
    register_residents(SYSTEM, [given], source="test")
    loaded = Resident.objects.get(uid=given.uid)
    assert [getattr(loaded, column) for column in COMPARED] == [getattr(one_by_one, column) for column in COMPARED]
    assert loaded.identity_blind == vault.blind("identity", given.identity)
    page = queries.resident_page(CLERK, loaded.uid, purpose="registers.service")
    assert page.revealed == {"identity": given.identity, "phone": "19900000002"}
    assert [row.kind for row in page.situations] == ["lives", "registered"]


def test_households_and_links_come_with_their_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)
    father, mother, child = new("王建国"), new("李秀英"), new("王小明")
    home = NewHousehold(uuid7(), "hukou_book", VILLAGE, FIRST_DAY, [(father.uid, "head"), (mother.uid, "spouse"), (child.uid, "child")])
    links = [NewLink(child.uid, father.uid, "father", FIRST_DAY), NewLink(child.uid, mother.uid, "mother", FIRST_DAY)]
    loaded = register_residents(SYSTEM, [father, mother, child], [home], links, source="test", generated=True)
    assert (loaded.residents, loaded.households, loaded.links) == (3, 1, 2)
    resident = Resident.objects.get(uid=child.uid)
    assert resident.generated
    assert {row.resident.name for row in queries.household_members(resident, FIRST_DAY)} == {"王建国", "李秀英", "王小明"}
    assert {link.relation for link in queries.links_of(resident, FIRST_DAY)} == {"father", "mother"}
    assert Fact.objects.filter(subject=f"resident:{child.uid}").count() == 2
    assert list(verify_chains()) == []


def test_a_number_that_stands_twice_undoes_the_whole_load() -> None:
    number = identity()
    with pytest.raises(LinliError) as caught:
        register_residents(SYSTEM, [new(), new(identity=number), new(identity=number)], source="test")
    assert "each identity number once" in str(caught.value)
    assert number not in str(caught.value)
    assert not Resident.objects.exists()
    assert not Fact.objects.filter(type__startswith="registers.resident").exists()


def test_a_source_that_breaks_off_leaves_nothing() -> None:
    def broken() -> Iterator[NewResident]:
        yield new()
        raise OSError("the file ends here")

    with pytest.raises(OSError, match="ends here"):
        register_residents(SYSTEM, broken(), source="test")
    assert not Resident.objects.exists()
    assert not Situation.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "code"), [({"identity": "990000195003070000"}, "identity.check"), ({"identity": "abc"}, "identity.shape")]
)
def test_a_wrong_number_is_refused(wrong: dict[str, str], code: str) -> None:
    with pytest.raises(LinliError) as caught:
        register_residents(SYSTEM, [new(**wrong)], source="test")
    assert caught.value.code == code


def test_unknown_areas_and_people_are_refused() -> None:
    stranger = NewResident(uuid7(), "王建国", situations=(("lives", "999999", FIRST_DAY),))
    with pytest.raises(LinliError) as caught:
        register_residents(SYSTEM, [stranger], source="test")
    assert caught.value.code == "registers.unknown_area"
    home = NewHousehold(uuid7(), "hukou_book", VILLAGE, FIRST_DAY, [(uuid7(), "head")])
    with pytest.raises(LinliError) as caught:
        register_residents(SYSTEM, [], [home], source="test")
    assert caught.value.code == "registers.no_resident"


def test_two_heads_or_two_households_of_a_kind_undo_the_load() -> None:
    one, other = new("王建国"), new("李秀英")
    two_heads = NewHousehold(uuid7(), "hukou_book", VILLAGE, FIRST_DAY, [(one.uid, "head"), (other.uid, "head")])
    with pytest.raises(LinliError, match="at a time"):
        register_residents(SYSTEM, [one, other], [two_heads], source="test")
    twice = [NewHousehold(uuid7(), "hukou_book", VILLAGE, FIRST_DAY, [(one.uid, "head")]) for _ in range(2)]
    with pytest.raises(LinliError, match="at a time"):
        register_residents(SYSTEM, [one, other], twice, source="test")
    assert not Household.objects.exists()
    assert not HouseholdMember.objects.exists()


def test_the_same_key_loads_once() -> None:
    register_residents(SYSTEM, [new()], source="test", key="base-register-2026")
    with pytest.raises(AlreadyDone) as caught:
        register_residents(SYSTEM, [new()], source="test", key="base-register-2026")
    assert caught.value.result == {"residents": 1, "households": 0, "links": 0}
    assert Resident.objects.count() == 1


def test_progress_counts_every_row() -> None:
    seen: list[int] = []
    register_residents(SYSTEM, [new() for _ in range(5)], source="test", progress=seen.append)
    assert sum(seen) == 5


def test_a_clerk_does_not_load_the_base_register() -> None:
    with pytest.raises(Refused):
        register_residents(CLERK, [new()], source="test")


def _code(number: int) -> str:
    stem = f"91140802{number:09d}"
    return stem + credit_check_character(stem)


def test_organisations_loaded_or_registered_look_the_same_and_each_has_its_fact() -> None:
    there = acts.register_organisation(SYSTEM, name="演示单位1号", area_code="140802", kind="employer", credit_code=_code(1))
    given = [NewOrganisation(f" 演示单位{number}号", "140802", "employer", _code(number).lower()) for number in (1, 2, 3, 2)]
    assert register_organisations(SYSTEM, given) == 2
    loaded = {row.credit_code: row for row in Organisation.objects.all()}
    assert loaded[_code(1)].uid == there.uid
    assert [(loaded[_code(number)].name, loaded[_code(number)].kind) for number in (2, 3)] == [
        ("演示单位2号", "employer"),
        ("演示单位3号", "employer"),
    ]
    subjects = {f"organisation:{row.uid}" for row in loaded.values()}
    assert set(Fact.objects.filter(type="registers.organisation_registered").values_list("subject", flat=True)) == subjects
    assert list(verify_chains()) == list(verify_rows()) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        pytest.param({"area_code": "140899"}, "registers.unknown_area", id="no such area"),
        pytest.param({"kind": "shop"}, "registers.unknown_word", id="no such kind"),
        pytest.param({"credit_code": "91140802000000000X"}, "identity.credit_code", id="check character"),
    ],
)
def test_one_wrong_organisation_and_none_is_registered(wrong: dict[str, str], code: str) -> None:
    fields = {"name": "演示单位9号", "area_code": "140802", "kind": "employer", "credit_code": _code(9)}
    with pytest.raises(LinliError) as refused:
        register_organisations(SYSTEM, [NewOrganisation("演示单位8号", "140802", "employer", _code(8)), NewOrganisation(**fields | wrong)])
    assert refused.value.code == code
    assert not Organisation.objects.exists()

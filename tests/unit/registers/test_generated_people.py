"""A generated population: what it is calibrated to, what holds of its families, and that a seed always gives the same people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.kernel.identity import parse_credit_code, parse_identity
from linli.registers.generated import load_population
from linli.registers.generated.block import Block, blocks, make_block
from linli.registers.generated.frames import people_frame, relations_frame
from linli.registers.generated.generate import generate_parquet
from linli.registers.generated.households import ROLES, form_households
from linli.registers.generated.identity import Numbers, draw_names, phones, uids
from linli.registers.generated.kinship import draw_kin
from linli.registers.generated.population import BLOCK, slices, stream
from linli.registers.lists import load_lists
from linli.registers.models.families import ROLES as DECLARED_ROLES

CITY = Path(__file__).parents[3] / "cities" / "yuncheng"
AS_OF = date(2026, 11, 22)
POPULATION = load_population(CITY)
LISTS = load_lists(CITY)


@pytest.fixture(scope="module")
def made() -> list[Block]:
    """A population of 4,000."""
    return list(blocks(POPULATION, 4_000, 5, AS_OF))


@given(st.integers(1, 6_000_000))
@settings(max_examples=40, deadline=None)
def test_every_resident_is_in_exactly_one_block(residents: int) -> None:
    pieces = list(slices(POPULATION, residents))
    assert sum(piece.size for piece in pieces) == residents
    assert [piece.first for piece in pieces] == [1 + sum(p.size for p in pieces[:place]) for place in range(len(pieces))]
    assert max(piece.size for piece in pieces) <= BLOCK


@given(st.integers(1_000, 6_000_000))
@settings(max_examples=40, deadline=None)
def test_counties_get_their_share_to_within_one_person(residents: int) -> None:
    whole = sum(county.residents for county in POPULATION.counties)
    for county in POPULATION.counties:
        got = sum(piece.size for piece in slices(POPULATION, residents) if piece.county.code == county.code)
        assert abs(got - residents * county.residents / whole) < 1


def test_the_age_structure_is_the_one_asked_for(made: list[Block]) -> None:
    age = np.concatenate([draw_kin(POPULATION, block.slice, 5, AS_OF).age for block in made])
    for least, most, share in ((0, 14, 0.155), (60, 199, 0.205), (65, 199, 0.14)):
        assert abs(((age >= least) & (age <= most)).mean() - share) < 0.006


@given(st.integers(0, 2**32), st.integers(1, 3_000))
@settings(max_examples=25, deadline=None)
def test_families_hold_together(seed: int, residents: int) -> None:
    piece = next(piece for piece in slices(POPULATION, residents) if piece.size)
    kin, _ = form_households(draw_kin(POPULATION, piece, seed, AS_OF), piece, seed)
    people = np.arange(piece.size)
    married = kin.spouse >= 0
    assert (kin.spouse[kin.spouse[married]] == people[married]).all()
    assert (kin.male[married] != kin.male[kin.spouse[married]]).all()
    for parent, male in ((kin.father, True), (kin.mother, False)):
        child = parent >= 0
        assert (kin.age[parent[child]] - kin.age[child] >= 18).all()
        assert (kin.male[parent[child]] == male).all()
    assert not ((kin.parents >= 0) & married & (kin.parents == kin.parents[kin.spouse])).any()


@given(st.integers(0, 2**32), st.integers(1, 3_000))
@settings(max_examples=25, deadline=None)
def test_every_household_has_one_head_and_people_are_sorted_by_household(seed: int, residents: int) -> None:
    piece = next(piece for piece in slices(POPULATION, residents) if piece.size)
    _, homes = form_households(draw_kin(POPULATION, piece, seed, AS_OF), piece, seed)
    for number, role in ((homes.household, homes.role), (homes.book, homes.book_role)):
        heads = np.bincount(number, role == ROLES.index("head"))
        assert (heads == 1).all()
    assert (np.diff(homes.household) >= 0).all()
    assert (homes.household[homes.head] == np.arange(len(homes.head))).all()


def test_roles_are_the_declared_ones() -> None:
    assert sorted(ROLES) == sorted(DECLARED_ROLES)


def test_a_block_does_not_depend_on_the_others(made: list[Block]) -> None:
    alone = make_block(POPULATION, made[7].slice, 5, AS_OF)
    assert people_frame(alone, POPULATION, LISTS).equals(people_frame(made[7], POPULATION, LISTS))
    assert not people_frame(make_block(POPULATION, made[7].slice, 6, AS_OF), POPULATION, LISTS).equals(
        people_frame(made[7], POPULATION, LISTS)
    )


def test_numbers_are_valid_unique_and_cannot_be_a_persons(made: list[Block]) -> None:
    numbers, seen = Numbers(), set()
    for block in made:
        kin = block.scene.kin
        given_out = numbers.identity_numbers(kin.born, kin.male).to_list()
        for number, born, male in zip(given_out, kin.born.tolist(), kin.male.tolist(), strict=True):
            said = parse_identity(number)
            assert (said.division, said.birth_date, said.sex) == ("990000", born, "male" if male else "female")
        seen.update(given_out)
        assert all(parse_credit_code(code)[2:8] == "990000" for code in block.employers.code.tolist())
    assert len(seen) == 4_000


def test_more_people_of_one_birthday_than_numbers_is_refused() -> None:
    born = np.full(501, np.datetime64("1980-05-05", "D"))
    Numbers().identity_numbers(born[:500], np.ones(500, dtype=bool))
    with pytest.raises(LinliError, match="Too many residents"):
        Numbers().identity_numbers(born, np.ones(501, dtype=bool))


def test_children_carry_the_fathers_surname(made: list[Block]) -> None:
    for block in made:
        names = draw_names(block.slice, block.seed, block.scene.kin)
        father = block.scene.kin.father
        young = np.flatnonzero((father >= 0) & (block.scene.kin.age < 18))
        assert (names[young].astype("U1") == names[father[young]].astype("U1")).all()


def test_phones_are_nobodys() -> None:
    piece = next(slices(POPULATION, 500))
    assert all(len(phone) == 11 and phone.startswith("12") for phone in phones(stream(1, piece, "phones"), 40).to_list())


def test_ids_are_well_formed_and_tell_kinds_apart() -> None:
    all_ids = pl.concat([uids(kind, 9, np.arange(1, 40)) for kind in ("person", "household", "book", "organisation")])
    assert all_ids.n_unique() == 4 * 39
    assert all(text[14] == "7" and text[19] == "8" and len(text) == 36 for text in all_ids.to_list())


def test_links_run_both_ways_and_children_apart_from_parents_have_a_guardian(made: list[Block]) -> None:
    back = {"father": "child", "mother": "child", "spouse": "spouse", "guardian": "ward"}
    links = pl.concat([relations_frame(block) for block in made])
    there = {(a, b): relation for a, b, relation in links.iter_rows()}
    assert all(there[b, a] == back[relation] for (a, b), relation in there.items() if relation in back)
    assert "guardian" in set(links["relation"])


@pytest.mark.parametrize("residents", [1, 7, 60])
def test_a_very_small_population_is_complete(tmp_path: Path, residents: int) -> None:
    made = generate_parquet(POPULATION, LISTS, tmp_path, residents=residents, seed=2, as_of=AS_OF)
    people = pl.read_parquet(made.files["people"])
    assert people.height == people["person_id"].n_unique() == residents
    assert pl.read_parquet_metadata(made.files["people"])["generated"] == "true"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in made.files.values())


def test_a_person_on_no_list_is_absent_inside_fresh_coverage_and_unknown_outside(made: list[Block]) -> None:
    people = pl.concat([people_frame(block, POPULATION, LISTS) for block in made])
    stale = pl.col("registered_county") == POPULATION.rates["stale"]["county"]
    unknown = people.filter(pl.col("has_disability_certificate").is_null())
    assert unknown.height > 0
    assert unknown.filter(~stale).is_empty()
    assert people.filter(stale, pl.col("has_disability_certificate") == pl.lit(False)).is_empty()
    outside = people.filter(pl.col("living_prefecture") != "1408")
    assert outside.filter(~pl.col("is_insured_employee")).is_empty()

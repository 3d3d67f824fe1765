"""The laws of a draw: the set decides and not its order, every chance is equal, one item more is another seed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.sampling import Draw, Item, Plan, Reveal, Size, finish, freeze, read_draw, reveal, verify, write_draw
from linli.sampling.drawing import sample, seed_of
from linli.sampling.strata import ranked
from tests.unit.sampling.independent import recompute
from tests.unit.sampling.made import DEPARTMENTS, HOUR, NUMBERS, START, drawn, items, lists, plan, secret, with_one_department

ROOT = Path(__file__).resolve().parents[3]
MODEST = settings(max_examples=15, deadline=None)
DEEP = settings(max_examples=500, deadline=None)


def made(given_plan: Plan, listed: list[Item]) -> Draw:
    draw = Draw(freeze(given_plan, listed, at=START + HOUR))
    for department in DEPARTMENTS:
        draw = reveal(draw, Reveal(department, secret(0, department), START + 2 * HOUR))
    return finish(draw)


def check_sizes(given_plan: Plan, listed: list[Item], drawn: Mapping[str, tuple[str, ...]]) -> None:
    """By rate exactly, rounded up and never none of some; by count at most all; nothing of another stratum."""
    for stratum, how in given_plan.strata.items():
        rest = {item.id for item in listed if item.stratum == stratum and not item.reasons}
        got = len(drawn[stratum])
        if how.rate is None:
            assert got == min(how.count, len(rest))
        else:
            assert len(rest) * how.rate <= got < len(rest) * how.rate + 1
            assert (got == 0) == (not rest or how.rate == 0)
        assert set(drawn[stratum]) <= rest


def check_laws(given_plan: Plan, listed: list[Item], shuffled: list[Item]) -> None:
    draw = made(given_plan, listed)
    other = made(replace(given_plan, commitments=given_plan.commitments[::-1]), shuffled)
    data = write_draw(draw)
    assert write_draw(other) == data
    assert read_draw(data) == draw
    verification = verify(read_draw(data), published=draw.frozen.digest)
    assert verification.holds, [check.text("en") for check in verification.checks if check.problem]
    assert recompute(data.decode()) == json.loads(data)["result"]
    check_sizes(given_plan, listed, draw.result.drawn)


@MODEST
@given(lists(), st.randoms(use_true_random=False))
def test_order_means_nothing_a_file_comes_back_and_others_recompute_it(made_list, shuffle):
    given_plan, listed = made_list
    shuffled = [replace(item, reasons=item.reasons[::-1]) for item in listed]
    shuffle.shuffle(shuffled)
    check_laws(given_plan, listed, shuffled)


@pytest.mark.long
@DEEP
@given(lists(), st.randoms(use_true_random=False))
def test_the_same_of_many_more_lists(made_list, shuffle):
    shuffled = list(made_list[1])
    shuffle.shuffle(shuffled)
    check_laws(*made_list, shuffled)


KNOWN = {
    "sha256": {
        "seed": "sha256:0648df1a7d6319fe6788c0020d35407073e8d6e125e89f1cf6b169bdea23b5fe",
        "drawn": {"far": ("2611000000003", "2611000000012"), "near": ("2611000000016", "2611000000019", "2611000000010")},
        "cycle": ("140823", "140822", "140821", "140802"),
    },
    "sm3": {
        "seed": "sm3:60821eafe758aaace72b33f8b1e27e2ea4abebf86c604b933ef5afa836a10cd4",
        "drawn": {"far": ("2611000000015", "2611000000006"), "near": ("2611000000016", "2611000000001", "2611000000019")},
        "cycle": ("140802", "140822", "140821", "140823"),
    },
}


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
def test_a_draw_known_by_heart(algorithm):
    """On any machine, in any year: these were computed once and written down, and the independent script agrees with them."""
    result = drawn(algorithm=algorithm).result
    assert {"seed": result.seed, "drawn": result.drawn, "cycle": result.cycle} == KNOWN[algorithm]


def test_every_item_has_the_same_chance():
    """800 draws of 4 from 20: each item about 160 times. The secrets are fixed, so the figures are too; the bound is chi-square's 99.9%."""
    listed = [Item(f"c{index}", "one") for index in range(20)]
    frozen = freeze(plan(strata={"one": Size(count=4)}, cross_review=None), listed, at=START + HOUR)
    times: Counter[str] = Counter()
    for number in range(800):
        reveals = [Reveal(one, secret(number, one), START) for one in DEPARTMENTS]
        times.update(sample(frozen, seed_of(frozen, reveals, None))["one"])
    assert sum(times.values()) == 3200
    assert set(times) == {item.id for item in listed}
    # Drawn without replacement: the variance of each count is n·p·(1-p), and the sum of squares has 19 degrees of freedom after (N-1)/N.
    chi_square = sum((count - 160) ** 2 for count in times.values()) / (800 * 0.2 * 0.8) * 19 / 20
    assert chi_square < 43.8


@MODEST
@given(lists(), st.data())
def test_one_item_less_or_other_is_another_seed_and_another_digest(made_list, data):
    given_plan, listed = made_list
    draw, gone = made(given_plan, listed), data.draw(st.sampled_from(listed))
    others = [[item for item in listed if item != gone], [*listed, replace(gone, id=f"{gone.id}x")]]
    for other in filter(None, others):
        if len({item.id for item in other}) == len(other):
            steered = made(given_plan, other)
            assert steered.frozen.digest != draw.frozen.digest
            assert steered.result.seed != draw.result.seed


def test_either_secret_changes_the_seed_and_so_do_the_numbers():
    seeds = {drawn(number).result.seed for number in range(5)}
    public = with_one_department()
    other = replace(NUMBERS, numbers=((3, 7, 11, 18, 25, 31),))
    assert len(seeds | {public.result.seed, finish(replace(public, result=None), other).result.seed}) == 7


def test_a_public_draw_stands_in_for_a_secret_and_is_recomputed_by_others_too():
    for algorithm in ("sha256", "sm3"):
        data = write_draw(with_one_department(algorithm=algorithm))
        assert verify(read_draw(data)).holds
        assert recompute(data.decode()) == json.loads(data)["result"]


def test_the_independent_script_runs_by_itself(tmp_path):
    script, file = Path(__file__).with_name("independent.py"), tmp_path / "draw.json"
    file.write_bytes(write_draw(drawn()))
    assert subprocess.run([sys.executable, "-I", "-S", str(script), str(file)]).returncode == 0
    file.write_bytes(file.read_bytes().replace(b'"near":["', b'"near":["9'))
    assert subprocess.run([sys.executable, "-I", "-S", str(script), str(file)]).returncode == 1


def test_what_a_condition_draws_is_never_left_to_chance():
    draw = drawn()
    by_condition = {item.id for item in items() if item.reasons}
    assert set(draw.result.by_condition) == by_condition
    assert not by_condition & {one for ids in draw.result.drawn.values() for one in ids}
    assert set(draw.result.assignments) == by_condition | {one for ids in draw.result.drawn.values() for one in ids}


def test_how_many_are_taken_does_not_change_the_order():
    order = ranked("sha256:" + "ab" * 32, "one", [f"c{index}" for index in range(30)])
    assert order == ranked("sha256:" + "ab" * 32, "one", [f"c{index}" for index in reversed(range(30))])
    assert order != sorted(order)


def test_the_page_names_every_field_and_its_example_runs():
    page = (ROOT / "docs" / "draws.md").read_text("utf-8")
    schema = json.loads((ROOT / "linli" / "sampling" / "schema" / "draw.schema.json").read_text("utf-8"))
    parts = [schema, *(one for one in schema["$defs"].values())]
    assert [name for part in parts for name in part.get("properties", ()) if name not in page] == []
    example: dict[str, Any] = {}
    exec(page.split("```python")[1].split("```")[0], example)
    assert example["found"].holds
    assert example["draw"].result.drawn == {"140802": ("2611230000017",), "140821": ()}


def test_every_file_is_a_rate_of_one():
    draw = drawn(strata={"near": Size(rate=Fraction(1)), "far": Size(rate=Fraction(1))})
    assert len(draw.result.assignments) == 24

"""What if on the hand-drawn town: each edit's differences, and that whatever is brought up to date equals computing everything anew."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from place_examples import SYSTEM
from town_examples import DAY, at, building, circle, graph, opened, people, shop, use

from linli.circles import queries
from linli.circles.acts.computing import compute
from linli.circles.models import Figure, Gap
from linli.circles.queries import AddBridge, ClosePlace, Edit, MovePlace, OpenPlace, SetGate
from linli.circles.reckoning.changing import bridge, changed
from linli.circles.reckoning.figures import figures, walks
from linli.circles.reckoning.walks import grounds_of
from linli.circles.scenes import scene_of
from linli.circles.standing import required
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Viewer
from linli.reach.graph import Graph
from linli.registers import acts
from linli.registers.models import Place


@pytest.fixture
def town(tmp_path, small_city) -> None:
    use(tmp_path, graph(gate="周一至周日 06:00-09:00"))
    people(building(11, 0), 4, elders=2)
    people(building(12, 0, -200), 3, infants=1)
    people(building(13, 0, 1000), 6)
    circle("A", -100, -300, 1100, 100)
    circle("B", -100, 900, 1100, 1100)
    opened(shop("R", "repair", 500), shop("S", ("convenience", "market"), 1900, 1000))
    compute(SYSTEM, day=DAY)


def told(*edits):
    return {(one.circle.code, one.norm.key): (one.covered, one.state) for one in queries.what_if(SYSTEM, edits).changes}


def uid(code: str) -> str:
    return str(Place.objects.get(code=code).uid)


@pytest.mark.usefixtures("town")
def test_a_place_that_opens_covers_whoever_walks_to_it_in_its_hours():
    found = told(OpenPlace("new", at(300, 0), frozenset({"breakfast"}), "周一至周日 06:00-09:30"))
    assert found == {("A", "breakfast-15"): ((0, 7), ("open", "met"))}
    assert told(OpenPlace("new", at(300, 0), frozenset({"breakfast"}), "周一至周五 06:00-09:30")) == {}


@pytest.mark.usefixtures("town")
def test_a_place_that_closes_or_moves_is_missed():
    assert told(ClosePlace(uid("R"))) == {("A", "repair-15"): ((4, 0), ("open", "open"))}
    assert told(MovePlace(uid("R"), at(0, 1000))) == {
        ("A", "repair-15"): ((4, 0), ("open", "open")),
        ("B", "repair-15"): ((0, 6), ("open", "met")),
    }


@pytest.mark.usefixtures("town")
def test_a_gate_that_stays_open_lets_the_compound_out():
    assert told(SetGate("gate-1", False)) == {("A", "repair-15"): ((4, 7), ("open", "met"))}
    with pytest.raises(LinliError, match="no such gate"):
        told(SetGate("gate-9", False))


@pytest.mark.usefixtures("town")
def test_a_bridge_brings_the_other_bank_near():
    found = told(AddBridge(at(0, 0), at(0, 1000)), MovePlace(uid("R"), at(0, 0)))
    assert found["B", "repair-15"] == ((0, 6), ("open", "met"))  # the bridge's 1,000 m: just 15 minutes
    with pytest.raises(LinliError, match="can't be computed"):
        told(AddBridge(at(0, 0), at(5, 0)))


@pytest.mark.usefixtures("town")
def test_nothing_is_written_and_others_circles_arent_told_of():
    before = list(Gap.objects.values_list("pk", "state", "covered"))
    queries.what_if(SYSTEM, [ClosePlace(uid("R"))])
    assert list(Gap.objects.values_list("pk", "state", "covered")) == before
    assert Figure.objects.exists()
    assert queries.what_if(Viewer("staff:1", (Grant("planner", "140882"),)), [ClosePlace(uid("R"))]).changes == ()


def gaps() -> dict[tuple[str, str], tuple[object, ...]]:
    rows = Gap.objects.exclude(state="ended").select_related("circle")
    return {(row.circle.code, row.norm): (row.state, row.covered, row.uncovered, row.found, row.minutes) for row in rows}


def drawn(chance: random.Random, many: int) -> list[Edit]:
    """Some edits of every kind, each of something else."""
    shops, edits = ["R", "S", "T"], list[Edit]()
    for number in range(many):
        where = at(chance.randrange(0, 2000), chance.choice([0, 1000]))
        kind = chance.choice(["open", "open", "close", "move", "gate", "bridge"])
        if kind == "open":
            roles = frozenset(chance.sample(["repair", "breakfast", "market", "childcare", "elder-care", "clinic"], 2))
            edits.append(OpenPlace(f"new-{number}", where, roles, chance.choice(["", "周一至周五 06:00-12:00"])))
        elif kind in ("close", "move") and shops:
            key = uid(shops.pop(chance.randrange(len(shops))))
            edits.append(ClosePlace(key) if kind == "close" else MovePlace(key, where))
        elif kind == "bridge":
            edits.append(AddBridge(at(chance.randrange(0, 1900, 100), 0), at(chance.randrange(0, 1900, 100), 1000)))
        else:
            edits.append(SetGate("gate-1", chance.random() < 0.5))
    return edits


def really(edits: list[Edit], ground: Graph, folder: Path) -> None:
    """The town as the edits would have it, by the acts that make it so."""
    for one in edits:
        if isinstance(one, OpenPlace):
            made = replace(shop(one.key, one.roles, 0, opened=DAY), place=one.place, hours=one.hours)
            acts.open_place(SYSTEM, place=made, on=DAY)
        elif isinstance(one, ClosePlace):
            acts.close_place(SYSTEM, code=Place.objects.get(uid=one.key).code, on=DAY)
        elif isinstance(one, MovePlace):
            acts.move_place(SYSTEM, code=Place.objects.get(uid=one.key).code, to=one.place, on=DAY)
        elif isinstance(one, SetGate):
            ground = replace(ground, gates=tuple(replace(gate, hours="", shut=one.shut) for gate in ground.gates))
        else:
            link = bridge(grounds_of(ground), one)
            columns = {"u": link.u, "v": link.v, "length": link.length, "kind": link.kind, "way": -1}
            longer = {name: np.append(getattr(ground, name), getattr(ground, name).dtype.type(value)) for name, value in columns.items()}
            ground = replace(ground, **longer)
    use(folder, ground)


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("seed", range(12))
def test_what_is_tried_is_what_a_computation_of_the_changed_town_finds(seed, tmp_path):
    opened(shop("T", ("clinic", "breakfast"), 700, 1000))
    compute(SYSTEM, day=DAY)
    edits, before = drawn(random.Random(seed), 1 + seed % 4), gaps()
    told = queries.what_if(SYSTEM, edits).changes
    really(edits, graph(gate="周一至周日 06:00-09:00"), tmp_path)
    compute(SYSTEM, day=DAY)
    for side in (0, 1):
        said = {
            (one.circle.code, one.norm.key): (one.state[side], one.covered[side], one.uncovered[side], one.found[side], one.minutes[side])
            for one in told
        }
        where = before if side == 0 else gaps()
        assert said == {key: where[key] for key in said}
    assert {key for key, value in gaps().items() if value != before[key]} <= said.keys()


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("seed", range(6))
def test_one_change_after_the_other_equals_searching_everything_anew(seed):
    opened(shop("T", ("clinic", "breakfast"), 700, 1000))
    chance = random.Random(seed)
    scene = scene_of(required(), DAY)
    done = walks(scene)
    for edit in drawn(chance, 5):
        after = changed(scene, done, [edit])
        scene, done = after.scene, after.walks
        if isinstance(edit, SetGate | AddBridge):
            continue  # what is searched anew below is searched on the streets as the edits left them
        anew = {key: replace(one, streets=replace(one.streets, rows={}, found=None)) for key, one in done.items()}
        assert list(figures(scene, done)) == list(figures(scene, anew))

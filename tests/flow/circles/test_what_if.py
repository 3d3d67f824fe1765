"""What if on the hand-drawn town: each edit's differences, and that whatever is brought up to date equals computing everything anew."""

from __future__ import annotations

import random

import pytest
from place_examples import SYSTEM
from town_examples import DAY, at, building, circle, graph, opened, people, shop, use

from linli.circles import queries
from linli.circles.acts.computing import compute
from linli.circles.models import Figure, Gap
from linli.circles.queries import AddBridge, ClosePlace, MovePlace, OpenPlace, SetGate
from linli.circles.reckoning.changing import changed
from linli.circles.reckoning.figures import figures, walks
from linli.circles.scenes import scene_of
from linli.circles.standing import required
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Viewer
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


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("seed", range(6))
def test_any_edits_equal_computing_everything_anew(seed):
    chance = random.Random(seed)
    scene = scene_of(required(), DAY)
    done = walks(scene)
    categories = ["repair", "breakfast", "market", "childcare", "elder-care"]
    keys = list(scene.places.code)
    for number in range(5):
        where = at(chance.randrange(0, 2000), chance.choice([0, 1000]))
        edit = chance.choice(
            [
                OpenPlace(f"new-{number}", where, frozenset(chance.sample(categories, 2)), chance.choice(["", "周一至周五 06:00-12:00"])),
                MovePlace(chance.choice(keys), where),
                SetGate("gate-1", chance.random() < 0.5),
            ]
        )
        if number == 3 and len(keys) > 1:
            edit = ClosePlace(keys.pop())
        after = changed(scene, done, [edit])
        if isinstance(edit, SetGate):
            continue  # its network is that of the edit: the next edit starts from the town as it is
        keys += [edit.key] if isinstance(edit, OpenPlace) else []
        scene, done = after.scene, after.walks
        assert list(figures(scene, done)) == list(figures(scene, walks(scene)))

"""Load a generated population into the registers, block by block; each block is one act with a key, so an interrupted load goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from linli.kernel.viewer import Viewer
from linli.registers import bulk
from linli.registers.acts import add_places
from linli.registers.acts.areas import NewPlace
from linli.registers.acts.opening import open_authorisations, open_holdings
from linli.registers.generated.block import Block, make_block
from linli.registers.generated.dwellings import grid_of
from linli.registers.generated.files import organisation_name
from linli.registers.generated.frames import ADAPTATION, hukou_types, relations_frame
from linli.registers.generated.households import ROLES
from linli.registers.generated.identity import Numbers, draw_names, phones, uids
from linli.registers.generated.population import Population, slices, stream
from linli.trace import AlreadyDone

SOURCE = "generated"
CHECK = "economic-check"
KNOWN_SINCE_YEARS = 3  # situations are recorded as of that many years before, or from birth
_KINDS = {"registered": "registered", "lives": "lives", "insured": "insured", "studies": "studies"}
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class LoadedPeople:
    """What was loaded now; blocks that an earlier, interrupted load had finished count as well."""

    residents: int
    households: int
    organisations: int


def load_people(
    viewer: Viewer,
    population: Population,
    *,
    residents: int,
    seed: int,
    as_of: date,
    share: tuple[int, int] = (0, 1),
    progress: Progress = lambda done: None,
) -> LoadedPeople:
    """Register everyone of a generated population, their homes and links, and the employers.

    One transaction for each block of at most 40,000 people; the same call again does nothing. share (k, n): the kth of n parts of
    the counties, each with about as many people, so that n processes can load side by side. Needs administrator over the city,
    and the division table imported. Memory is that of one block.
    """
    numbers = Numbers()
    mine = _counties_of(population, *share)
    people = households = organisations = 0
    for piece in slices(population, residents):
        if not piece.size:
            continue
        block = make_block(population, piece, seed, as_of)
        identity = numbers.identity_numbers(block.scene.kin.born, block.scene.kin.male)
        if piece.county.code not in mine:
            continue  # made only to know which numbers it takes
        key = f"generated:{residents}:{seed}:{as_of}:{piece.county.code}:{piece.index}"
        _places(viewer, block, as_of)
        done = _people(viewer, block, identity.to_list(), as_of, key)
        people += done["residents"]
        households += done["households"]
        organisations += _employers(viewer, block, key)
        _papers(viewer, block, as_of, key)
        progress(piece.first + piece.size - 1)
    return LoadedPeople(people, households, organisations)


def _counties_of(population: Population, part: int, parts: int) -> set[str]:
    """Codes of one part's counties: the largest first, each to the part with the fewest people so far."""
    people = [0] * parts
    mine = set()
    for county in sorted(population.counties, key=lambda county: (-county.residents, county.code)):
        least = people.index(min(people))
        people[least] += county.residents
        if least == part:
            mine.add(county.code)
    return mine


def _people(viewer: Viewer, block: Block, identity: list[str], as_of: date, key: str) -> dict[str, int]:
    try:
        loaded = bulk.register_residents(
            viewer,
            _residents(block, identity, as_of),
            _households(block, as_of),
            _links(block),
            source=SOURCE,
            generated=True,
            key=f"{key}:people",
        )
    except AlreadyDone as done:
        return dict(done.result)
    return {"residents": loaded.residents, "households": loaded.households}


def _residents(block: Block, identity: list[str], as_of: date) -> Iterator[bulk.NewResident]:
    """They live in a building or village group, so that its steward knows them; the frames say the village."""
    scene, where = block.scene, block.scene.where
    uid = uids("person", block.seed, block.numbers).to_list()
    names = draw_names(block.slice, block.seed, scene.kin).tolist()
    phone = phones(stream(block.seed, block.slice, "phones"), block.slice.size).to_list()
    hukou = hukou_types(block).to_list()
    building, room = where.building.tolist(), where.room.tolist()
    since = np.maximum(scene.kin.born, np.datetime64(date(as_of.year - KNOWN_SINCE_YEARS, 1, 1), "D")).tolist()
    places = {kind: getattr(where, column).tolist() for kind, column in _KINDS.items()}
    places["lives"] = [house or village for house, village in zip(building, places["lives"], strict=True)]
    for person in range(block.slice.size):
        yield bulk.NewResident(
            uid=UUID(uid[person]),
            name=names[person],
            identity=identity[person],
            hukou_type=hukou[person],
            relations_known=True,
            phone=phone[person],
            address=f"{building[person]}-{room[person]}" if building[person] else "",
            situations=[(kind, areas[person], since[person]) for kind, areas in places.items() if areas[person]],
        )


def _households(block: Block, as_of: date) -> Iterator[bulk.NewHousehold]:
    homes, where = block.scene.homes, block.scene.where
    kinds = (
        ("shared_living", "household", homes.household, homes.role, where.lives, block.home_known),
        ("hukou_book", "book", homes.book, homes.book_role, where.registered, np.ones(block.slice.size, dtype=bool)),
    )
    uid = [UUID(text) for text in uids("person", block.seed, block.numbers)]
    year = np.datetime64(date(as_of.year, 1, 1), "D")
    for kind, prefix, number, role, area, known in kinds:
        ids = uids(prefix, block.seed, np.arange(number.max() + 1) + block.slice.first).to_list()
        order = np.argsort(number, kind="stable")
        starts = np.flatnonzero(np.diff(number[order], prepend=-1))
        for members in np.split(order, starts[1:]):
            if known[members[0]]:
                since = max(year, block.scene.kin.born[members].max())
                yield bulk.NewHousehold(
                    uid=UUID(ids[number[members[0]]]),
                    kind=kind,
                    area_code=str(area[members[0]]),
                    valid_from=since.item(),
                    members=[(uid[member], ROLES[role[member]]) for member in members.tolist()],
                )


def _links(block: Block) -> Iterator[bulk.NewLink]:
    """Links hold from the younger one's birth, a marriage from when the younger was 22 (or from the as-of year's start)."""
    born = dict(zip(uids("person", block.seed, block.numbers).to_list(), block.scene.kin.born.tolist(), strict=True))
    uid = {text: UUID(text) for text in born}
    for person, relative, relation in relations_frame(block).sort("person_id", maintain_order=True).iter_rows():
        younger = max(born[person], born[relative])
        since = min(younger + timedelta(days=8036), block.as_of - timedelta(days=1)) if relation == "spouse" else younger
        yield bulk.NewLink(uid[person], uid[relative], relation, since)


def _places(viewer: Viewer, block: Block, as_of: date) -> None:
    """Grids, buildings and village groups of the block; those that are there already are left alone."""
    codes = np.unique(block.scene.where.building)
    codes = codes[codes != ""]
    grids = grid_of(codes)
    places = [NewPlace(code, f"第{int(code[13:])}网格") for code in np.unique(grids).tolist()]
    places += [
        NewPlace(code, f"{int(code[13:])}号楼" if code[12] == "B" else f"第{int(code[13:])}组", grid)
        for code, grid in zip(codes.tolist(), grids.tolist(), strict=True)
    ]
    since = date(as_of.year - KNOWN_SINCE_YEARS, 1, 1)
    add_places(viewer, places=places, valid_from=since, source=SOURCE, area=block.slice.county.code)


def _papers(viewer: Viewer, block: Block, as_of: date, key: str) -> None:
    """Signed authorisations of those whose finances were checked, and the home adaptations of earlier years."""
    uid = [UUID(text) for text in uids("person", block.seed, block.numbers)]
    checked = [uid[person] for person in np.flatnonzero(block.lists[CHECK].present).tolist()]
    adapted = [uid[person] for person in np.flatnonzero(block.adapted).tolist()]
    year = date(as_of.year, 1, 1)
    with suppress(AlreadyDone):
        open_authorisations(viewer, list_slug=CHECK, residents=checked, valid_from=year, evidence=SOURCE, key=f"{key}:authorisations")
    with suppress(AlreadyDone):
        open_holdings(viewer, programme_slug=ADAPTATION, residents=adapted, valid_from=year, origin=SOURCE, key=f"{key}:holdings")


def _employers(viewer: Viewer, block: Block, key: str) -> int:
    """The block's employers in one act."""
    county = block.slice.county.code
    employers = zip(block.employers.number.tolist(), block.employers.code.tolist(), strict=True)
    new = (bulk.NewOrganisation(organisation_name(number), county, "employer", code) for number, code in employers)
    try:
        return bulk.register_organisations(viewer, new, generated=True, key=f"{key}:employers")
    except AlreadyDone as done:
        return int(done.result["organisations"])

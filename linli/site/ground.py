"""The ground under a city replaced in one go: its walking network, and the places that the same file names."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from django.conf import settings

from linli.circles.acts.networks import take_network
from linli.circles.doubts import off_the_network
from linli.circles.holding import box_of_network, require_holds
from linli.circles.models import NetworkVersion
from linli.kernel.viewer import Viewer
from linli.reach.graph import Graph
from linli.reach.snapshot import save
from linli.reach.sources.listing import Listing
from linli.reach.sources.osm import read_osm
from linli.reach.sources.tables import read_network
from linli.registers import acts
from linli.registers.acts.places import ImportedPlaces
from linli.registers.categories import categories
from linli.registers.generated.town.files import NETWORK, PLACES, SOURCE
from linli.registers.mapped import places_of_map, tag_rules
from linli.registers.places import FORM, StatedPlace, read_places


@dataclass(frozen=True, slots=True)
class Replaced:
    """What came of it. listing: what was mended, left out or doubtful; made_up: places of a demo that were closed; elsewhere: places of an
    earlier map that were closed, as the ground that is in use now isn't there."""

    network: NetworkVersion
    listing: Listing
    places: ImportedPlaces
    made_up: int
    elsewhere: int = 0


def replace_ground(
    viewer: Viewer,
    source: Path,
    *,
    area: str,
    on: date,
    system: str | None = None,
    origin: str = "",
    licence: str = "",
    anyway: bool = False,
) -> Replaced:
    """Take the network of an OpenStreetMap extract, or of a folder of tables, into use, with its places from that day on.

    Places of the map lie in `area` until somebody says more; a newer map updates them by their elements and closes what is gone. A folder
    may hold places.csv in the register's own columns. Made-up places and what the city's own places are stay apart: the former close when
    real ones come, the latter are never touched. Places of an earlier map close where the new ground is made up, or lies elsewhere: a
    wrong map is taken back by taking the right one. The same file twice changes nothing. Needs administrator over the whole city. anyway:
    also a network that doesn't hold the city's homes and circles, which is refused otherwise.

    Everything is read and checked before anything is written; the network and the places are an act each, and a second run goes on.
    """
    viewer.require("administrator")
    graph, listing, places, mapped = _read(source, area, system, origin, licence)
    generated = graph.origin.source == SOURCE
    if not anyway:
        require_holds(graph, str(source))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "taken.network"
        save(graph, file)
        network = take_network(viewer, file=file, generated=generated, anyway=True)
    made_up = 0 if generated else acts.close_generated(viewer, on=on)
    done = ImportedPlaces(0, 0, 0)
    if places:
        named = [replace(one, generated=generated) for one in places]
        kind = "osm" if mapped else "list"
        done = acts.import_places(
            viewer, places=named, on=on, file_digest=graph.origin.source_digest, source=kind, whole=mapped or generated
        )
    _list_doubts(listing, source, places, mapped)
    return Replaced(network, listing, done, made_up, 0 if mapped else _left_behind(viewer, graph, on, generated))


def _list_doubts(listing: Listing, source: Path, places: list[StatedPlace], mapped: bool) -> None:
    """Places that are most likely not where the file says, by element or row."""
    found = off_the_network([one.place for one in places])
    rows = FORM.rows(source / PLACES)[1] if found and not mapped else []
    for number, why in found:
        one = places[number]
        listing.add(f"place_{why.name.lower()}", f"{PLACES}:{rows[number]}" if rows else one.code, f"{one.code} {one.name_zh}: {one.given}")


def _left_behind(viewer: Viewer, graph: Graph, on: date, generated: bool) -> int:
    """A map's own places are closed by its successor's list; of tables, that have none, by where they lie."""
    there = box_of_network(graph)
    return acts.close_mapped(viewer, on=on, wrong=lambda row: generated or not there.holds(float(row.lon), float(row.lat)))


def _read(source: Path, area: str, system: str | None, origin: str, licence: str) -> tuple[Graph, Listing, list[StatedPlace], bool]:
    """The network, what was listed, places, and whether these are a map's."""
    known = categories(settings.LINLI_CITY)
    if source.is_file() and ".csv" not in source.name:
        graph, listing, found = read_osm(source, tags=tag_rules(known), **({"source": origin} if origin else {}))
        return graph, listing, places_of_map(found, known, area), True
    folder = source / NETWORK if (source / NETWORK).is_dir() else source
    graph, listing = read_network([folder], system=system, source=origin, licence=licence)
    own = source / PLACES
    return graph, listing, read_places(own, known) if own.is_file() else [], False

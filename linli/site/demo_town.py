"""The demo's town: made up from the demo's seed, its places entered, and the buildings of the generated register put into its compounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from linli.circles.acts.buses import compute_buses, take_feed
from linli.circles.acts.computing import compute
from linli.circles.acts.networks import take_network
from linli.circles.acts.recording import import_circles
from linli.circles.declared import standard
from linli.circles.declared.standard import declares
from linli.circles.models import Gap
from linli.circles.reading import read_circles
from linli.kernel.digests import digest
from linli.kernel.positions import Position
from linli.kernel.viewer import Viewer
from linli.reach.snapshot import save
from linli.reach.sources.tables import read_network
from linli.registers import acts
from linli.registers.categories import FILE, categories
from linli.registers.generated.town import Town, make_town, write_town
from linli.registers.generated.town.files import BUSES, CIRCLES, NETWORK, PLACES
from linli.registers.generated.town.files import SOURCE as TOWN_SOURCE
from linli.registers.models import Area
from linli.registers.places import read_places

SOURCE = "demo"


def has_town() -> bool:
    """Whether the city says what a town is made up from: positions and categories of places."""
    city = Path(settings.LINLI_CITY)
    return (city / FILE).exists() and (city / "areas" / "positions.csv").exists()


@lru_cache(maxsize=1)
def town_of(city: str, seed: int, as_of: date) -> Town:
    """The demo's town: a third of a second, so once for all of its steps."""
    return make_town(Path(city), seed=seed, as_of=as_of)


def centres(seed: int, as_of: date) -> dict[str, Position]:
    """Where the town's subdistricts have their service centres; none where there is no town."""
    return town_of(str(settings.LINLI_CITY), seed, as_of).centres() if has_town() else {}


def enter_places(viewer: Viewer, folder: Path, *, seed: int, as_of: date) -> int:
    """Write the town's files into the folder, and enter its places the way that a city's own list takes, marked as made up."""
    town = town_of(str(settings.LINLI_CITY), seed, as_of)
    write_town(town, folder)
    file = folder / PLACES
    places = [replace(one, generated=True) for one in read_places(file, categories(settings.LINLI_CITY))]
    acts.position_areas(viewer, positions=town.communities() | dict(town.villages), source=SOURCE)
    return acts.import_places(viewer, places=places, on=as_of, file_digest=digest(file.read_bytes())).opened


def house(viewer: Viewer, *, seed: int, as_of: date) -> int:
    """Put the buildings of the town's communities where the town has room for them; returns how many."""
    town = town_of(str(settings.LINLI_CITY), seed, as_of)
    codes = Area.objects.filter(level="building", valid_to=None, code__startswith=town.district).values_list("code", flat=True)
    return acts.position_areas(viewer, positions=town.homes(set(codes)), source=SOURCE)


def measure(viewer: Viewer, folder: Path, *, as_of: date) -> tuple[int, int]:
    """Take the town's network into use, record its circles and compute who reaches what; returns how many circles and open gaps.

    The same ways that a city's own network and circles take. A city that declares no norms has neither.
    """
    if not (has_town() and declares()):
        return 0, 0
    graph, _ = read_network([folder / NETWORK])
    file = folder / "town.reach"
    save(graph, file)
    take_network(viewer, file=file, generated=True)
    circles = read_circles(folder / CIRCLES, standard().kinds)
    import_circles(viewer, circles=circles, source=SOURCE)
    compute(viewer, day=as_of, recount=True)
    take_feed(viewer, file=folder / BUSES, source=TOWN_SOURCE, generated=True)
    compute_buses(viewer, day=as_of)
    return len(circles), Gap.objects.filter(state="open").count()

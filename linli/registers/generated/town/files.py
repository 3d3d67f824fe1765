"""A made-up town as files: a network in tables, a list of places, of circles and of homes, each of which says that it is made up."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from linli.kernel.positions import WGS84
from linli.registers.generated.town.buses import write_feed
from linli.registers.generated.town.make import Town
from linli.registers.places import COLUMNS

NETWORK, PLACES, CIRCLES, HOMES, BUSES = "network", "places.csv", "circles.yaml", "homes.csv", "buses.zip"
SOURCE = "演示城区，编造的 / Made-up demo town"
LICENCE = "CC0-1.0"
_BUILDINGS = 48  # of each community that the list of homes names


def write_town(town: Town, folder: Path) -> None:
    """Write network/ (nodes, edges, gates as csv, barriers as GeoJSON), places.csv, circles.yaml,
    homes.csv and a bus timetable (buses.zip) into a folder."""
    network = folder / NETWORK
    network.mkdir(parents=True, exist_ok=True)
    declared = {"system": WGS84, "source": SOURCE, "licence": LICENCE, "edition": f"{town.as_of} #{town.seed}"}
    ground = town.ground
    links = list(ground.links())
    columns = ("u", "v", "length_m", "highway", "name", "way_id", "kind")
    edges = [(one.u, one.v, f"{one.metres:.1f}", one.highway, one.name, one.way, one.kind) for one in links]
    nodes = [(number, f"{one.lon:.7f}", f"{one.lat:.7f}") for number, one in enumerate(ground.nodes())]
    gates = [(one.node, one.key, one.name, one.hours, "yes" if one.shut else "") for one in ground.gates]
    _csv(network / "nodes.csv", ("node", "lon", "lat"), nodes, declared)
    _csv(network / "edges.csv", columns, edges, declared)
    _csv(network / "gates.csv", ("node", "key", "name", "hours", "shut"), gates, declared)
    (network / "barriers.geojson").write_text(json.dumps(_barriers(town), ensure_ascii=False), encoding="utf-8")
    _csv(folder / PLACES, tuple(COLUMNS), [[row.get(column, "") for column in COLUMNS] for row in town.places])
    (folder / CIRCLES).write_text(yaml.safe_dump(dict(town.circles), allow_unicode=True, sort_keys=False), encoding="utf-8")
    write_feed(ground, town.buses, town.as_of, folder / BUSES)
    codes = {f"{code}B{number:04d}" for code in town.communities() for number in range(1, _BUILDINGS + 1)}
    homes = [(code, f"{one.lon:.7f}", f"{one.lat:.7f}") for code, one in town.homes(codes).items()]
    _csv(folder / HOMES, ("id", "lon", "lat"), homes, declared)


def _barriers(town: Town) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "properties": {"kind": kind, "name": name},
            "geometry": {"type": "LineString", "coordinates": [[one.lon, one.lat] for one in points]},
        }
        for kind, name, points in town.ground.barriers
    ]
    return {"type": "FeatureCollection", "system": WGS84, "source": SOURCE, "features": features}


def _csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]], declared: dict[str, str] | None = None) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for word, value in (declared or {}).items():
            file.write(f"# {word}: {value}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)

"""`linli reach nearest`: how far every home is from the nearest places of each category, and which homes nobody can say it of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
import polars as pl

from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError, Place
from linli.reach.cells import CITY, COARSEST, FINEST, cells_over, nodes_on
from linli.reach.metric import Bools
from linli.reach.profiles import PROFILES, Profile, profile
from linli.reach.snapping import MOST_METRES, Snapped, Walked, ground_of
from linli.reach.snapshot import load
from linli.reach.sources.listing import Listing
from linli.reach.sources.placing import put_on
from linli.reach.sources.points import Places, Points, known_categories, points_of, read_homes, read_places, weights_of
from linli.site.command import language
from linli.site.command.reach.importing import SYSTEM, require_folder, say_listing
from linli.site.command.reach.points import Amount, limit_of, list_points, require_format, say_points, subset, write_whole

_FROM = {"home": ("住处", "homes"), "node": ("节点", "nodes"), "cell": ("网格", "cells")}
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. limit: decimetres, itself included. k: how many of the nearest; counting: how many there are."""

    profile: Profile
    limit: int
    categories: tuple[str, ...]
    k: int
    counting: bool
    at: datetime | None


@click.command()
@click.option("--graph", required=True, type=FILE, metavar="G", help="a network that linli reach import made")
@click.option("--places", "places_file", required=True, type=FILE, metavar="P.csv", help="id, lon, lat, category[, name, hours]")
@click.option("--homes", "homes_file", type=FILE, metavar="H.csv", help="id, lon, lat[, residents, elders, …]")
@click.option("--nodes", is_flag=True, help="from every node of the network instead")
@click.option("--cells", type=click.IntRange(COARSEST, FINEST), metavar="RESOLUTION", help="from every H3 cell it runs through instead")
@click.option("--categories", default="", metavar="A,B", help="those asked for; all if left out")
@click.option("--limit", type=Amount(0, 1_000_000), metavar="METRES", help="the longest walk; 15 minutes if left out")
@click.option("--minutes", type=click.IntRange(0, 1000), help="the same in minutes at the speed of the profile")
@click.option("--profile", "profile_name", type=click.Choice(list(PROFILES)), default="adult", show_default=True)
@click.option("--k", type=click.IntRange(1, 64), default=1, show_default=True, help="how many of the nearest places")
@click.option("--counts", "counting", is_flag=True, help="also how many places are within the limit")
@click.option("--at", "moment", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]), help="only what is open then, Asia/Shanghai")
@click.option("--shut", multiple=True, metavar="KEY", help="take this gate as shut; may be repeated")
@click.option(
    "--most-metres",
    type=Amount(0, 5000),
    default=float(MOST_METRES),
    show_default=True,
    help="how far from a link a point may lie",
)
@SYSTEM
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="TIMES.parquet|csv")
def nearest(
    graph: Path,
    places_file: Path,
    homes_file: Path | None,
    nodes: bool,
    cells: int | None,
    categories: str,
    limit: float | None,
    minutes: int | None,
    profile_name: str,
    k: int,
    counting: bool,
    moment: datetime | None,
    shut: tuple[str, ...],
    most_metres: float,
    system: str | None,
    out: Path,
) -> None:
    """How far every home, node or cell is on foot from the nearest places of each category.

    OUT has a row for each home and category (and rank, with --k): state reached, not_reached or unlocated, place, decimetres, minutes.
    Points that could not be put on the network are listed in OUT.listed.csv with the reason.
    """
    from linli.reach.network import network_of

    require_folder(out)
    require_format(out, ".csv", ".parquet")
    listing = Listing()
    kind = _kind(homes_file, nodes, cells)
    read = load(graph)  # first: what is no network is no reason to speak of coordinates
    places = read_places(places_file, listing, system=system)
    homes = read_homes(homes_file, listing, system=system) if homes_file else None
    asked = [word.strip() for word in categories.split(",") if word.strip()]
    way = profile(profile_name)
    local = moment.replace(tzinfo=SHANGHAI) if moment else None
    question = Question(way, limit_of(way, limit, minutes), known_categories(places, asked), k, counting, local)
    network = network_of(read, way, at=local, shut=shut)
    ground = ground_of(network)
    homes = homes or (_nodes(network) if nodes else _cells(network, cells or CITY))
    at_homes = nodes_on(network) if nodes else put_on(ground, homes, listing, most_metres=most_metres)
    at_places = put_on(ground, places, listing, most_metres=most_metres)
    table = answers(network, question, homes, at_homes, places, at_places)
    write_whole(table.rename({"home": kind}), out)
    listed = out.with_name(out.name + ".listed.csv")
    list_points(listed, {kind: (homes, at_homes), "place": (places, at_places)}, listing, ground)
    _say(question, kind, homes, at_homes, places, at_places, table)
    say_listing(listed, listing)


def _kind(homes: Path | None, nodes: bool, cells: int | None) -> str:
    """What is asked from: exactly one of the three."""
    asked = [kind for kind, given in (("home", homes is not None), ("node", nodes), ("cell", cells is not None)) if given]
    if len(asked) != 1:
        raise LinliError(
            "reach.from",
            zh="--homes、--nodes、--cells 必须且只能给一个",
            en="Give exactly one of --homes, --nodes and --cells.",
            place=Place(field="--homes"),
            found=", ".join(asked) or "—",
            remedy_zh="留下其中一个",
            remedy_en="leave one of them",
        )
    return asked[0]


def _nodes(network: Walked) -> Points:
    graph = network.graph
    ids = tuple(map(str, graph.key.tolist()))
    return points_of(ids, graph.lon, graph.lat, file="nodes")


def _cells(network: Walked, resolution: int) -> Points:
    cells, lon, lat = cells_over(network, resolution)
    return points_of([f"{cell:x}" for cell in cells.tolist()], lon, lat, file="cells")


def answers(network: Any, question: Question, homes: Points, at_homes: Snapped, places: Places, at_places: Snapped) -> pl.DataFrame:
    """A row for each home, category and rank, homes and places in the order of their ids."""
    from linli.reach.network import homes_on
    from linli.reach.search import counts

    chosen = {category: np.flatnonzero(places.of(category, question.at)) for category in question.categories}
    subsets = {category: subset(at_places, which) for category, which in chosen.items()}
    number = counts(homes_on(network, at_homes), subsets, question.limit).at_homes() if question.counting else None
    frames = []
    for index, (category, distance, place) in enumerate(_found(network, question, subsets, at_homes)):
        frame = _frame(question, homes, at_homes.link >= 0, category, distance, np.append(chosen[category], -1)[place], places)
        if number is not None:
            frame = frame.with_columns(count=pl.Series(np.repeat(number[index], question.k)).replace(-1, None))
        frames.append(frame)
    return pl.concat(frames)


def _found(network: Any, question: Question, places: dict[str, Snapped], at_homes: Snapped) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Of each category the decimetres and places of every home's nearest, (homes, k) each. One alone is found in half the time."""
    from linli.reach.search import nearest as nearest_of
    from linli.reach.search import several

    if question.k > 1:
        for category, those in places.items():
            yield category, *several(network, those, question.k, question.limit).at(at_homes)
    else:
        for category, distance, place in zip(places, *nearest_of(network, places, question.limit).at(at_homes), strict=True):
            yield category, distance[:, None], place[:, None]


def _frame(
    question: Question, homes: Points, located: Bools, category: str, distance: np.ndarray, place: np.ndarray, places: Places
) -> pl.DataFrame:
    k, n = question.k, len(homes)
    found = distance.reshape(-1)
    reached = found >= 0
    state = np.where(reached, "reached", np.where(np.repeat(located, k), "not_reached", "unlocated"))
    names = np.array([*places.ids, None], dtype=object)[np.where(reached, place.reshape(-1), -1)]
    minutes = [question.profile.minutes(int(one)) if one >= 0 else None for one in found]
    return pl.DataFrame(
        {
            "home": np.repeat(np.array(homes.ids, dtype=object), k).tolist(),
            "category": [category] * (n * k),
            "rank": np.tile(np.arange(1, k + 1, dtype=np.int32), n),
            "state": state.tolist(),
            "place": names.tolist(),
            "decimetres": pl.Series(found, dtype=pl.Int32).replace(-1, None),
            "minutes": pl.Series(minutes, dtype=pl.Int32),
        },
        schema_overrides={"place": pl.String, "home": pl.String},
    )


def _say(question: Question, kind: str, homes: Points, at_homes: Snapped, places: Points, at_places: Snapped, table: pl.DataFrame) -> None:
    """How many points are on the network, and per category how many people are covered; covered + uncovered + unlocated = all."""
    zh = language() == "zh"
    click.echo(say_points(_FROM[kind], homes, at_homes))
    click.echo(say_points(("场所", "places"), places, at_places))
    speed = f"{question.profile.name}, {question.profile.metres_per_hour / 1000:g} km/h, ≤ {question.limit / 10:g} m"
    click.echo(f"{speed}, {question.profile.minutes(question.limit)} {'分钟' if zh else 'min'}")
    located = at_homes.link >= 0
    first = table.filter(pl.col("rank") == 1)
    for category in question.categories:
        reached = (first.filter(pl.col("category") == category)["state"] == "reached").to_numpy()
        parts = []
        for group, weight in weights_of(homes, kind).items():
            sums = [f"{float(weight[which].sum()):,.10g}" for which in (reached, located & ~reached, ~located)]
            parts.append(f"{group} {sums[0]} / {sums[1]} / {sums[2]}")
        click.echo(f"  {category}: " + "; ".join(parts))
    click.echo("  （可达 / 不可达 / 不在路网上）" if zh else "  (reached / not reached / not on the network)")

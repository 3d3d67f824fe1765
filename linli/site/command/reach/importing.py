"""`linli reach import`: a network from an OpenStreetMap extract or from tables into one file."""

from __future__ import annotations

from pathlib import Path

import click

from linli.kernel.errors import LinliError, Place
from linli.kernel.positions import WGS84
from linli.reach.graph import Graph
from linli.reach.snapshot import save
from linli.reach.sources.checks import mainland
from linli.reach.sources.listing import Listing
from linli.reach.sources.mapping import read_tag_map, write_places
from linli.reach.sources.osm import SourcePlace, read_osm
from linli.reach.sources.systems import system_named
from linli.reach.sources.tables import read_network
from linli.site.command import language

SYSTEM = click.option("--system", metavar="SYSTEM", help="coordinate system of files that don't say theirs: WGS-84, GCJ-02 or BD-09")


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE...")
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@SYSTEM
@click.option("--source", default="", help="where the network comes from, if the files don't say it")
@click.option("--licence", default="", help="the licence it is under")
@click.option("--edition", default="", help="the day of the data, as its source says it")
@click.option("--tags", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="which tags mean which category of place")
@click.option("--without-islands", is_flag=True, help="leave out small parts of the network with no way to the rest")
def importing(
    files: tuple[Path, ...],
    out: Path,
    system: str | None,
    source: str,
    licence: str,
    edition: str,
    tags: Path | None,
    without_islands: bool,
) -> None:
    """Read a walking network into the file OUT.

    FILE is an extract of OpenStreetMap (.osm.pbf), whose places go into OUT.places.csv; or a folder or the files of nodes
    (node, lon, lat), edges (u, v, length_m), gates and barriers (GeoJSON).
    What was mended, left out or is doubtful is listed in OUT.listed.csv.
    """
    require_folder(out)
    places: list[SourcePlace] | None = None
    if is_osm(files[0]):
        _require_alone(files, system)
        told = {name: value for name, value in (("source", source), ("licence", licence)) if value}
        graph, listing, places = read_osm(files[0], tags=read_tag_map(tags), edition=edition, **told)
    else:
        graph, listing = read_network(files, system=system, source=source, licence=licence, edition=edition)
    graph = mainland(graph) if without_islands else graph
    digest = save(graph, out)
    if places is not None:
        write_places(out.with_name(out.name + ".places.csv"), places, graph.origin)
        click.echo(f"{out}.places.csv: {len(places):,}")
    listed = out.with_name(out.name + ".listed.csv")
    listing.write(listed, language() == "zh")
    say_network(out, graph, digest)
    say_listing(listed, listing)


def is_osm(path: Path) -> bool:
    """Whether a file is called as extracts of OpenStreetMap are."""
    return path.name.lower().endswith((".pbf", ".osm", ".osm.gz", ".osm.bz2"))


def _require_alone(files: tuple[Path, ...], system: str | None) -> None:
    """An extract stands by itself, and its system is WGS-84 by the format's own rule."""
    if len(files) > 1 or (system is not None and system_named(system, file=files[0].name, field="--system") != WGS84):
        raise LinliError(
            "reach.osm_alone",
            zh="OpenStreetMap 文件须单独导入，坐标系总是 WGS-84",
            en="An extract of OpenStreetMap is imported by itself, and it is always in WGS-84.",
            place=Place(file=files[0].name),
            found=" ".join([*(one.name for one in files), *([f"--system {system}"] if system else [])]),
            remedy_zh="只写一个文件，不写 --system",
            remedy_en="name one file, without --system",
        )


def require_folder(out: Path) -> None:
    """A misspelt folder is told of before the work; so is a folder where a file is meant."""
    if out.is_dir() or not out.parent.is_dir():
        raise LinliError(
            "reach.out",
            zh="结果文件的路径不对",
            en="The result can't be written there.",
            place=Place(field="OUT"),
            expected=("已有文件夹中的一个文件", "a file in a folder that exists"),
            found=str(out),
            remedy_zh="检查路径；文件夹须先建立",
            remedy_en="check the path; the folder must be there",
        )


def say_network(out: Path, graph: Graph, digest: str) -> None:
    """What was read, on the terminal."""
    zh, origin = language() == "zh", graph.origin
    kilometres = int(graph.length.sum(dtype="int64")) / 10_000
    click.echo(
        f"{out}：{len(graph.key):,} 个节点，{len(graph.u):,} 条路段，{kilometres:,.1f} 公里，"
        f"{len(graph.gates):,} 处大门，{len(graph.barriers):,} 道阻隔"
        if zh
        else f"{out}: {len(graph.key):,} nodes, {len(graph.u):,} links, {kilometres:,.1f} km, "
        f"{len(graph.gates):,} gate(s), {len(graph.barriers):,} barrier(s)"
    )
    licence = origin.licence or ("未说明" if zh else "not stated")
    said = ("来源", "许可") if zh else ("source", "licence")
    click.echo(f"{said[0]} {origin.source}, {said[1]} {licence}, {origin.system}")
    click.echo(digest)


def say_listing(listed: Path, listing: Listing) -> None:
    """What was listed, by kind, on the terminal."""
    zh, counts = language() == "zh", listing.counts()
    for code, number in counts.items():
        words = next(one for one in listing.doubts if one.code == code).words(zh)
        click.echo(f"  {number:,} × {code}: {words}", err=True)
    if counts:
        click.echo(f"逐条见 {listed}" if zh else f"one by one in {listed}", err=True)

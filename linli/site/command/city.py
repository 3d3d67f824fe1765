"""`linli city`: the ground that a city stands on: a made-up town for a demo, or the city's own map."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from django.conf import settings

from linli.circles.acts.buses import compute_buses, take_feed
from linli.kernel import clock
from linli.kernel.viewer import system as acting
from linli.programmes.catalogue import load_city
from linli.reach.sources.listing import Listing
from linli.registers.generated.town import make_town, write_town
from linli.site.command import language
from linli.site.ground import Replaced, replace_ground


@click.group()
def command() -> None:
    """A city's ground: make up a town, or take the city's own map (docs/circles.md)."""


@command.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Another seed, another town.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day round which dates are drawn; today if left out.")
@click.option("--district", default="", help="Code of the county or district; the first that has a position if left out.")
def generate(out: Path, seed: int, as_of: datetime | None, district: str) -> None:
    """Write a made-up town into OUT: streets, gates, river, railway, places, homes, circles. The same seed, the same town."""
    town = make_town(Path(settings.LINLI_CITY), district=district, seed=seed, as_of=as_of.date() if as_of else clock.today())
    write_town(town, out)
    places, circles = len(town.places), len(town.circles["circles"])
    zh, en = f"{places} 处场所，{circles} 个生活圈（演示数据）", f"{places} places, {circles} circles (made up)"
    click.echo(zh if language() == "zh" else en)


@command.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--area", default="", help="Code of the area that a map's places lie in; the city's own if left out.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day from which the places hold; today if left out.")
@click.option("--system", help="Coordinate system of tables that don't say theirs: WGS-84, GCJ-02 or BD-09.")
@click.option("--source", "origin", default="", help="Where it comes from, where the file doesn't say.")
@click.option("--licence", default="", help="Its licence, where the file doesn't say.")
@click.option("--listing", type=click.Path(dir_okay=False, path_type=Path), help="Write what was mended or is doubtful as csv.")
@click.option("--anyway", is_flag=True, help="Also a network that doesn't hold half of the city's homes and circles.")
def network(
    source: Path, area: str, on: datetime | None, system: str | None, origin: str, licence: str, listing: Path | None, anyway: bool
) -> None:
    """Replace the walking network, and the places of the map, by SOURCE: FILE.osm.pbf or a folder of tables.

    A newer file of the same map updates its places and closes what is gone; places that officers, residents or the city's own lists have
    spoken of stay as they say. Made-up places of a demo close when a network comes that isn't made up, and come back with the demo's own
    folder. A network that lies elsewhere than the city is refused. Afterwards: linli circles compute.
    """
    area = area or load_city(settings.LINLI_CITY).area
    day = on.date() if on else clock.today()
    done = replace_ground(acting("city-network"), source, area=area, on=day, system=system, origin=origin, licence=licence, anyway=anyway)
    if listing:
        done.listing.write(listing, language() == "zh")
    click.echo(_said(done)[0 if language() == "zh" else 1])
    for code, number in done.listing.counts().items():
        words = next(one for one in done.listing.doubts if one.code == code).words(language() == "zh")
        click.echo(f"  {number:,} × {code}: {words}", err=True)


@command.command()
@click.argument("feed", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", "origin", default="", help="Where the timetable comes from; the file's name if left out.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day next to which times are computed; today if left out.")
@click.option("--anyway", is_flag=True, help="Also a timetable that has no stop near any village or county seat.")
def buses(feed: Path, origin: str, on: datetime | None, anyway: bool) -> None:
    """Take the bus timetable FEED.zip (GTFS) into use, and compute how long every village has to its county seat.

    One by which nothing runs any more is refused, and one without a stop near any village or county seat.
    """
    acting_as, listing, day = acting("city-buses"), Listing(), on.date() if on else None
    row = take_feed(acting_as, file=feed, source=origin or feed.name, listing=listing, day=day, anyway=anyway)
    run = compute_buses(acting_as, day=day)
    numbers = run.reached, run.not_reached, run.unlocated
    zh = f"{row.lines} 条线路，{row.stops} 个站点，{len(listing.doubts)} 处存疑；{run.day} 早上："
    zh += "{} 个村能到县城，{} 个到不了，{} 个没有位置".format(*numbers)
    en = f"{row.lines} lines, {row.stops} stops, {len(listing.doubts)} listed; on the morning of {run.day}: "
    en += "{} villages reach their county seat, {} don't, {} have no position".format(*numbers)
    click.echo(zh if language() == "zh" else en)


def _said(done: Replaced) -> tuple[str, str]:
    row, places = done.network, done.places
    doubts = len(done.listing.doubts)
    zh = f"路网：{row.source}（{row.licence}），{row.nodes} 个节点，{row.links} 条路段，{row.gates} 处门禁；{doubts} 处存疑"
    en = f"network: {row.source} ({row.licence}), {row.nodes} nodes, {row.links} links, {row.gates} gates; {doubts} listed"
    zh += f"\n场所：新增 {places.opened}，更改 {places.changed}，关闭 {places.closed}，保留人工登记 {places.kept}"
    en += f"\nplaces: {places.opened} opened, {places.changed} changed, {places.closed} closed, {places.kept} kept as people say"
    return f"{zh}，关闭演示场所 {done.made_up}，关闭以前地图的场所 {done.elsewhere}", (
        f"{en}, {done.made_up} made-up ones and {done.elsewhere} of an earlier map closed"
    )

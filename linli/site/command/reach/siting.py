"""`linli reach site`: which candidates should open so that the most people are covered, and how far from the best possible that may be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
import polars as pl

from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError, Place
from linli.kernel.money import fen_from_yuan, yuan_text
from linli.reach.metric import Bools
from linli.reach.profiles import PROFILES, Profile, profile
from linli.reach.siting import Plan, best, cover_within, curve, gains, question
from linli.reach.snapping import MOST_METRES, Ground, Snapped, ground_of
from linli.reach.snapshot import load
from linli.reach.sources.listing import Listing, refused
from linli.reach.sources.placing import put_on
from linli.reach.sources.points import GROUPS, Candidates, Points, read_candidates, read_homes, read_places
from linli.site.command import language
from linli.site.command.reach.importing import SYSTEM, require_folder, say_listing
from linli.site.command.reach.points import Amount, limit_of, list_points, require_format, say_points, subset, write_whole

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OnGround = dict[str, tuple[Points, Snapped]]
_PARTS = 1000  # people are counted in thousandths where the homes' numbers have decimals


@dataclass(frozen=True, slots=True)
class Limits:
    """places, budget (fen): at most. each: a plan for every number of places. prove, seconds: of the exact solver."""

    places: int | None
    budget: int | None
    each: bool
    prove: bool
    seconds: float | None


@click.command()
@click.option("--graph", required=True, type=FILE, metavar="G", help="a network that linli reach import made")
@click.option("--homes", "homes_file", required=True, type=FILE, metavar="H.csv", help="id, lon, lat[, residents, elders, children, …]")
@click.option("--candidates", "candidates_file", required=True, type=FILE, metavar="C.csv", help="id, lon, lat[, name, cost, decided]")
@click.option("--existing", "existing_file", type=FILE, metavar="P.csv", help="places that cover already: id, lon, lat, category[, hours]")
@click.option("--category", default="", metavar="A", help="only existing places of this category")
@click.option("--limit", type=Amount(0, 1_000_000), metavar="METRES", help="the longest walk; 15 minutes if left out")
@click.option("--minutes", type=click.IntRange(0, 1000), help="the same in minutes at the speed of the profile")
@click.option("--profile", "profile_name", type=click.Choice(list(PROFILES)), default="adult", show_default=True)
@click.option("--at", "moment", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]), help="gates and existing places as open then")
@click.option("--weights", type=click.Choice(GROUPS), default="residents", show_default=True, help="whom the plan counts")
@click.option("--p", "number", type=click.IntRange(0, 1_000_000), help="at most so many places, forced ones among them")
@click.option("--budget", metavar="YUAN", help="at most this cost in all")
@click.option("--curve", "each", is_flag=True, help="a plan for every number of places up to --p or the budget")
@click.option("--force", default="", metavar="ID,ID", help="candidates that open in any case")
@click.option("--exclude", default="", metavar="ID,ID", help="candidates that can't open")
@click.option("--prove", is_flag=True, help="hand larger remainders to the exact solver too; may take minutes")
@click.option("--seconds", type=Amount(0.1, 86_400), help="at most so long in the exact solver: runs may then differ")
@click.option("--gains", "gains_file", type=click.Path(path_type=Path), metavar="G.csv", help="also what each candidate alone would add")
@click.option("--most-metres", type=Amount(0, 5000), default=float(MOST_METRES), show_default=True, help="from a link at most")
@SYSTEM
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="PLAN.json|csv")
def site(
    graph: Path,
    homes_file: Path,
    candidates_file: Path,
    existing_file: Path | None,
    category: str,
    limit: float | None,
    minutes: int | None,
    profile_name: str,
    moment: datetime | None,
    weights: str,
    number: int | None,
    budget: str | None,
    each: bool,
    force: str,
    exclude: str,
    prove: bool,
    seconds: float | None,
    gains_file: Path | None,
    most_metres: float,
    system: str | None,
    out: Path,
) -> None:
    """Choose candidates that cover the most people who are not covered yet.

    OUT has the plan (with --curve one for every number of places): the candidates, what each adds, how many people are covered, and
    what no plan can exceed. Points that could not be put on the network are listed in OUT.listed.csv.
    """
    from linli.reach.network import network_of

    _require_outputs(out, gains_file)
    listing, way, read = Listing(), profile(profile_name), load(graph)
    homes, candidates = read_homes(homes_file, listing, system=system), read_candidates(candidates_file, listing, system=system)
    limits = Limits(number, _budget(budget, candidates), each, prove, seconds)
    existing = read_places(existing_file, listing, system=system) if existing_file else None
    weight, parts = _weights(homes, weights)
    local = moment.replace(tzinfo=SHANGHAI) if moment else None
    network, decimetres = network_of(read, way, at=local), limit_of(way, limit, minutes)
    ground = ground_of(network)
    points = _on_ground(ground, (homes, candidates, existing), most_metres, listing)
    (_, at_homes), (_, at_candidates) = points["home"], points["candidate"]
    asked = question(
        cover_within(network, at_homes, at_candidates, decimetres),
        weight,
        served=_served(network, points, category, local, decimetres),
        cost=candidates.cost,
        forced=np.flatnonzero(candidates.forced | _named(candidates, force, "--force")),
        excluded=np.flatnonzero(candidates.excluded | _named(candidates, exclude, "--exclude")),
        names=candidates.ids,
    )
    plans = _plans(asked, limits)
    _write(out, candidates, plans, parts, limits)
    if gains_file:
        write_whole(_gains_table(candidates, gains(asked), parts), gains_file)
    listed = out.with_name(out.name + ".listed.csv")
    list_points(listed, points, listing, ground)
    _say(points, way, decimetres, plans, parts, weights if homes.weights else "")
    say_listing(listed, listing)


def _require_outputs(out: Path, gains_file: Path | None) -> None:
    for path in (out, *([gains_file] if gains_file else [])):
        require_folder(path)
    require_format(out, ".csv", ".json")


def _on_ground(ground: Ground, read: tuple[Points, Points, Points | None], most_metres: float, listing: Listing) -> OnGround:
    kinds = zip(("home", "candidate", "existing"), read, strict=True)
    return {kind: (one, put_on(ground, one, listing, most_metres=most_metres)) for kind, one in kinds if one is not None}


def _budget(text: str | None, candidates: Candidates) -> int | None:
    """Fen. Refused where it would choose among candidates that cost nothing because nobody said what they cost."""
    if text is not None and candidates.cost is None:
        raise refused(
            "no_cost",
            ("候选点没有费用，无法按预算选", "The candidates have no costs, so a budget chooses nothing."),
            ("补上 cost 列（元），或用 --p 说明个数", "add the column cost (yuan), or give their number with --p"),
            file=candidates.file,
            field="cost",
        )
    try:
        return None if text is None else fen_from_yuan(text)
    except LinliError as error:
        raise error.at(Place(field="--budget")) from None


def _weights(homes: Points, group: str) -> tuple[Any, int]:
    """Whole numbers of each home and how many of them are one person: homes count one each where the file has no numbers of people."""
    if group not in homes.weights:
        if homes.weights or group != "residents":
            raise refused(
                "no_group",
                ("住户表没有这一列", "The table of homes has no such column."),
                ("补上这一列，或换一个 --weights", "add the column, or choose another for --weights"),
                file=homes.file,
                field=group,
                expected=group,
                found=", ".join(homes.weights) or "—",
            )
        return np.ones(len(homes), np.int64), 1
    people = homes.weights[group]
    parts = 1 if np.array_equal(people, np.rint(people)) else _PARTS
    if people.sum() * parts >= 2**53:
        raise refused(
            "too_many_people",
            ("人数合计过大", "The numbers of people add up to more than can be meant."),
            ("核对住户表的单位", "check the table's units"),
            file=homes.file,
            field=group,
            found=f"{people.sum():g}",
        )
    return np.rint(people * parts).astype(np.int64), parts


def _counted(existing: Any, category: str, at: datetime | None) -> Bools:
    """Which existing places count: of the category, if one is named, and open at the moment, if one is given."""
    names = [category] if category else sorted(set().union(*existing.roles))
    if category and not any(category in one for one in existing.roles):
        said = ("没有任何现有场所属于这个类别", "No existing place is of this category.")
        remedy = ("改正 --category 的写法，或去掉它", "correct --category, or leave it out")
        raise refused("category", said, remedy, file=existing.file, field="--category", found=category)
    counted: Bools = np.any([existing.of(name, at) for name in names], axis=0)
    return counted


def _served(network: Any, points: OnGround, category: str, at: datetime | None, limit: int) -> Bools | None:
    """The homes that an existing place covers already; None where no existing places are given."""
    from linli.reach.search import nearest

    if "existing" not in points:
        return None
    existing, spots = points["existing"]
    counted = subset(spots, np.flatnonzero(_counted(existing, category, at)))
    served: Bools = nearest(network, {"existing": counted}, limit).at(points["home"][1])[0][0] >= 0
    return served


def _named(candidates: Candidates, text: str, option: str) -> Bools:
    """The candidates that an option names."""
    asked = {word.strip() for word in text.replace("，", ",").split(",") if word.strip()}
    if unknown := sorted(asked - set(candidates.ids)):
        said, remedy = ("候选点表里没有这个编号", "The table of candidates has no such id."), ("核对编号", "check the id")
        raise refused("candidate", said, remedy, file=candidates.file, field=option, found=", ".join(unknown))
    return np.array([one in asked for one in candidates.ids], bool)


def _plans(asked: Any, limits: Limits) -> list[Plan]:
    """What is under way goes to the terminal, not into what is printed."""
    zh = language() == "zh"
    if limits.each:
        click.echo("正在算曲线，一处一处往上加……" if zh else "Reckoning the curve, a place more each time …", err=True)
        return curve(asked, most=limits.places, budget=limits.budget, prove=limits.prove, seconds=limits.seconds, progress=_told)
    click.echo("正在算……" if zh else "Reckoning …", err=True)
    return [best(asked, places=limits.places, budget=limits.budget, prove=limits.prove, seconds=limits.seconds)]


def _told(plan: Plan) -> None:
    many, seconds = len(plan.chosen), f"{plan.seconds:.2f}"
    click.echo(f"  {many} 处算好，累计 {seconds} 秒" if language() == "zh" else f"  {many} place(s) done, {seconds} s in all", err=True)


def _people(weight: int, parts: int) -> int | float:
    return weight if parts == 1 else weight / parts


def _rows(candidates: Candidates, plan: Plan, parts: int) -> list[dict[str, Any]]:
    """A row for each place of a plan, those that add most first."""
    rows, covered = [], 0
    for order, (at, adds) in enumerate(zip(plan.chosen.tolist(), plan.adds.tolist(), strict=True), start=1):
        covered += adds
        rows.append(
            {
                "places": plan.places,
                "order": order,
                "candidate": candidates.ids[at],
                "name": candidates.names[at],
                "lon": float(candidates.lon[at]),
                "lat": float(candidates.lat[at]),
                "cost_yuan": None if candidates.cost is None else yuan_text(int(candidates.cost[at])).replace(",", ""),
                "adds": _people(adds, parts),
                "covered": _people(covered, parts),
            }
        )
    return rows


def _write(out: Path, candidates: Candidates, plans: list[Plan], parts: int, limits: Limits) -> None:
    """csv: a row for each place of each plan; json: the plans with their figures. Neither has a time, so that runs can be compared."""
    if out.suffix == ".csv":
        figures = [{"plan_covers": _people(plan.covered, parts), "bound": _people(plan.bound, parts)} for plan in plans]
        rows = [row | figure for plan, figure in zip(plans, figures, strict=True) for row in _rows(candidates, plan, parts)]
        schema = ["places", "order", "candidate", "name", "lon", "lat", "cost_yuan", "adds", "covered", "plan_covers", "bound"]
        write_whole(pl.DataFrame(rows, schema_overrides={"cost_yuan": pl.String}) if rows else pl.DataFrame(schema=schema), out)
        return
    said = [
        {
            "places": plan.places,
            "covered": _people(plan.covered, parts),
            "bound": _people(plan.bound, parts),
            "gap": round(plan.gap, 6),
            "optimal": plan.optimal,
            "cut_short_by_time": plan.limited,
            "spent_yuan": yuan_text(plan.spent).replace(",", ""),
            "covered_before": _people(plan.before, parts),
            "total": _people(plan.total, parts),
            "chosen": [{key: value for key, value in row.items() if key != "places"} for row in _rows(candidates, plan, parts)],
        }
        for plan in plans
    ]
    aside = out.with_name(out.name + ".part")
    aside.write_text(json.dumps(said if limits.each else said[0], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    aside.replace(out)


def _gains_table(candidates: Candidates, added: Any, parts: int) -> pl.DataFrame:
    order = np.lexsort((np.arange(len(added)), -added))
    return pl.DataFrame(
        {
            "candidate": [candidates.ids[at] for at in order],
            "name": [candidates.names[at] for at in order],
            "adds": [_people(int(added[at]), parts) for at in order],
        }
    )


def _say(points: dict[str, tuple[Points, Snapped]], way: Profile, limit: int, plans: list[Plan], parts: int, group: str) -> None:
    zh = language() == "zh"
    words = {"home": ("住处", "homes"), "candidate": ("候选点", "candidates"), "existing": ("现有场所", "existing places")}
    for kind, (read, snapped) in points.items():
        click.echo(say_points(words[kind], read, snapped))
    click.echo(
        f"{way.name}, {way.metres_per_hour / 1000:g} km/h, ≤ {limit / 10:g} m, {way.minutes(limit)} {'分钟' if zh else 'min'}; "
        + (group or ("住户表没有人数，每处住处按 1 计" if zh else "homes, one each: their table has no numbers of people"))
    )
    so_far = ("累计", " from the beginning of the curve") if len(plans) > 1 else ("用时", "")
    for plan in plans:
        before, covered, bound, total = (f"{_people(one, parts):,.10g}" for one in (plan.before, plan.covered, plan.bound, plan.total))
        gap = f"{plan.gap:.2%}" if not plan.optimal else ("最优" if zh else "optimal")
        cut = ("，到时截止" if zh else ", cut short by time") if plan.limited else ""
        click.echo(
            f"  {len(plan.chosen)} 处：已覆盖 {before}，新增 {covered}，上限 {bound}（差距 {gap}{cut}），共 {total}；"
            f"{so_far[0]} {plan.seconds:.2f} 秒"
            if zh
            else f"  {len(plan.chosen)} place(s): {before} covered already, {covered} more, no plan more than {bound} "
            f"(gap {gap}{cut}), of {total}; {plan.seconds:.2f} s{so_far[1]}"
        )

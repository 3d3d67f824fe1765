"""What a printed plan says: each circle's map, facts, gaps and actions, how it was counted and from what, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from linli.circles import queries
from linli.circles.declared import COLUMNS, standard
from linli.circles.drawing import drawn
from linli.circles.few import FEW, Split, number
from linli.circles.models import Circle, Coverage, HomeCount, Star
from linli.circles.queries.coverage import GapLine
from linli.circles.queries.plans import Step
from linli.circles.queries.whatif import standing_figures
from linli.circles.reckoning.figures import NOBODY
from linli.kernel.clock import SHANGHAI
from linli.kernel.money import yuan_text
from linli.kernel.viewer import Viewer
from linli.reach import profiles
from linli.registers.queries.areas import full_name
from linli.rules import Label

Pair = tuple[str, str]
FOUR = "four-trades"
LEVEL = 15
GAP_STATES = {"open": ("缺", "open"), "unknown": ("不明", "not known"), "met": ("达标", "met"), NOBODY: ("不涉及", "no one")}
ACTION_STATES = {"open": ("办理中", "under way"), "closed": ("已办结", "closed")}
GAP_HEADINGS: Sequence[Pair] = (
    ("级别", "level"), ("业态", "trade"), ("要求", "required"), ("可达数", "in reach"), ("最近", "nearest"),
    ("走不到／合计", "missed / all"), ("状态", "state"),
)  # fmt: skip
ACTION_HEADINGS: Sequence[Pair] = (
    ("措施", "action"), ("责任单位", "owner"), ("期限", "until"), ("预算（元）", "budget (CNY)"), ("触发指标", "triggered by"),
    ("状态", "state"),
)  # fmt: skip
NOTE: Pair = (
    "级别是五分钟、十分钟、十五分钟生活圈，各级分别检查；“缺”和“不明”的排在前面。“走不到”按人数计，括号内是其中住址没有坐标、"
    "无法定位的人数；路程沿步行路网计算，圈外走得到的场所计入，圈内走不到的不计入。"
    f"不到 {FEW} 人的人数不写明。措施在缺口补上、重新计算后才办结。",
    "Levels are the circles of 5, 10 and 15 minutes, each checked by itself; what is missing comes first. Missed are people, in brackets"
    " those of them whose home has no position. Ways are measured along the walking network: a place outside the circle counts where people"
    " walk to it in time, one inside doesn't where they can't."
    f" Numbers under {FEW} aren't told. An action closes once its gap is computed met.",
)
NO_PLAN: Pair = ("方案还没有起草。", "No plan has been drafted yet.")
DRAFTED: Pair = ("方案正在起草，还没有确定。", "A plan is being drafted and not adopted yet.")
NO_ACTION: Pair = ("方案中没有需要办理的措施。", "The plan has nothing that is to be done.")


def contents(viewer: Viewer, circles: Sequence[Circle], run: Coverage) -> dict[str, Any]:
    """The fields of a plan, or with several circles of the booklet, but for organ, number and date. About six queries a circle."""
    return {"about": about(run), "walks": walks(run.day), "circles": [_chapter(viewer, circle, run) for circle in circles]}


def about(run: Coverage) -> list[dict[str, Any]]:
    """From what everything was computed: the network with its licence, the day of places and people, norms and their sources."""
    network, told = run.network, standard()
    count = HomeCount.objects.first()
    sources = sorted({(norm.source.zh, norm.source.en) for norm in told.asked(run.day)})
    unknown = (f"其中 {run.unknown_hours} 处没有营业时间", f"{run.unknown_hours} of them without hours")
    off = (
        f"有生活圈的县（市、区）共 {run.unlocated_homes} 处住址没有坐标，{run.unsnapped_homes} 处接不上路网",
        f"in the counties that have circles {run.unlocated_homes} homes without a position, ",
    )
    made = Label.of(network.source)
    by = (f"{made.zh}，{network.edition}，许可：{network.licence}", f"{made.en}, {network.edition}, {network.licence}")
    lines: list[tuple[Pair, str | Pair]] = [
        (("计算时间", "computed"), f"{run.made_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"),
        (("步行路网", "walking network"), by),
        (("路网摘要", "network's digest"), network.digest),
        (
            ("场所", "places"),
            (f"{run.day} 登记的 {run.places} 处，{unknown[0]}", f"{run.places} on the register on {run.day}, {unknown[1]}"),
        ),
        (("人口", "people"), (f"{run.homes_as_of} 常住人口登记，{run.homes} 处住址", f"residents on {run.homes_as_of}, {run.homes} homes")),
        (("不能定位", "not located"), (off[0], f"{off[1]}{run.unsnapped_homes} off the network")),
        (("标准摘要", "digest of the norms"), run.standard),
        (("结果摘要", "digest of the figures"), run.figures),
    ]
    if count is not None:
        lost = (f"{count.nowhere} 人没有住址登记，{count.age_unknown} 人生日不详", f"{count.nowhere} people without a home on record, ")
        lines.append((("未计入", "not counted"), (lost[0], f"{lost[1]}{count.age_unknown} of unknown age in no group by age")))
    reach = (
        f"要求的人群中至少 {told.share}% 走得到；依据：{told.share_source.zh}",
        f"at least {told.share}% of the people that a norm is about reach it; by: {told.share_source.en}",
    )
    lines += [(("达标线", "met where"), reach), *((("依据", "by"), source) for source in sources)]
    return [{"name": name, "value": value} for name, value in lines]


def walks(day: date) -> list[Pair]:
    """What fifteen minutes are for each group: how it is defined, how fast it walks, how far that is."""
    found = []
    for group in standard().groups_on(day).values():
        how = profiles.profile(group.profile)
        metres, speed = how.limit(LEVEL) // 10, f"{how.metres_per_hour / 1000:.1f}"
        bare = ("，不走台阶和陡坡", ", without steps and steep ways") if how.without else ("", "")
        zh = f"{group.label.zh}：每小时 {speed} 公里，{LEVEL} 分钟为 {metres:,} 米{bare[0]}。口径：{group.source.zh}。"
        en = f"{group.label.en}: {speed} km an hour, {LEVEL} minutes are {metres:,} m{bare[1]}. By: {group.source.en}."
        found.append((zh, en))
    return found


def _chapter(viewer: Viewer, circle: Circle, run: Coverage) -> dict[str, Any]:
    lines = queries.gaps(viewer, circle)
    plan = queries.plan(viewer, circle)
    steps = [one for one in queries.steps(plan) if one.action.state in ("open", "closed")] if plan else []
    scene, done, _ = standing_figures(run)
    trades = next((one.norms for one in standard().sets_on(run.day) if one.key == FOUR), ())
    chapter: dict[str, Any] = {
        "name": (circle.name_zh, circle.name_en),
        "map": drawn(scene, done, scene.scopes.circles.index(circle.code), trades),
        "alt": (f"{circle.name_zh}的边界、道路、住址和场所", f"boundary, streets, homes and places of {circle.name_en}"),
        "facts": _facts(circle, run, lines),
        "gaps": {"headings": list(GAP_HEADINGS), "lines": [_gap(line) for line in lines]},
        "note": NOTE,
        "unplanned": NO_PLAN if plan is None else DRAFTED if plan.state == "draft" else NO_ACTION,
    }
    if steps:
        chapter["actions"] = {"headings": list(ACTION_HEADINGS), "lines": [_step(step) for step in steps]}
    return chapter


def _facts(circle: Circle, run: Coverage, lines: Sequence[GapLine]) -> list[dict[str, Any]]:
    kinds = standard().kinds
    kind = kinds.types[circle.kind][0]
    must = [line for line in lines if line.gap.mandatory]
    told: list[tuple[Pair, str | Pair]] = [
        (("编号", "number"), circle.code),
        (("类型", "type"), (kind.zh, kind.en)),
        (("所在", "lies in"), full_name(circle.area_code, run.day) or circle.area_code),
        (("人口", "people"), _people(lines)),
        (("必备要求达标", "mandatory norms met"), _met(must)),
    ]
    if circle.tier:
        tier = kinds.tiers[circle.tier]
        told.append((("服务层级", "tier"), (f"{tier.zh}（{kinds.tiers_note.zh}）", f"{tier.en} ({kinds.tiers_note.en})")))
    star = Star.objects.filter(circle=circle, given_on__lte=run.day).order_by("-given_on").first()
    if star is not None:
        level = {"province": ("省级", "by the province"), "city": ("市级", "by the city")}[star.level]
        many = (f"{star.stars} 星，", f"{star.stars} stars, ") if star.stars else ("", "")
        by = (f"{level[0]}，{many[0]}{star.given_on}，{star.source}", f"{level[1]}, {many[1]}{star.given_on}, {star.source}")
        told.append((("星级", "star rating"), by))
    return [{"name": name, "value": value} for name, value in told]


def _met(must: Sequence[GapLine]) -> Pair:
    """How many of the mandatory norms are met, and how many more are about people of whom none live there."""
    asked = [line for line in must if line.state != NOBODY]
    idle, counts = len(must) - len(asked), f"{sum(line.state == 'met' for line in asked)}/{len(asked)}"
    if not idle:
        return counts, counts
    return f"{counts}，另有 {idle} 项圈内没有这类人，不涉及", f"{counts}, {idle} more about people of whom none live here"


def _people(lines: Sequence[GapLine]) -> Pair:
    """How many of each group that a norm is about live in the circle."""
    groups = {line.gap.group: line for line in lines}
    ordered = [groups[key] for key in COLUMNS if key in groups]
    zh = "，".join(f"{line.group.zh} {number(line.people).zh} 人" for line in ordered)
    return zh, ", ".join(f"{number(line.people).en} {line.group.en}" for line in ordered)


def _gap(line: GapLine) -> list[str | Pair]:
    gap, norm = line.gap, line.norm
    must = ("", "") if gap.mandatory else ("（建议）", " (advised)")
    far = line.required
    in_metres = (f"（{line.metres:,} 米）", f" ({line.metres:,} m)") if norm.metres is None else ("", "")
    required: Pair = (far.zh + in_metres[0], far.en + in_metres[1])
    near: str | Pair = "—" if gap.minutes is None else (f"{gap.minutes} 分钟", f"{gap.minutes} min")
    missed = _missed(line.told())
    people: Pair = (f"{line.group.zh}：{missed[0]}", f"{line.group.en}: {missed[1]}") if gap.group != "residents" else missed
    what: Pair = (norm.label.zh + must[0], norm.label.en + must[1])
    return [str(norm.level), what, required, str(gap.found), near, people, GAP_STATES[line.state]]


def _missed(told: Split) -> Pair:
    """Who misses it, of all, in brackets those of them whom nobody can locate."""
    lost = told.cells()[2] if told.lost else None
    if lost is None:
        return told.left.zh, told.left.en
    zh, en = (f"{lost:,}",) * 2 if isinstance(lost, int) else (lost.zh, lost.en)
    return f"{told.left.zh} ({zh})", f"{told.left.en} ({en})"


def _step(step: Step) -> list[str | Pair]:
    action, trigger = step.action, step.action.trigger
    norm = step.line.norm.label if step.line else None
    what = (norm.zh, norm.en) if norm else (action.gap.norm, action.gap.norm)
    left = Split(trigger["covered"], trigger["uncovered"]).left
    measure = (
        f"{what[0]}：{trigger['day']} 有 {left.zh} 人走不到，可达 {trigger['found']} 处",
        f"{what[1]}: on {trigger['day']} {left.en} missed it, {trigger['found']} in reach",
    )
    late = (f"{ACTION_STATES['open'][0]}，逾期 {step.days} 天", f"{ACTION_STATES['open'][1]}, {step.days} days overdue")
    state = late if step.days else ACTION_STATES[action.state]
    budget = yuan_text(action.budget_fen) if action.budget_fen is not None else "—"
    return [(action.title_zh, action.title_en), action.owner, str(action.due_on), budget, measure, state]

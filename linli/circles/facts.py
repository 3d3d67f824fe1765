"""Facts of circles. Of single people they say nothing; who reported a place is an opaque id on the row alone."""

from __future__ import annotations

from typing import Any

from linli.circles.models import (
    Action,
    BusFeed,
    BusRun,
    Circle,
    Coverage,
    Gap,
    IssuedPlan,
    NetworkVersion,
    PlaceReport,
    Plan,
    ReportVoice,
    Star,
)
from linli.trace import FactType
from linli.trace.payload import COUNT, DAY, TEXT, UID, exactly
from linli.trace.rows import digested

_WHOLE: dict[str, Any] = {"type": "integer"}

NETWORK_TAKEN = FactType(
    "circles.network_taken",
    version=1,
    schema=exactly(digest=TEXT, source=TEXT, licence=TEXT, nodes=COUNT, links=COUNT),
    zh="启用步行路网",
    en="walking network taken into use",
)
FEED_TAKEN = FactType(
    "circles.feed_taken",
    version=1,
    schema=exactly(digest=TEXT, source=TEXT, lines=COUNT, trips=COUNT, stops=COUNT),
    zh="启用公交时刻",
    en="bus timetable taken into use",
)
BUSES_COMPUTED = FactType(
    "circles.buses_computed",
    version=1,
    schema=exactly(run=UID, feed=TEXT, day=DAY, reached=COUNT, not_reached=COUNT, unlocated=COUNT),
    zh="计算村到县城的公交时间",
    en="times by bus from villages computed",
)
CIRCLE_RECORDED = FactType(
    "circles.circle_recorded",
    version=1,
    schema=exactly(code=TEXT, change={"enum": ["opened", "changed", "ended"]}),
    zh="登记便民生活圈",
    en="living circle recorded",
)
CIRCLES_IMPORTED = FactType("circles.circles_imported", version=1, schema=exactly(source=TEXT), zh="导入便民生活圈", en="circles imported")
STAR_GIVEN = FactType(
    "circles.star_given",
    version=1,
    schema=exactly(code=TEXT, level=TEXT, stars={"type": ["integer", "null"]}, given_on=DAY),
    zh="登记星级",
    en="stars recorded",
)
_STARS = {"type": ["integer", "null"]}
STAR_CORRECTED = FactType(
    "circles.star_corrected",
    version=1,
    schema=exactly(code=TEXT, level=TEXT, stars=_STARS, before=_STARS, given_on=DAY, source=TEXT, source_before=TEXT, reason=TEXT),
    zh="更正星级",
    en="stars corrected",
)
COMPUTED = FactType(
    "circles.computed",
    version=1,
    schema=exactly(network=TEXT, day=DAY, homes_as_of=DAY, standard=TEXT, figures=TEXT, open=COUNT, unknown=COUNT, met=COUNT),
    zh="计算覆盖情况",
    en="coverage computed",
)
GAPS_CHANGED = FactType("circles.gaps_changed", version=1, schema=exactly(run=UID), zh="缺口有变化", en="gaps changed")
GAP_CHANGED = FactType(
    "circles.gap_changed",
    version=1,
    schema=exactly(circle=TEXT, norm=TEXT, before=TEXT, after=TEXT, covered=COUNT, uncovered=COUNT, unlocated=COUNT, found=COUNT),
    zh="缺口变化",
    en="gap changed",
)
_PLAN = {"circle": TEXT, "plan": UID}
PLAN_DRAFTED = FactType("circles.plan_drafted", version=1, schema=exactly(**_PLAN, actions=COUNT), zh="拟定方案", en="plan drafted")
PLAN_ADOPTED = FactType("circles.plan_adopted", version=1, schema=exactly(**_PLAN, actions=COUNT), zh="确定方案", en="plan adopted")
_ACTION = {**_PLAN, "action": UID, "norm": TEXT}
ACTION_CHANGED = FactType(
    "circles.action_changed",
    version=1,
    schema=exactly(
        **_ACTION, change={"enum": ["edited", "added", "dropped", "carried_out"]}, due_on=DAY, budget_fen={"type": ["integer", "null"]}
    ),
    zh="方案措施变更",
    en="action changed",
)
ACTION_CLOSED = FactType(
    "circles.action_closed", version=1, schema=exactly(**_ACTION, run=UID), zh="缺口补上，措施办结", en="gap closed, action closed"
)
ACTION_REOPENED = FactType(
    "circles.action_reopened", version=1, schema=exactly(**_ACTION, run=UID), zh="缺口再现，措施重开", en="gap open again, action reopened"
)
ACTION_OVERDUE = FactType(
    "circles.action_overdue",
    version=1,
    schema=exactly(**_ACTION, due_on=DAY, days=_WHOLE, to=TEXT, owner=TEXT),
    zh="措施逾期",
    en="action overdue",
)
PLAN_ISSUED = FactType(
    "circles.plan_issued",
    version=1,
    schema=exactly(issued=UID, number=TEXT, digest=TEXT, circles=COUNT),
    zh="印发方案",
    en="plan issued",
)
PLACE_REPORTED = FactType(
    "circles.place_reported",
    version=1,
    schema=exactly(report=UID, kind=TEXT, category=TEXT, times=COUNT),
    zh="居民反映场所变化",
    en="place reported",
)
REPORT_ANSWERED = FactType(
    "circles.report_answered",
    version=1,
    schema=exactly(report=UID, kind=TEXT, state=TEXT),
    zh="核实场所变化",
    en="report looked into",
)

digested(NetworkVersion)
digested(BusFeed)
digested(BusRun)
digested(Circle)
digested(Star)
digested(Coverage)
# What a gap was last counted at changes with every computation; its state only with a fact.
digested(
    Gap,
    exclude=(
        "run",
        "standard",
        "mandatory",
        "group",
        "profile",
        "percent",
        "found",
        "minutes",
        "most_minutes",
        "covered",
        "uncovered",
        "unlocated",
    ),
)
digested(Plan)
digested(Action)
digested(IssuedPlan, exclude=("pdf",))
digested(PlaceReport)
digested(ReportVoice)

"""The kinds of cases: who deals with them, at which desks one after the other, and what they may end with.

How many working days each takes is the city's promise: cities/<city>/casework.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from linli.kernel import areas
from linli.kernel.errors import malformed
from linli.kernel.looks import once
from linli.registers.matters import VISIT

_malformed = partial(
    malformed,
    "casework.malformed_promises",
    zh="办理时限文件不正确",
    en="The file of promised times is malformed.",
    like="cities/yuncheng/casework.yaml",
)
# The desks a task can lie on, from the bottom up, with the length of their area's code.
LEVELS = {"village": 12, "township": 9, "county": 6, "prefecture": 4}
LEVEL_WORDS = {
    "village": ("村（社区）", "village"),
    "township": ("乡镇（街道）", "township"),
    "county": ("县（市、区）", "county"),
    "prefecture": ("市级", "city"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """An end a case can have. reasons: whether it must be explained in words."""

    slug: str
    zh: str
    en: str
    reasons: bool


WITHDRAWN = Outcome("withdrawn", "本人撤回", "taken back by the person", False)
"""The end that no office chooses."""


@dataclass(frozen=True, slots=True)
class CaseKind:
    """role: whose task it is; levels: the desks it can lie on, lowest first; outcomes by slug.

    errand: the matter of a mandate that is done once such a case is closed ("" none; see registers.matters). told: whether it is the
    person's own matter, of which letters are written to them; else it is between offices, and neither they nor whoever acts for them
    sees it. level: by what a resident has to be known to ask for it and to take it back. duty: an office has to end it, whoever it is about
    can't take it back.
    """

    slug: str
    zh: str
    en: str
    role: str
    levels: tuple[str, ...]
    outcomes: Mapping[str, Outcome]
    errand: str = ""
    told: bool = True
    level: str = "phone"
    stepped: bool = False
    duty: bool = False

    def outcome(self, slug: str) -> Outcome | None:
        """How a case ended: one of the kind's ends, or taken back by the person; None for any other word."""
        return WITHDRAWN if slug == WITHDRAWN.slug else self.outcomes.get(slug)

    def first_desk(self, area: str) -> str:
        """The area whose office gets the task first: the person's, at the lowest level that deals with this kind."""
        lengths = [LEVELS[level] for level in self.levels if LEVELS[level] <= len(area)]
        return area[: lengths[0]] if lengths else area

    def desk_above(self, desk: str) -> str | None:
        """The desk one level up, None at the top."""
        higher = [LEVELS[level] for level in self.levels if LEVELS[level] < len(desk)]
        return desk[: higher[0]] if higher else None


@dataclass(frozen=True, slots=True)
class Promise:
    """Working days: until the answer, left when the warning begins, and for each higher level (0: there is none). calendar: the days until
    the answer are calendar days, as 行政复议法 第六十二条 counts them."""

    answer: int
    warning: int
    next_level: int
    calendar: bool = False


def _outcomes(*found: Outcome) -> dict[str, Outcome]:
    return {outcome.slug: outcome for outcome in found}


FACT_DISPUTE = CaseKind(
    "fact_dispute",
    "信息异议",
    "disputed fact",
    "officer",
    ("township", "county", "prefecture"),
    _outcomes(Outcome("corrected", "已更正", "corrected", False), Outcome("kept", "维持原信息", "kept as it is", True)),
    level="card",
)
HOME_VISIT = CaseKind(
    "home_visit",
    "上门服务",
    "home visit",
    "steward",
    ("village", "township", "county", "prefecture"),
    _outcomes(Outcome("visited", "已上门", "visited", False), Outcome("not_visited", "没有上门", "not visited", True)),
    VISIT,
)
HELP_NEEDED = CaseKind(
    "help_needed",
    "需要帮助",
    "help needed",
    "officer",
    ("township", "county", "prefecture"),
    _outcomes(Outcome("helped", "已帮助", "helped", True), Outcome("not_helped", "未能帮助", "not helped", True)),
    told=False,  # it may be about whoever decides for the person: guardian, family
)
MISSED_VISIT = CaseKind(
    "missed_visit",
    "走访逾期",
    "visit overdue",
    "officer",
    ("township", "county", "prefecture"),
    _outcomes(Outcome("visited", "已上门", "visited", False), Outcome("not_visited", "没有上门", "not visited", True)),
    told=False,
)
GUARDIANSHIP = CaseKind(
    "guardianship",
    "监护登记确认",
    "guardianship to confirm",
    "officer",
    ("county", "prefecture"),
    _outcomes(Outcome("confirmed", "已确认", "confirmed", False), Outcome("refused", "不予确认", "not confirmed", True)),
    told=False,
)
_ALL_LEVELS = ("village", "township", "county", "prefecture")
APPLICATION = CaseKind(
    "application",
    "待遇申请",
    "application",
    "officer",
    _ALL_LEVELS,
    _outcomes(
        Outcome("granted", "给予", "granted", False),
        Outcome("refused", "不予", "refused", True),
        Outcome("registered", "已登记", "registered", False),
        Outcome("forwarded", "已转办", "forwarded", False),
        Outcome("lapsed", "逾期未补正，终止", "lapsed: what was missing did not arrive", False),
    ),
    level="card",
    stepped=True,
)
SIGN_OFF = CaseKind(
    "sign_off",
    "会签",
    "sign-off",
    "officer",
    _ALL_LEVELS,
    _outcomes(Outcome("signed", "同意", "signed", False), Outcome("objected", "不同意", "not signed", True)),
    told=False,
)
OBJECTION = CaseKind(
    "objection",
    "对决定的异议",
    "objection to a decision",
    "officer",
    ("county", "prefecture"),
    _outcomes(
        Outcome("upheld", "维持原决定", "the decision stands", True), Outcome("redo", "撤销，重新办理", "annulled, decided anew", True)
    ),
    level="card",
)
REVIEW = CaseKind(
    "review",
    "行政复议",
    "administrative review",
    "officer",
    ("prefecture",),
    _outcomes(
        Outcome("upheld", "维持原决定", "the decision stands", True),
        Outcome("redo", "撤销，重新办理", "annulled, decided anew", True),
        Outcome("ordered", "责令限期办理", "the office is ordered to act", True),
    ),
    level="card",
)
RECOVERY = CaseKind(
    "recovery",
    "多发款项核实",
    "money paid too much",
    "officer",
    ("county", "prefecture"),
    _outcomes(
        Outcome("returned", "已退回", "paid back", False),
        Outcome("offset", "经本人同意从后续待遇中扣回", "set off with the person's consent", True),
        Outcome("waived", "不予追回", "not recovered", True),
        Outcome("unfounded", "核实没有多发", "nothing was paid too much", True),
    ),
    duty=True,
)
SPOT_CHECK = CaseKind(
    "spot_check",
    "秒批抽查",
    "check of an automatic approval",
    "officer",
    ("county", "prefecture"),
    _outcomes(Outcome("sound", "没有问题", "sound", False), Outcome("finding", "发现问题", "a finding", True)),
    told=False,
)
AWARD_LOOK = CaseKind(
    "award_look",
    "待遇复查",
    "look at an award",
    "officer",
    ("county", "prefecture"),
    _outcomes(Outcome("goes_on", "继续享受", "it goes on", True), Outcome("stopped", "停发", "it is stopped", True)),
    told=False,
    duty=True,
)
NOTICE_OBJECTION = CaseKind(
    "notice_objection",
    "公示异议",
    "objection to a public notice",
    "officer",
    ("county", "prefecture"),
    _outcomes(Outcome("founded", "异议成立", "it was right", True), Outcome("unfounded", "异议不成立", "it was not right", True)),
    told=False,  # whoever told us stays unknown to the person it is about
)
_ALL = (
    *(FACT_DISPUTE, HOME_VISIT, HELP_NEEDED, MISSED_VISIT, GUARDIANSHIP, APPLICATION, SIGN_OFF, OBJECTION, RECOVERY, SPOT_CHECK),
    *(NOTICE_OBJECTION, REVIEW, AWARD_LOOK),
)
KINDS = {kind.slug: kind for kind in _ALL}
ACCEPTANCE = "application_acceptance"
"""What is promised until an application is accepted, or what is missing is asked for."""
# Rows of a delivery that wait for a human are promised a day like cases are, though they are none.
DOUBTFUL = "doubtful_rows"
QUESTION = "list_question"
UNITS = ("working", "calendar")
"""Those of them about which a list's department was asked."""
# A dispute about the population register itself is corrected by whoever keeps that: a clerk.
POPULATION_ROLE = "clerk"

LATER = {AWARD_LOOK.slug: Promise(20, 5, 5)}
"""What holds for a kind that came with a later release than a city's file, until the city says something else: linli doctor names it."""


def desk_level(desk: str) -> str:
    """'village' … 'prefecture': the level of an office by its area; grids and buildings are their village's."""
    if not desk:
        return "prefecture"
    level = areas.level(desk)
    return level if level in LEVELS else "village" if len(desk) > 12 else "prefecture"


def promise(kind: str) -> Promise:
    """What the city promises for a kind of case. Raises LinliError where its file is malformed or says nothing of the kind."""
    path = _file()
    found = once(("promises", path), lambda: _promised(path)).get(kind) or LATER.get(kind)
    if found is None:
        raise _malformed(path, f"an entry for {kind}", "none")
    return found


def unstated() -> list[str]:
    """Of which kinds the city's file says nothing. Raises LinliError where it is malformed."""
    return sorted({*KINDS, ACCEPTANCE, DOUBTFUL} - set(_promised(_file())))


def _file() -> Path:
    return Path(settings.LINLI_CITY) / "casework.yaml"


def _promised(path: Path) -> dict[str, Promise]:
    if not path.is_file():
        raise _malformed(path, "the file", "no file")
    return _promises(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _promises(path: Path, _changed_ns: int) -> dict[str, Promise]:
    try:
        declared: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {slug: _promise(path, slug, days) for slug, days in declared.items()}
    except (yaml.YAMLError, AttributeError) as error:
        raise _malformed(path, "a mapping of kinds", f"{type(error).__name__}") from None


def _promise(path: Path, slug: str, days: Any) -> Promise:
    given = days if isinstance(days, dict) else {}
    figures: list[Any] = [given.get("answer"), given.get("warning"), given.get("next_level", 0)]
    unit = given.get("unit", "working")
    whole = unit in UNITS and all(isinstance(figure, int) and not isinstance(figure, bool) and figure >= 0 for figure in figures)
    if not whole or figures[0] < 1 or figures[1] >= figures[0] or (slug in KINDS and figures[2] < 1):
        raise _malformed(
            path, f"{slug}: {{answer: 1 or more, warning: less than that, next_level: 1 or more, unit: working or calendar}}", str(days)
        )
    return Promise(figures[0], figures[1], figures[2], calendar=unit == "calendar")

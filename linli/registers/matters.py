"""The matters that a single-matter mandate (单项授权委托书) can be for: a kind of errand, or one case that is under way.

Such a mandate opens what its matter needs and nothing else, and ends with it.
"""

from __future__ import annotations

from datetime import date, timedelta

from linli.rules.declare import Label

BENEFITS, VISIT = "benefits", "visit"
CASE = "case:"  # and the uid of the case: what str(case) is
ERRANDS = {
    BENEFITS: Label(
        "查看为本人找到的政策并提出申请，打印明白卡，对信息提出异议",
        "See what was found for the person and apply for it, print the card, say that a fact is wrong",
    ),
    VISIT: Label("申请上门服务", "Ask for a home visit"),
}
STAFF_LASTS = timedelta(days=1)
OTHERS_LAST = timedelta(days=30)


def lasts_until(matter: str, today: date, *, staff: bool) -> date | None:
    """The day on which a single-matter mandate ends by itself: a clerk's after the day, another's after thirty, a case's with the case."""
    if staff:
        return today + STAFF_LASTS
    return None if matter.startswith(CASE) else today + OTHERS_LAST

"""Facts of reviews: a sheet is about the person whose case it is, a ranking about its round."""

from __future__ import annotations

from linli.entitlements.reviewing.models import Ranking, RankingPlace, ReviewSheet
from linli.trace import FactType
from linli.trace.payload import COUNT, UID, exactly
from linli.trace.rows import digested

_TEXT = {"type": "string", "maxLength": 100}

SCORED = FactType(
    "entitlements.scored",
    version=1,
    schema=exactly(case=UID, receipt={"type": "string", "pattern": "^[0-9]{13}$"}, programme=_TEXT),
    zh="评审打分",
    en="scored",
)
RANKED = FactType(
    "entitlements.ranked",
    version=1,
    schema=exactly(programme=_TEXT, period=_TEXT, day=_TEXT, places=COUNT, digest=_TEXT),
    zh="评定名次",
    en="ranked",
)
SHOWN = FactType(
    "entitlements.ranks_shown",
    version=1,
    schema=exactly(programme=_TEXT, period=_TEXT, starts=_TEXT, ends=_TEXT),
    zh="公示名次",
    en="ranks shown",
)

for _model in (ReviewSheet, Ranking, RankingPlace):
    digested(_model)

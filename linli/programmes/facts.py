"""Facts of programmes: a reading confirmed by its owner, a version published."""

from __future__ import annotations

from linli.programmes.models import ProgrammeVersion, ReadingConfirmation
from linli.trace import FactType
from linli.trace.payload import DAY, TEXT, exactly
from linli.trace.rows import digested

READING_CONFIRMED = FactType(
    "programmes.reading_confirmed",
    version=1,
    schema=exactly(version=TEXT, words_digest=TEXT, confirmed_by=TEXT),
    zh="确认规则读法",
    en="reading of the rule confirmed",
)
VERSION_PUBLISHED = FactType(
    "programmes.version_published",
    version=1,
    schema=exactly(
        version=TEXT,
        digest=TEXT,
        rule_digest=TEXT,
        words_digest=TEXT,
        issued_on=DAY,
        effective_from=DAY,
        effective_to=DAY,
        retroactive={"type": "boolean"},
    ),
    zh="发布事项版本",
    en="programme version published",
)

digested(ProgrammeVersion)
digested(ReadingConfirmation)

"""Facts of programmes: a reading confirmed by its owner, a version published, what happened to a draft."""

from __future__ import annotations

from linli.programmes.models import Draft, ProgrammeVersion, ReadingConfirmation
from linli.trace import FactType
from linli.trace.payload import COUNT, DAY, TEXT, UID, exactly
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

_DRAFT = exactly(draft=UID, revision=COUNT, digest=TEXT)
DRAFT_BEGUN = FactType("programmes.draft_begun", version=1, schema=_DRAFT, zh="开始起草", en="draft begun")
DRAFT_SAVED = FactType("programmes.draft_saved", version=1, schema=_DRAFT, zh="保存草案", en="draft saved")
DRAFT_SUBMITTED = FactType("programmes.draft_submitted", version=1, schema=_DRAFT, zh="提交发布", en="draft handed in for publishing")
DRAFT_RETURNED = FactType("programmes.draft_returned", version=1, schema=_DRAFT, zh="退回修改", en="draft returned to its authors")
DRAFT_WITHDRAWN = FactType("programmes.draft_withdrawn", version=1, schema=_DRAFT, zh="撤回草案", en="draft withdrawn")
DRAFT_PUBLISHED = FactType(
    "programmes.draft_published",
    version=1,
    schema=exactly(
        draft=TEXT, revision={"type": "integer", "minimum": 1}, digest=TEXT, version=TEXT, authors={"type": "array", "items": TEXT}
    ),
    zh="草案成为发布版本",
    en="draft became a published version",
)

digested(Draft)
digested(ProgrammeVersion)
digested(ReadingConfirmation)

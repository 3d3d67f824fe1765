"""What notices record: a letter written, sent or failed, a mailing decided, a preference chosen. Never its text, never a number."""

from __future__ import annotations

from linli.notices.models import MAILING_STATES, OUTSIDE, Mailing, MailProof, Notice, Preference
from linli.trace import FactType
from linli.trace.payload import exactly
from linli.trace.rows import digested
from linli.trace.sealed import sealed

_TEXT = {"type": "string", "maxLength": 80}
_CHANNEL = {"enum": list(OUTSIDE)}


WRITTEN = FactType("notices.written", version=1, schema=exactly(template=_TEXT), zh="写给本人的信", en="letter written")
SENT = FactType("notices.sent", version=1, schema=exactly(template=_TEXT, channel=_CHANNEL), zh="通知已发出", en="notice sent")
FAILED = FactType(
    "notices.failed",
    version=1,
    schema=exactly(template=_TEXT, channel=_CHANNEL, error=_TEXT),
    zh="通知未能发出",
    en="notice could not be sent",
)
SENT_AGAIN = FactType(
    "notices.sent_again",
    version=1,
    schema=exactly(template=_TEXT, channel=_CHANNEL),
    zh="工作人员要求重发通知",
    en="an officer had a notice sent again",
)
MAILING_DECIDED = FactType(
    "notices.mailing_decided",
    version=1,
    schema=exactly(run=_TEXT, state={"enum": list(MAILING_STATES)}, people={"type": "integer", "minimum": 0}),
    zh="群发通知的决定",
    en="mailing decided",
)
PREFERENCE_CHOSEN = FactType(
    "notices.preference_chosen",
    version=1,
    schema=exactly(
        language={"enum": ["zh", "en"]},
        refused={"type": "array", "items": _CHANNEL},
        email={"type": "boolean"},
        optional={"on_behalf_of": _TEXT},
    ),
    zh="选择接收通知的方式",
    en="way of being reached chosen",
)
FORGOTTEN = FactType(
    "notices.forgotten",
    version=1,
    schema=exactly(rows={"type": "integer"}),
    zh="清空已注销人员的信件",
    en="letters of an erased person deleted",
)

digested(Mailing, exclude=("position", "written", "state", "decided_by", "decided_at"))
digested(Notice, exclude=("read_at",))
digested(Preference)
sealed(Notice, subject="recipient", ciphers=("text_cipher",))
sealed(Preference, subject="recipient", ciphers=("email_cipher",))
sealed(MailProof, subject="recipient", ciphers=("email_cipher",))

"""Facts of awards. They are about the person; the award's own chain has an echo of each."""

from __future__ import annotations

from typing import Any

from linli.agreements.models import STATES, Award, Rest, Slip
from linli.trace import FactType
from linli.trace.payload import UID, exactly
from linli.trace.rows import digested
from linli.trace.sealed import sealed

_TEXT = {"type": "string", "maxLength": 100}
_AWARD: dict[str, Any] = {"award": UID, "case": UID, "programme": _TEXT}

AWARD_MADE = FactType(
    "agreements.award_made",
    version=1,
    schema=exactly(**_AWARD, state={"enum": list(STATES)}, amount_fen={"type": ["integer", "null"]}, cycle=_TEXT),
    zh="确定待遇",
    en="award made",
)
AWARD_CHANGED = FactType(
    "agreements.award_changed",
    version=1,
    schema=exactly(optional={"before_fen": {"type": ["integer", "null"]}}, **_AWARD, state={"enum": list(STATES)}, reason=_TEXT),
    zh="待遇变更",
    en="award changed",
)
SLIP_STATED = FactType(
    "agreements.slip_stated",
    version=1,
    schema=exactly(**_AWARD, state={"enum": list(STATES)}, period=_TEXT, fen={"type": "integer"}),
    zh="登记凭证金额",
    en="what a slip shows was stated",
)
ACCOUNT_CHANGED = FactType(
    "agreements.account_changed",
    version=1,
    schema=exactly(**_AWARD, state={"enum": list(STATES)}),
    zh="收款账户变更",
    en="account to be paid to changed",
)

digested(Award)
digested(Rest)
digested(Slip)
sealed(Award, subject="person", ciphers=("account_cipher",))

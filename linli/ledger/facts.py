"""Facts of the ledger. Payloads hold sums, opaque ids and hashes; whose money it is, only the reference of a transfer tells."""

from __future__ import annotations

from linli.ledger.models import KINDS, LARGEST, UNITS, Account, Fund, Source
from linli.trace import FactType
from linli.trace.payload import COUNT, UID, exactly
from linli.trace.rows import digested

_UNIT = {"enum": list(UNITS)}
_KIND = {"type": "string", "maxLength": 60}
_AMOUNT = {"type": "integer", "minimum": 1, "maximum": LARGEST}
_SUM = {"type": "integer", "minimum": 1}
_ROOT = {"type": "string", "pattern": "^(sha256|sm3):[0-9a-f]{64}$"}
_SLUG = {"type": "string", "maxLength": 120}

ACCOUNT_OPENED = FactType(
    "ledger.account_opened",
    version=1,
    schema=exactly(unit=_UNIT, kind={"enum": list(KINDS)}, floor={"type": ["integer", "null"]}, shards=COUNT),
    zh="开立账户",
    en="account opened",
)
ACCOUNT_CLOSED = FactType("ledger.account_closed", version=1, schema=exactly(), zh="关闭账户", en="account closed")
POSTED = FactType(
    "ledger.posted",
    version=1,
    schema=exactly(unit=_UNIT, kind=_KIND, amount=_SUM, root=_ROOT, optional={"reverses": UID, "hold": UID}),
    zh="记账",
    en="posted",
)
POSTED_TOGETHER = FactType(
    "ledger.posted_together", version=1, schema=exactly(unit=_UNIT, transfers=COUNT, amount=_SUM), zh="批量记账", en="posted together"
)
HELD = FactType("ledger.held", version=1, schema=exactly(unit=_UNIT, amount=_AMOUNT), zh="冻结", en="held")
RELEASED = FactType("ledger.released", version=1, schema=exactly(), zh="解除冻结", en="hold released")
FUND_OPENED = FactType(
    "ledger.fund_opened",
    version=1,
    schema=exactly(slug=_SLUG, programme=_SLUG, promised_fen=_AMOUNT, sources=COUNT),
    zh="设立资金",
    en="fund opened",
)

digested(Account)
digested(Fund)
digested(Source)

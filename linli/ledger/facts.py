"""Facts of the ledger: accounts, funds and holds. Transfers leave none: their chains are witnessed, a range of them at a time.

Payloads hold sums and opaque ids; whose money it is, only the reference of a transfer tells.
"""

from __future__ import annotations

from psycopg import sql

from linli.ledger.models import KINDS, LARGEST, UNITS, Account, Fund, Source, Transfer
from linli.trace import FactType
from linli.trace.payload import COUNT, exactly
from linli.trace.rows import Digested, digested
from linli.trace.witness import witnessed

_UNIT = {"enum": list(UNITS)}
_AMOUNT = {"type": "integer", "minimum": 1, "maximum": LARGEST}
_SLUG = {"type": "string", "maxLength": 120}

ACCOUNT_OPENED = FactType(
    "ledger.account_opened",
    version=1,
    schema=exactly(unit=_UNIT, kind={"enum": list(KINDS)}, floor={"type": ["integer", "null"]}, shards=COUNT),
    zh="开立账户",
    en="account opened",
)
ACCOUNT_CLOSED = FactType("ledger.account_closed", version=1, schema=exactly(), zh="关闭账户", en="account closed")
HELD = FactType("ledger.held", version=1, schema=exactly(unit=_UNIT, amount=_AMOUNT), zh="冻结", en="held")
RELEASED = FactType("ledger.released", version=1, schema=exactly(), zh="解除冻结", en="hold released")
HELD_TOGETHER = FactType("ledger.held_together", version=1, schema=exactly(holds=COUNT), zh="批量冻结", en="held together")
RELEASED_TOGETHER = FactType(
    "ledger.released_together", version=1, schema=exactly(holds=COUNT), zh="批量解除冻结", en="holds released together"
)
FUND_OPENED = FactType(
    "ledger.fund_opened",
    version=1,
    schema=exactly(slug=_SLUG, programme=_SLUG, promised_fen=_AMOUNT, sources=COUNT),
    zh="设立资金",
    en="fund opened",
)
FUND_PROMISED = FactType(
    "ledger.fund_promised",
    version=1,
    schema=exactly(slug=_SLUG, source=_SLUG, promised_fen=_AMOUNT),
    zh="追加资金承诺",
    en="more promised to a fund",
)

digested(Account)
digested(Fund)
digested(Source)


class _Entries(Digested):
    """A transfer as it is witnessed: the hashes of its entries, which bind all that it says and what was before it on its accounts."""

    def text(self) -> sql.Composable:
        return sql.SQL(
            "(SELECT coalesce(string_agg(hash, E'\\n' ORDER BY account_id, version), '')"
            " FROM ledger_entry WHERE transfer_id = ledger_transfer.id)"
        )


TRANSFERS = witnessed(_Entries(Transfer, ()))

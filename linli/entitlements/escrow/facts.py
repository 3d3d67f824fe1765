"""Facts of money held for the parties of a case: about the person whose case it is, echoed by the case."""

from __future__ import annotations

from typing import Any

from linli.entitlements.escrow.models import PURPOSES, WAYS, Escrow, EscrowDeposit, EscrowEntry, EscrowParty, EscrowPayout
from linli.trace import FactType
from linli.trace.payload import UID, exactly
from linli.trace.rows import digested

_TEXT = {"type": "string", "maxLength": 100}
_FEN = {"type": "integer", "minimum": 1}
_CASE: dict[str, Any] = {"case": UID, "receipt": {"type": "string", "pattern": "^[0-9]{13}$"}, "programme": _TEXT}

SET = FactType(
    "entitlements.escrow_set",
    version=1,
    schema=exactly(**_CASE, terms=_FEN, price_fen=_FEN),
    zh="确定各方和监管金额",
    en="parties and price set",
)
AGREED = FactType(
    "entitlements.escrow_agreed",
    version=1,
    schema=exactly(**_CASE, terms=_FEN, party=_TEXT, way={"enum": list(WAYS)}),
    zh="一方同意",
    en="a party agreed",
)
ENTERED = FactType(
    "entitlements.escrow_entered",
    version=1,
    schema=exactly(**_CASE, party=_TEXT, fen=_FEN),
    zh="登记到账，待另一人确认",
    en="money entered, to be confirmed by another",
)
DROPPED = FactType(
    "entitlements.escrow_dropped",
    version=1,
    schema=exactly(**_CASE, party=_TEXT, fen=_FEN),
    zh="作废一笔到账登记",
    en="an entry of money dropped",
)
PAID_IN = FactType(
    "entitlements.escrow_paid_in",
    version=1,
    schema=exactly(**_CASE, party=_TEXT, fen=_FEN),
    zh="资金进入监管账户",
    en="money came into escrow",
)
REGISTERED = FactType(
    "entitlements.escrow_registered", version=1, schema=exactly(**_CASE, day=_TEXT), zh="新的权利已登记", en="the new right was registered"
)
PLANNED = FactType("entitlements.escrow_planned", version=1, schema=exactly(**_CASE, parties=_FEN), zh="拟定放款", en="release planned")
ORDERED = FactType(
    "entitlements.escrow_ordered",
    version=1,
    schema=exactly(**_CASE, purpose={"enum": list(PURPOSES)}, payouts=_FEN),
    zh="监管资金转出",
    en="money ordered out of escrow",
)
PAID_OUT = FactType(
    "entitlements.escrow_paid_out",
    version=1,
    schema=exactly(**_CASE, payout=UID, fen=_FEN),
    zh="监管资金已付出",
    en="money paid out of escrow",
)

CAME_BACK = FactType(
    "entitlements.escrow_came_back",
    version=1,
    schema=exactly(**_CASE, payout=UID, fen=_FEN),
    zh="监管资金被银行退回",
    en="the bank returned money paid out of escrow",
)

for _model in (Escrow, EscrowParty, EscrowEntry, EscrowDeposit, EscrowPayout):
    digested(_model)

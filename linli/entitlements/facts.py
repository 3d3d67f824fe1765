"""Facts of applications and decisions. They are about the person, and the case's own chain has an echo of each."""

from __future__ import annotations

from typing import Any

from linli.entitlements.models import (
    CAUSES,
    CHANGES,
    OUTCOMES,
    PROPOSALS,
    Acceptance,
    Application,
    Bill,
    Decision,
    Recovery,
    WorksList,
    WorksSignature,
)
from linli.trace import FactType
from linli.trace.payload import DAY, UID, exactly
from linli.trace.rows import digested
from linli.trace.sealed import sealed

_TEXT = {"type": "string", "maxLength": 100}
_RECEIPT = {"type": "string", "pattern": "^[0-9]{13}$"}
_OF_CASE: dict[str, Any] = {"case": UID, "receipt": _RECEIPT, "programme": _TEXT}
_BEHALF = {"on_behalf_of": {"type": "string", "pattern": "^resident:[0-9a-f-]{36}$"}}

APPLIED = FactType(
    "entitlements.applied",
    version=1,
    schema=exactly(
        optional={**_BEHALF, "authority": _TEXT},
        **_OF_CASE,
        origin=_TEXT,
        version=_TEXT,
        known={"type": "integer"},
        asked={"type": "integer"},
    ),
    zh="提出申请",
    en="applied",
)
RECKONED = FactType(
    "entitlements.reckoned",
    version=1,
    schema=exactly(**_OF_CASE, verdict=_TEXT, missing={"type": "array", "items": _TEXT}),
    zh="核对条件",
    en="conditions looked at",
)
GIVEN = FactType("entitlements.given", version=1, schema=exactly(**_OF_CASE, material=_TEXT), zh="补充申请内容", en="something was given")
SHOWN = FactType(
    "entitlements.shown",
    version=1,
    schema=exactly(**_OF_CASE, document=UID, facts={"type": "array", "items": _TEXT}),
    zh="登记材料写明的信息",
    en="what a document shows was entered",
)
DECIDED = FactType(
    "entitlements.decided",
    version=1,
    schema=exactly(**_OF_CASE, decision=UID, outcome={"enum": list(OUTCOMES)}, automatic={"type": "boolean"}, rule=_TEXT),
    zh="作出决定",
    en="decided",
)
ANSWERED_ELSEWHERE = FactType(
    "entitlements.answered_elsewhere",
    version=1,
    schema=exactly(**_OF_CASE, answer=_TEXT),
    zh="转办系统的答复",
    en="answered by another system",
)

RECOVERY_OPENED = FactType(
    "entitlements.recovery_opened",
    version=1,
    schema=exactly(**_OF_CASE, award=UID, cause={"enum": list(CAUSES)}, amount_fen={"type": "integer", "minimum": 1}),
    zh="发现多发款项",
    en="found to be paid too much",
)
RECOVERY_PROPOSED = FactType(
    "entitlements.recovery_proposed",
    version=1,
    schema=exactly(**_OF_CASE, outcome={"enum": [one for one in PROPOSALS if one]}),
    zh="提出不再追回，待第二人确认",
    en="proposed to end it without the money, for a second officer",
)
RECOVERY_CONSENTED = FactType(
    "entitlements.recovery_consented",
    version=1,
    schema=exactly(optional=_BEHALF, **_OF_CASE, instalment_fen={"type": "integer", "minimum": 1}),
    zh="本人同意从后续待遇中扣回",
    en="the person agreed to have it set off",
)
RECOVERY_RETURNED = FactType(
    "entitlements.recovery_returned",
    version=1,
    schema=exactly(
        **_OF_CASE, fen={"type": "integer"}, left_fen={"type": "integer", "minimum": 0}, how={"enum": ["bank", "offset", "made_good"]}
    ),
    zh="多发款项退回资金",
    en="money came back to the fund",
)
RECOVERY_STOPPED = FactType(
    "entitlements.recovery_stopped",
    version=1,
    schema=exactly(**_OF_CASE, left_fen={"type": "integer", "minimum": 0}),
    zh="没有多发，停止扣回",
    en="nothing was paid too much: nothing more is set off",
)

_FEN = {"type": "integer", "minimum": 1}
STANDING_TOLD = FactType(
    "entitlements.standing_told",
    version=1,
    schema=exactly(
        **_OF_CASE, award=UID, change={"enum": list(CHANGES)}, why=_TEXT, on=DAY, number=_TEXT, fen={"type": ["integer", "null"]}
    ),
    zh="书面告知待遇变更",
    en="told in writing what an award is from now on",
)
WORKS_DRAWN = FactType(
    "entitlements.works_drawn",
    version=1,
    schema=exactly(**_OF_CASE, works=UID, list_version={"type": "integer"}, total_fen=_FEN),
    zh="拟定改造清单",
    en="list of works drawn up",
)
WORKS_SIGNED = FactType(
    "entitlements.works_signed",
    version=1,
    schema=exactly(optional=_BEHALF, **_OF_CASE, works=UID, signer=_TEXT, how=_TEXT),
    zh="改造清单签字",
    en="list of works signed",
)
BILL_STATED = FactType(
    "entitlements.bill_stated", version=1, schema=exactly(**_OF_CASE, document=UID, amount_fen=_FEN), zh="核定票据金额", en="invoice read"
)
ACCEPTED_WORKS = FactType(
    "entitlements.works_accepted", version=1, schema=exactly(**_OF_CASE, amount_fen=_FEN, on=DAY), zh="改造验收", en="works accepted"
)

FORGOTTEN = FactType(
    "entitlements.forgotten", version=1, schema=exactly(**_OF_CASE), zh="清空已注销人员的申请", en="application of an erased person emptied"
)

digested(Application)
digested(Decision)
digested(Recovery)
sealed(Application, subject="person", ciphers=("answers_cipher", "account_cipher"))
sealed(Recovery, subject="person", ciphers=("proposal_cipher",))
for _model in (WorksList, WorksSignature, Bill, Acceptance):
    digested(_model)
sealed(WorksList, subject="subject", ciphers=("items_cipher", "account_cipher"))
sealed(Acceptance, subject="subject", ciphers=("items_cipher",))

"""Facts of cases. They are about the person, and the case's own chain has an echo of each. Payloads name no village and no value."""

from __future__ import annotations

from typing import Any

from linli.casework.kinds import KINDS, LEVELS
from linli.casework.models import (
    CALLS,
    DOCUMENT_PARTS,
    LETTER_KINDS,
    PAUSES,
    SERVED,
    Case,
    Document,
    ExternalNumber,
    Letter,
    Pause,
    Requirement,
    StepTaken,
    Survey,
    Task,
    Visit,
    Words,
)
from linli.trace import FactType
from linli.trace.payload import UID, exactly
from linli.trace.rows import digested
from linli.trace.sealed import sealed

_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_TEXT = {"type": "string", "maxLength": 100}
_CASE: dict[str, Any] = {"case": UID, "receipt": {"type": "string", "pattern": "^[0-9]{13}$"}, "kind": {"enum": sorted(KINDS)}}
# on_behalf_of: for whom somebody acted under a mandate or at a window; left out where people act for themselves.
_BEHALF = {"on_behalf_of": {"type": "string", "pattern": "^resident:[0-9a-f-]{36}$"}}


def _of_case(optional: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return exactly(optional=optional, **_CASE, **properties)


CASE_OPENED = FactType(
    "casework.case_opened", version=1, schema=_of_case(_BEHALF, list=_TEXT, fact=_TEXT, due=_DAY), zh="受理事项", en="case opened"
)
TASK_TAKEN = FactType(
    "casework.task_taken",
    version=1,
    schema=_of_case(change={"enum": ["taken", "released"]}),
    zh="领取或退回任务",
    en="task taken or given back",
)
ESCALATED = FactType(
    "casework.escalated",
    version=1,
    schema=_of_case(from_level={"enum": list(LEVELS)}, to_level={"enum": list(LEVELS)}, due=_DAY),
    zh="逾期上报上一级",
    en="late, moved up one level",
)
HANDED_UP = FactType(
    "casework.handed_up",
    version=1,
    schema=_of_case(from_level={"enum": list(LEVELS)}, to_level={"enum": list(LEVELS)}, due=_DAY),
    zh="本级没有能办的人，转上一级",
    en="nobody at the desk can deal with it, moved up",
)
ANSWERED = FactType("casework.answered", version=1, schema=_of_case(outcome=_TEXT), zh="答复", en="answered")
CLOSED = FactType("casework.closed", version=1, schema=_of_case(outcome=_TEXT, on_time={"type": "boolean"}), zh="办结", en="case closed")
SURVEYED = FactType(
    "casework.surveyed",
    version=1,
    schema=_of_case(_BEHALF, score={"type": "integer", "minimum": 1, "maximum": 5}),
    zh="评价",
    en="case rated",
)
DUE_SETTLED = FactType(
    "casework.due_settled", version=1, schema=_of_case(promised=_DAY, due=_DAY), zh="期限按正式节假日安排确定", en="due day settled"
)
_STEP = {"type": "string", "maxLength": 40}
ACCEPTED = FactType(
    "casework.accepted",
    version=1,
    schema=_of_case({"statutory": _DAY}, due=_DAY),
    zh="受理，开始计时",
    en="accepted, the clock runs",
)
STEP_ENTERED = FactType(
    "casework.step_entered",
    version=1,
    schema=_of_case({"due": _DAY}, step=_STEP, step_kind=_STEP, at_level={"enum": list(LEVELS)}),
    zh="进入步骤",
    en="step begun",
)
STEP_LEFT = FactType(
    "casework.step_left",
    version=1,
    schema=_of_case(step=_STEP, result={"enum": ["signed", "passed", "returned", "ended"]}),
    zh="步骤办结",
    en="step done",
)
CLOCK_STOPPED = FactType(
    "casework.clock_stopped", version=1, schema=_of_case(reason={"enum": list(PAUSES)}), zh="暂停计时", en="clock stopped"
)
CLOCK_RESUMED = FactType(
    "casework.clock_resumed", version=1, schema=_of_case({"statutory": _DAY}, due=_DAY), zh="恢复计时", en="clock runs again"
)
ITEMS_ASKED = FactType(
    "casework.items_asked",
    version=1,
    schema=_of_case(items={"type": "integer", "minimum": 1}, due=_DAY),
    zh="一次性告知补正",
    en="asked for what is missing",
)
ITEMS_GIVEN = FactType("casework.items_given", version=1, schema=_of_case(_BEHALF), zh="补正材料已交", en="what was missing was given")
_COUNT = {"type": "integer", "minimum": 1}
DOCUMENT_GIVEN = FactType(
    "casework.document_given",
    version=1,
    schema=_of_case(_BEHALF, document=UID, part={"enum": list(DOCUMENT_PARTS)}, material={"type": "string", "maxLength": 60}, pages=_COUNT),
    zh="提交材料",
    en="document given",
)
DOCUMENT_CHECKED = FactType(
    "casework.document_checked",
    version=1,
    schema=_of_case(document=UID, result={"enum": ["accepted", "rejected"]}),
    zh="审核材料",
    en="document checked",
)
DOCUMENTS_FORGOTTEN = FactType(
    "casework.documents_forgotten", version=1, schema=_of_case(), zh="删除已注销人员的材料", en="documents of an erased person deleted"
)
LETTER_ISSUED = FactType(
    "casework.letter_issued",
    version=1,
    schema=_of_case(letter=UID, letter_kind={"enum": list(LETTER_KINDS)}, number=_TEXT),
    zh="出具文书",
    en="letter issued",
)
LETTER_SCANNED = FactType(
    "casework.letter_scanned", version=1, schema=_of_case(letter=UID, document=UID), zh="上传盖章件扫描", en="scan of the original attached"
)
LETTER_SERVED = FactType(
    "casework.letter_served", version=1, schema=_of_case(letter=UID, how={"enum": list(SERVED)}), zh="送达文书", en="letter served"
)
LETTER_WITHDRAWN = FactType("casework.letter_withdrawn", version=1, schema=_of_case(letter=UID), zh="撤回文书", en="letter withdrawn")
LETTERS_FORGOTTEN = FactType(
    "casework.letters_forgotten", version=1, schema=_of_case(), zh="清空已注销人员的文书", en="letters of an erased person emptied"
)
NUMBERED = FactType(
    "casework.numbered",
    version=1,
    schema=_of_case(system={"type": "string", "maxLength": 60}),
    zh="登记外部编号",
    en="another system's number",
)
FORGOTTEN = FactType("casework.forgotten", version=1, schema=_of_case(), zh="清空已注销人员的事项", en="case of an erased person emptied")
CALLED_ON = FactType(
    "casework.called_on",
    version=1,
    schema=exactly(optional={"case": UID}, visit=UID, outcome={"enum": list(CALLS)}),
    zh="上门走访",
    en="called on at home",
)
VISITS_FORGOTTEN = FactType(
    "casework.visits_forgotten",
    version=1,
    schema=exactly(number={"type": "integer", "minimum": 1}),
    zh="清空已注销人员的走访记录",
    en="visits to an erased person emptied",
)

for _model in (Case, Task, Words, Survey, Visit, ExternalNumber, StepTaken, Pause, Requirement, Document, Letter):
    digested(_model)
sealed(Words, subject="subject", ciphers=("cipher",))
sealed(Visit, subject="subject", ciphers=("cipher", "place_cipher"))
sealed(Document, subject="subject", ciphers=("cipher",))
sealed(Letter, subject="subject", ciphers=("cipher",))

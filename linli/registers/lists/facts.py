"""Facts of lists, records, authorisations and holdings. Payloads name lists, programmes, days and opaque ids; never a value."""

from __future__ import annotations

from linli.registers.models import Authorisation, Doubtful, DoubtfulCandidate, DoubtQuestion, Holding, ListImport, ListVersion, Record
from linli.registers.models.lists import DOUBTS, ORIGINS, RESOLUTIONS
from linli.trace import FactType
from linli.trace.payload import COUNT, DAY, TEXT, UID, exactly
from linli.trace.rows import digested

LIST_IMPORTED = FactType(
    "registers.list_imported",
    version=1,
    schema=exactly(list=TEXT, delivery=UID, change={"enum": ["applied", "undone"]}, file_digest=TEXT, as_of=DAY, area=TEXT),
    zh="导入或撤销名单",
    en="list delivery applied or undone",
)
DELIVERY_COUNTED = FactType(
    "registers.delivery_counted",
    version=1,
    schema=exactly(
        list=TEXT, rows=COUNT, matched=COUNT, opened=COUNT, changed=COUNT, closed=COUNT, doubtful=COUNT, unknown=COUNT, wrong=COUNT
    ),
    zh="名单导入结果",
    en="what a delivery brought",
)
RECORD_CHANGED = FactType(
    "registers.record_changed",
    version=1,
    schema=exactly(list=TEXT, change={"enum": ["opened", "changed", "closed"]}, on=DAY, origin={"enum": list(ORIGINS)}),
    zh="名单记录变动",
    en="record on a list changed",
)
ROW_DOUBTED = FactType(
    "registers.row_doubted", version=1, schema=exactly(list=TEXT, reason={"enum": list(DOUBTS)}), zh="存疑待核", en="row left to a human"
)
DOUBT_RESOLVED = FactType(
    "registers.doubt_resolved",
    version=1,
    schema=exactly(list=TEXT, resolution={"enum": ["", *RESOLUTIONS]}),
    zh="存疑行处理",
    en="doubtful row resolved",
)
DEPARTMENT_ASKED = FactType(
    "registers.department_asked",
    version=1,
    schema=exactly(list=TEXT, reason={"enum": list(DOUBTS)}),
    zh="请部门核实名单行",
    en="department asked about a row of its list",
)
UPLOAD_READ = FactType(
    "registers.upload_read",
    version=1,
    schema=exactly(list=TEXT, upload=UID, purpose=TEXT, cells=COUNT),
    zh="查看交来的名单原文",
    en="cells of a file for a list read in full",
)
AUTHORISATION_RECORDED = FactType(
    "registers.authorisation_recorded",
    version=1,
    schema=exactly(list=TEXT, change={"enum": ["given", "revoked"]}),
    zh="登记或撤回查询授权",
    en="authorisation to look a person up given or revoked",
)
HOLDING_CHANGED = FactType(
    "registers.holding_changed",
    version=1,
    schema=exactly(programme=TEXT, change={"enum": ["opened", "closed"]}),
    zh="在享待遇变动",
    en="holding of a programme changed",
)
OPENING_RECORDED = FactType(
    "registers.opening_recorded",
    version=1,
    schema=exactly(people=COUNT),
    zh="登记已有的授权或待遇",
    en="what people had on paper recorded",
)

for _model in (ListVersion, ListImport, Record, Doubtful, DoubtfulCandidate, DoubtQuestion, Authorisation, Holding):
    digested(_model)

"""What screening records. Determinations are decisions of the system; each change of one is a fact about its subject."""

from __future__ import annotations

from linli.screening.models import Determination, Run
from linli.trace import FactType
from linli.trace.rows import digested

_RUN = {"run": {"type": "string"}, "programme": {"type": "string"}}

ASKED = FactType(
    "screening.asked",
    version=1,
    schema={
        "type": "object",
        "required": ["asked", "programme"],
        "properties": {"asked": {"type": "string"}, "programme": {"type": "string"}},
        "additionalProperties": False,
    },
    zh="要求现在匹配",
    en="screening asked for now",
)

SCREENED = FactType(
    "screening.screened",
    version=1,
    schema={
        "type": "object",
        "required": ["run", "programme", "as_of", "programme_digest", "snapshot_digest"],
        "properties": {
            **_RUN,
            "as_of": {"type": "string"},
            "programme_digest": {"type": "string"},
            "snapshot_digest": {"type": "string"},
            "verdict_digest": {"type": "string"},
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
        "additionalProperties": False,
    },
    zh="完成政策匹配",
    en="screening completed",
)

MERGED = FactType(
    "screening.merged",
    version=1,
    schema={"type": "object", "required": ["run", "programme"], "properties": _RUN, "additionalProperties": False},
    zh="匹配结果并入现状",
    en="screening brought in line with what stands",
)

SCREENING_FAILED = FactType(
    "screening.failed",
    version=1,
    schema={
        "type": "object",
        "required": ["run", "programme", "error"],
        "properties": {**_RUN, "error": {"type": "string"}},
        "additionalProperties": False,
    },
    zh="政策匹配失败",
    en="screening failed",
)

DETERMINED = FactType(
    "screening.determined",
    version=1,
    schema={
        "type": "object",
        "required": ["programme", "verdict"],
        "properties": {
            "programme": {"type": "string"},
            "verdict": {"enum": ["eligible", "unknown", "not_eligible"]},
            "run": {"type": ["string", "null"]},
            "amount_fen": {"type": ["integer", "null"]},
        },
        "additionalProperties": False,
    },
    zh="资格认定变化",
    en="determination changed",
)

FORGOTTEN = FactType(
    "screening.forgotten",
    version=1,
    schema={"type": "object", "properties": {"rows": {"type": "integer"}}, "required": ["rows"], "additionalProperties": False},
    zh="清空已注销人员的认定",
    en="determinations of an erased person emptied",
)

digested(Run)
digested(Determination)

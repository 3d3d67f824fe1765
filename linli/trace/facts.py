"""Fact types: dotted name, version, payload schema, words. Add-only; what is not declared here cannot be recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator

from linli.kernel.errors import LinliError, Place
from linli.kernel.identity import parse_identity
from linli.trace.quick import quick

BULK_KEY = "bulk"
_NAME = re.compile(r"[a-z][a-z_]*(?:\.[a-z][a-z_]*)+")
_EIGHTEEN = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_registry: dict[tuple[str, int], FactType] = {}


@dataclass(frozen=True, slots=True)
class FactType:
    """A kind of fact. Making one declares it: a second declaration of the same name and version must be identical.

    name: "stage.past_participle"; schema: JSON Schema of the payload; zh/en: what a timeline calls it. The payload key
    "bulk" is the trace's own: it carries chain, root and count of a bulk act.
    """

    name: str
    version: int
    schema: dict[str, Any]
    zh: str
    en: str
    _validator: Any = field(init=False, repr=False, compare=False)
    _quick: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.version < 1 or BULK_KEY in self.schema.get("properties", {}):
            raise ValueError(f"bad fact type {self.name!r} version {self.version}")
        Draft202012Validator.check_schema(self.schema)
        object.__setattr__(self, "_validator", Draft202012Validator(self.schema))
        object.__setattr__(self, "_quick", quick(self.schema))
        known = _registry.setdefault((self.name, self.version), self)
        if known != self:
            raise ValueError(f"fact type {self.name!r} version {self.version} is declared twice, differently")

    def fits(self, payload: Any) -> bool:
        """Whether a stored payload is what was declared."""
        return bool(self._validator.is_valid(payload))

    def check(self, payload: dict[str, Any], text: str) -> None:
        """Raise LinliError naming the first place where the payload breaks the schema, or if `text` of it names a person.

        Facts are never deleted, so an identity number in one could never be erased.
        """
        fits = self._quick is not None and self._quick(payload)
        error = None if fits else next(self._validator.iter_errors(payload), None)
        if error is not None or BULK_KEY in payload:
            where = ".".join(str(part) for part in error.absolute_path) if error else BULK_KEY
            raise LinliError(
                "trace.bad_payload",
                zh=f"事实“{self.zh}”的内容不符合声明",
                en=f"The payload of fact {self.name} (version {self.version}) breaks its declaration.",
                place=Place(field=f"payload.{where}" if where else "payload"),
                expected=str(error.validator_value)[:200] if error else ("没有这个名称的键", "no key of this name"),
                found=error.message[:200] if error else BULK_KEY,
                remedy_zh="按声明的格式记录，或声明新版本",
                remedy_en="record what is declared, or declare a new version",
            )
        if any(_is_identity(candidate) for candidate in _EIGHTEEN.findall(text)):
            raise LinliError(
                "trace.personal_data",
                zh=f"事实“{self.zh}”的内容含有身份证号码",
                en=f"The payload of fact {self.name} holds an identity number.",
                place=Place(field="payload"),
                expected=("不透露身份的编号，或密文", "opaque ids or ciphertext"),
                remedy_zh="改为记录编号或密文",
                remedy_en="record the resident's id or the ciphertext",
            )


_ID = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
LOG_WITNESSED = FactType(
    "trace.log_witnessed",
    version=1,
    schema={
        "type": "object",
        "properties": {
            "log": {"type": "string"},
            "first": _ID,
            "last": _ID,
            "count": _ID,
            "digest": {"type": "string", "pattern": "^(sha256|sm3):[0-9a-f]{64}$"},
            "gaps": {"type": "array", "items": {"type": "array", "items": _ID, "minItems": 2, "maxItems": 2}},
        },
        "required": ["log", "first", "last", "count", "digest"],
        "additionalProperties": False,
    },
    zh="见证日志",
    en="log witnessed",
)
RESTORED = FactType(
    "trace.restored",
    version=1,
    schema={
        "type": "object",
        "properties": {
            "backup": {"type": "string", "maxLength": 80},
            "taken_at": {"type": "string", "maxLength": 40},
            "messages": _ID,
            "mailings": _ID,
            "webhooks": _ID,
            "timers": _ID,
        },
        "required": ["backup", "taken_at", "messages", "mailings", "webhooks", "timers"],
        "additionalProperties": False,
    },
    zh="从备份恢复",
    en="restored from a backup",
)


def _is_identity(candidate: str) -> bool:
    try:
        parse_identity(candidate)
    except LinliError:
        return False
    return True


def words_of(name: str, language: str) -> str:
    """What a timeline calls a type in 'zh' or 'en'; its dotted name if this release does not know it."""
    newest = max((version for known, version in _registry if known == name), default=None)
    if newest is None:
        return name
    fact_type = _registry[name, newest]
    return fact_type.zh if language.startswith("zh") else fact_type.en

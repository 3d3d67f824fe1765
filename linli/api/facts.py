"""Facts of the API: who made which key for a program, and whom the city tells of what."""

from __future__ import annotations

from typing import Any

from linli.trace import FactType

_TEXT = {"type": "string", "maxLength": 200}
_GRANTS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"role": _TEXT, "area": _TEXT, "programme": _TEXT},
        "required": ["role", "area", "programme"],
        "additionalProperties": False,
    },
}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": sorted(properties), "additionalProperties": False}


TOKEN_MADE = FactType(
    "api.token_made", version=1, schema=_object(token=_TEXT, grants=_GRANTS, expires_at=_TEXT), zh="签发接口令牌", en="API token made"
)
TOKEN_REVOKED = FactType("api.token_revoked", version=1, schema=_object(token=_TEXT), zh="吊销接口令牌", en="API token revoked")
WEBHOOK_ADDED = FactType(
    "api.webhook_added",
    version=1,
    schema=_object(webhook=_TEXT, types={"type": "array", "items": _TEXT}, role=_TEXT, host=_TEXT),
    zh="登记事实推送",
    en="webhook added",
)
WEBHOOK_ENDED = FactType("api.webhook_ended", version=1, schema=_object(webhook=_TEXT), zh="终止事实推送", en="webhook ended")
DELIVERY_REPLAYED = FactType(
    "api.delivery_replayed", version=1, schema=_object(webhook=_TEXT, delivery=_TEXT), zh="重新推送", en="delivery replayed"
)
SCREENING_ASKED = FactType(
    "api.screening_asked",
    version=1,
    schema=_object(asked=_TEXT, programmes={"type": "array", "items": _TEXT}),
    zh="要求政策匹配",
    en="screening asked for",
)

"""Facts of the API: who made which key for a program, and whom the city tells of what."""

from __future__ import annotations

from linli.trace import FactType
from linli.trace.payload import TEXT, exactly

_GRANTS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"role": TEXT, "area": TEXT, "programme": TEXT},
        "required": ["role", "area", "programme"],
        "additionalProperties": False,
    },
}


TOKEN_MADE = FactType(
    "api.token_made", version=1, schema=exactly(token=TEXT, grants=_GRANTS, expires_at=TEXT), zh="签发接口令牌", en="API token made"
)
TOKEN_REVOKED = FactType("api.token_revoked", version=1, schema=exactly(token=TEXT), zh="吊销接口令牌", en="API token revoked")
WEBHOOK_ADDED = FactType(
    "api.webhook_added",
    version=1,
    schema=exactly(webhook=TEXT, types={"type": "array", "items": TEXT}, role=TEXT, host=TEXT),
    zh="登记事实推送",
    en="webhook added",
)
WEBHOOK_ENDED = FactType("api.webhook_ended", version=1, schema=exactly(webhook=TEXT), zh="终止事实推送", en="webhook ended")
DELIVERY_REPLAYED = FactType(
    "api.delivery_replayed", version=1, schema=exactly(webhook=TEXT, delivery=TEXT), zh="重新推送", en="delivery replayed"
)
SCREENING_ASKED = FactType(
    "api.screening_asked",
    version=1,
    schema=exactly(asked=TEXT, programmes={"type": "array", "items": TEXT}),
    zh="要求政策匹配",
    en="screening asked for",
)

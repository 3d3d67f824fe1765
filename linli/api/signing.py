"""Signatures of what is sent, as Standard Webhooks lays them down: a receiver can check them with any library that knows it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

from linli.api.models import Webhook
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.vault.acts import protect, reveal

PREFIX = "whsec_"
PURPOSE = "api.webhook"
_FIELD = "webhook_secret"
_SIGNER = system("api.deliver")


def new_secret(uid: UUID) -> tuple[str, str]:
    """A random secret of 256 bits for a webhook, "whsec_" and base64, in clear for the only time and sealed."""
    secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    return secret, protect(uid, {_FIELD: secret})[_FIELD]


def secret_of(webhook: Webhook) -> str:
    """The webhook's secret. One that was added before secrets were sealed has none: it has to be added again."""
    if not webhook.secret_cipher:
        raise LinliError(
            "api.webhook_without_secret",
            zh="这个推送没有密钥",
            en="This webhook has no secret.",
            found=str(webhook.uid),
            remedy_zh="终止后重新登记",
            remedy_en="end it and add it again",
        )
    return reveal(_SIGNER, purpose=PURPOSE, subject=webhook.uid, fields={_FIELD: webhook.secret_cipher})[_FIELD]


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The header webhook-signature: HMAC-SHA-256 over "id.timestamp.body"."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def headers_for(webhook: Webhook, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Everything a receiver needs to tell that the message is ours, whole, and not an old one sent again."""
    return {
        "content-type": "application/json",
        "user-agent": "linli-webhook/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret_of(webhook), message_id, timestamp, body),
    }

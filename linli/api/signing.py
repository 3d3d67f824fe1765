"""Signatures of what is sent, as Standard Webhooks lays them down: a receiver can check them with any library that knows it."""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.utils.crypto import salted_hmac

from linli.api.models import Webhook

PREFIX = "whsec_"


def secret_of(webhook: Webhook) -> str:
    """The webhook's secret, "whsec_" and base64. Derived from the installation's secret key: who changes that changes every one."""
    derived = salted_hmac("linli.api.webhook", str(webhook.uid), algorithm="sha256").digest()
    return PREFIX + base64.b64encode(derived).decode()


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

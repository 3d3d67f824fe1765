"""Writes of the API's own: tokens, webhooks, a screening asked for."""

from linli.api.acts.screenings import ask_screening
from linli.api.acts.tokens import make_token, revoke_token
from linli.api.acts.webhooks import add_webhook, end_webhook, hold_back, release_held, replay

__all__ = ["add_webhook", "ask_screening", "end_webhook", "hold_back", "make_token", "release_held", "replay", "revoke_token"]

"""Writes of entitlements: apply, accept, ask for what is missing, decide."""

from linli.entitlements.acts.accepting import accept, ask_supplement, give_account, give_word, state_facts
from linli.entitlements.acts.answering import answered_elsewhere
from linli.entitlements.acts.applying import Account, apply
from linli.entitlements.acts.deciding import decide
from linli.entitlements.acts.objecting import ask_review, object_to
from linli.entitlements.acts.receipting import receipt

__all__ = [
    "Account",
    "accept",
    "answered_elsewhere",
    "apply",
    "ask_review",
    "ask_supplement",
    "decide",
    "give_account",
    "give_word",
    "object_to",
    "receipt",
    "state_facts",
]

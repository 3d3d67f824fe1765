"""Writes of settlement: each function is one verb and one transaction of rows and facts."""

from linli.settlement.acts.confirming import apply_account_answers, receive_accounts
from linli.settlement.acts.correcting import correct_account, withdraw
from linli.settlement.acts.handing import hand_over, note_handed_over, write_released
from linli.settlement.acts.inquiring import drop_inquiry, fill_inquiry, hand_over_inquiry, make_inquiry
from linli.settlement.acts.ordering import drop_order, enter_payer, fill_order, make_order, release_order
from linli.settlement.acts.outcomes import apply_some, receive
from linli.settlement.acts.recovering import confirm_back, money_back
from linli.settlement.acts.retention import kept, release, release_retention
from linli.settlement.acts.surplus import confirm_surplus, say_surplus
from linli.settlement.acts.taking import AT_ONCE, Payable, take_over
from linli.settlement.acts.twice import confirm_paid, say_paid
from linli.settlement.acts.vouching import drop as drop_word

__all__ = [
    "AT_ONCE",
    "Payable",
    "apply_account_answers",
    "apply_some",
    "confirm_back",
    "confirm_paid",
    "confirm_surplus",
    "correct_account",
    "drop_inquiry",
    "drop_order",
    "drop_word",
    "enter_payer",
    "fill_inquiry",
    "fill_order",
    "hand_over",
    "hand_over_inquiry",
    "kept",
    "make_inquiry",
    "make_order",
    "money_back",
    "note_handed_over",
    "receive",
    "receive_accounts",
    "release",
    "release_order",
    "release_retention",
    "say_paid",
    "say_surplus",
    "take_over",
    "withdraw",
    "write_released",
]

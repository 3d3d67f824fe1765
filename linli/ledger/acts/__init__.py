"""Writes of the ledger: each function is one verb, on one thing or on a set, all or none. Whose money it is, the caller checks."""

from linli.ledger.acts.accounts import close_account, open_account
from linli.ledger.acts.funds import Promise, allocate, fund_of, open_fund, promise_more
from linli.ledger.acts.holding import Holding, Locked, hold, hold_all, lock_balances, release, release_expired
from linli.ledger.acts.posting import Posted, Posting, Reversal, post, post_all, reverse, reverse_all
from linli.ledger.acts.spending import Commitment, PartedSpending, Spending, commit, commit_all, spend, spend_all

__all__ = [
    "Commitment",
    "Holding",
    "Locked",
    "PartedSpending",
    "Posted",
    "Posting",
    "Promise",
    "Reversal",
    "Spending",
    "allocate",
    "close_account",
    "commit",
    "commit_all",
    "fund_of",
    "hold",
    "hold_all",
    "lock_balances",
    "open_account",
    "open_fund",
    "post",
    "post_all",
    "promise_more",
    "release",
    "release_expired",
    "reverse",
    "reverse_all",
    "spend",
    "spend_all",
]

"""Writes of the ledger: each function is one verb and one transaction of entries and facts. Whose money it is, the caller checks."""

from linli.ledger.acts.accounts import close_account, open_account
from linli.ledger.acts.funds import Promise, Spending, allocate, commit, fund_of, open_fund, spend
from linli.ledger.acts.holding import hold, release, release_expired
from linli.ledger.acts.posting import Posted, Posting, post, post_all, reverse

__all__ = [
    "Posted",
    "Posting",
    "Promise",
    "Spending",
    "allocate",
    "close_account",
    "commit",
    "fund_of",
    "hold",
    "open_account",
    "open_fund",
    "post",
    "post_all",
    "release",
    "release_expired",
    "reverse",
    "spend",
]

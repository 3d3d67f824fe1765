"""Public draws that nobody can steer: commitments, a frozen list, a seed out of both, samples by stratum, cross review; and their check."""

from linli.sampling.commitments import commit, new_secret
from linli.sampling.cycles import cycle, reviewers
from linli.sampling.documents import read_draw, write_draw
from linli.sampling.drawing import finish, freeze, reveal
from linli.sampling.forms import (
    Balls,
    Commitment,
    CrossReview,
    Draw,
    Frozen,
    Item,
    Outcome,
    Plan,
    PublicDraw,
    Raised,
    Replaced,
    Result,
    Reveal,
    Size,
    Words,
)
from linli.sampling.rates import Findings, Step, next_rate
from linli.sampling.strata import size
from linli.sampling.verifying import Check, Verification, verify

__all__ = [
    "Balls",
    "Check",
    "Commitment",
    "CrossReview",
    "Draw",
    "Findings",
    "Frozen",
    "Item",
    "Outcome",
    "Plan",
    "PublicDraw",
    "Raised",
    "Replaced",
    "Result",
    "Reveal",
    "Size",
    "Step",
    "Verification",
    "Words",
    "commit",
    "cycle",
    "finish",
    "freeze",
    "new_secret",
    "next_rate",
    "read_draw",
    "reveal",
    "reviewers",
    "size",
    "verify",
    "write_draw",
]

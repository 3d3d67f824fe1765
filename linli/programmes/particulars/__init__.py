"""What is particular to some programmes: the day a case is about, the list it writes, works, evidence, a loan, scores, an escrow."""

from linli.programmes.particulars.declaration import (
    Criterion,
    Escrow,
    Event,
    Evidence,
    Forwarding,
    Loan,
    Named,
    Outcome,
    Particulars,
    Pictures,
    Registration,
    Scores,
    Works,
)

__all__ = [
    "Criterion",
    "Escrow",
    "Event",
    "Evidence",
    "Forwarding",
    "Loan",
    "Named",
    "Outcome",
    "Particulars",
    "Pictures",
    "Registration",
    "Scores",
    "Works",
]

"""From an application to paid: who does what by when, how it is checked, shown, paid and contested, as a programme file says."""

from linli.programmes.procedure.declaration import (
    Instant,
    Objection,
    Payment,
    Procedure,
    PublicNotice,
    RandomCheck,
    Recourse,
    Retention,
    Standing,
    Step,
    Term,
    Verification,
)

__all__ = [
    "Instant",
    "Objection",
    "Payment",
    "Procedure",
    "PublicNotice",
    "RandomCheck",
    "Recourse",
    "Retention",
    "Standing",
    "Step",
    "Term",
    "Verification",
]

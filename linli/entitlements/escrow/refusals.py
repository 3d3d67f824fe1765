"""What an escrow refuses, in words."""

from __future__ import annotations

from functools import partial

from linli.kernel import errors
from linli.kernel.errors import LinliError

refusal = partial(errors.refusal, "entitlements.escrow_")


def second_person(said: tuple[str, str]) -> LinliError:
    """What one has entered or planned is confirmed by another."""
    return refusal("second_person", said, ("请同事确认", "ask a colleague"))

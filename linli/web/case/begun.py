"""What in the house's own working began a case that nobody asked for, in words, for residents and officers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from linli.casework.models import Case
from linli.entitlements.acts.objecting import ANSWERING
from linli.entitlements.standing import FOLLOWING
from linli.settlement.acts.shared import MACHINE
from linli.settlement.reactions import RECOVERING

_BANK = gettext_lazy("系统根据银行的答复")
BEGUN: dict[str, Any] = {
    ANSWERING.actor: gettext_lazy("系统根据复核结果"),
    FOLLOWING.actor: gettext_lazy("系统根据登记的变化"),
    MACHINE.actor: _BANK,
    RECOVERING.actor: _BANK,
}
"""By the actor of the machinery that opened it."""


def begun_by(case: Case) -> str:
    """What began it, "" of a case that somebody asked for."""
    return str(BEGUN.get(case.opened_by, ""))

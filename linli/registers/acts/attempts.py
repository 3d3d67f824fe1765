"""The log of what was tried and refused. It is telemetry beside the trace: nothing changed, so there is no fact."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from linli.kernel import clock
from linli.registers.models import RefusedAttempt

# Network logs are kept for six months at least (Cybersecurity Law of the PRC, 网络安全法).
KEPT = timedelta(days=190)
_log = logging.getLogger("linli.refused")


def note_refusal(*, kind: str, actor: str, place: str, address: str) -> None:
    """Count a refused attempt in its minute. kind: the refusal's code; place: a route's name; address: without its last part.

    Call it outside the transaction that was refused. One statement, or two for the first of its minute.
    """
    minute = clock.now().replace(second=0, microsecond=0)
    same = {"at": minute, "kind": kind[:60], "actor": actor[:80], "place": place[:80], "address": address[:45]}
    with transaction.atomic():
        if not RefusedAttempt.objects.filter(**same).update(times=F("times") + 1):
            RefusedAttempt.objects.bulk_create([RefusedAttempt(**same)], ignore_conflicts=True)
    _log.warning("refused %s at %s", kind, place)


def forget_old_refusals() -> int:
    """Delete what is older than the law and we need; how many rows. One statement."""
    return RefusedAttempt.objects.filter(at__lt=clock.now() - KEPT).delete()[0]

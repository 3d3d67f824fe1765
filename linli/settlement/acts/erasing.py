"""A person was erased: their accounts go, the book keeps its sums."""

from __future__ import annotations

from uuid import UUID

from linli.kernel.viewer import Viewer
from linli.settlement import facts
from linli.settlement.models import Account
from linli.trace import act


def forget(viewer: Viewer, *, person: UUID) -> int:
    """Empty the accounts of a person; how many. Instructions keep the last four figures, which lead to nobody. Locks the accounts."""
    with act(viewer) as current:
        rows = list(Account.objects.select_for_update().filter(person=person).exclude(cipher="", blind=""))
        for row in rows:
            row.cipher, row.blind, row.tail = "", "", ""
        Account.objects.bulk_update(rows, ["cipher", "blind", "tail"])
        if rows:
            current.record(facts.ACCOUNTS_FORGOTTEN, subject=f"resident:{person}", payload={"rows": len(rows)}, rows=rows)
    return len(rows)

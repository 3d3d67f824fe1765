"""Applications of somebody whose data are erased."""

from __future__ import annotations

from uuid import UUID

from linli.entitlements import facts
from linli.entitlements.models import Application
from linli.entitlements.recording import record
from linli.entitlements.works import acts as works
from linli.kernel.viewer import Viewer
from linli.trace import act


def forget(viewer: Viewer, person: UUID) -> int:
    """Empty the applications of an erased person; what was decided stays. Returns how many there were."""
    with act(viewer) as a:
        rows = list(Application.objects.select_for_update(of=("self",)).select_related("case").filter(person=person).order_by("pk"))
        for row in rows:
            row.answers_cipher, row.account_cipher, row.open = "", "", False
            row.save(update_fields=["answers_cipher", "account_cipher", "open"])
            record(a, row, facts.FORGOTTEN, {}, [row, *works.forget(row.case)])
    return len(rows)

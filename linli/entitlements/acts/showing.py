"""What an accepted paper of an application shows, put on the application by the office that read it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from linli.casework.documents.queries import document
from linli.casework.models import Case, Document
from linli.casework.steps.acts import in_step
from linli.entitlements import facts
from linli.entitlements.acts.accepting import reckon_anew
from linli.entitlements.models import Application
from linli.entitlements.recording import record
from linli.entitlements.told import stated, told_of
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.trace import Act


def state_from(viewer: Viewer, paper: UUID, facts_found: Mapping[str, Any], *, key: str | None = None) -> Case:
    """Put what a document shows on its application, with the document as its source, and ask the rule anew. Locks the case.

    Only facts that its material gives; a register that says something goes before. Only once an officer has accepted the document; where
    some step of the programme takes two officers, not by the one who accepted it. facts_found: money in fen, dates as date.
    """
    found = document(viewer, paper)

    def done(a: Act, row: Case, programme: Programme, _taken: object) -> None:
        fresh = Document.objects.select_for_update().get(pk=found.pk)
        _require_accepted(fresh)
        if takes_two(programme) and fresh.checked_by == viewer.actor:
            raise _second(fresh)
        application = Application.objects.select_for_update().select_related("case").get(case=row)
        before = told_of(application, programme)
        told = stated(programme, facts_found, by=f"document:{fresh.uid}", before=before, material=fresh.material)
        application.answers_cipher = told.sealed(row.subject_uid)
        record(a, application, facts.SHOWN, {"document": str(fresh.uid), "facts": sorted(facts_found)}, [application])
        reckon_anew(a, application, programme, told)

    return in_step(viewer, found.case.uid, "state_from", done, key)


def takes_two(programme: Programme) -> bool:
    """Whether some step of the programme takes two officers."""
    return programme.procedure is not None and any(step.officers > 1 for step in programme.procedure.steps)


def _require_accepted(found: Document) -> None:
    if found.check_result != "accepted" or found.part != "material":
        raise LinliError(
            "entitlements.not_accepted",
            zh="这份材料还没有审核合格，不能作为依据",
            en="The document has not been accepted: it shows nothing yet.",
            expected=("审核合格的申请材料", "an accepted paper of the application"),
            found=found.check_result or found.part,
            remedy_zh="先审核材料",
            remedy_en="check it first",
        )


def _second(found: Document) -> Refused:
    return Refused(
        "entitlements.second_officer",
        zh="这项政策要两人经办：审核材料的人不能自己登记材料写明的信息",
        en="This programme takes two officers: whoever accepted the paper does not enter what it shows.",
        expected=("另一位经办人", "another officer"),
        found=str(found.uid),
        remedy_zh="请同事登记",
        remedy_en="ask a colleague",
    )

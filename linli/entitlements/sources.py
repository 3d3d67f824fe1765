"""Where the facts that an application states come from, in words: somebody's word, what the office found, or a document."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from linli.casework.documents.queries import label_of
from linli.casework.models import Document
from linli.entitlements.models import Application
from linli.entitlements.told import Told
from linli.kernel.clock import SHANGHAI
from linli.programmes.declaration import Material, Programme
from linli.rules.declare import Label

STATED_BY = {"person": Label("本人承诺", "the person's word"), "office": Label("经办单位查明", "found by the office")}
_DOCUMENT = "document:"


def stated_by(application: Application, programme: Programme, told: Told) -> dict[str, Label]:
    """By fact. One query where a document shows any of them."""
    materials = {one.id: one for one in programme.materials}
    wanted = {UUID(who.removeprefix(_DOCUMENT)) for who in told.by.values() if who.startswith(_DOCUMENT)}
    papers = Document.objects.filter(case=application.case_id, uid__in=wanted) if wanted else []
    named = {f"{_DOCUMENT}{one.uid}": one for one in papers}
    return {name: _words(who, named.get(who), materials) for name, who in told.by.items()}


def _words(who: str, paper: Document | None, materials: Mapping[str, Material]) -> Label:
    if paper is None:
        return STATED_BY.get(who, STATED_BY["office"])
    label, day = label_of(paper, dict(materials)), paper.given_at.astimezone(SHANGHAI).date()
    return Label(f"材料“{label.zh}”，{day} 交", f"document “{label.en}”, given on {day}")

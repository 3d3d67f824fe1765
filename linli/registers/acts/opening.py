"""What a city already has on paper on the day it starts: authorisations and holdings of many people at once, one bulk act each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import believed
from linli.registers.lists import find_list, load_lists
from linli.registers.lists.facts import AUTHORISATION_RECORDED, HOLDING_CHANGED, OPENING_RECORDED
from linli.registers.models import Authorisation, Holding, Resident
from linli.trace import FactType, bulk_act
from linli.trace.bulk import BulkFact
from linli.trace.rows import digests_now, ref


def open_authorisations(
    viewer: Viewer, *, list_slug: str, residents: Sequence[UUID], valid_from: date, evidence: str, key: str | None = None
) -> int:
    """Record that these people signed an authorisation for a list; whoever has one already is left alone. Returns how many are new.

    evidence: file number of the bundle of signed papers. Needs clerk over the whole city. Raises AlreadyDone if `key` was used before.
    Cost: three statements for each 10,000 people.
    """
    viewer.require("clerk")
    if not find_list(load_lists(Path(settings.LINLI_CITY)), list_slug).authorisation:
        raise LinliError(
            "registers.no_authorisation",
            zh="该名单不需要授权",
            en="This list needs no authorisation.",
            found=list_slug,
            remedy_zh="核对名单",
            remedy_en="name a list declared with authorisation: true",
        )
    fixed = {"list_slug": list_slug, "valid_from": valid_from, "evidence": evidence}
    payload = {"list": list_slug, "change": "given"}
    return _open(viewer, Authorisation, fixed, residents, AUTHORISATION_RECORDED, payload, subject=f"list:{list_slug}", key=key)


def open_holdings(
    viewer: Viewer, *, programme_slug: str, residents: Sequence[UUID], valid_from: date, origin: str, key: str | None = None
) -> int:
    """Record that these people have a programme's benefit; whoever holds it already is left alone. Returns how many are new.

    Needs officer over the whole city. Raises AlreadyDone if `key` was used before. Cost: three statements for each 10,000 people.
    """
    viewer.require("officer", programme=programme_slug)
    fixed = {"programme_slug": programme_slug, "valid_from": valid_from, "origin": origin}
    payload = {"programme": programme_slug, "change": "opened"}
    return _open(viewer, Holding, fixed, residents, HOLDING_CHANGED, payload, subject=f"programme:{programme_slug}", key=key)


def _open(
    viewer: Viewer,
    model: type[models.Model],
    fixed: dict[str, Any],
    residents: Sequence[UUID],
    fact_type: FactType,
    payload: dict[str, Any],
    *,
    subject: str,
    key: str | None,
) -> int:
    opened = 0
    with bulk_act(viewer, OPENING_RECORDED, subject=subject, payload={"people": len(residents)}, key=key) as bulk:
        for start in range(0, len(residents), 10_000):
            rows = _new_rows(model, fixed, residents[start : start + 10_000])
            model._default_manager.bulk_create(rows)
            bulk.extend(_facts(rows, fact_type, payload))
            opened += len(rows)
        bulk.act.result = {"opened": opened}
    return opened


def _new_rows(model: type[models.Model], fixed: dict[str, Any], uids: Sequence[UUID]) -> list[models.Model]:
    """Rows for those who have none that is believed; locks the people so that nobody gives them one meanwhile."""
    same = {name: fixed[name] for name in ("list_slug", "programme_slug") if name in fixed}
    has = model._default_manager.filter(believed(), resident_id=models.OuterRef("pk"), **same)
    people = Resident.objects.select_for_update(no_key=True).filter(~models.Exists(has), uid__in=uids, erased_at=None).order_by("pk")
    now = clock.now()
    return [model(resident=person, known_from=now, **fixed) for person in people.only("uid")]


def _facts(rows: Sequence[Any], fact_type: FactType, payload: dict[str, Any]) -> Iterator[BulkFact]:
    digests = digests_now(ref(row) for row in rows)
    for row in rows:
        yield fact_type, f"resident:{row.resident.uid}", payload, {str(ref(row)): digests[ref(row)]}

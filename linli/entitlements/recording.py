"""Facts of an application: about the person under their county, echoed by the case."""

from __future__ import annotations

from typing import Any

from linli.entitlements.models import Application
from linli.registers.acts.guards import county_of
from linli.trace import Act, FactType


def record(a: Act, row: Application, fact_type: FactType, payload: dict[str, Any], rows: list[Any]) -> None:
    """A fact about the person under their county, echoed by the case."""
    case = row.case
    about = {"case": str(case.uid), "receipt": case.receipt, "programme": row.programme, **payload}
    a.record(fact_type, subject=case.subject, payload=about, rows=rows, area=county_of(case.area_code), also=[str(case)])

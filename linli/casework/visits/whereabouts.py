"""Where the device was when a call was written down: given or not, kept under the person's key, read by whoever may see the case."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from linli import vault
from linli.casework.desks import workable
from linli.casework.models import Case, Visit
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.positions import WGS84, Position, position
from linli.kernel.viewer import Viewer

PURPOSE, FIELD = "casework.answer", "position"
COARSEST = 100_000
"""Metres: what is less exact than a county says nothing."""
READERS = ("officer", "steward")


@dataclass(frozen=True, slots=True)
class Measured:
    """A position as the device measured it, WGS-84, and within how many metres it is right."""

    at: Position
    accuracy: int

    def text(self) -> str:
        """As it is kept: to seven decimals, with its system."""
        told = {"lon": f"{self.at.lon:.7f}", "lat": f"{self.at.lat:.7f}", "accuracy": self.accuracy, "system": WGS84}
        return json.dumps(told, sort_keys=True)


def measured(lon: float, lat: float, accuracy: float) -> Measured:
    """What a browser says. Raises LinliError for a place outside this country or an accuracy that is none."""
    if not 0 <= accuracy <= COARSEST:
        raise LinliError(
            "visits.no_accuracy",
            zh="设备给出的位置太不准确",
            en="The device's position is too inexact.",
            place=Place(field="accuracy"),
            expected=f"0 to {COARSEST} m",
            expected_zh=f"0 到 {COARSEST} 米",
            found=f"{accuracy:g}",
            remedy_zh="到室外再取一次，或者不带位置提交",
            remedy_en="measure it again outdoors, or send the record without a position",
        )
    return Measured(position(lon, lat, WGS84), round(accuracy))


def sealed(subject: UUID, found: Measured | None) -> str | None:
    """Its ciphertext under the person's key; None without one."""
    return vault.protect(subject, {FIELD: found.text()})[FIELD] if found else None


def visit_for(viewer: Viewer, uid: UUID) -> Visit:
    """A call that has a position, for whoever may see its case or, where it was for none, for the office and stewards of where the person
    lives. Raises Refused otherwise, whether or not there is such a call. Three queries at most."""
    found = Visit.objects.select_related("case").filter(uid=uid).exclude(place_cipher=None).exclude(place_cipher="").first()
    if found is None or not _may_see(viewer, found.case, found.area_code):
        zh, en = "没有这条位置，或不在您的职责范围内", "There is no such position, or it is not yours to see."
        raise Refused("visits.no_such_place", zh=zh, en=en)
    return found


def place_of(viewer: Viewer, found: Visit) -> Measured:
    """Where the device was; the reading is listed to the person."""
    plain = vault.reveal(viewer, purpose=PURPOSE, subject=found.subject, fields={FIELD: found.place_cipher}, place=found.area_code)
    told: dict[str, Any] = json.loads(plain[FIELD])
    return Measured(Position(float(told["lon"]), float(told["lat"])), int(told["accuracy"]))


def _may_see(viewer: Viewer, case: Case | None, area: str) -> bool:
    if case is not None:
        return workable(viewer).filter(case=case).exists()
    return any(viewer.may(role, area=area) for role in READERS)

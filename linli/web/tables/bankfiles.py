"""Bank files of many payments, written by the worker; handed over only when whoever asked for one takes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from linli.kernel.viewer import Viewer
from linli.settlement import acts, queries
from linli.settlement.refusals import require_state
from linli.web.tables.exports import Filled

NAME = "bank-file"
AT_ONCE = 1_000
"""Payments that are written while whoever takes the file waits, in about a second; more are a job."""


def order(viewer: Viewer, parameters: Mapping[str, str]) -> Filled:
    """The released file of an order, byte for byte."""
    found = queries.order(viewer, UUID(parameters["order"]))
    viewer.require("officer", programme=found.programme, area=_place(viewer, found.programme))
    require_state(("发放文件", "bank file"), found.state, "released", "handed_over", "settled")

    def write(path: Path, told: Any) -> int:
        return acts.write_released(viewer, order=found.uid, path=path, progress=told).count

    return Filled(write, lambda: found.count)


def _place(viewer: Viewer, programme: str) -> str:
    """An area of the viewer's as officer: the act asks for every county of the batch."""
    return next(iter(viewer.areas("officer", programme)), "")


def taken(viewer: Viewer, parameters: Mapping[str, str]) -> None:
    """Whoever downloads it has taken it."""
    acts.note_handed_over(viewer, order=UUID(parameters["order"]))


LISTINGS: dict[str, Any] = {NAME: order}

"""Archives (一户一档) of cases and batches as files that the worker writes: one zip each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from linli.archives import acts, queries
from linli.archives.cases import Wish
from linli.archives.folders import Place, Zip
from linli.batches import queries as batches
from linli.batches.models import Item
from linli.kernel.viewer import Viewer
from linli.web.tables.exports import Filled
from linli.web.templatetags.texts import chinese

Told = Callable[[int], None]


def parameters_of(request_post: Mapping[str, Any], site: str) -> dict[str, str]:
    """What a form asks for, for the job. site: where QR codes lead."""
    return {"site": site, "in_full": "1" if request_post.get("in_full") == "1" else ""}


def case(viewer: Viewer, parameters: Mapping[str, str]) -> Filled:
    """One case: case, site, in_full."""
    found = queries.case_for(viewer, UUID(parameters["case"]))

    def write(place: Place, _told: Told) -> acts.Written:
        return acts.export_case(viewer, case=found.uid, place=place, wish=_wish(parameters))

    return Filled(_zipped(write), lambda: 1)


def batch(viewer: Viewer, parameters: Mapping[str, str]) -> Filled:
    """One batch with its cases: batch, site, in_full."""
    found = batches.batch(viewer, UUID(parameters["batch"]))

    def write(place: Place, told: Told) -> acts.Written:
        return acts.export_batch(viewer, batch=found.uid, place=place, wish=_wish(parameters), progress=told)

    return Filled(_zipped(write), lambda: Item.objects.filter(batch=found).count())


def _zipped(write: Callable[[Place, Told], acts.Written]) -> Callable[[Path, Told], int]:
    def to(path: Path, told: Told) -> int:
        with path.open("wb") as file:
            place = Zip(file)
            written = write(place, told)
            place.close()
        told(written.cases)
        return written.cases

    return to


def _wish(parameters: Mapping[str, str]) -> Wish:
    return Wish("zh" if chinese() else "en", parameters.get("site", ""), parameters.get("in_full") == "1")


LISTINGS: dict[str, Any] = {"archive-case": case, "archive-batch": batch}

"""An application with papers: a programme that asks for some, a case of it, photos, and who looks at them."""

from __future__ import annotations

import io

from case_examples import staff
from django.conf import settings
from PIL import Image
from place_examples import SYSTEM

from linli.casework.models import Case
from linli.casework.steps.intake import Intake, receive
from linli.kernel.viewer import Grant, Viewer
from linli.papers.scans import Page, Taken
from linli.programmes.acts import publish_version
from linli.programmes.catalogue import catalogue
from linli.programmes.declaration import Programme
from linli.registers.acts.guards import lock
from linli.registers.models import Resident
from linli.trace import act

STUDENT_AID = "disabled-student-aid"
NEEDS = {"identity": "wanted", "account": "wanted", "kinship": "commitment"}
CHECKER = staff(11, Grant("officer", "140802"))


def photo(colour: str = "red", size: tuple[int, int] = (300, 200)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def taken(content: bytes) -> Taken:
    """Stands where a process of its own looks into files: tests that aren't about that save its start. A page for each "|"."""
    parts = content.split(b"|")
    return Taken("pdf" if len(parts) > 1 else "jpeg", tuple(Page(part, 300, 200) for part in parts))


def published() -> Programme:
    """The programme whose cases need papers."""
    files = catalogue(settings.LINLI_CITY)
    programme = files.newest(STUDENT_AID)
    publish_version(viewer=SYSTEM, catalogue=files, programme=programme, demonstration=True)
    return programme


def application(programme: Programme, who: Resident, viewer: Viewer) -> Case:
    """A case of the programme in 盐湖区, as it comes in."""
    with act(viewer) as a:
        (locked,) = lock(who)
        return receive(a, viewer, locked, "140802002001", programme, Intake("resident", "", NEEDS))

"""What to do next about a programme (怎么办): what to bring, where to go, when it comes, whom to ask.

Only what the programme's file and the city's data say; where they are silent, whom to call.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from linli.programmes import Programme
from linli.programmes.declaration import EXEMPTIONS, SITUATIONS
from linli.registers.models import Area
from linli.rules import Label
from linli.screening.explaining import Reasons
from linli.screening.models import Determination
from linli.web.frame import city
from linli.web.templatetags.texts import chinese

OWN_CARD = "identity"
"""The paper that nobody hands in and everybody brings: a window compares it with the person."""


@dataclass(frozen=True, slots=True)
class Steps:
    """bring, spared, promised: papers to show, that the registers have, that a signed commitment stands for.

    office: the street or township that is in charge of this person, "" where none is known; situation: why that one.
    days: working days until it is decided, None where nothing says so.
    """

    bring: tuple[Label, ...]
    spared: tuple[Label, ...]
    promised: tuple[Label, ...]
    office: str
    situation: Label
    body: Label
    phone: str
    answers: Label
    result: Label
    days: int | None


def steps_of(told: Reasons) -> Steps:
    """The steps for whom the reasons are about. Two queries."""
    programme = told.programme
    papers = {kind: tuple(one.label for one in programme.materials if one.exempt == kind) for kind in EXEMPTIONS}
    promised = programme.promised_working_days
    return Steps(
        bring=papers["none"],
        spared=tuple(one.label for one in programme.materials if one.exempt == "data_sharing" and one.id != OWN_CARD),
        promised=papers["commitment"],
        office=_office(told),
        situation=SITUATIONS[programme.place.office],
        body=city.city().bodies[programme.item.body],
        phone=programme.item.enquiry.phone,
        answers=_answers(programme),
        result=programme.result,
        days=programme.statutory_working_days if promised is None else promised,
    )


def _answers(programme: Programme) -> Label:
    """Who answers the published number: the city's hotline by its name, else who the file says."""
    here, enquiry = city.city(), programme.item.enquiry
    if enquiry.phone != here.hotline.phone:
        return enquiry.label
    return Label(here.label.zh + here.hotline.label.zh, f"{here.label.en} {here.hotline.label.en}")


def _office(told: Reasons) -> str:
    """The office of the street or township under which the screening put the subject: by the situation that the programme names."""
    rows = Determination.objects.filter(programme=told.programme.slug, subject=told.subject, until__isnull=True)
    code = rows.values_list("area_code", flat=True).first() or ""
    parts = (code[:6], code[:9])
    names = dict(Area.objects.filter(code__in=parts, valid_to__isnull=True).values_list("code", "name"))
    if len(code) < 9 or code[:9] not in names:
        return ""
    said = [city.area_words(part, names[part]) for part in parts if part in names]
    if chinese():
        return "".join(said) + _seat(names[code[:9]])
    return _("%(place)s的政府办公地") % {"place": ", ".join(reversed(said))}


def _seat(township: str) -> str:
    """What the authority of a street, a town or a township adds to its name."""
    if township.endswith("街道"):
        return "办事处"
    return "人民政府" if township.endswith(("镇", "乡")) else ""

"""The works of a case in words, for officers and for the person. A page that shows them includes components/works.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse

from linli.casework.models import Case, Document
from linli.entitlements.works.lines import Line, opened
from linli.entitlements.works.models import WorksList, WorksSignature
from linli.entitlements.works.signing_off import SignedOff, sign_off
from linli.entitlements.works.standing import Shots, Works, has_works, works_of
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.particulars.declaration import SIGNERS
from linli.registers.models import Organisation
from linli.rules.declare import Label
from linli.web.case.papers import Portal, Tag, check_tag
from linli.web.frame.counted import counted


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of the list with its area in words."""

    area: Label
    line: Line


@dataclass(frozen=True, slots=True)
class Signed:
    """Whose signature, and when it was given; at None: it lacks. paper: where the scan is looked at, "" for one in a session."""

    id: str
    who: Label
    at: datetime | None
    paper: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: where it is, where it is looked at in full, an officer's word on it."""

    src: str
    address: str
    at: datetime
    tag: Tag


@dataclass(frozen=True, slots=True)
class Side:
    """The pictures of one thing before or after. lacking: what still has to be there, "" for nothing; give: where one is added, "" for
    nowhere."""

    pictures: list[Picture]
    lacking: str
    give: str


@dataclass(frozen=True, slots=True)
class Pair:
    """The same thing before and after; either is None where the programme doesn't ask for it."""

    label: Label
    before: Side | None
    after: Side | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was accepted. lines: of a list; shown_fen: what papers show, None where there is a list."""

    on: date
    fen: int
    shown_fen: int | None
    lines: list[LineRow]


@dataclass(frozen=True, slots=True)
class Shown:
    """What components/works.html needs. current: the list that counts, None before there is one; cap: in fen, None: no document states it.

    address: where works are dealt with, "" where there is nothing to do. offices: where the list stands with those that sign it off, None
    before they were asked.
    """

    listed: bool
    current: WorksList | None
    rows: list[LineRow]
    cap: int | None
    contractor: Organisation | None
    signatures: list[Signed]
    pairs: list[Pair]
    bills: list[tuple[Label, str, int]]
    accepted: Accepted | None
    address: str
    earlier: int
    offices: SignedOff | None

    @property
    def unsigned(self) -> list[Signed]:
        """Whose signature lacks."""
        return [one for one in self.signatures if one.at is None]


def shown(viewer: Viewer, case: Case, programme: Programme, portal: Portal, *, pictures: str, address: str = "") -> Shown | None:
    """The works of a case that the viewer was already shown; None where its programme has none. Twelve queries at most.

    pictures: name of the address of a page of a document, "" where the portal shows none.
    """
    if not has_works(programme):
        return None
    found = works_of(case, programme)
    current, accepted = found.current, found.accepted
    ciphers = {"list": current.items_cipher if current else "", "accepted": accepted.items_cipher if accepted else ""}
    lines = opened(viewer, case.subject_uid, ciphers, case.area_code)
    declared = programme.particulars.works
    labels = {one.id: one.label for one in programme.materials}
    return Shown(
        listed=declared is not None,
        current=current,
        rows=_rows(programme, lines.get("list", [])),
        cap=declared.cap if declared else None,
        contractor=Organisation.objects.filter(uid=current.contractor).first() if current and current.contractor else None,
        signatures=_signatures(found, portal) if declared and current else [],
        pairs=_pairs(case, found, portal, pictures),
        bills=[
            (labels.get(one.document.material, Label("其他证明", "other evidence")), _look(portal, one.document), one.amount_fen)
            for one in found.bills
        ],
        accepted=Accepted(accepted.accepted_on, accepted.amount_fen, accepted.shown_fen, _rows(programme, lines.get("accepted", [])))
        if accepted
        else None,
        address=address,
        earlier=current.version - 1 if current else 0,
        offices=sign_off(case, current),
    )


def _rows(programme: Programme, lines: Sequence[Line]) -> list[LineRow]:
    declared = programme.particulars.works
    areas = {one.id: one.label for one in declared.areas} if declared else {}
    return [LineRow(areas.get(line.area, Label(line.area, line.area)), line) for line in lines]


def _signatures(found: Works, portal: Portal) -> list[Signed]:
    declared = found.programme.particulars.works
    given: dict[str, WorksSignature] = {one.signer: one for one in found.signatures}
    rows = []
    for signer in declared.signers if declared else ():
        one = given.get(signer)
        paper = _look(portal, one.document) if one is not None and one.document is not None else ""
        rows.append(Signed(signer, SIGNERS[signer], one.signed_at if one else None, paper))
    return rows


def _look(portal: Portal, document: Document) -> str:
    return reverse(portal.paper, args=[document.uid]) if portal.paper else ""


def _pairs(case: Case, found: Works, portal: Portal, pictures: str) -> list[Pair]:
    sides: dict[str, dict[str, Side]] = {}
    labels: dict[str, Label] = {}
    for shots in found.shots:
        sides.setdefault(shots.wanted.id, {})[shots.part] = _side(case, shots, portal, pictures)
        labels.setdefault(shots.wanted.id, shots.wanted.label)
    return [Pair(labels[one], told.get("before"), told.get("after")) for one, told in sides.items()]


def _side(case: Case, shots: Shots, portal: Portal, pictures: str) -> Side:
    query = urlencode({"material": shots.wanted.id, "part": shots.part})
    give = f"{reverse(portal.give, args=[case.uid])}?{query}" if case.status == "open" else ""
    every = [
        Picture(reverse(pictures, args=[one.uid, 1]), _look(portal, one), one.given_at, check_tag(one))
        for one in (shots.documents if pictures else ())
    ]
    return Side(every, counted("还缺 %(number)s 张", number=shots.lacking) if shots.lacking else "", give)

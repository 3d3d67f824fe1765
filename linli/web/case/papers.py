"""Papers and letters of a case in words, for every portal: what is needed and what became of it, one page of a paper, the letters.

A page that shows them includes components/papers.html with papers() and components/case_letters.html with letters().
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.casework.documents import acts, queries
from linli.casework.letters import queries as letters_queries
from linli.casework.models import Case, Document, Letter, Requirement
from linli.entitlements.reckoning import ACCOUNT
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.papers import scans
from linli.programmes.declaration import Material
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label

ACCEPT = "image/jpeg,image/png,image/webp,application/pdf"
TURNS, ZOOMS = (0, 90, 180, 270), (1, 2, 3)
# state of a requirement -> kind of tag, words, sign
STATES: dict[str, tuple[str, Any, str]] = {
    "exempt": ("good", gettext_lazy("不用交，登记里已有"), "tick"),
    "commitment": ("good", gettext_lazy("已承诺，不用交"), "tick"),
    "wanted": ("open", gettext_lazy("等您交"), "question"),
    "given": ("note", gettext_lazy("已交，等审核"), "clock"),
    "checked": ("good", gettext_lazy("已交，合格"), "tick"),
    "told": ("good", gettext_lazy("已收到"), "tick"),
    "refused": ("bad", gettext_lazy("不合格，请重交"), "cross"),
    "": ("note", gettext_lazy("可以交"), "dot"),
}
CHECKS: dict[str, tuple[str, Any, str]] = {
    "": ("note", gettext_lazy("等审核"), "clock"),
    "accepted": ("good", gettext_lazy("合格"), "tick"),
    "rejected": ("bad", gettext_lazy("不合格"), "cross"),
}
LETTER_STATES: dict[str, tuple[str, Any, str]] = {
    "withdrawn": ("bad", gettext_lazy("已撤回，不再有效"), "cross"),
    "scanned": ("good", gettext_lazy("盖章件已扫描"), "tick"),
    "awaits_scan": ("note", gettext_lazy("盖章件还没有扫描"), "clock"),
    "issued": ("good", gettext_lazy("已印发，不再更改"), "tick"),
}
SERVED_WORDS: dict[str, Any] = {
    "portal": gettext_lazy("本人在网上打开"),
    "window": gettext_lazy("窗口当面交付"),
    "visit": gettext_lazy("上门交付"),
    "post": gettext_lazy("邮寄"),
}


@dataclass(frozen=True, slots=True)
class Tag:
    """A state by colour, words and shape."""

    kind: str
    words: str
    sign: str


@dataclass(frozen=True, slots=True)
class Portal:
    """The names of a portal's addresses: the papers of a case, giving one, looking at one, a letter as PDF, works; "" where it has none."""

    papers: str
    give: str
    paper: str = ""
    letter: str = ""
    works: str = ""


MY = Portal("my:papers", "my:give_paper", "my:own_paper", "my:case_letter", "my:works")
OFFICE = Portal("office:papers", "office:give_paper", "office:paper", "office:letter", "office:works")
WINDOW = Portal("window:papers", "window:give_paper")


@dataclass(frozen=True, slots=True)
class Given:
    """One document: what it is called, its state, why it was rejected, who gave it, where it is looked at."""

    document: Document
    label: Label
    tag: Tag
    reasons: str
    who: str
    address: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """One material: its state, what was given for it, what may be taken over, where it is given ("" when nothing more is needed)."""

    material: Material
    tag: Tag
    given: list[Given]
    offer: queries.Offer | None
    address: str


@dataclass(frozen=True, slots=True)
class Papers:
    """What components/papers.html shows. others: documents of no material; give_other: where further evidence is given."""

    wanted: list[Wanted]
    others: list[Given]
    give_other: str
    key: str

    @property
    def offered(self) -> list[Wanted]:
        """The materials for which something from earlier may be taken over."""
        return [one for one in self.wanted if one.offer is not None]


def papers(viewer: Viewer, case: Case, portal: Portal) -> Papers:
    """The papers of a case that the viewer was already shown. About eight queries, however many there are."""
    found = [one for one in queries.documents_of(case) if one.part != queries.OF_LETTERS]
    materials = queries.materials_of(case)
    told = _told(viewer, case, found, materials, portal)
    needs = dict(Requirement.objects.filter(case=case).values_list("material", "state"))
    open_still = case.status == "open"
    offers = {one.material.id: one for one in queries.offers(case)} if open_still else {}
    wanted = []
    for name, material in materials.items():
        given = [one for one in told if one.document.material == name and one.document.part == "material"]
        state = needs.get(name, "")
        if state == "given":
            state = _stands(name, given)
        more = (open_still or state == "refused") and state not in ("exempt", "commitment", "checked", "told")
        wanted.append(Wanted(material, _tag(STATES[state]), given, offers.get(name), _give(portal, case, name) if more else ""))
    others = [one for one in told if one.document.part != "material"]
    return Papers(wanted, others, _give(portal, case, "") if open_still else "", str(uuid7()))


def _stands(material: str, given: list[Given]) -> str:
    """What became of a material that was given: what was rejected before doesn't count once a later one was accepted and none waits. An
    account that was typed in has no document, so that nobody looks at one."""
    results = [one.document.check_result for one in given]
    if not results:
        return "told" if material == ACCOUNT else "given"
    return "checked" if "" not in results and results[-1] == "accepted" else "given"


def _told(viewer: Viewer, case: Case, found: list[Document], materials: dict[str, Material], portal: Portal) -> list[Given]:
    reasons = queries.reasons_of(viewer, found) if portal.paper else {}
    pictures = queries.pictures_of(case)
    who = givers(viewer, case, found)
    return [
        Given(
            one,
            queries.label_of(one, materials, pictures),
            _tag(CHECKS[one.check_result]),
            reasons.get(one.uid, ""),
            who[one.given_by],
            reverse(portal.paper, args=[one.uid]) if portal.paper else "",
        )
        for one in found
    ]


@dataclass(frozen=True, slots=True)
class Looked:
    """A document in the file of a check: what it is called, and the word on it."""

    document: Document
    label: Label
    tag: Tag


def of_check(found: list[Document]) -> list[Looked]:
    """Documents of one case in words. One query at most."""
    if not found:
        return []
    materials, pictures = queries.materials_of(found[0].case), queries.pictures_of(found[0].case)
    return [Looked(one, queries.label_of(one, materials, pictures), check_tag(one)) for one in found]


def check_tag(document: Document) -> Tag:
    """An officer's word on a document."""
    return _tag(CHECKS[document.check_result])


def givers(viewer: Viewer, case: Case, found: Iterable[Document]) -> dict[str, str]:
    """Who gave them, by actor: the person, whoever acted for them, an office; colleagues' names are for staff. One query for staff."""
    actors = {one.given_by for one in found}
    names = {} if viewer.subject else names_of(actors)
    own = _("本人")
    return {
        actor: own if actor == case.subject else _("代办人") if actor.startswith("resident:") else names.get(actor, _("工作人员"))
        for actor in actors
    }


def _give(portal: Portal, case: Case, material: str) -> str:
    query = f"?{urlencode({'material': material})}" if material else ""
    return reverse(portal.give, args=[case.uid]) + query


def _tag(told: tuple[str, Any, str]) -> Tag:
    kind, words, sign = told
    return Tag(kind, str(words), sign)


class PaperInput(forms.FileInput):
    """A photo from a telephone's camera or a file; the camera opens at once where there is one."""

    def __init__(self) -> None:
        super().__init__(attrs={"accept": ACCEPT, "capture": "environment"})


class GiveForm(forms.Form):
    """One photo or PDF, from the camera or from the files. Two fields, since a field that opens the camera offers no files."""

    photo = forms.FileField(label=gettext_lazy("现在拍照"), required=False, widget=PaperInput())
    file = forms.FileField(
        label=gettext_lazy("或者选已有的照片、PDF"),
        help_text=gettext_lazy("照片或 PDF，不超过 20 MB，PDF 不超过 20 页。"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def clean(self) -> dict[str, Any]:
        """One of the two, and no larger than may be."""
        data = super().clean() or {}
        sent = data.get("file") or data.get("photo")
        if sent is None and not self.errors:
            self.add_error("file", _("请拍一张照片，或选一个文件。"))
        elif sent is not None and sent.size > scans.LARGEST:
            self.add_error("file", _("文件超过 20 MB。用手机重新拍一张，或分成几个文件。"))
        return data

    def content(self) -> bytes:
        """The file's bytes."""
        sent = cast(UploadedFile, self.cleaned_data["file"] or self.cleaned_data["photo"])
        return bytes(sent.read())


def give_form(request: HttpRequest) -> GiveForm:
    """The form as it comes, or empty with a key of its own, so that sent twice it is given once."""
    if request.method == "POST":
        return GiveForm(request.POST, request.FILES)
    return GiveForm(initial={"key": str(uuid7())})


def give_context(case: Case, material: str, portal: Portal, part: str = "") -> dict[str, Any]:
    """What components/give_paper.html needs beside the form. Raises LinliError for a material that the case does not ask for.

    part: before or after, where it is a picture of works; "" else.
    """
    back = reverse(portal.works if part and portal.works else portal.papers, args=[case.uid])
    if part:
        picture = queries.pictures_of(case).get((part, material))
        if picture is None:
            raise queries.no_document(material)
        return {"case": case, "label": picture.label, "part": queries.PARTS[part], "material": None, "back": back}
    known = queries.materials_of(case)
    if material and material not in known:
        raise queries.no_document(material)
    label = known[material].label if material else queries.PARTS["evidence"]
    return {"case": case, "label": label, "material": known.get(material), "back": back}


def given(viewer: Viewer, case: Case, material: str, form: GiveForm, part: str = "") -> Document:
    """Give what the form holds. Raises LinliError "scans.…" and the act's own."""
    part = part or ("material" if material else "evidence")
    return acts.give(viewer, case.uid, material, form.content(), part=part, key=form.cleaned_data["key"])


def take_over(viewer: Viewer, case: Case, request: HttpRequest) -> int:
    """Take over what was ticked; how many. A tick that fits no offer any more is left out."""
    taken, key = 0, request.POST.get("key", "")[:60]
    for offer in queries.offers(case):
        if f"{offer.material.id}:{offer.document.uid}" in request.POST.getlist("again"):
            acts.take_over(viewer, case.uid, offer.document.uid, offer.material.id, key=f"{key}:{offer.material.id}")
            taken += 1
    return taken


@dataclass(frozen=True, slots=True)
class View:
    """How a page of a paper is looked at: which page, how large, how turned, and where each change leads."""

    page: int
    pages: int
    zoom: int
    turn: int

    def _to(self, **changed: int) -> str:
        told = {"page": self.page, "zoom": self.zoom, "turn": self.turn, **changed}
        return f"?{urlencode(told)}"

    @property
    def larger(self) -> str:
        """ "" where it is largest."""
        return self._to(zoom=self.zoom + 1) if self.zoom < ZOOMS[-1] else ""

    @property
    def smaller(self) -> str:
        """ "" where it is smallest."""
        return self._to(zoom=self.zoom - 1) if self.zoom > ZOOMS[0] else ""

    @property
    def turned(self) -> str:
        """A quarter clockwise."""
        return self._to(turn=(self.turn + 90) % 360)

    @property
    def before(self) -> str:
        """The page before, "" on the first."""
        return self._to(page=self.page - 1) if self.page > 1 else ""

    @property
    def after(self) -> str:
        """The page after, "" on the last."""
        return self._to(page=self.page + 1) if self.page < self.pages else ""


def view_of(request: HttpRequest, document: Document) -> View:
    """As the address asks; anything it doesn't know is left out."""

    def number(name: str, allowed: Iterable[int], usual: int) -> int:
        text = request.GET.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 4 and int(text) in allowed else usual

    page = number("page", range(1, document.pages + 1), 1)
    return View(page, document.pages, number("zoom", ZOOMS, 1), number("turn", TURNS, 0))


def picture(content: bytes) -> HttpResponse:
    """A page of a paper: shown inside our pages, downloaded otherwise, never run."""
    return _sent(content, "image/jpeg", "paper.jpg")


def pdf(letter: Letter, content: bytes) -> HttpResponse:
    """A letter as a file of its own."""
    return _sent(content, "application/pdf", f"{letter.kind}-{letter.year}-{letter.sequence}.pdf")


def _sent(content: bytes, media: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter of a case: kind, number, state, how it was served, where its PDF is, the document of its scan."""

    letter: Letter
    kind: Label
    number: str
    tag: Tag
    served: str
    address: str
    scan: str


def letters(case: Case, portal: Portal) -> list[LetterRow]:
    """The letters of a case that the viewer was already shown, newest first. One query."""
    return [letter_row(one, portal) for one in letters_queries.letters_of(case)]


def letter_row(one: Letter, portal: Portal) -> LetterRow:
    """A letter in words."""
    return LetterRow(
        one,
        letters_queries.kind_label(one),
        letters_queries.number_of(one),
        _tag(LETTER_STATES[letters_queries.state_of(one)]),
        str(SERVED_WORDS.get(one.served_how, "")),
        reverse(portal.letter, args=[one.uid]) if one.cipher else "",
        reverse(portal.paper, args=[one.scan.uid]) if one.scan else "",
    )


def site_of(request: HttpRequest) -> str:
    """Where a letter's QR code leads: the public site's own address, else the one that this page was asked at."""
    return settings.LINLI_ADDRESSES["public"] or request.build_absolute_uri("/").rstrip("/")

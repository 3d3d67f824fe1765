"""Reads of letters: those of a case, the PDF in any of its editions, and what anybody may know who holds one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from linli import vault
from linli.casework import queries as cases
from linli.casework.deadlines import calendar
from linli.casework.documents.queries import CHECKING, OWN
from linli.casework.letters.sealed import fields_of
from linli.casework.models import Case, Letter
from linli.kernel import clock
from linli.kernel.codes import is_code, spoken, tidy
from linli.kernel.compiled import compiled
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer, system
from linli.papers.letters import Sealing, kind_of, render
from linli.registers.models import Resident
from linli.rules.declare import Label

CODE = 12
"""Signs of a verification code: 29^11, about 10^16."""
VERIFYING = system("casework.verify")
State = Literal["withdrawn", "scanned", "awaits_scan", "issued"]
"""issued: what isn't a letter and never changes, such as a plan."""
EDITIONS: tuple[tuple[str, Sealing], ...] = (
    ("zh", Sealing.UNSEALED),
    ("zh", Sealing.SEALED),
    ("zh", Sealing.SCANNED),
    ("en", Sealing.UNSEALED),
    ("en", Sealing.SCANNED),
)
"""What has ever been set of a letter; the English one is a translation and has no original."""


def letters_of(case: Case) -> list[Letter]:
    """The letters of a case that the viewer was already shown, the newest first. One query."""
    return _letters(case.pk)


@compiled
def _letters(case: int) -> QuerySet[Letter]:
    return Letter.objects.filter(case=case).select_related("scan").order_by("-id")


def letter_for(viewer: Viewer, uid: UUID) -> Letter:
    """A letter of a case that the viewer may see. Raises LinliError where there is none. Five queries at most."""
    found = Letter.objects.select_related("case", "case__task", "scan").filter(uid=uid).first()
    if found is None:
        raise no_letter(uid)
    try:
        cases.case(viewer, found.case.uid)
    except LinliError:
        raise no_letter(uid) from None
    return found


def state_of(letter: Letter) -> State:
    """Whether it still counts, and whether the scan of its stamped original is there."""
    if letter.withdrawn_at is not None:
        return "withdrawn"
    return "scanned" if letter.scan_id is not None else "awaits_scan"


def working_days_until(day: date) -> int:
    """Working days from today to a day, for a letter that says both. No query."""
    return calendar().between(clock.today(), day)


def number_of(letter: Letter) -> str:
    """文号 as it is printed: 运民助〔2026〕17号."""
    return f"{letter.mark}〔{letter.year}〕{letter.sequence}号"


def kind_label(letter: Letter) -> Label:
    """What a letter of this kind is called."""
    kind = kind_of(letter.kind, Path(settings.LINLI_CITY))
    return Label(kind.zh, kind.en)


def pdf(viewer: Viewer, letter: Letter, *, site: str, language: str = "zh", original: bool = False, purpose: str = "") -> bytes:
    """The letter as PDF; the reading is recorded for the person. For a letter that letter_for() gave.

    original: the edition that is printed and stamped; otherwise a copy that says whether a seal belongs to it. site: where the QR code
    leads to, "https://host". purpose: of the reading, else what fits the viewer. About 15 ms a page, and a second for the first of a
    process.
    """
    sealing = Sealing.SEALED if original else Sealing.SCANNED if state_of(letter) == "scanned" else Sealing.UNSEALED
    return _set(_fields(viewer, letter, purpose), letter, site, language, sealing)


def _fields(viewer: Viewer, letter: Letter, purpose: str = "") -> dict[str, Any]:
    if not letter.cipher:
        raise no_letter(letter.uid)
    purpose = purpose or (OWN if viewer.acts_for_resident(letter.subject) else CHECKING)
    told = vault.reveal(viewer, purpose=purpose, subject=letter.subject, fields={"letter": letter.cipher}, place=letter.case.area_code)
    return fields_of(told["letter"])


def _set(fields: dict[str, Any], letter: Letter, site: str, language: str, sealing: Sealing) -> bytes:
    verify = f"{site}/verify/{spoken(letter.code)}/"
    return render(letter.kind, {**fields, "verify": verify}, language=language, city=Path(settings.LINLI_CITY), sealing=sealing)


@dataclass(frozen=True, slots=True)
class Verified:
    """What anybody may know who has a letter's code. addressee: an organisation, or a person masked, "" once they were erased."""

    kind: Label
    organ: str
    number: str
    issued_at: datetime
    state: State
    addressee: str
    digest: str


def verified(code: str) -> Verified | None:
    """The letter of a code as typed or scanned, None where there is none. Two queries."""
    letter = _of_code(code)
    if letter is None:
        return None
    name = Resident.objects.filter(uid=letter.subject).values_list("name", flat=True).first() or ""
    written_to, number = letter.organisation or masked_name(name), number_of(letter)
    return Verified(kind_label(letter), letter.organ, number, letter.issued_at, state_of(letter), written_to, letter.digest)


def is_as_issued(code: str, content: bytes, *, site: str) -> bool:
    """Whether a PDF is, byte for byte, an edition of the letter of this code. Sets each edition anew; the reading is recorded.

    False for a letter that says nothing any more, and for a PDF that was printed from another address or with an older template.
    """
    letter = _of_code(code)
    if letter is None or not letter.cipher:
        return False
    fields, wanted = _fields(VERIFYING, letter), sha256(content).digest()
    return any(sha256(_set(fields, letter, site, *edition)).digest() == wanted for edition in EDITIONS)


def case_of_code(code: str) -> Case | None:
    """The case of the letter of a code as typed, for a window where somebody shows the letter; None where there is none. One query."""
    letter = _of_code(code)
    return letter.case if letter else None


def _of_code(code: str) -> Letter | None:
    plain = tidy(code)
    return Letter.objects.select_related("case").filter(code=plain).first() if is_code(plain, CODE) else None


def masked_name(name: str) -> str:
    """A name that who knows it recognises: 张*, 欧**; of a name in letters the first one."""
    return name[:1] + "*" * min(len(name) - 1, 2) if name else ""


def no_letter(found: object) -> LinliError:
    """There is no such letter for whoever asks."""
    return LinliError(
        "letters.none",
        zh="没有这份文书，或不在您的职责范围内",
        en="There is no such letter, or it is not yours to see.",
        place=Place(field="letter"),
        found=str(found),
        remedy_zh="从事项的页面打开文书",
        remedy_en="open it from the page of its case",
    )

"""Issue a letter of a case, attach the scan of its stamped original, record that it was served, withdraw it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Max

from linli import vault
from linli.casework import facts
from linli.casework.desks import no_case, require_impartial, workable
from linli.casework.documents.acts import add_scan
from linli.casework.endings import told
from linli.casework.letters.queries import CODE, letter_for
from linli.casework.letters.sealed import text_of
from linli.casework.models import SERVED, Case, Letter
from linli.casework.receipts import grouped
from linli.kernel import clock
from linli.kernel.codes import new_code
from linli.kernel.digests import digest
from linli.kernel.errors import LinliError, Place, Problems, Refused
from linli.kernel.viewer import Viewer
from linli.papers.letters import check, kind_of
from linli.registers.models import Organisation, Resident
from linli.trace import Act, act
from linli.trace.turns import one_at_a_time

ERASED = "（已注销）"
_PLACEHOLDER = "https://example.org/"
"""Where the QR code leads is the site's to say when a letter is set; a letter's values are checked without it."""


def issue_letter(
    a: Act,
    viewer: Viewer,
    case: Case,
    kind: str,
    fields: Mapping[str, Any],
    *,
    organ: str | tuple[str, str],
    mark: str,
    organisation: Organisation | None = None,
) -> Letter:
    """A new letter of the case, for the act that brings it about. fields: what the kind asks for; organ, number, date, addressee, receipt
    and the verification address are filled in here, and subject and addressee where they aren't given. organisation: whom it is written
    to, where that isn't the person.

    mark: the organ's short name in the number (机关代字); numbers run without gaps through each year. Raises LinliError for fields that
    the kind doesn't know or misses. The PDF is set when somebody asks for it: what counts is what the letter says, whose digest is kept.
    Issuers of one mark wait for one another until their acts end. Seven statements.
    """
    today = clock.today()
    sequence = _next_number(mark, today.year)
    number = {"organ": mark, "year": today.year, "serial": sequence}
    name = Resident.objects.filter(uid=case.subject_uid).values_list("name", flat=True).first() or ERASED
    said = {"subject": _about(kind), "addressee": _written_to(organisation) if organisation else name, **fields}
    said |= {"organ": organ, "number": number, "date": today, "receipt": grouped(case.receipt)}
    _require_sound(kind, said)
    text = text_of(said)
    letter = Letter.objects.create(
        case=case,
        subject=case.subject_uid,
        kind=kind,
        organ=organ if isinstance(organ, str) else organ[0],
        mark=mark,
        year=today.year,
        sequence=sequence,
        code=new_code(CODE),
        organisation=organisation.name if organisation else None,
        cipher=vault.protect(case.subject_uid, {"letter": text})["letter"],
        digest=digest(f"{kind}\n{text}".encode()),
        issued_at=clock.now(),
        issued_by=viewer.actor,
    )
    payload = {"letter": str(letter.uid), "letter_kind": kind, "number": f"{mark}〔{today.year}〕{sequence}号"}
    told(a, case, facts.LETTER_ISSUED, payload, [letter])
    return letter


def _next_number(mark: str, year: int) -> int:
    """Locks the mark's numbers of the year until the act ends, so that none is left out and none given twice."""
    one_at_a_time(f"casework.letter {mark} {year}")
    return (Letter.objects.filter(mark=mark, year=year).aggregate(last=Max("sequence"))["last"] or 0) + 1


def _written_to(organisation: Organisation) -> tuple[str, str]:
    """An organisation by its name and unified credit code."""
    name, code = organisation.name, organisation.credit_code
    return (f"{name}（统一社会信用代码 {code}）", f"{name} (unified social credit code {code})") if code else (name, name)


def _about(kind: str) -> tuple[str, str]:
    declared = kind_of(kind, _city())
    return declared.zh, declared.en


def _require_sound(kind: str, said: Mapping[str, Any]) -> None:
    try:
        check(kind, {**said, "verify": _PLACEHOLDER}, city=_city())
    except Problems as problems:
        raise problems.problems[0] from None


def _city() -> Path:
    return Path(settings.LINLI_CITY)


def attach_scan(viewer: Viewer, uid: UUID, content: bytes) -> Letter:
    """The scan of the printed and stamped original; a later one takes the place of an earlier. Raises "scans.…" for what is no scan.

    Allowed: an officer of the case or a clerk whose task it is, not in their own matter. Locks the case.
    """
    found = letter_for(viewer, uid)
    with act(viewer) as a:
        row, letter = _locked(viewer, found)
        scan = add_scan(a, viewer, row, content)
        letter.scan = scan
        letter.save(update_fields=["scan"])
        told(a, row, facts.LETTER_SCANNED, {"letter": str(letter.uid), "document": str(scan.uid)}, [letter])
    return letter


def served(viewer: Viewer, uid: UUID, how: str) -> Letter:
    """The person has the letter now: opened on their pages, or handed over at a window, at home or by post. The first time counts.

    Allowed: by “portal” the person and whoever acts for them; otherwise staff whose case it is. Locks the letter.
    """
    found = letter_for(viewer, uid)
    theirs = viewer.acts_for_resident(found.subject)
    if how not in SERVED or (how == "portal") != theirs:
        raise _not_so(how)
    with act(viewer) as a:
        letter = Letter.objects.select_for_update(of=("self",)).select_related("case").get(pk=found.pk)
        if letter.served_at is None and letter.withdrawn_at is None:
            letter.served_at, letter.served_how = clock.now(), how
            letter.save(update_fields=["served_at", "served_how"])
            told(a, letter.case, facts.LETTER_SERVED, {"letter": str(letter.uid), "how": how}, [letter])
    return letter


def withdraw_letter(viewer: Viewer, uid: UUID) -> Letter:
    """The letter no longer counts, and its verification page says so; another has a number of its own. Locks the case."""
    found = letter_for(viewer, uid)
    with act(viewer) as a:
        row, letter = _locked(viewer, found)
        letter.withdrawn_at = clock.now()
        letter.save(update_fields=["withdrawn_at"])
        told(a, row, facts.LETTER_WITHDRAWN, {"letter": str(letter.uid)}, [letter])
    return letter


def withdraw_decisions(a: Act, case: Case, kinds: Collection[str]) -> None:
    """What letters of these kinds say of a case does not stand any more. For the act that annulled it and has locked the person."""
    for letter in Letter.objects.select_for_update(of=("self",)).filter(case=case, kind__in=kinds, withdrawn_at=None).order_by("pk"):
        letter.withdrawn_at = clock.now()
        letter.save(update_fields=["withdrawn_at"])
        told(a, case, facts.LETTER_WITHDRAWN, {"letter": str(letter.uid)}, [letter])


def forget(viewer: Viewer, subject: UUID) -> int:
    """An erased person's letters say nothing any more; that they were issued, under which number, stays. Returns how many."""
    with act(viewer) as a:
        rows = list(Letter.objects.select_for_update(of=("self",)).select_related("case").filter(subject=subject).order_by("pk"))
        for row in rows:
            row.cipher = ""
        Letter.objects.bulk_update(rows, ["cipher"])
        for case in {row.case_id: row.case for row in rows}.values():
            told(a, case, facts.LETTERS_FORGOTTEN, {}, [row for row in rows if row.case_id == case.pk])
    return len(rows)


def _locked(viewer: Viewer, found: Letter) -> tuple[Case, Letter]:
    """Case and letter for staff who work on the case; refused for a letter that no longer counts."""
    row = Case.objects.select_for_update(of=("self",)).get(pk=found.case_id)
    if not workable(viewer).filter(case=row).exists():
        raise no_case(row.uid)
    require_impartial(viewer, row)
    letter = Letter.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if letter.withdrawn_at is not None:
        raise LinliError(
            "letters.withdrawn",
            zh="这份文书已经撤回",
            en="The letter has been withdrawn.",
            found=str(clock.day_of(letter.withdrawn_at)),
            remedy_zh="重新出具一份",
            remedy_en="issue another one",
        )
    return row, letter


def _not_so(how: str) -> Refused:
    return Refused(
        "letters.not_served_so",
        zh="不能这样登记送达",
        en="That is not how it can be recorded as served.",
        place=Place(field="how"),
        expected=", ".join(SERVED),
        found=how,
        remedy_zh="本人在“我的”页面打开即送达；工作人员登记当面、上门或邮寄送达",
        remedy_en="the person opens it on their own pages; staff record what was handed over or posted",
    )

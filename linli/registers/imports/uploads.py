"""A file becomes a delivery in steps: received, its columns named, tried, applied as tried. Each step can be repeated without harm.

Up to LARGE rows a step is done while its sender waits, beyond that by the worker. A process killed in the middle leaves the step
undone or done, never half: the import is one transaction, and in the same the upload becomes “applied”.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from linli.kernel import areas, clock
from linli.kernel.digests import digest_of
from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant, Viewer
from linli.papers import read_table
from linli.papers.reading import filled_sheets
from linli.registers.imports import masking, merging, refusals, shelf
from linli.registers.imports.deliver import Delivery, file_digest, import_list, is_large_drop
from linli.registers.imports.mapping import columns_of, guessed
from linli.registers.imports.report import ImportReport
from linli.registers.lists import ListDeclaration, find_list, load_lists
from linli.registers.models import Household, ListImport, Organisation, RememberedColumns, Resident, Staff, Upload
from linli.registers.models.lists import DOUBTS
from linli.registers.queries.staff import viewer_of

JOBS = {"checking": "registers.check_upload", "applying": "registers.apply_upload"}
LARGE = 5_000
KEPT = timedelta(days=7)
SAMPLES = 3
SHOWN = 1_000
"""People of each kind of change that a check names."""
COUNTS = ("rows", "matched", "opened", "changed", "closed", "unchanged", "doubtful", "unknown", "wrong", "same")
KINDS = ("wrong", "doubtful", "unknown")
CHANGES = ("opened", "changed", "closed")
HEAD = "head"


@dataclass(frozen=True, slots=True)
class Sent:
    """What the sender says of a file. sender: under whose name the columns are remembered."""

    file_name: str
    sender: str
    as_of: date
    area: str
    whole: bool = True
    sheet: str = ""


def declaration_of(upload: Upload) -> ListDeclaration:
    """The list as the city declares it now. Raises LinliError where it no longer does."""
    return find_list(load_lists(Path(settings.LINLI_CITY)), upload.list_slug)


def receive(viewer: Viewer, *, declaration: ListDeclaration, chunks: Iterable[bytes], sent: Sent, background: bool = False) -> Upload:
    """Keep a file and look into it: its headers, some rows, whether it is large. A file that is no table is “refused”, with the reason.

    background: leave even a small one to the worker.
    Raises LinliError for a file beyond the largest size, a day to come, an area that the list doesn't cover; Refused without officer
    over the area. Reads the first 5,000 rows.
    """
    area = areas.trimmed(sent.area) if sent.area else declaration.area
    viewer.require("officer", area=area)
    named = Path(plain_name(sent.file_name))
    if sent.as_of > clock.today():
        raise refusals.in_the_future(named, sent.as_of)
    if not areas.contains(declaration.area, area):
        raise refusals.outside(named, declaration.area, area)
    uid = uuid7()
    path = shelf.keep(uid, chunks)
    upload = Upload(
        uid=uid,
        list_slug=declaration.slug,
        actor=viewer.actor,
        grants=[[grant.role, grant.area, grant.programme] for grant in viewer.grants if grant.role == "officer"],
        sender=sent.sender[:200],
        file_name=named.name,
        file_digest=file_digest(path),
        sheet=sent.sheet,
        as_of=sent.as_of,
        area_code=area,
        whole=sent.whole,
        received_at=clock.now(),
    )
    try:
        _look_into(upload, declaration)
        upload.large |= background
        upload.save()
    except Exception:
        shelf.erase(uid)
        raise
    return upload


def plain_name(text: str) -> str:
    """What the sender calls the file: its last part, without signs that could mean anything. It is shown and stored, never opened."""
    last = text.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[-200:] or "file"


def _look_into(upload: Upload, declaration: ListDeclaration) -> None:
    """Headers and samples onto the shelf, the guessed columns and the size into the row; or the reason why not."""
    upload.state, upload.problem = "columns", []
    try:
        table = read_table(shelf.file_of(upload.uid), sheet=upload.sheet or None, allow_merged=True)
        first = list(islice(table.rows, SAMPLES))
        upload.large = len(first) == SAMPLES and sum(1 for _ in islice(table.rows, LARGE + 1)) > LARGE - SAMPLES
    except LinliError as problem:
        if problem.code == "papers.several_sheets":
            shelf.write(upload.uid, HEAD, [{"sheets": filled_sheets(shelf.file_of(upload.uid))}])
        _refuse(upload, [problem])
        return
    samples = [[row.cells[index].text for row in first] for index in range(len(table.headers))]
    shelf.write(upload.uid, HEAD, [{"headers": table.headers, "row": table.header_row, "samples": samples}])
    remembered = RememberedColumns.objects.filter(list_slug=upload.list_slug, sender=upload.sender).first()
    found = guessed(declaration, table.headers, remembered.mapping if remembered else {})
    upload.mapping = {name: header for header, name in found.items()}


def knows_columns(upload: Upload) -> bool:
    """Whether the sender's last file named its columns as this one does, so that nobody need say it again."""
    remembered = RememberedColumns.objects.filter(list_slug=upload.list_slug, sender=upload.sender).first()
    return upload.state == "columns" and remembered is not None and remembered.mapping == upload.mapping


def choose_sheet(viewer: Viewer, *, upload: UUID, sheet: str) -> Upload:
    """Say which of several sheets is the list."""
    row = mine(viewer, upload)
    if row.state not in ("columns", "refused"):
        raise _not_now(row)
    row.sheet = sheet[:60]
    _look_into(row, declaration_of(row))
    row.save()
    return row


def name_columns(viewer: Viewer, *, upload: UUID, mapping: Mapping[str, str]) -> Upload:
    """Say which header each column has (header by list column); remembered for the sender's next file.

    Raises Problems that name each column which is missing, wanted twice, or not there.
    """
    row = mine(viewer, upload)
    if row.state in ("checking", "applying", "applied"):
        raise _not_now(row)
    declaration, head = declaration_of(row), head_of(row)
    columns_of(declaration, head["headers"], row.file_name, head["row"], mapping, only_chosen=True)
    with transaction.atomic():
        RememberedColumns.objects.update_or_create(list_slug=row.list_slug, sender=row.sender, defaults={"mapping": dict(mapping)})
        row.mapping, row.state, row.plan, row.problem = dict(mapping), "columns", "", []
        row.save(update_fields=["mapping", "state", "plan", "problem"])
    return row


def head_of(upload: Upload) -> dict[str, Any]:
    """headers, samples (by column) and the header's row; or sheets, where the file holds several."""
    found = shelf.read(upload.uid, HEAD, limit=1)
    return dict(found[0]) if found else {}


def mine(viewer: Viewer, uid: UUID) -> Upload:
    """The viewer's own upload, while they still are officer over its area. Raises LinliError for any other. One query."""
    row = Upload.objects.filter(uid=uid, actor=viewer.actor).select_related("delivery").first()
    if row is None or not viewer.may("officer", area=row.area_code):
        raise refusals.no_upload(uid)
    return row


def check(viewer: Viewer, *, upload: UUID) -> Upload:
    """Try the file: everything is done and taken back. At once, or for a large one by the worker; twice does no harm."""
    row = mine(viewer, upload)
    if row.state in ("checking", "applying", "applied"):
        return row
    if row.large:
        return _hand_over(row, "checking")
    make_check(row, viewer)
    return row


def _hand_over(row: Upload, state: str) -> Upload:
    with transaction.atomic():
        if Upload.objects.filter(pk=row.pk, state=row.state).update(state=state):
            shelf.tell(row.uid, "", 0.0)
            app.configure_task(JOBS[state], lock=f"upload:{row.uid}").defer(uid=str(row.uid))
    row.state = state
    return row


def make_check(row: Upload, viewer: Viewer) -> None:
    """The dry run: counts, the cells that are wrong, whom it would change. A rerun begins anew."""
    declaration = declaration_of(row)
    row.plan, row.stands_on = plan_of(row, declaration), _stands_on(row.list_slug)
    people: dict[str, list[list[str]]] = {}

    def settled(_: ListImport) -> None:
        people.update({change: _named(declaration.subject, merging.touched(change, SHOWN)) for change in CHANGES})

    try:
        report = import_list(
            viewer, declaration=declaration, delivery=_delivery(row, dry_run=True), progress=_progress(row), settled=settled
        )
    except (LinliError, Problems) as problem:
        _refuse(row, problem.problems if isinstance(problem, Problems) else [problem])
        row.save(update_fields=["state", "problem", "plan"])
        return
    if report.repeated and report.uid:
        row.delivery = ListImport.objects.get(uid=report.uid)
        _finish(row, "applied", {"repeated": 1})
        return
    _keep_notes(row, report)
    for change, named in people.items():
        shelf.write(row.uid, change, named)
    large_drop = is_large_drop(report.closed, report.changed + report.closed + report.unchanged)
    _finish(row, "checked", {name: getattr(report, name) for name in COUNTS} | {"large_drop": int(large_drop)} | _by_kind(report))


def _progress(row: Upload) -> Any:
    return partial(shelf.tell, row.uid) if row.large else lambda step, share: None


def _finish(row: Upload, state: str, counts: dict[str, int]) -> None:
    row.state, row.counts, row.problem, row.finished_at = state, counts, [], clock.now()
    row.save(update_fields=["state", "counts", "problem", "finished_at", "plan", "stands_on", "delivery"])


def _delivery(row: Upload, *, dry_run: bool) -> Delivery:
    """The check looks at everything at once: rows with wrong cells are set aside and a large drop is told, not refused."""
    return Delivery(
        path=shelf.file_of(row.uid),
        as_of=row.as_of,
        area=row.area_code or None,
        whole=row.whole,
        mapping=row.mapping,
        sheet=row.sheet or None,
        skip_wrong=True,
        accept_drop=True,
        dry_run=dry_run,
        only_mapped=True,
        file_name=row.file_name,
    )


def plan_of(row: Upload, declaration: ListDeclaration) -> str:
    """The digest of all that decides what applying the upload does to the registers as they are."""
    said = {"file": row.file_digest, "list": declaration.digest, "mapping": row.mapping, "sheet": row.sheet}
    return digest_of({**said, "as_of": str(row.as_of), "area": row.area_code, "whole": row.whole})


def _stands_on(slug: str, besides: int = 0) -> str:
    """The list's deliveries in force: how many, and the newest."""
    rows = ListImport.objects.filter(list_slug=slug, undone_at__isnull=True).exclude(pk=besides)
    newest = rows.order_by("-pk").values_list("pk", flat=True).first()
    return f"{rows.count()}:{newest or 0}"


def _named(subject: str, keys: list[int]) -> list[list[str]]:
    """(uid, name) of people or organisations, in order; a household's uid alone."""
    if subject == "household":
        return [[str(uid), ""] for uid in Household.objects.filter(pk__in=keys).order_by("pk").values_list("uid", flat=True)]
    model: Any = Organisation if subject == "organisation" else Resident
    return [[str(uid), name] for uid, name in model.objects.filter(pk__in=keys).order_by("pk").values_list("uid", "name")]


def note_kind(code: str) -> str:
    """What a note is about: a wrong cell, a row left to a human, a person whom nobody knows."""
    name = code.removeprefix("imports.")
    return "unknown" if name == "unknown" else "doubtful" if name in DOUBTS else "wrong"


def _by_kind(report: ImportReport) -> dict[str, int]:
    kinds = [note_kind(note.code) for note in report.notes]
    return {f"{kind}_notes": kinds.count(kind) for kind in KINDS}


def _keep_notes(row: Upload, report: ImportReport) -> None:
    by_kind: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for note in report.notes:
        by_kind[note_kind(note.code)].append(as_note(note))
    for kind, notes in by_kind.items():
        shelf.write(row.uid, f"notes-{kind}", notes)
    shelf.marked_of(row.uid).unlink(missing_ok=True)


def as_note(error: LinliError) -> dict[str, Any]:
    """An error as the shelf and the row's problem keep it."""
    place = error.place or Place()
    return {
        "code": error.code, "zh": error.zh, "en": error.en, "line": place.line, "column": place.column, "field": place.field,
        "expected": error.expected, "found": error.found, "remedy_zh": error.remedy_zh, "remedy_en": error.remedy_en,
        "expected_zh": error.expected_zh, "found_zh": error.found_zh,
    }  # fmt: skip


def as_error(note: Mapping[str, Any]) -> LinliError:
    """The same, read back."""
    place = Place(None, note["line"], note["column"], note["field"])
    texts = {name: note[name] for name in ("zh", "en", "expected", "found", "remedy_zh", "remedy_en")}
    return LinliError(note["code"], place=place, expected_zh=note.get("expected_zh"), found_zh=note.get("found_zh"), **texts)


def errors_of(row: Upload) -> list[LinliError]:
    """Everything that a check found to mend, or why the file was refused; wrong cells first."""
    if row.state == "refused":
        return [as_error(note) for note in row.problem]
    return [as_error(note) for kind in KINDS for note in shelf.read(row.uid, f"notes-{kind}")]


def _refuse(row: Upload, problems: list[LinliError]) -> None:
    """Keep why. What a cell outside the table or in the header's place holds may be anything of anybody: it is masked."""
    row.state, row.problem = "refused", [as_note(problem) for problem in problems[:50]]
    for note in row.problem:
        if note["found"]:
            note["found"] = masking.shown(note["found"], masked=note["code"] in ("papers.outside", "papers.bad_header"))


def apply(viewer: Viewer, *, upload: UUID, plan: str) -> Upload:
    """Apply exactly what was tried: plan is that of the check which the sender saw. At once, or for a large file by the worker.

    A second call, or one after a kill, changes nothing more. Raises LinliError where something has changed since the check.
    """
    row = mine(viewer, upload)
    if row.state in ("applying", "applied"):
        return row
    if row.state != "checked" or row.plan != plan or plan_of(row, declaration_of(row)) != plan:
        raise refusals.plan_changed(row.file_name)
    if row.large:
        return _hand_over(row, "applying")
    make_apply(row, viewer)
    return row


def make_apply(row: Upload, viewer: Viewer) -> None:
    """The import, and in its transaction the upload's end. A problem is kept with the upload, which is then to be checked again."""

    def settled(delivery: ListImport) -> None:
        if delivery.file_digest != row.file_digest or _stands_on(row.list_slug, delivery.pk) != row.stands_on:
            raise refusals.plan_changed(row.file_name)
        Upload.objects.filter(pk=row.pk).update(state="applied", delivery=delivery, finished_at=clock.now(), problem=[])

    try:
        report = import_list(
            viewer, declaration=declaration_of(row), delivery=_delivery(row, dry_run=False), progress=_progress(row), settled=settled
        )
    except (LinliError, Problems) as problem:
        _refuse(row, problem.problems if isinstance(problem, Problems) else [problem])
        row.save(update_fields=["state", "problem"])
        return
    if report.repeated and report.uid:
        delivery = ListImport.objects.get(uid=report.uid)
        Upload.objects.filter(pk=row.pk).update(state="applied", delivery=delivery, finished_at=clock.now(), problem=[])
    row.refresh_from_db()


def run_job(uid: UUID, state: str) -> None:
    """The worker's part: under the grants that the sender had then and still has. Done already, or no longer wanted: nothing."""
    row = Upload.objects.filter(uid=uid, state=state).first()
    if row is None:
        return
    viewer = _sender_now(row)
    try:
        if state == "checking":
            make_check(row, viewer)
        else:
            make_apply(row, viewer)
    except Exception:
        _refuse(row, [refusals.broke_off(row.file_name)])
        row.save(update_fields=["state", "problem"])
        raise


def _sender_now(row: Upload) -> Viewer:
    now = viewer_of(Staff.objects.defer("password").get(uid=row.actor.removeprefix("staff:")))
    held = (Grant(*grant) for grant in row.grants)
    return Viewer(row.actor, tuple(one for one in held if now.may(one.role, area=one.area, programme=one.programme)))


def discard(viewer: Viewer, *, upload: UUID) -> None:
    """Erase a file that is not wanted any more, with all that was found in it. What was applied stays applied."""
    row = mine(viewer, upload)
    if row.state in ("checking", "applying"):
        raise _not_now(row)
    row.delete()
    shelf.erase(row.uid)


def prune() -> None:
    """Erase uploads a week after they came, and week-old folders that no upload has."""
    limit = clock.now() - KEPT
    for row in Upload.objects.filter(received_at__lt=limit):
        shelf.erase(row.uid)
        row.delete()
    known = set(Upload.objects.values_list("uid", flat=True))
    for uid, changed in list(shelf.present()):
        if uid not in known and changed < limit.timestamp():
            shelf.erase(uid)


def _not_now(row: Upload) -> LinliError:
    return refusals.not_now(row.file_name, row.state)

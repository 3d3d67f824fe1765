"""A list of places as an officer delivers it: tried first, with every wrong cell named and every change told; then applied as it was tried.

The file lies on the shelf of all uploads and goes with it after a week. Of a list with anything wrong in it nothing is applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from pathlib import Path
from uuid import UUID

from django.conf import settings

from linli.kernel import clock
from linli.kernel.areas import trimmed
from linli.kernel.digests import digest, digest_of
from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.papers import annotate
from linli.registers.acts.places import EDITORS, ImportedPlaces, import_places, others
from linli.registers.acts.whereabouts import misplaced
from linli.registers.categories import Category, categories
from linli.registers.imports import refusals, shelf, uploads
from linli.registers.models import Area, Upload
from linli.registers.places import COLUMNS, FORM, StatedPlace, place_of

LIST = "places"
MOST = 5_000
"""Rows of a file that is tried while its sender waits; a city's whole list is `linli places import`."""
NOTES, DOUBTS, CHANGES = "notes-wrong", "notes-doubtful", "places"
CODE, AREA = (next(column for column, field in COLUMNS.items() if field == name) for name in ("code", "area_code"))
SHOWN = 200


Doubting = Callable[[Sequence[StatedPlace]], Sequence[tuple[int, LinliError]]]
"""What is doubtful of places, by their number in the list: kept for whoever looks at the trial, and no reason to refuse."""


def receive(viewer: Viewer, *, chunks: Iterable[bytes], file_name: str, on: date, doubting: Doubting = lambda _: ()) -> Upload:
    """Keep a file and try it as of a day. It is "checked" where it could be applied as it is, else "refused" with every wrong cell.

    Raises LinliError for a file beyond the largest size or a day to come; Refused for who keeps no places. Reads the whole file.
    """
    own = _areas(viewer)
    named = uploads.plain_name(file_name)
    if on > clock.today():
        raise refusals.in_the_future(Path(named), on)
    uid = uuid7()
    path = shelf.keep(uid, chunks)
    row = Upload(uid=uid, list_slug=LIST, actor=viewer.actor, sender=viewer.actor, file_name=named, as_of=on, area_code=own[0], whole=False)
    row.file_digest, row.received_at = digest(path.read_bytes()), clock.now()
    try:
        _try(viewer, row, doubting)
        row.save()
    except Exception:
        shelf.erase(uid)
        raise
    return row


def mine(viewer: Viewer, uid: UUID) -> Upload:
    """The viewer's own list of places. Raises LinliError for any other. One query."""
    _areas(viewer)
    row = Upload.objects.filter(uid=uid, actor=viewer.actor, list_slug=LIST).first()
    if row is None:
        raise refusals.no_upload(uid)
    return row


def apply(viewer: Viewer, *, upload: UUID, plan: str) -> Upload:
    """Apply exactly what was tried; a second call changes nothing more. Raises LinliError where anything has changed since: then nothing
    is written. Locks the places of the list."""
    row = mine(viewer, upload)

    def settled(done: ImportedPlaces) -> None:
        held = Upload.objects.filter(pk=row.pk, state="checked", plan=plan)
        if _plan(row, done) != plan or not held.update(state="applied", finished_at=clock.now()):
            raise refusals.plan_changed(row.file_name)

    if row.state == "applied":
        return row
    if row.state != "checked" or row.plan != plan:
        raise refusals.plan_changed(row.file_name)
    _import(viewer, row, _read(viewer, row), settled)
    row.refresh_from_db()
    return row


def try_again(viewer: Viewer, *, upload: UUID, doubting: Doubting = lambda _: ()) -> Upload:
    """Try a file once more against the places as they are now."""
    row = mine(viewer, upload)
    if row.state != "applied":
        _try(viewer, row, doubting)
        row.save()
    return row


def discard(viewer: Viewer, *, upload: UUID) -> None:
    """Erase a file that is not wanted any more. What was applied stays applied."""
    row = mine(viewer, upload)
    row.delete()
    shelf.erase(row.uid)


def wrong(row: Upload) -> list[LinliError]:
    """Everything to mend, in the file's order."""
    return [uploads.as_error(note) for note in shelf.read(row.uid, NOTES)]


def doubts(row: Upload) -> list[LinliError]:
    """Everything that is doubtful of a list that can be or was applied, in the file's order."""
    return [uploads.as_error(note) for note in shelf.read(row.uid, DOUBTS)]


def changes(row: Upload) -> list[tuple[str, str, str]]:
    """What applying it does or did: (opened, changed, moved, closed, reopened, or kept as people say; number; name), the first thousand."""
    return [(word, code, name) for word, code, name in shelf.read(row.uid, CHANGES, limit=uploads.SHOWN)]


def marked(row: Upload) -> Path:
    """An xlsx copy of the file with every wrong cell in red and a list of what to mend. Raises what makes it unreadable."""
    path = shelf.marked_of(row.uid)
    if not path.exists():
        draft = path.with_suffix(".part.xlsx")
        draft.touch(mode=0o600)
        try:
            annotate(shelf.file_of(row.uid), draft, wrong(row))
        except LinliError:
            draft.unlink(missing_ok=True)
            raise
        draft.replace(path)
    return path


def _try(viewer: Viewer, row: Upload, doubting: Doubting) -> None:
    """The list as it would be applied, and taken back."""
    shelf.marked_of(row.uid).unlink(missing_ok=True)
    try:
        places = _read(viewer, row)
        _import(viewer, row, places, _take_back)
    except _TakenBack as tried:
        done = tried.done
    except (LinliError, Problems) as found:
        problems = found.problems if isinstance(found, Problems) else [found]
        row.state, row.plan, row.problem = "refused", "", [uploads.as_note(one) for one in problems[:1]]
        row.counts = {"wrong": len(problems)}
        shelf.write(row.uid, NOTES, map(uploads.as_note, problems))
        return
    row.state, row.problem, row.plan = "checked", [], _plan(row, done)
    row.counts = {"rows": len(places), "opened": done.opened, "changed": done.changed, "closed": done.closed}
    shelf.write(row.uid, NOTES, [])
    shelf.write(row.uid, CHANGES, done.changes)
    shelf.write(row.uid, DOUBTS, [uploads.as_note(one) for one in _at_their_rows(shelf.file_of(row.uid), doubting(places))])


class _TakenBack(Exception):  # noqa: N818 - no error: the end of every trial
    def __init__(self, done: ImportedPlaces) -> None:
        super().__init__()
        self.done = done


def _take_back(done: ImportedPlaces) -> None:
    raise _TakenBack(done)


def _import(viewer: Viewer, row: Upload, places: Sequence[StatedPlace], settled: Callable[[ImportedPlaces], None]) -> None:
    import_places(viewer, places=places, on=row.as_of, file_digest=row.file_digest, source="officer", settled=settled)


def _plan(row: Upload, done: ImportedPlaces) -> str:
    """The digest of file, day and what they change in the places as they are."""
    return digest_of({"file": row.file_digest, "on": str(row.as_of), "changes": [list(one) for one in done.changes]})


def _read(viewer: Viewer, row: Upload) -> list[StatedPlace]:
    """The file's rows, each of an area that there is and that the viewer keeps. Raises Problems with every wrong cell."""
    path, known = shelf.file_of(row.uid), categories(settings.LINLI_CITY)
    headers, lines = FORM.rows(path)
    if len(lines) > MOST:
        raise _too_many()
    there = set(Area.objects.filter(level__in=("prefecture", "county", "township", "village")).values_list("code", flat=True))
    try:
        places = FORM.read(path, lambda values: _checked(viewer, values, known, there))
        wrong = [(number, one, CODE) for number, one in others(viewer, places)]
        wrong += [(number, one, AREA) for number, one in misplaced(viewer, places)]
        if wrong:
            raise Problems([one.at(Place(None, lines[number], field=column)) for number, one, column in sorted(wrong, key=itemgetter(0))])
        return places
    except Problems as found:
        raise Problems([_at_its_cell(one, headers) for one in found.problems]) from None


def _at_their_rows(path: Path, found: Sequence[tuple[int, LinliError]]) -> list[LinliError]:
    headers, lines = FORM.rows(path) if found else ((), [])
    return [
        _at_its_cell(one.at(Place(None, lines[number], field=FORM.column(one.place.field if one.place else ""))), headers)
        for number, one in found
    ]


def _at_its_cell(problem: LinliError, headers: Sequence[str]) -> LinliError:
    """With the column that its header stands in, so that the cell can be marked."""
    place = problem.place or Place()
    column = headers.index(place.field) + 1 if place.field in headers else None
    return problem.at(Place(None, place.line, column, place.field))


def _checked(viewer: Viewer, values: Mapping[str, str], known: Mapping[str, Category], there: set[str]) -> StatedPlace:
    """The place of a row. Raises Problems with what is wrong with its cells and with its area."""
    problems: list[LinliError] = []
    code = values["area_code"].strip()
    if FORM.area(code):
        pass  # place_of says so
    elif trimmed(code) not in there:
        problems.append(FORM.wrong("area_code", ("本市已有的区划代码", "the code of an area of this city"), code))
    elif not any(viewer.may(role, area=trimmed(code)) for role in EDITORS):
        problems.append(FORM.wrong("area_code", ("您管理的地区", "an area that you keep"), code))
    try:
        place = place_of(values, known)
    except Problems as found:
        raise Problems([*found.problems, *problems]) from None
    if problems:
        raise Problems(problems)
    return place


def _areas(viewer: Viewer) -> list[str]:
    """The areas whose places the viewer keeps. Raises Refused where there is none."""
    own = sorted({code for role in EDITORS for code in viewer.areas(role)})
    if not own:
        viewer.require(EDITORS[0])
    return own


def _too_many() -> LinliError:
    return LinliError(
        "places.too_many_rows",
        zh=f"一次最多 {MOST} 行",
        en=f"At most {MOST} rows at a time.",
        place=Place(field="file"),
        remedy_zh="分成几个文件；全市的总表请管理员导入",
        remedy_en="split it into several files; an administrator imports a whole city's list",
    )

"""Write the archive of a case or of a batch, and record its digest; what is read of a person is listed to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from linli.archives import check, facts, history
from linli.archives.batches import write_batch
from linli.archives.cases import Wish, write_case
from linli.archives.folders import Folder, Place
from linli.archives.pages import Contents, Said, Section, page
from linli.archives.queries import case_for
from linli.batches import queries as batches
from linli.kernel.viewer import Viewer
from linli.registers.acts.guards import county_of
from linli.trace import act

CHECKER = "check.py"
HOW = (
    (
        "在档案的文件夹里运行 python3 check.py，或 sha256sum -c manifest.sha256。",
        "Run python3 check.py in the folder, or sha256sum -c manifest.sha256.",
    ),
    (
        "check.py 还按 facts.jsonl 重算每条留痕的摘要：摘要 = H(前一条的摘要, 换行, 内容)。",
        "check.py also computes each fact's hash anew: hash = H(hash before, newline, content).",
    ),
    (
        "manifest.sha256 的摘要在导出时记入留痕；linli archive verify 把两者与留痕链比对。",
        "The manifest's digest is in the trace since the export; linli archive verify compares both with the chains.",
    ),
)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. manifest: digest of the manifest, which names every file with its own."""

    manifest: str
    files: int
    cases: int


def export_case(viewer: Viewer, *, case: UUID, place: Place, wish: Wish) -> Written:
    """Write one case, for the officers who work on it and auditors. What was read stays on record also where the writing fails.

    Again without a change in between it is the same byte for byte, pictures and letters too.
    """
    row = case_for(viewer, case)
    folder = Folder(place)
    write_case(viewer, row, Contents(folder, Said(wish.language), ""), wish)
    manifest = _finished(folder, wish)
    payload = {"case": str(row.uid), "files": folder.files, "manifest": manifest}
    with act(viewer) as current:
        current.record(facts.CASE_EXPORTED, subject=row.subject, payload=payload, area=county_of(row.area_code), also=[str(row)])
    return Written(manifest, folder.files, 1)


def export_batch(viewer: Viewer, *, batch: UUID, place: Place, wish: Wish, progress: Callable[[int], None] = lambda _: None) -> Written:
    """Write a batch with every case that stands or stood on its list, for officers and auditors who may read the whole of it.

    Memory is that of one case, however many there are. progress(cases), after each, may raise to stop it.
    """
    row = batches.batch(viewer, batch)
    folder = Folder(place)
    cases = write_batch(viewer, row, folder, wish, progress)
    manifest = _finished(folder, wish)
    payload = {"batch": str(row.uid), "cases": cases, "files": folder.files, "manifest": manifest}
    with act(viewer) as current:
        current.record(facts.BATCH_EXPORTED, subject=str(row), payload=payload)
    return Written(manifest, folder.files, cases)


def _finished(folder: Folder, wish: Wish) -> str:
    """With what an auditor needs to check it: the program, and how to go about it."""
    said = Said(wish.language)
    folder.add(CHECKER, [Path(check.__file__).read_bytes()])
    title = said("怎样核对这份档案", "How to check this archive")
    steps = [(number, said(*words)) for number, words in enumerate(HOW, 1)]
    folder.add("check.html", page(said, title, [Section(title, steps)]))
    return folder.finish()


def differences(folder: Path) -> list[str]:
    """What an unpacked archive says otherwise than the trace of this installation, line by line. One query for 500 facts."""
    return list(history.differences(folder))

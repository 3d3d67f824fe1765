"""Run an old run again from what it kept: its snapshot, its programme's published text. The digest must come out the same."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db import transaction

from linli.kernel.errors import LinliError
from linli.programmes.models import ProgrammeVersion
from linli.programmes.queries import programme_of
from linli.registers import snapshot
from linli.registers.snapshot import SnapshotInfo
from linli.screening import evaluation, previewing, verdicts
from linli.screening.models import Run


@dataclass(frozen=True, slots=True)
class Replay:
    """The digests of the run and of its replay; tombstones: how many answers are kept as leaves because a person was erased."""

    run: Run
    digest: str
    tombstones: int

    @property
    def same(self) -> bool:
        """Whether the replay gave the run's own verdicts."""
        return self.digest == self.run.verdict_digest


def folder_of(run: Run) -> Path:
    """Where the run's files are; LinliError if it has none."""
    folder: Path = settings.LINLI_STATE / "screening" / run.files
    if not run.files or not folder.exists():
        raise _gone(run, str(folder))
    return folder


def input_of(run: Run) -> SnapshotInfo:
    """The snapshot that the run used; LinliError if it is no longer kept."""
    shelf = settings.LINLI_STATE / "screening" / "snapshots"
    folder = shelf / evaluation.shelf_name(run.as_of, run.snapshot_digest)
    if not folder.exists():
        raise _gone(run, str(folder))
    return snapshot.read(folder)


def _gone(run: Run, where: str) -> LinliError:
    return LinliError(
        "screening.files_gone",
        zh=f"运行 {run.uid} 的文件不在了",
        en=f"The files of run {run.uid} are not there.",
        expected=where,
        found="nothing",
        found_zh="没有",
        remedy_zh="从备份恢复该文件夹，或选择另一次运行",
        remedy_en="restore the folder from a backup, or choose another run",
    )


def replay(run: Run) -> Replay:
    """Evaluate the run's published version over its kept snapshot and take the digest of the sorted verdicts."""
    version = ProgrammeVersion.objects.get(slug=run.programme, version=run.programme_version)
    programme = programme_of(version)
    with evaluation.files_in_use(), evaluation.outcome_folder(settings.LINLI_STATE / "screening") as scratch:
        kept = verdicts.tombstones(folder_of(run))
        source = input_of(run)
        files = evaluation.evaluate([programme], source, run.as_of, scratch)
        return Replay(run, verdicts.digest(files[run.programme], evaluation.salts_of(source), kept), kept.height)


@transaction.atomic
def bury(subject: str) -> int:
    """Take an erased person's values out of every run's files and every preview's; leaves stay. Returns how many files were rewritten.

    A relative's or household member's answer was computed with the erased person's facts, so its leaf is kept too: what can no
    longer be recomputed is shown as a tombstone, not as a difference. Rerunning is a no-op. Cost: rewrites each file that has the person.
    Waits until no screening is under way: what it lays down holds whoever was erased since it began.
    """
    evaluation.lock_files()
    root = settings.LINLI_STATE / "screening"
    rewritten = _clear_what_was_cut_off(root, subject)
    for folder in sorted((root / "snapshots").glob("*")) if (root / "snapshots").exists() else []:
        people = folder / "people.parquet"
        if not people.exists() or not _holds(people, "person_id", subject):
            continue
        circle = _circle(folder, subject)
        for run in Run.objects.filter(snapshot_digest=snapshot.read(folder).digest).exclude(files=""):
            rewritten += _bury_in_run(root / run.files, subject, circle, pl.read_parquet(folder / evaluation.SALTS))
        for name, columns in (("salts", ["subject_id"]), ("people", ["person_id"]), ("relations", ["person_id", "relative_id"])):
            _rewrite(folder / f"{name}.parquet", ~pl.any_horizontal(pl.col(columns) == subject))
            rewritten += 1
    return rewritten + _bury_in_previews(root, subject)


def _clear_what_was_cut_off(root: Path, subject: str) -> int:
    """Delete what a killed screening left behind: its scratch, and a folder with the person's verdicts that no run names."""
    for scratch in evaluation.unfinished(root):
        shutil.rmtree(scratch)
    named = set(Run.objects.exclude(files="").values_list("files", flat=True))
    left = [path for path in root.glob("runs/*/verdicts.parquet") if str(path.parent.relative_to(root)) not in named]
    theirs = [path.parent for path in left if _holds(path, "subject_id", subject)]
    for folder in theirs:
        shutil.rmtree(folder)
    return len(theirs)


@transaction.atomic
def _bury_in_previews(root: Path, subject: str) -> int:
    """Take the person out of the lists of what a draft would change; their counts stay. A preview laid down later looks itself."""
    previewing.lock_rows()
    held = [path for path in (root / "previews").glob(f"*/{previewing.FILE}") if _holds(path, "subject_id", subject)]
    for path in held:
        _rewrite(path, pl.col("subject_id").cast(pl.String) != subject)
    return len(held)


def _holds(path: Path, column: str, subject: str) -> bool:
    return bool(pl.scan_parquet(path).filter(pl.col(column).cast(pl.String) == subject).select(pl.len()).collect().item())


def _circle(folder: Path, subject: str) -> set[str]:
    """The person, their households, everyone in them and everyone related to them, in one snapshot."""
    people = pl.scan_parquet(folder / "people.parquet").select(
        pl.col("person_id").cast(pl.String), "household_id", book="household_id.hukou_book"
    )
    own = people.filter(pl.col("person_id") == subject).collect()
    homes = [home for home in (*own["household_id"], *own["book"]) if home is not None]
    together = people.filter(pl.col("household_id").is_in(homes) | pl.col("book").is_in(homes)).collect()["person_id"]
    links = pl.scan_parquet(folder / "relations.parquet").filter(pl.col("relative_id").cast(pl.String) == subject).collect()
    return {subject, *homes, *together, *links["person_id"].cast(pl.String)}


def _bury_in_run(folder: Path, subject: str, circle: set[str], salts: pl.DataFrame) -> int:
    path = folder / "verdicts.parquet"
    if not path.exists() or (not _holds(path, "subject_id", subject) and not any(_holds(path, "subject_id", one) for one in circle)):
        return 0
    known = verdicts.tombstones(folder)
    concerned = pl.col("subject_id").cast(pl.String).is_in(circle)
    parts = [verdicts.leaves(batch.filter(concerned), salts) for batch in verdicts.batches(path)]
    fresh = pl.concat([known.clear(), *parts]).join(known, on="subject_id", how="anti")
    pl.concat([known, fresh]).write_parquet(folder / verdicts.TOMBSTONES)
    _rewrite(path, pl.col("subject_id").cast(pl.String) != subject)
    return 1


def _rewrite(path: Path, keep: pl.Expr) -> None:
    """Replace a file by its rows that are kept, in one step."""
    fresh = path.with_suffix(".fresh")
    pl.scan_parquet(path).filter(keep).sink_parquet(fresh, maintain_order=True)
    fresh.replace(path)

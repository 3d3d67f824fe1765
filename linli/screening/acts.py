"""Screening: every programme's rule over every resident, what it found brought in line with what stands, and traced."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import polars as pl
from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.programmes import acts as programmes
from linli.programmes import queries as drafts
from linli.programmes.catalogue import catalogue
from linli.programmes.declaration import Programme
from linli.programmes.drafting import programme_of_draft
from linli.programmes.editing import renewed
from linli.programmes.files import city_vocabulary, parse_programme
from linli.programmes.models import Draft, DraftRevision, ProgrammeVersion
from linli.programmes.queries import live_versions, programme_of
from linli.registers import snapshot
from linli.registers.snapshot import SnapshotInfo
from linli.screening import evaluation, previewing, queries, scenarios, standing, verdicts
from linli.screening.facts import FORGOTTEN, MERGED, SCREENED, SCREENING_FAILED
from linli.screening.models import Determination, Preview, Run, Scenario
from linli.trace import act, bulk_act

PREVIEW, SCENARIO = "screening.preview", "screening.scenario"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A live programme version that can be screened, or the error that says why it can't."""

    version: ProgrammeVersion
    programme: Programme | None
    error: str = ""


def _quiet(step: str, done: int, total: int) -> None:
    """Nobody is watching."""


def state_folder() -> Path:
    """Where runs keep their input and verdicts: readable by the service's own account only."""
    folder: Path = settings.LINLI_STATE / "screening"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def prepare(versions: Iterable[ProgrammeVersion], as_of: date) -> list[Prepared]:
    """Load each version from its published text. A version that can't be loaded or isn't in force finds nobody and says why."""
    prepared = []
    for version in versions:
        try:
            programme = programme_of(version)
            programme.rule.check_in_force(as_of)
            prepared.append(Prepared(version, programme))
        except Problems as problems:
            prepared.append(Prepared(version, None, "\n".join(problem.text("zh") for problem in problems.problems)))
        except LinliError as error:
            prepared.append(Prepared(version, None, error.text("zh")))
    return prepared


def chosen_versions(day: date, known_at: datetime | None, slugs: Sequence[str] | None) -> list[ProgrammeVersion]:
    """The live versions of the day; refuses a slug that has none."""
    live = live_versions(day, known_at)
    if slugs is None:
        return live
    found = {version.slug: version for version in live}
    if unknown := [slug for slug in slugs if slug not in found]:
        raise LinliError(
            "screening.not_live",
            zh=f"{day} 没有已发布的生效版本：{'、'.join(unknown)}",
            en=f"No published version is in force on {day}: {', '.join(unknown)}.",
            expected=", ".join(sorted(found)) or "a published programme",
            expected_zh=", ".join(sorted(found)) or "已发布的政策",
            found=", ".join(unknown),
            remedy_zh="先运行 linli programme publish",
            remedy_en="publish it first: linli programme publish",
        )
    return [found[slug] for slug in slugs]


def _looked_for(item: Prepared) -> bool:
    """Whether people are looked for: where only they themselves can begin, nobody is. A version that can't be read still says why."""
    return item.programme is None or item.programme.invites


def screen(
    *,
    viewer: Viewer,
    slugs: Sequence[str] | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    progress: Progress = _quiet,
) -> list[Run]:
    """Screen the programmes (None: every live one that invites people) as of a day over one snapshot of the registers.

    Each programme's outcome commits on its own; one that can't run is recorded as failed and stops no other. A run as of
    a past day or past knowledge is kept, but changes nothing that stands today. Who is erased meanwhile is taken out of its files once
    they are kept. Cost: one snapshot, one pass over it per kind of subject, one set-based merge per programme.
    """
    day = as_of or clock.today()
    prepared = [item for item in prepare(chosen_versions(day, known_at, slugs), day) if slugs is not None or _looked_for(item)]
    with evaluation.files_in_use():
        return _screen(viewer, prepared, day, known_at, progress)


def _screen(viewer: Viewer, prepared: Sequence[Prepared], day: date, known_at: datetime | None, progress: Progress) -> list[Run]:
    progress("snapshot", 0, len(prepared))
    held = evaluation.take_snapshot(state_folder(), as_of=day, known_at=known_at)
    current = day == clock.today() and known_at is None
    runs: list[Run] = []
    good = [item.programme for item in prepared if item.programme]
    with evaluation.outcome_folder(state_folder()) as scratch:
        progress("evaluate", 0, len(prepared))
        files = evaluation.evaluate(good, held, day, scratch)
        for item in prepared:
            run = _finish(viewer, item, held, day, known_at, files, current)
            runs.append(run)
            progress(item.version.slug, len(runs), len(prepared))
    return runs


def _finish(
    viewer: Viewer, item: Prepared, held: SnapshotInfo, day: date, known_at: datetime | None, files: dict[str, Path], current: bool
) -> Run:
    started = clock.now()
    run = Run(
        uid=uuid7(),
        programme=item.version.slug,
        programme_version=item.version.version,
        programme_digest=item.version.digest,
        as_of=day,
        known_at=known_at or held.known_at,
        snapshot_digest=held.digest,
        coverage=held.coverage,
        engine=evaluation.engine_versions(),
        started_at=started,
        state="done",
    )
    if item.programme is None:
        return _fail(viewer, run, item.error)
    try:
        return _keep(viewer, run, item.programme, held, files[run.programme], current)
    except LinliError as error:
        return _fail(viewer, run, error.text("zh"))


def _fail(viewer: Viewer, run: Run, error: str) -> Run:
    """Record that a programme could not be screened. What stood before stays as it was."""
    run.state, run.error, run.finished_at = "failed", error, clock.now()
    with act(viewer) as current:
        run.save()
        current.record(
            SCREENING_FAILED,
            subject=f"programme:{run.programme}",
            payload={"run": str(run.uid), "programme": run.programme, "error": error[:2000]},
            rows=[run],
        )
    return run


def _keep(viewer: Viewer, run: Run, programme: Programme, held: SnapshotInfo, verdict_file: Path, current: bool) -> Run:
    """Move the verdicts into the run's folder, then commit the run, what changed and their facts together."""
    folder = state_folder() / "runs" / str(run.uid)
    folder.mkdir(parents=True)
    shutil.move(verdict_file, folder / "verdicts.parquet")
    path = folder / "verdicts.parquet"
    counted = verdicts.counts(path)
    run.files = f"runs/{run.uid}"
    run.verdict_digest = verdicts.digest(path, evaluation.salts_of(held))
    run.parameters = evaluation.parameters(programme, run.as_of)
    run.merged = current
    run.eligible, run.undecided, run.not_eligible = (counted[verdict] for verdict in verdicts.VERDICTS)
    payload = {
        "run": str(run.uid),
        "programme": run.programme,
        "as_of": run.as_of.isoformat(),
        "programme_digest": run.programme_digest,
        "snapshot_digest": run.snapshot_digest,
        "verdict_digest": run.verdict_digest,
        "counts": counted,
    }
    subject = f"programme:{run.programme}"
    with bulk_act(viewer, MERGED, subject=subject, payload={"run": str(run.uid), "programme": run.programme}) as bulk:
        run.save()
        if current:
            standing.lock_programme(run.programme)
            standing.stage(verdicts.batches(path), evaluation.areas_of(held, programme))
            change = standing.merge(run=run, programme=run.programme, kind=programme.subject, as_of=run.as_of, scope=None)
            run.newly_found, run.newly_lost = change.found, change.lost
        run.finished_at = clock.now()
        run.save()
        bulk.act.record(SCREENED, subject=subject, payload=payload, rows=[run])
        if current:
            bulk.extend(standing.changed_facts(programme.subject, run.programme, run))
    return run


def rescreen(*, viewer: Viewer, residents: Iterable[UUID], households: Iterable[UUID] = (), as_of: date | None = None) -> int:
    """Screen again the residents, everyone in their households and their relatives, under every live programme that invites people.

    households: with whoever was ever in them, and by themselves, since nobody may be left in one. Returns how many determinations
    changed. Cost: a dozen queries for who and what, then one merge per programme.
    """
    day = as_of or clock.today()
    named = set(households)
    circle = queries.circle({*residents, *queries.members_ever(named)})
    homes = {*named, *queries.households_ever(circle)}
    if not circle and not homes:
        return 0
    family = snapshot.facts_for(circle.values(), as_of=day)
    people_table, household_table, _relations = family.frames()
    # Who died or left, and a household that is gone, have no facts any more: in scope, they lose what stood.
    scope = {"person": list(circle.values()), "household": list(homes)}
    changed = 0
    for item in prepare(live_versions(day), day):
        if item.programme and item.programme.invites and item.programme.subject != "organisation":
            frame = evaluation.evaluate_few(item.programme, family, day)
            areas = evaluation.areas(people_table.lazy(), household_table.lazy(), item.programme)
            changed += _bring_in_line(viewer, item.programme, frame, scope[item.programme.subject], areas, day)
    return changed


def _bring_in_line(viewer: Viewer, programme: Programme, frame: pl.DataFrame, scope: Sequence[UUID], areas: pl.DataFrame, day: date) -> int:
    with act(viewer) as current:
        standing.lock_programme(programme.slug)
        standing.stage([frame], areas)
        change = standing.merge(run=None, programme=programme.slug, kind=programme.subject, as_of=day, scope=scope)
        if change.changed:
            for fact_type, subject, payload, digests in standing.changed_facts(programme.subject, programme.slug, None):
                current.record(fact_type, subject=subject, payload=payload, rows=standing.row_references(digests))
    return change.changed


def ask_preview(*, viewer: Viewer, draft: UUID) -> Preview:
    """Have a draft compared by the next free worker with the version whose place it takes. A preview of the same content is returned as it
    is, unless it failed or another version or newer data stands by now. Needs officer or auditor for the programme over the whole city;
    LinliError or Problems while the draft has faults.
    """
    row = drafts.draft(viewer, draft)
    programme = programme_of_draft(row, catalogue(settings.LINLI_CITY))
    there = queries.preview_of(draft, programme.digest)
    if there is not None and not previewing.outdated(there):
        return there
    with transaction.atomic():
        preview = Preview.objects.create(
            programme=row.slug,
            draft=row.uid,
            revision=row.revision,
            digest=programme.digest,
            version=programme.version,
            asked_by=viewer.actor,
            asked_at=clock.now(),
        )
        app.configure_task(PREVIEW).defer(uid=str(preview.uid))
    return preview


def publish_draft(*, viewer: Viewer, draft: UUID, digest: str, effective_from: date) -> ProgrammeVersion:
    """Publish a handed-in draft whose preview is finished and speaks for the version and the data that stand; see programmes.acts, which
    refuses authors, another text and another day. LinliError or Problems with what is in the way.
    """
    shelf = catalogue(settings.LINLI_CITY)
    row = drafts.draft(viewer, draft)
    if row.published is None:
        _require_preview(queries.preview_of(draft, programme_of_draft(row, shelf).digest))
    return programmes.publish_draft(viewer=viewer, catalogue=shelf, draft=draft, digest=digest, effective_from=effective_from)


def _require_preview(preview: Preview | None) -> None:
    why = "" if preview is None or preview.state != "finished" else previewing.outdated(preview)
    if preview is None or preview.state != "finished":
        raise LinliError(
            "screening.not_previewed", zh="先预演，看过影响再发布",
            en="Preview the draft before publishing it, and look at whom it changes.",
            remedy_zh="点“预演”，算完再来", remedy_en="preview it, and come back when that has finished",
        )  # fmt: skip
    if why:
        said = {
            "base": ("预演之后有了另一个版本，数字不再可靠", "There is another version since the preview."),
            "data": ("预演之后数据有了更新，数字不再可靠", "The data are newer than the preview."),
        }
        zh, en = said[why]
        raise LinliError(
            "screening.preview_outdated", zh=zh, en=en, found=f"{preview.base or '–'} · {preview.snapshot_day}",
            remedy_zh="再预演一次，看过影响再发布", remedy_en="preview it again and look at whom it changes",
        )  # fmt: skip


def make_preview(*, uid: UUID) -> None:
    """Work a preview out. After a kill a rerun begins anew; a finished one is a no-op. Changes nothing that stands."""
    preview = Preview.objects.get(uid=uid)
    if preview.state in ("finished", "failed"):
        return

    def tell(step: str) -> None:
        Preview.objects.filter(pk=preview.pk).update(state="running", step=step, done=previewing.STEPS.index(step))

    revision = DraftRevision.objects.get(draft__uid=preview.draft, number=preview.revision)
    preview.state = "finished"
    try:
        draft = parse_programme(revision.text.encode(), city_vocabulary(settings.LINLI_CITY), file="programme.yaml")
        two = previewing.sides(draft, drafts.published_programmes(preview.programme))
        preview.base = two.before.version if two.before else ""
        preview.figures = previewing.compare(preview, two, state_folder(), tell)
    except (Problems, LinliError) as error:
        preview.state, (preview.error_zh, preview.error_en) = "failed", _worded(error)
    preview.step, preview.done, preview.finished_at = "", len(previewing.STEPS), clock.now()
    preview.save()


def _worded(error: Problems | LinliError) -> tuple[str, str]:
    problems = error.problems if isinstance(error, Problems) else [error]
    zh, en = ("\n".join(problem.text(language) for problem in problems) for language in ("zh", "en"))
    return zh, en


def begin_scenario(*, viewer: Viewer, programme: str, name: str, version: str = "", like: UUID | None = None) -> Scenario:
    """Begin a what-if with the figures of a published version that still applies, or with those of another what-if (like). Needs officer
    for the programme over the whole city. DoesNotExist where there is neither, LinliError without a name or where its days are over.
    """
    viewer.require(programmes.ROLE, programme=programme)
    other = queries.scenario(viewer, programme, like) if like is not None else None
    version = other.version if other is not None else version
    base = ProgrammeVersion.objects.get(slug=programme, version=version)
    scenarios.day_for(programme_of(base), None)
    told = " ".join(name.split())[:100]
    if not told:
        raise LinliError(
            "screening.no_name", zh="没有写名称", en="The name is missing.", remedy_zh="写一个能认出来的名称", remedy_en="write a name",
        )  # fmt: skip
    own = {"programme": programme, "version": version, "name": told, "text": other.text if other else base.source}
    return Scenario.objects.create(begun_by=viewer.actor, begun_at=clock.now(), day=other.day if other else None, **own)


def try_scenario(*, viewer: Viewer, scenario: UUID, revision: int, text: str, day: date | None = None) -> Scenario:
    """Keep a scenario's figures and day, and have it worked out by the next free worker. revision: the one that the officer saw; where
    somebody saved since, LinliError screening.scenario_changed. Raises Problems with the faults of the text, LinliError where it changes
    anything but figures or the version doesn't apply on the day. Locks the scenario.
    """
    with transaction.atomic():
        row = _scenario(viewer, scenario)
        if row.revision != revision:
            raise LinliError(
                "screening.scenario_changed", zh="您打开以后，别人改了这个试算", en="Somebody changed this what-if after you opened it.",
                remedy_zh="看过对方改的数值再算，您填的还在页面上", remedy_en="look at their figures; yours are still on the page",
            )  # fmt: skip
        pair = scenarios.read(ProgrammeVersion.objects.get(slug=row.programme, version=row.version), text)
        if day is not None:
            scenarios.day_for(pair.base, day)
        row.text, row.day, row.revision = text, day, row.revision + 1
        row.state, row.step, row.done, row.figures, row.error_zh, row.error_en = "waiting", "", 0, {}, "", ""
        row.asked_by, row.asked_at, row.finished_at = viewer.actor, clock.now(), None
        row.save()
        app.configure_task(SCENARIO).defer(uid=str(row.uid), revision=row.revision)
        return row


def work_out_scenario(*, uid: UUID, revision: int) -> None:
    """Work a scenario out as it was asked for; a no-op once it is finished or asked for anew. Changes nothing that stands."""
    row = Scenario.objects.get(uid=uid)
    mine = Scenario.objects.filter(pk=row.pk, revision=revision, state__in=("waiting", "running"))

    def tell(step: str) -> None:
        mine.update(state="running", step=step, done=scenarios.STEPS.index(step))

    if row.revision != revision or row.state not in ("waiting", "running"):
        return
    row.state = "finished"
    try:
        pair = scenarios.read(ProgrammeVersion.objects.get(slug=row.programme, version=row.version), row.text)
        row.figures = scenarios.compute(row, pair, state_folder(), tell)
    except (Problems, LinliError) as error:
        row.state, (row.error_zh, row.error_en) = "failed", _worded(error)
    own = ("state", "figures", "error_zh", "error_en", "digest", "asked_day", "snapshot_digest", "snapshot_day")
    mine.update(step="", done=len(scenarios.STEPS), finished_at=clock.now(), **{name: getattr(row, name) for name in own})


def draft_of_scenario(*, viewer: Viewer, scenario: UUID, version: str, effective_from: date) -> Draft:
    """Begin the draft of a new version with a scenario's figures: its name and first day are the officer's. Where a draft of the programme
    is open, LinliError programmes.draft_open. Scenario and draft in one transaction. Locks the scenario.
    """
    with act(viewer):
        row = _scenario(viewer, scenario)
        base = ProgrammeVersion.objects.get(slug=row.programme, version=row.version)
        text = renewed(row.text, version, effective_from)
        examples = drafts.examples_for(base, row.programme, settings.LINLI_CITY)
        draft = programmes.begin_draft(viewer=viewer, text=text, examples=examples, base=base.version)
        Scenario.objects.filter(pk=row.pk).update(draft=draft.uid)
        return draft


def discard_scenario(*, viewer: Viewer, scenario: UUID) -> None:
    """Take a scenario off the list. Its row stays; what it became stays. Locks it."""
    with transaction.atomic():
        row = _scenario(viewer, scenario)
        Scenario.objects.filter(pk=row.pk).update(discarded_at=clock.now())


def _scenario(viewer: Viewer, uid: UUID) -> Scenario:
    row = Scenario.objects.select_for_update().get(uid=uid, discarded_at__isnull=True)
    viewer.require(programmes.ROLE, programme=row.programme)
    return row


def prune_previews(*, older_than: timedelta) -> None:
    """Delete the rows of people in old previews; the figures stay."""
    for preview in Preview.objects.filter(asked_at__lt=clock.now() - older_than, state="finished"):
        shutil.rmtree(previewing.folder_of(preview), ignore_errors=True)


def clear_scratch(*, older_than: timedelta) -> int:
    """Delete what killed previews, screenings and snapshots left half-written; returns how many folders. Nothing takes that long."""
    last = (clock.now() - older_than).timestamp()
    root = state_folder()
    found = [*evaluation.unfinished(root), *root.glob(f"previews/{evaluation.UNFINISHED}*")]
    cleared = 0
    for folder in found:
        with suppress(FileNotFoundError):  # whoever was at it has finished meanwhile
            if folder.stat().st_mtime < last:
                shutil.rmtree(folder)
                cleared += 1
    return cleared


def forget(*, viewer: Viewer, resident: UUID) -> None:
    """Delete every determination of an erased person; those who shared a household or a family are screened again by their own facts."""
    with act(viewer) as current:
        rows = Determination.objects.select_for_update().filter(subject=resident)
        gone = [(Determination, key) for key in rows.values_list("pk", flat=True)]
        rows.delete()
        if gone:
            current.record(FORGOTTEN, subject=f"resident:{resident}", payload={"rows": len(gone)}, rows=gone)

"""Lists of any length as xlsx: written by the worker under the asker's grants, with progress, and kept for a day.

A list is known by a name in LISTINGS; whoever has a list to offer adds its function there. Memory is that of one portion of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation

from linli.kernel import clock
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.papers import write_table
from linli.registers.models import Staff
from linli.registers.queries import viewer_of
from linli.web import cityexports, exports
from linli.web.models import Download

KEPT = timedelta(days=1)
WAITING = 3
"""Files that one person may have in the making at once."""

Listing = Callable[[Viewer, Mapping[str, str]], exports.Sheet | exports.Filled]
LISTINGS: dict[str, Listing] = {"people": exports.people, "residents": exports.residents, **cityexports.LISTINGS}


def ask(viewer: Viewer, *, listing: str, parameters: Mapping[str, str], file_name: str) -> Download:
    """Have a list written. The first look at it is taken now, so that what may not be read is refused at once. One job."""
    LISTINGS[listing](viewer, parameters)
    mine = Download.objects.filter(actor=viewer.actor, state__in=("waiting", "running"))
    if mine.count() >= WAITING:
        raise Refused(
            "web.downloads_waiting",
            zh="您已有几份表格正在生成",
            en="Several of your tables are still being made.",
            expected=f"fewer than {WAITING}",
            remedy_zh="等前面的完成后再导出",
            remedy_en="wait for those before",
        )
    from linli.web import jobs  # declares the job, which calls make()

    with transaction.atomic():
        download = Download.objects.create(
            actor=viewer.actor,
            listing=listing,
            parameters=dict(parameters),
            file_name=file_name,
            language=translation.get_language() or settings.LANGUAGE_CODE,
            asked_at=clock.now(),
        )
        jobs.make_download.defer(uid=str(download.uid))
    return download


def file_of(download: Download) -> Path:
    """Where its file is, readable by this installation only."""
    folder = Path(settings.LINLI_STATE) / "downloads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{download.uid}.xlsx"


def mine(viewer: Viewer, uid: UUID) -> Download:
    """The viewer's own download; Download.DoesNotExist for anybody else's. One query."""
    return Download.objects.get(uid=uid, actor=viewer.actor)


def make(uid: UUID) -> None:
    """Write the file of a download under the asker's grants of now. After a kill a rerun begins anew; a finished one is a no-op."""
    download = Download.objects.get(uid=uid)
    if download.state == "finished":
        return
    Download.objects.filter(pk=download.pk).update(state="running", done=0)
    target = file_of(download)
    draft = target.with_suffix(".part.xlsx")
    try:
        _write(download, draft)
    except Exception:
        draft.unlink(missing_ok=True)
        Download.objects.filter(pk=download.pk).update(state="failed", finished_at=clock.now())
        raise
    draft.replace(target)
    Download.objects.filter(pk=download.pk).update(state="finished", finished_at=clock.now())


def _write(download: Download, draft: Path) -> None:
    staff = Staff.objects.get(uid=download.actor.removeprefix("staff:"))

    def tell(done: int) -> None:
        Download.objects.filter(pk=download.pk).update(done=done)

    with translation.override(download.language):
        made = LISTINGS[download.listing](viewer_of(staff), download.parameters)
        draft.touch(mode=0o600)
        if isinstance(made, exports.Filled):
            made.write(draft, tell)
        else:
            write_table(draft, made.headers, made.rows, sheet=made.name, progress=tell)


def prune() -> None:
    """Delete what is older than a day, files first."""
    for download in Download.objects.filter(asked_at__lt=clock.now() - KEPT):
        file_of(download).unlink(missing_ok=True)
        file_of(download).with_suffix(".part.xlsx").unlink(missing_ok=True)
        download.delete()

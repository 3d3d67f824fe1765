"""Lists of any length as xlsx, archives and bank files: written by the worker under the asker's grants, with progress, kept for a day.

A list is known by a name in LISTINGS; whoever has a list to offer adds its function there. Memory is that of one portion of rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from procrastinate.contrib.django import app

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused, is_disk_full
from linli.kernel.viewer import Viewer
from linli.papers import write_table
from linli.registers.models import Staff
from linli.registers.queries import viewer_of
from linli.trace.again import TRANSIENT
from linli.web.batches import tables as batches
from linli.web.models import Download
from linli.web.tables import (
    archives,
    bankfiles,
    circleexports,
    cityexports,
    exports,
    lifecycleexports,
    moneyexports,
    officeexports,
    taskexports,
)

MAKE = "web.make_download"
KEPT = timedelta(days=1)
WAITING = 3
"""Files that one person may have in the making at once."""
UNDER_WAY = ("waiting", "running")
RESERVE = 512 << 20
"""Bytes of the disk that no export takes."""


class NotNow(Refused):
    """Refused for the moment, whoever asks: the words and the remedy are for the reader, not for whoever watches over security."""


Listing = Callable[[Viewer, Mapping[str, str]], exports.Sheet | exports.Filled]
LISTINGS: dict[str, Listing] = {
    "people": exports.people,
    "residents": exports.residents,
    "inbox": taskexports.tasks,
    **cityexports.LISTINGS,
    **lifecycleexports.LISTINGS,
    **batches.LISTINGS,
    **archives.LISTINGS,
    **bankfiles.LISTINGS,
    **moneyexports.LISTINGS,
    **officeexports.LISTINGS,
    **circleexports.LISTINGS,
}


def ask(viewer: Viewer, *, listing: str, parameters: Mapping[str, str], file_name: str) -> Download:
    """Have a list written. The first look at it is taken now, so that what may not be read is refused at once. One job."""
    LISTINGS[listing](viewer, parameters)
    _require_room()
    mine = Download.objects.filter(actor=viewer.actor, state__in=UNDER_WAY)
    if mine.count() >= WAITING:
        raise NotNow(
            "web.downloads_waiting",
            zh="您已有几份表格正在生成",
            en="Several of your tables are still being made.",
            expected=f"fewer than {WAITING}",
            expected_zh=f"少于 {WAITING} 份",
            remedy_zh="等前面的完成后再导出",
            remedy_en="wait for those before",
        )
    with transaction.atomic():
        download = Download.objects.create(
            actor=viewer.actor,
            listing=listing,
            parameters=dict(parameters),
            file_name=file_name,
            language=translation.get_language() or settings.LANGUAGE_CODE,
            asked_at=clock.now(),
        )
        app.configure_task(MAKE).defer(uid=str(download.uid))
    return download


def file_of(download: Download) -> Path:
    """Where its file is, readable by this installation only."""
    return _folder() / f"{download.uid}{Path(download.file_name).suffix}"


def _folder() -> Path:
    folder = Path(settings.LINLI_STATE) / "downloads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def mine(viewer: Viewer, uid: UUID) -> Download:
    """The viewer's own download; Download.DoesNotExist for anybody else's and for one whose day is over. One query."""
    return _kept(viewer).get(uid=uid)


def _kept(viewer: Viewer) -> QuerySet[Download]:
    return Download.objects.filter(actor=viewer.actor, asked_at__gte=clock.now() - KEPT)


@dataclass(frozen=True, slots=True)
class Listed:
    """A download as its owner's list shows it. until: when it is removed; size: bytes of its file, None where there is none.

    held: whether the owner still holds every grant it was written under; without them nobody gets the file.
    """

    download: Download
    until: datetime
    size: int | None
    held: bool


def all_mine(viewer: Viewer) -> list[Listed]:
    """The viewer's own downloads of the last day, newest first. One query."""
    return [_listed(viewer, one) for one in _kept(viewer).order_by("-id")]


def _listed(viewer: Viewer, download: Download) -> Listed:
    size = None
    if download.state == "finished":
        with suppress(FileNotFoundError):
            size = file_of(download).stat().st_size
    return Listed(download, download.asked_at + KEPT, size, _holds(viewer, download))


def _holds(viewer: Viewer, download: Download) -> bool:
    held = (viewer.may(role, area=area, programme=programme) for role, area, programme in download.grants)
    return bool(download.grants) and all(held)


def require_held(viewer: Viewer, download: Download) -> None:
    """Refuse the file to whoever no longer holds every grant that it was written under: it may tell more than they may read now."""
    LISTINGS[download.listing](viewer, download.parameters)
    if not _holds(viewer, download):
        raise Refused(
            "web.download_beyond_grants",
            zh="这份表格生成后，您的权限有变动，不能再下载",
            en="Your grants have changed since this table was made; it can't be downloaded any more.",
            expected="every grant that it was made under",
            expected_zh="生成时的全部权限",
            remedy_zh="按现在的权限重新导出",
            remedy_en="export it again under the grants of now",
        )


def note_taken(viewer: Viewer, download: Download) -> None:
    """What taking the file brings about: a bank file is handed over by it. Raises LinliError where it may not be any more."""
    if download.listing == bankfiles.NAME:
        bankfiles.taken(viewer, download.parameters)


def cancel(viewer: Viewer, uid: UUID) -> None:
    """The viewer's own file is not wanted any more; whoever writes it stops at the next portion. What is finished stays. One statement."""
    Download.objects.filter(uid=uid, actor=viewer.actor, state__in=UNDER_WAY).update(state="cancelled", finished_at=clock.now())


def make(uid: UUID) -> None:
    """Write the file of a download under the asker's grants of now. After a kill a rerun begins anew; one that has ended is a no-op.

    Rows wait in a folder of this download's, which goes with it however it ends; nothing of it is left in the system's own.
    """
    download = Download.objects.get(uid=uid)
    if not Download.objects.filter(pk=download.pk, state__in=UNDER_WAY).update(state="running", done=0):
        return
    folder = file_of(download).with_suffix(".part")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        draft = folder / f"list{file_of(download).suffix}"
        _write(download, draft)
        draft.replace(file_of(download))
        _end(download, "finished")
    except _CancelledError:
        return
    except TRANSIENT:
        raise  # it is under way still: the job begins anew
    except NotNow:
        _end(download, "failed", problem="disk_full")
    except (Refused, ObjectDoesNotExist):
        _end(download, "failed", problem="refused")
    except LinliError:
        _end(download, "failed", problem="changed")
    except Exception as problem:
        full = is_disk_full(problem)
        _end(download, "failed", problem="disk_full" if full else "")
        if not full:
            raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _CancelledError(Exception):
    """The asker has cancelled it."""


def _end(download: Download, state: str, *, problem: str = "") -> None:
    """Note how it ended, unless it was cancelled before."""
    ended = Download.objects.filter(pk=download.pk, state="running").update(state=state, problem=problem, finished_at=clock.now())
    if not ended:
        file_of(download).unlink(missing_ok=True)


def _write(download: Download, draft: Path) -> None:
    staff = Staff.objects.defer("password").get(uid=download.actor.removeprefix("staff:"))
    mine = Download.objects.filter(pk=download.pk)

    def tell(done: int) -> None:
        _require_room()
        if not mine.filter(state="running").update(done=done):
            raise _CancelledError

    with translation.override(download.language):
        viewer = viewer_of(staff)
        mine.update(grants=[[grant.role, grant.area, grant.programme] for grant in viewer.grants])
        made = LISTINGS[download.listing](viewer, download.parameters)
        draft.touch(mode=0o600)
        mine.update(total=made.count())
        if isinstance(made, exports.Filled):
            made.write(draft, tell)
        else:
            write_table(draft, made.headers, made.rows, sheet=made.name, progress=tell)


def _require_room() -> None:
    """NotNow where the disk is nearly full: the database may be on the same one, and without room it stops for everybody."""
    free = shutil.disk_usage(_folder()).free
    if free < RESERVE:
        raise NotNow(
            "web.disk_full",
            zh="服务器磁盘空间不足，暂时不能导出",
            en="The server's disk is nearly full; nothing can be exported for now.",
            expected=f"{RESERVE >> 20} MiB free",
            expected_zh=f"留有 {RESERVE >> 20} MiB",
            found=f"{free >> 20} MiB",
            remedy_zh="请告诉系统管理员，腾出空间后再导出",
            remedy_en="tell the system's administrator, and export again when there is room",
        )


def prune() -> None:
    """Delete what is older than a day, files first."""
    for download in Download.objects.filter(asked_at__lt=clock.now() - KEPT):
        file_of(download).unlink(missing_ok=True)
        shutil.rmtree(file_of(download).with_suffix(".part"), ignore_errors=True)
        download.delete()

"""The state folder's files in a backup: packed as a stream, unpacked one by one, each in one step; bounded memory."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from linli.kernel.errors import LinliError, Place
from linli.site.backup.manifest import sync
from linli.trace.seals import KEY_FILE as SEAL_KEY
from linli.vault import erasures, keyring

NOTE, UNDER_WAY = "backup.json", "restore.json"
# Everything in the state folder is kept but these, so that a file which a later release adds is not forgotten.
LEFT_OUT = {
    "postgres",  # the private cluster, which the dump stands for
    "static",  # made anew by each start, like
    "metrics",  # the counters of the processes
    "demo",  # made-up people and their sign-ins
    "downloads",  # lists in clear, deleted after a day: asked for again
    "imports",  # files of lists in clear, deleted after a week; what was applied of them is in the database
    "sms.jsonl",  # numbers and texts in clear, where no gateway is configured
    "keys.json",
    "secret",
    SEAL_KEY,  # all three sealed on their own
    "erasures.jsonl",  # kept outside on purpose: a restore must not bring back who was erased since
    NOTE,
    UNDER_WAY,
}
UNFINISHED = (".lock", ".new", ".fresh", ".part", ".restoring")
SCRATCH = "unfinished-"


def kept(state: Path) -> Iterator[Path]:
    """The files of the state folder that belong into a backup, in order."""
    outside = {path.resolve() for path in (keyring.key_file(), erasures.list_file())}
    for folder, folders, names in os.walk(state):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not name.startswith(SCRATCH) and not (here == state and name in LEFT_OUT))
        for name in sorted(names):
            path = here / name
            if not (here == state and name in LEFT_OUT) and not name.endswith(UNFINISHED) and path.resolve() not in outside:
                yield path


def pack(state: Path, target: Path) -> tuple[int, int]:
    """Write the files into a tar; returns how many and their bytes. A file that goes away meanwhile is left out: nothing stands on it.

    Linli's files are replaced in one step, never written in place, so each is copied as it was at one moment.
    """
    number = total = 0
    with target.open("xb") as out, tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        target.chmod(0o600)
        for path in kept(state):
            if path.is_symlink() or not path.is_file():
                continue
            try:
                stream = path.open("rb")
            except FileNotFoundError:
                continue
            with stream:
                info = tar.gettarinfo(arcname=str(path.relative_to(state)), fileobj=stream)
                info.uname = info.gname = ""
                info.uid = info.gid = 0
                tar.addfile(info, stream)
            number, total = number + 1, total + info.size
    sync(target)
    return number, total


def hand_over(state: Path, *paths: Path) -> None:
    """Give what root wrote to the account that has the state folder: the service has to go on with it. Nothing for anybody else."""
    if os.geteuid() == 0:
        owner = state.stat()
        for path in paths:
            os.chown(path, owner.st_uid, owner.st_gid)


def unpack(archive: Path, state: Path) -> tuple[int, int]:
    """Put the files into the state folder; one that is there is replaced. Returns how many and their bytes. May be run again."""
    number = total = 0
    with tarfile.open(archive, mode="r|") as tar:
        for member in tar:
            target = _place(archive, state, member)
            source = tar.extractfile(member)
            assert source is not None
            _make_folder(state, target.parent)
            descriptor, draft = tempfile.mkstemp(dir=target.parent, suffix=".restoring")
            with os.fdopen(descriptor, "wb") as out:
                shutil.copyfileobj(source, out)
                out.flush()
                os.fsync(out.fileno())
            hand_over(state, Path(draft))
            Path(draft).replace(target)
            number, total = number + 1, total + member.size
    return number, total


def _make_folder(state: Path, folder: Path) -> None:
    if folder != state and not folder.exists():
        _make_folder(state, folder.parent)
        folder.mkdir(mode=0o700)
        hand_over(state, folder)


def _place(archive: Path, state: Path, member: tarfile.TarInfo) -> Path:
    """Where a member goes; anything but a plain file inside the state folder is refused."""
    target = state / member.name
    inside = target.resolve().is_relative_to(state.resolve()) and ".." not in Path(member.name).parts
    if not member.isreg() or not inside or Path(member.name).parts[0] in LEFT_OUT:
        raise LinliError(
            "backup.bad_file",
            zh="备份中的文件不能放进数据目录",
            en="A file of the backup can't go into the state folder.",
            place=Place(file=str(archive), field=member.name),
            expected=("状态文件夹内的普通文件", "a plain file inside the state folder"),
            remedy_zh="这份备份不是由 linli backup 生成的，请换一份",
            remedy_en="linli backup did not write this: use another backup",
        )
    return target

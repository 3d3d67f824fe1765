"""The tables of a GTFS feed, out of a folder or a zip that has been shown to be harmless."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from linli.kernel.errors import LinliError
from linli.reach.sources.listing import refused
from linli.reach.sources.sheet import Sheet, read_sheet, sheet_of

MOST_FILES: Final = 200
MOST_BYTES: Final = 2 * 2**30
MOST_RATIO: Final = 200
"""Bytes out of one byte in: text tables shrink to a tenth or a thirtieth, bombs to a thousandth."""
_SMALL: Final = 2**20


def tables(path: Path, needed: tuple[str, ...], known: tuple[str, ...]) -> Mapping[str, Sheet]:
    """The tables of `needed` and `known` that are there, by name without .txt; a known one without rows is as if it weren't.

    LinliError for a zip that is torn, encrypted or larger unpacked than any feed, and for a needed table that is missing or empty.
    """
    if path.is_dir():
        return _all(path.name, {name: path / f"{name}.txt" for name in (*needed, *known) if (path / f"{name}.txt").is_file()}, needed)
    with _opened(path) as archive:
        parts = _parts(path, archive)
        data = {name: _unpacked(path, archive, parts[name]) for name in (*needed, *known) if name in parts}
    return _all(path.name, data, needed)


def _all(feed: str, sources: Mapping[str, Path | bytes], needed: tuple[str, ...]) -> dict[str, Sheet]:
    if missing := [name for name in needed if name not in sources]:
        said = ("公交数据缺少必需的表", "The feed lacks tables that it needs.")
        remedy = ("向提供单位要完整的 GTFS 数据", "ask its publisher for the whole feed")
        raise refused(
            "feed_tables", said, remedy, file=feed, expected=", ".join(f"{name}.txt" for name in needed), found=", ".join(missing)
        )
    found: dict[str, Sheet] = {}
    for name, source in sources.items():
        try:
            found[name] = read_sheet(source) if isinstance(source, Path) else sheet_of(Path(f"{name}.txt"), source)
        except LinliError as error:
            if error.code != "reach.empty" or name in needed:
                raise
    return found


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise _hostile(path, str(error)) from None


def _parts(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The tables by name: at the top, or all of them in one folder. Nothing is ever written under a name out of the zip."""
    infos = [one for one in archive.infolist() if not one.is_dir()]
    if len(infos) > MOST_FILES:
        raise _hostile(path, f"{len(infos)} files")
    if sum(one.file_size for one in infos) > MOST_BYTES:
        raise _hostile(path, f"{sum(one.file_size for one in infos)} bytes unpacked")
    tops = {one.filename.rpartition("/")[0] for one in infos if one.filename.rpartition("/")[2] == "stops.txt"}
    if len(tops) > 1:
        raise _hostile(path, f"{len(tops)} × stops.txt")
    top, found = next(iter(tops), ""), {}
    for one in infos:
        folder, _, name = one.filename.rpartition("/")
        if folder != top or not name.endswith(".txt"):
            continue
        if one.flag_bits & 1 or name[:-4] in found:
            raise _hostile(path, f"{name}: {'encrypted' if one.flag_bits & 1 else 'twice'}")
        found[name[:-4]] = one
    return found


def _unpacked(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """What is really there counts, not what the directory of the zip says."""
    if info.file_size > max(_SMALL, MOST_RATIO * info.compress_size):
        raise _hostile(path, f"{info.filename}: {info.compress_size} → {info.file_size} bytes")
    with archive.open(info) as stream:
        data = stream.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise _hostile(path, f"{info.filename}: not {info.file_size} bytes")
    return data


def _hostile(path: Path, found: str) -> LinliError:
    return refused(
        "feed_zip",
        ("压缩包损坏、加密，或解开后过大", "The zip is damaged, encrypted, or too large unpacked."),
        ("重新下载，或解压后以文件夹提供", "fetch it again, or unpack it and give the folder"),
        file=path.name,
        expected="zip, GTFS",
        found=found,
    )

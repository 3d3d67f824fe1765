"""Counters of answered requests, which all processes of one `linli serve` add up in files of a folder in memory.

The files are written through a mapping. A write to a place that the disk has no room for would be no error but the end of the process
(SIGBUS), at every request; so a file's room is taken before anything is written, and where there is none nothing more is counted.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.mmap_dict import _INITIAL_MMAP_SIZE, MmapedDict

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
MEMORY = Path("/dev/shm")
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_log = logging.getLogger("linli.metrics")


class Reserved(MmapedDict):
    """A file of counters whose room is taken first. Raises OSError where there is none."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if not read_mode and not Path(filename).exists():
            try:
                _reserve(filename, _INITIAL_MMAP_SIZE)
            except OSError:
                Path(filename).unlink(missing_ok=True)
                raise
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]

    def _init_value(self, key: str) -> None:
        """A new counter; the file doubles where it may not fit: its text, padding and numbers take less than 64 bytes more."""
        if self._used + len(key.encode()) + 64 > self._capacity:
            _reserve(self._fname, 2 * self._capacity)
        super()._init_value(key)  # type: ignore[no-untyped-call]


def _reserve(filename: str, size: int) -> None:
    descriptor = os.open(filename, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, size)
    finally:
        os.close(descriptor)


values.MmapedDict = Reserved  # type: ignore[attr-defined,misc]  # the library has no other way to say which file it writes to
REGISTRY = CollectorRegistry()
_REQUESTS = Counter("linli_requests", "Requests answered.", ("method", "pattern", "status"), registry=REGISTRY)
_DURATION = Histogram("linli_request_seconds", "How long an answer took.", ("pattern",), buckets=SECONDS, registry=REGISTRY)
_counts = True


def answered(method: str, pattern: str, status: int, seconds: float) -> None:
    """Count an answer. The first that finds no room for its counter says so in the log and ends the counting of this process."""
    global _counts
    if not _counts:
        return
    try:
        _REQUESTS.labels(method, pattern, str(status)).inc()
        _DURATION.labels(pattern).observe(seconds)
    except OSError as error:
        _counts = False
        _log.warning("requests of this process are not counted any more", extra={"fields": {"reason": error.strerror}})


def shared_folder(state: Path, port: int) -> Path | None:
    """An empty folder in which the processes of one server count together: of systemd's making, in memory, else in the state folder.

    None where it can be made nowhere: then each process counts for itself.
    """
    for parent in _parents(state):
        folder = parent / str(port)
        with suppress(OSError):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, mode=0o700)
            return folder
    _log.warning("no folder for shared counters, each process counts for itself")
    return None


def _parents(state: Path) -> Iterator[Path]:
    if runtime := os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]:
        yield Path(runtime) / "metrics"
    own = MEMORY / f"linli-{os.getuid()}"
    if MEMORY.is_dir() and _is_ours(own):
        yield own
    yield state / "metrics"


def _is_ours(folder: Path) -> bool:
    """Make the folder, or find that it is a folder that we made: anybody may write below its parent."""
    with suppress(OSError):
        folder.mkdir(mode=0o700)
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077

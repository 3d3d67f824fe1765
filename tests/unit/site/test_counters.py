"""Counting answers never ends a process: where there is no room for a counter, it goes on without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.mmap_dict import MmapedDict

from linli.site import counters

COUNT = """
import logging, resource, sys
from linli.site import counters
if "limit" in sys.argv:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
logging.basicConfig(format="%(message)s", stream=sys.stdout)
for number in range(int(sys.argv[1])):
    counters.answered("GET", f"/{number:0200}/", 200, 0.1)
print("still here")
"""


def count(folder: Path, *arguments: str) -> str:
    """What a process says that counts answers under so many patterns."""
    environment = os.environ | {counters.FOLDER: str(folder)}
    done = subprocess.run([sys.executable, "-c", COUNT, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr)
    return done.stdout


def test_a_process_without_room_goes_on_and_says_so_once(tmp_path: Path) -> None:
    told = count(tmp_path, "400", "limit")
    assert told.splitlines() == ["requests of this process are not counted any more", "still here"]
    kept = {one.name: sum(1 for _ in MmapedDict.read_all_values_from_file(one)) for one in tmp_path.iterdir()}
    assert min(kept.values()) > 0


def test_a_folder_that_is_gone_ends_the_counting_only(tmp_path: Path) -> None:
    assert "still here" in count(tmp_path / "nowhere", "2")


def test_every_files_room_is_taken_before_it_is_written(tmp_path: Path) -> None:
    """A hole in a mapped file is where a full disk would kill."""
    assert count(tmp_path, "400") == "still here\n"
    for one in tmp_path.iterdir():
        assert one.stat().st_blocks * 512 >= one.stat().st_size > 65_536


@pytest.mark.skipif(os.getuid() != 0, reason="a disk of one's own is root's")
def test_on_a_disk_that_is_full_it_goes_on(tmp_path: Path) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", tmp_path], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        assert count(tmp_path, "400").splitlines()[-1] == "still here"
        (tmp_path / "fill").write_bytes(b"")
        subprocess.run(["dd", "if=/dev/zero", f"of={tmp_path}/fill", "bs=1k"], capture_output=True, check=False)
        assert count(tmp_path, "400").splitlines()[-1] == "still here"
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_the_folder_is_systemds_else_in_memory_else_in_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory, state = tmp_path / "memory", tmp_path / "state"
    monkeypatch.setattr(counters, "MEMORY", memory)
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    assert counters.shared_folder(state, 8002) == state / "metrics" / "8002"
    memory.mkdir()
    mine = memory / f"linli-{os.getuid()}"
    found = counters.shared_folder(state, 8002)
    assert found == mine / "8002"
    (found / "counter_1.db").touch()
    assert counters.shared_folder(state, 8002) == found
    assert list(found.iterdir()) == []
    mine.chmod(0o777)
    assert counters.shared_folder(state, 8002) == state / "metrics" / "8002"
    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{tmp_path}/run:{tmp_path}/other")
    assert counters.shared_folder(state, 8002) == tmp_path / "run" / "metrics" / "8002"


def test_a_folder_that_somebody_else_laid_there_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "MEMORY", tmp_path)
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    (tmp_path / "theirs").mkdir()
    (tmp_path / f"linli-{os.getuid()}").symlink_to(tmp_path / "theirs")
    assert counters.shared_folder(tmp_path / "state", 8002) == tmp_path / "state" / "metrics" / "8002"
    assert list((tmp_path / "theirs").iterdir()) == []


def test_where_no_folder_can_be_made_each_process_counts_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "MEMORY", tmp_path / "none")
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    (tmp_path / "state").write_text("a file")
    assert counters.shared_folder(tmp_path / "state", 8002) is None

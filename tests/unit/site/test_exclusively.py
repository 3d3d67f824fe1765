"""One process at a time on a state folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from linli.kernel.errors import LinliError
from linli.site.command.demo import BUSY
from linli.site.environment import exclusively


def test_a_second_one_is_refused_and_may_go_on_afterwards(tmp_path: Path) -> None:
    with (
        exclusively(tmp_path / "demo.lock", BUSY),
        pytest.raises(LinliError, match="Another process"),
        exclusively(tmp_path / "demo.lock", BUSY),
    ):
        raise AssertionError("two at once")
    with exclusively(tmp_path / "demo.lock", BUSY):
        pass


def test_a_folder_that_is_not_there_yet_is_made(tmp_path: Path):
    with exclusively(tmp_path / "new" / "state" / "demo.lock"):
        assert (tmp_path / "new" / "state" / "demo.lock").exists()

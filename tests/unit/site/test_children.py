"""Processes that run together: when one ends by itself the others end too, and which it was is told."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from linli.site import children
from linli.site.command import demo


def _run(monkeypatch: pytest.MonkeyPatch, folder: Path, worker: str) -> tuple[int, list[tuple[str, int]], str]:
    """Two made-up processes, of which `worker` is what the second does; what came of it, and what the first left."""
    left = folder / "left"
    script = f"import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (open({str(left)!r}, 'w').write('ended'), sys.exit(0)));"
    script += f"exec({worker!r}) if sys.argv[1] == 'worker' else print(time.sleep(60))"
    monkeypatch.setattr(children, "LINLI", (sys.executable, "-c", script))
    told: list[tuple[str, int]] = []
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        code = children.run_together([("serve",), ("worker",)], dict(os.environ), lambda *ended: told.append(ended))
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    return code, told, left.read_text() if left.exists() else ""


WAIT = "time.sleep(1); "  # until the other is ready to be ended


@pytest.mark.parametrize(("worker", "code", "told"), [("import os; os.kill(os.getpid(), 9)", 9, -9), ("sys.exit(0)", os.EX_SOFTWARE, 0)])
def test_a_process_that_ends_by_itself_is_named_and_takes_the_others_with_it(monkeypatch, tmp_path, worker, code, told):
    assert _run(monkeypatch, tmp_path, WAIT + worker) == (code, [("worker", told)], "ended")


def test_the_demo_says_which_of_its_processes_was_killed(monkeypatch, capsys):
    for language, word in (
        ("zh", "后台进程（linli worker）意外结束：SIGKILL。演示停止"),
        ("en", "the worker (linli worker) ended by itself: SIGKILL. The demo stops"),
    ):
        monkeypatch.setattr(demo, "language", lambda language=language: language)
        demo._ended("worker", -9)
        assert word in capsys.readouterr().err

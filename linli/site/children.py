"""Processes of the demo's own: none of them outlives the process that started it, not even after kill -9."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from linli.site import environment

PR_SET_PDEATHSIG = 1
LINLI = (sys.executable, "-c", "from linli.site.command import main; main()")


def end_with_parent() -> None:
    """Ask the kernel to terminate this process when its parent dies. Linux only; elsewhere an orphan is left to be stopped by hand."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def begin_helper() -> None:
    """First thing in a helper process of a command: it ends with its parent, and Ctrl-C ends it without a word.

    It stands here because a spawned process imports the module of its initializer before Django is set up.
    """
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    environment.prepare()
    # A load makes millions of rows and hardly a cycle: looking for some among them all the time takes an eighth of it.
    gc.freeze()
    gc.set_threshold(500_000, 10, 10)


def run_together(commands: Sequence[Sequence[str]], environment: dict[str, str], ended: Callable[[str, int], None]) -> int:
    """Run `linli` commands side by side until one ends or a signal comes, then end all. Returns 0 if a signal came.

    Without a signal none of them should have ended: the exit code of the first that did, and never 0. ended(its command, its exit code,
    minus the signal that killed it) is told first, while the others still run.
    """
    children = [subprocess.Popen([*LINLI, *command], env=environment, preexec_fn=end_with_parent) for command in commands]
    asked: list[int] = []

    def end(number: int, _: object) -> None:
        asked.append(number)
        for child in children:
            child.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while all(child.poll() is None for child in children):
        time.sleep(0.2)
    name, first = next(
        (command[0], child.returncode) for command, child in zip(commands, children, strict=True) if child.poll() is not None
    )
    if not asked:
        ended(name, first)
    for child in children:
        child.terminate()
    for child in children:
        child.wait()
    return 0 if asked else os.EX_SOFTWARE if first == 0 else abs(first)

"""The protocol of an arm, in plain Python: it also runs inside the comparators' environments, where Linli is not installed."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from typing import Any


def serve(once: Callable[[], dict[str, Any]]) -> None:
    """For every line read: do one round, print one line of JSON with its CPU seconds (all threads, user and system) and what it found."""
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        before = cpu_seconds()
        found = once()
        cost = cpu_seconds() - before
        print(json.dumps({"cpu": cost, "peak_mib": peak_mib(), **found}), flush=True)


def cpu_seconds() -> float:
    """User and system time of this process, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_mib() -> float:
    """The most memory the process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

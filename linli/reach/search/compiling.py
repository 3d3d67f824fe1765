"""Loads every compiled search, and compiles what this machine has not compiled yet: about half a minute, once after an installation."""

from __future__ import annotations

import importlib

COMPILED = ("buckets", "kernels", "labels", "repairs")


def load_all() -> None:
    """Load all of them. Quick where they are on disk already; a server does it before its first request, so that nobody waits."""
    for name in COMPILED:
        importlib.import_module(f"linli.reach.search.{name}")

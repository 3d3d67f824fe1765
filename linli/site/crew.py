"""Helper processes that do the demo's heavy work side by side, each with a connection of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from multiprocessing import active_children, get_context
from types import TracebackType
from typing import Any, Self

from linli.site.children import begin_helper

MOST = 4  # helpers beyond which the database is what they wait for


def _ready() -> None:
    """The first order of every helper: it starts the process."""


class Crew:
    """Works by name, each made of several orders; the helpers take the orders in turn.

    A crew without helpers does a work in this process when it is asked for. Helpers start at once, so that what they import is
    there when the first work comes; they end with the block, at once if an error or Ctrl-C leaves it, or with this process.
    """

    def __init__(self, helpers: int) -> None:
        self.helpers = helpers
        self._pool = ProcessPoolExecutor(helpers, mp_context=get_context("spawn"), initializer=begin_helper) if helpers else None
        self._begun: dict[str, list[Future[Any]]] = {}
        for _ in range(helpers):
            self.begin("ready", _ready, [()])

    @classmethod
    def of_this_machine(cls) -> Self:
        """One helper for each processor, but none for the only one."""
        processors = min(len(os.sched_getaffinity(0)), MOST)
        return cls(processors if processors > 1 else 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is None:
            return
        if kind is not None:
            for helper in active_children():
                helper.terminate()  # what it was at is undone, and taken up again by the next start
        self._pool.shutdown(cancel_futures=True)

    def begin(self, name: str, work: Callable[..., Any], orders: Iterable[tuple[Any, ...]]) -> None:
        """Hand a work to the helpers and go on. work: a function of a module, called with each order's arguments."""
        if self._pool is not None:
            self._begun[name] = [self._pool.submit(work, *order) for order in orders]

    def finish(
        self, name: str, work: Callable[..., Any], orders: Iterable[tuple[Any, ...]], watch: Callable[[int], None] = lambda ended: None
    ) -> list[Any]:
        """What a work brought, in the order of its orders; begins it unless it was begun. Raises an order's error once all have ended.

        watch(orders ended) is called every second while they run, and after each one where there are no helpers.
        """
        if self._pool is None:
            return _one_by_one(work, orders, watch)
        if name not in self._begun:
            self.begin(name, work, orders)
        running = self._begun.pop(name)
        while (state := wait(running, timeout=1.0)).not_done:
            watch(len(state.done))
        return [future.result() for future in running]


def _one_by_one(work: Callable[..., Any], orders: Iterable[tuple[Any, ...]], watch: Callable[[int], None]) -> list[Any]:
    brought = []
    for order in orders:
        brought.append(work(*order))
        watch(len(brought))
    return brought

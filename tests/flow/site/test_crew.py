"""Helper processes: what they bring is what this process would have brought."""

from __future__ import annotations

import operator
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import active_children

import pytest

from linli.site.crew import Crew

ORDERS = [(number, 3) for number in range(7)]


@pytest.fixture(scope="module", params=[0, 2], ids=["alone", "two helpers"])
def crew(request: pytest.FixtureRequest) -> Iterator[Crew]:
    """One crew for the tests of this module: a helper takes a second to start."""
    with Crew(request.param) as made:
        yield made


def test_results_come_in_the_order_of_the_orders(crew: Crew) -> None:
    assert crew.finish("work", divmod, ORDERS) == [divmod(one, other) for one, other in ORDERS]


def test_what_was_begun_is_done_elsewhere_if_there_are_helpers_and_only_once(crew: Crew) -> None:
    crew.begin("who", os.getpid, [()])
    crew.begin("when", time.monotonic_ns, [()])
    began = crew.finish("when", time.monotonic_ns, [()])
    assert (crew.finish("who", os.getpid, [()]) == [os.getpid()]) == (crew.helpers == 0)
    assert crew.finish("when", time.monotonic_ns, [()]) > began


def test_an_error_of_an_order_is_raised(crew: Crew) -> None:
    with pytest.raises(ZeroDivisionError):
        crew.finish("work", operator.floordiv, [(1, 1), (1, 0)])


def test_each_order_is_reported_where_there_are_no_helpers() -> None:
    ended: list[int] = []
    Crew(0).finish("work", divmod, ORDERS, ended.append)
    assert ended == list(range(1, len(ORDERS) + 1))


def test_an_error_beside_them_ends_the_helpers_at_once() -> None:
    before = set(active_children())
    with suppress(KeyboardInterrupt), Crew(1) as crew:
        crew.begin("long", time.sleep, [(3600,)])
        raise KeyboardInterrupt
    assert set(active_children()) <= before

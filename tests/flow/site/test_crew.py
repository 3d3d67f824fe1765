"""Helper processes: what they bring is what this process would have brought."""

from __future__ import annotations

import operator
import os
import time

import pytest

from linli.site.crew import Crew

ORDERS = [(number, 3) for number in range(7)]


@pytest.mark.parametrize("helpers", [0, 2])
def test_results_come_in_the_order_of_the_orders(helpers: int) -> None:
    with Crew(helpers) as crew:
        assert crew.finish("work", divmod, ORDERS) == [divmod(one, other) for one, other in ORDERS]


def test_what_was_begun_is_done_by_helpers_and_only_once() -> None:
    with Crew(2) as crew:
        crew.begin("who", os.getpid, [()])
        crew.begin("when", time.monotonic_ns, [()])
        began = crew.finish("when", time.monotonic_ns, [()])
        assert crew.finish("who", os.getpid, [()]) != [os.getpid()]
        assert crew.finish("when", time.monotonic_ns, [()]) > began


@pytest.mark.parametrize("helpers", [0, 2])
def test_an_error_of_a_helper_is_raised(helpers: int) -> None:
    with Crew(helpers) as crew, pytest.raises(ZeroDivisionError):
        crew.finish("work", operator.floordiv, [(1, 1), (1, 0)])


def test_each_order_is_reported_where_there_are_no_helpers() -> None:
    ended: list[int] = []
    with Crew(0) as crew:
        crew.finish("work", divmod, ORDERS, ended.append)
    assert ended == list(range(1, len(ORDERS) + 1))

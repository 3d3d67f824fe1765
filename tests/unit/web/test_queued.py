"""Forms that a device kept: when they were filled in, whatever its clock says, and how much script that takes."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import clock
from linli.web.office import queued

STATIC = Path(queued.__file__).parents[1] / "static" / "linli"
NOON = datetime(2026, 11, 22, 12, tzinfo=clock.SHANGHAI)
MOMENTS = st.integers(min_value=0, max_value=10**13)


def sent(filled_in: object, now: object) -> Any:
    return RequestFactory().post("/", headers={queued.OWNER: "x", queued.FILLED_IN: str(filled_in), queued.SENT: str(now)})


@given(clocks=MOMENTS, minutes=st.integers(min_value=-10_000, max_value=100_000))
def test_only_the_time_that_passed_counts_however_wrong_the_clock(clocks: int, minutes: int):
    first = clocks + 10_000 * 60_000
    with clock.frozen(NOON):
        assert queued.filled_in_at(sent(first, first + minutes * 60_000)) == NOON - timedelta(minutes=minutes)


@given(first=MOMENTS, last=MOMENTS)
def test_a_clock_that_was_set_in_between_never_fails_and_never_means_now(first: int, last: int):
    with clock.frozen(NOON):
        found = queued.filled_in_at(sent(first, last))
    assert found is not None
    assert (found == NOON) == (first == last)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e9", "9" * 16])
def test_what_the_script_does_not_send_is_a_bad_request(text: str):
    with pytest.raises(BadRequest):
        queued.filled_in_at(sent(text, 1))


def test_a_form_straight_from_a_page_has_no_time_of_its_own():
    assert queued.filled_in_at(RequestFactory().post("/")) is None


def test_the_scripts_are_small_enough_for_a_poor_network():
    """As they are sent: compressed."""
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in ("queue.js", "worker.js")) < 5_500

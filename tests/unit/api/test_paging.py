"""A cursor comes back as it went out; anything else is refused, whatever it is."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from linli.api.paging import cursor, keys_of
from linli.kernel.errors import LinliError

WORDS = some.text(some.characters(categories=["L", "N"]), max_size=40)


@given(WORDS, some.integers(-(2**63), 2**63 - 1))
def test_a_cursor_comes_back(word, number):
    assert keys_of(cursor(word, number), str, int) == (word, number)
    assert keys_of(cursor(number), int) == (number,)


def test_without_a_cursor_it_is_the_first_page():
    assert keys_of("", int) is None


@given(some.text(max_size=60))
def test_what_is_no_cursor_is_refused_and_never_crashes(text):
    with suppress(LinliError):
        found = keys_of(text, int)
        assert found is None or keys_of(cursor(*found), int) == found


@pytest.mark.parametrize("wrong", [cursor("a"), cursor(True), cursor(2**63), cursor(1, 2), cursor()])
def test_keys_of_another_kind_are_refused(wrong):
    with pytest.raises(LinliError):
        keys_of(wrong, int)

"""Division codes in a delivery: inside the city they stand in its table, outside at least in a province that exists."""

from __future__ import annotations

import pytest

from linli.kernel.areas import PROVINCES
from linli.kernel.errors import LinliError
from linli.registers.imports.reading import _refuse_unknown_area

KNOWN = frozenset({"1408", "140802", "140802001", "140802001001"})


@pytest.mark.parametrize("code", ["140802", "140802001001", "140802001001B0001", "610102", "14"])
def test_a_code_that_exists_passes(code: str) -> None:
    _refuse_unknown_area(code, "1408", KNOWN)


@pytest.mark.parametrize("code", ["999999", "140899", "140802001999", "140802999001B0001", "170101"])
def test_a_code_that_does_not_is_an_error_of_its_cell(code: str) -> None:
    with pytest.raises(LinliError) as caught:
        _refuse_unknown_area(code, "1408", KNOWN)
    assert caught.value.code == "cells.unknown_area"
    assert caught.value.found == code


def test_there_are_34_provinces() -> None:
    assert len(PROVINCES) == 34

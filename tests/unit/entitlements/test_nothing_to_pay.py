"""Nothing is granted, by an officer or by rule, where the rule reckons nothing or less."""

from __future__ import annotations

from typing import Any, cast

import pytest

from linli.entitlements import instant
from linli.entitlements.acts.deciding import require_amount
from linli.entitlements.reckoning import Reckoned
from linli.kernel.errors import LinliError
from linli.web.case.at_once import _SAID

NOBODY = cast(Any, None)


def reckoned(fen: int | None) -> Reckoned:
    return Reckoned("eligible", fen, "", {}, (), NOBODY)


@pytest.mark.parametrize("fen", [-5000, 0])
def test_nothing_or_less_is_not_granted(fen: int) -> None:
    with pytest.raises(LinliError) as caught:
        require_amount(reckoned(fen))
    assert caught.value.code == "entitlements.nothing_to_pay"


@pytest.mark.parametrize("fen", [1, None])
def test_what_is_paid_or_reckoned_later_is(fen: int | None) -> None:
    require_amount(reckoned(fen))


def test_every_bar_has_words() -> None:
    assert set(_SAID) == set(instant.BARS)

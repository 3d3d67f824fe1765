"""Laws of the blind index."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.vault import blind, blind_many, blinds
from linli.vault.blinding import current_prefix, normalised
from linli.vault.keyring import keyring

MODEST = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
DIGITS = st.text("0123456789", min_size=1, max_size=20)


@MODEST
@given(DIGITS)
def test_a_token_depends_on_the_value_and_nothing_else(value: str) -> None:
    assert blind("identity", value) == blind("identity", f" {value} ") == blind_many("identity", [value])[0]
    digits = blind("identity", value).split(":", 1)[1]
    assert value not in digits or len(value) < 8, "fewer may stand in 64 digits by chance"


@MODEST
@given(DIGITS, DIGITS)
def test_different_values_have_different_tokens(one: str, other: str) -> None:
    assert (blind("identity", one) == blind("identity", other)) == (one == other)


def test_kinds_do_not_share_tokens() -> None:
    assert blind("phone", "13800000000") != blind("account", "13800000000")


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("identity", "99000019491231002x", "99000019491231002X"),
        ("identity", "９９０００0194912310021", "990000194912310021"),
        ("phone", "+86 138-0000-0000", "13800000000"),
        ("phone", "008613800000000", "13800000000"),
        ("account", "6222 0000 0000 0000", "6222000000000000"),
    ],
)
def test_spellings_of_one_value_share_a_token(kind: str, one: str, other: str) -> None:
    assert blind(kind, one) == blind(kind, other)


def test_a_landline_that_starts_with_86_is_left_alone() -> None:
    assert normalised("phone", "8612345") == "8612345"


@pytest.mark.parametrize("value", ["", "  ", "\u3000"])
def test_an_empty_value_has_no_token(value: str) -> None:
    with pytest.raises(LinliError):
        blind("identity", value)


def test_a_token_names_its_algorithm_and_generation(suite: str) -> None:
    assert blind("identity", "1").startswith({"aes": "hmac-sha256.1:", "sm": "hmac-sm3.1:"}[suite])


def test_while_keys_are_renewed_old_tokens_are_still_found(monkeypatch: pytest.MonkeyPatch) -> None:
    before = blind("identity", "990000194912310021")
    monkeypatch.setenv("LINLI_KEYS", keyring().with_new("index").document())
    after = blind("identity", "990000194912310021")
    assert before != after
    assert blinds("identity", "990000194912310021")[0] == after
    assert before in blinds("identity", "990000194912310021")
    assert after.startswith(current_prefix())
    assert not before.startswith(current_prefix())


def test_a_change_of_suite_still_finds_old_tokens(suite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = blind("identity", "990000194912310021")
    monkeypatch.setenv("LINLI_CRYPTO", "sm" if suite == "aes" else "aes")
    assert before in blinds("identity", "990000194912310021")
    assert not before.startswith(current_prefix())

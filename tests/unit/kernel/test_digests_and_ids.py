"""Canonical forms, named digests, ids and errors."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.digests import algorithm_of, canonical, digest, digest_of, hasher
from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.ids import uuid7

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN)
def test_the_order_of_keys_does_not_matter(value: Any) -> None:
    def turned(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: turned(item[key]) for key in reversed(item)}
        return [turned(part) for part in item] if isinstance(item, list) else item

    assert canonical(turned(value)) == canonical(value)


@given(PLAIN, PLAIN)
def test_different_values_have_different_forms(one: Any, other: Any) -> None:
    if canonical(one) == canonical(other):
        assert one == other


@pytest.mark.parametrize("value", [1.5, {"a": [float("nan")]}, (0.0,), {1, 2}, datetime(2026, 1, 1), object()])  # noqa: DTZ001 - refused on purpose
def test_what_prints_differently_elsewhere_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_values_of_the_database_have_a_form() -> None:
    value = [date(2026, 1, 2), datetime(2026, 1, 1, tzinfo=UTC), Decimal("1.50"), UUID(int=1), b"\x01", memoryview(b"\x02")]
    expected = '["2026-01-02","2026-01-01T00:00:00+00:00","1.50","00000000-0000-0000-0000-000000000001","01","02"]'
    assert canonical(value).decode() == expected


def test_one_instant_has_one_form_whatever_its_zone() -> None:
    here = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert canonical(here) == canonical(here.astimezone(UTC))


def test_digests_name_their_algorithm_and_match_published_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    # FIPS 180-4 and GB/T 32905-2016 give these for "abc".
    assert digest(b"abc", "sha256") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest(b"abc", "sm3") == "sm3:66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    for suite, algorithm in (("aes", "sha256"), ("sm", "sm3")):
        monkeypatch.setenv("LINLI_CRYPTO", suite)
        assert algorithm_of(digest_of({"a": 1})) == algorithm
    with pytest.raises(ValueError, match="unknown digest algorithm"):
        hasher("md5")


@given(st.integers(0, 2**48 - 1))
def test_ids_are_version_7_and_sort_by_time(milliseconds: int) -> None:
    made = uuid7(milliseconds)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == milliseconds


def test_ids_do_not_repeat() -> None:
    assert len({uuid7(1) for _ in range(10_000)}) == 10_000


def test_an_error_says_where_what_and_what_next_in_both_languages() -> None:
    error = LinliError(
        "x.y", zh="不对", en="Wrong.", place=Place("a.yaml", 3, 7, "age"), expected="1", found="2", remedy_zh="改", remedy_en="mend it"
    )
    assert error.text("en") == "a.yaml:3:7 (age): Wrong. Expected 1. Found 2. Remedy: mend it"
    assert error.text("zh-hans") == "a.yaml:3:7 (age): 不对（应为 1）（实为 2） 处理办法：改"
    assert str(Problems([error, error])) == f"{error}\n{error}"
    with pytest.raises(ValueError, match="at least one"):
        Problems([])
    assert str(Place(field="age")) == "age"

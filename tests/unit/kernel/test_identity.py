"""Identity numbers and credit codes: the law of the check character, and errors that hide the number."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.kernel.identity import check_character, credit_check_character, masked, parse_credit_code, parse_identity

NUMBERS = st.builds(
    lambda day, sequence: (first := f"990000{day:%Y%m%d}{sequence:03d}") + check_character(first),
    st.dates(date(1900, 1, 1), date(2026, 12, 31)),
    st.integers(0, 999),
)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODES = st.text(ALPHABET, min_size=17, max_size=17).map(lambda first: first + credit_check_character(first))


def test_the_standards_own_example() -> None:
    found = parse_identity("11010519491231002x")
    assert (found.number, found.division, found.birth_date, found.sex) == ("11010519491231002X", "110105", date(1949, 12, 31), "female")


@given(NUMBERS)
def test_a_number_says_birth_date_and_sex(number: str) -> None:
    found = parse_identity(number.lower())
    assert f"{found.birth_date:%Y%m%d}" == number[6:14]
    assert found.sex == ("male" if int(number[16]) % 2 else "female")


@given(NUMBERS, st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_caught(number: str, position: int, shift: int) -> None:
    digit = str((int(number[position]) + shift) % 10)
    with pytest.raises(LinliError):
        parse_identity(number[:position] + digit + number[position + 1 :])


@given(NUMBERS, st.integers(0, 16))
def test_every_swap_of_neighbours_is_caught(number: str, position: int) -> None:
    swapped = number[:position] + number[position + 1] + number[position] + number[position + 2 :]
    if swapped != number:
        with pytest.raises(LinliError):
            parse_identity(swapped)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "identity.shape"),
        ("11010519491231002", "identity.shape"),
        ("１１０１０５１９４９１２３１００２Ｘ", "identity.shape"),
        ("²10105194912310021", "identity.shape"),
        ("11010519491231002Y", "identity.shape"),
        ("110105194913310020", "identity.birth"),
        ("110105000012310020", "identity.birth"),
        ("110105194912310020", "identity.check"),
    ],
)
def test_wrong_numbers_are_refused_by_what_is_wrong(text: str, code: str) -> None:
    with pytest.raises(LinliError) as error:
        parse_identity(text)
    assert error.value.code == code


@given(NUMBERS)
def test_a_mask_keeps_eight_of_eighteen(number: str) -> None:
    assert masked(number) == f"{number[:4]}{'*' * 10}{number[-4:]}"


@given(CODES)
def test_a_credit_code_reads_back(code: str) -> None:
    assert parse_credit_code(f" {code.lower()} ") == code


@given(CODES, st.integers(0, 17), st.integers(1, 30))
def test_every_single_wrong_character_of_a_credit_code_is_caught(code: str, position: int, shift: int) -> None:
    character = ALPHABET[(ALPHABET.index(code[position]) + shift) % 31]
    with pytest.raises(LinliError):
        parse_credit_code(code[:position] + character + code[position + 1 :])

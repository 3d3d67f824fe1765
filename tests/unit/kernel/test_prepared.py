"""Named placeholders become numbers once."""

from __future__ import annotations

from linli.kernel.prepared import _numbered


def test_a_name_has_one_number_wherever_it_stands() -> None:
    assert _numbered("SELECT %(day)s, %(who)s, %(day)s") == (b"SELECT $1, $2, $1", ("day", "who"))


def test_a_doubled_percent_sign_is_one_and_never_a_placeholder() -> None:
    assert _numbered("SELECT 5 %% 2, 'a%%(who)s', %(who)s") == (b"SELECT 5 % 2, 'a%(who)s', $1", ("who",))

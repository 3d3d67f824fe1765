"""What is looked up once while a page is made, and each time outside it."""

from __future__ import annotations

from linli.kernel.looks import once, one_look


def test_within_one_look_it_is_looked_up_once_for_each_key_and_outside_it_every_time():
    found: list[str] = []

    def look(key: str) -> int:
        found.append(key)
        return len(found)

    assert [once("a", lambda: look("a")) for _ in range(2)] == [1, 2]
    with one_look():
        assert [once(key, lambda key=key: look(key)) for key in "aba"] == [3, 4, 3]
    with one_look():
        assert once("a", lambda: look("a")) == 5
    assert once("a", lambda: look("a")) == 6
    assert found == ["a", "a", "a", "b", "a", "a"]


def test_what_is_refused_is_looked_up_again():
    calls: list[int] = []

    def look() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError
        return 7

    with one_look():
        try:
            once("x", look)
        except ValueError:
            assert once("x", look) == 7
    assert len(calls) == 2

"""A bank with books of its own: what a soak compares the ledger with. It pays a reference once, however often it is handed the file."""

from __future__ import annotations

from collections import Counter

from bank_examples import CLOSED, PAID, Asked, answer, asked

LAYOUT = "yikatong"


class Bank:
    """paid: account number → fen it got; times: account number → how often. closed: account numbers that it refuses."""

    def __init__(self, closed: set[str]) -> None:
        self.closed = closed
        self.paid: Counter[str] = Counter()
        self.times: Counter[str] = Counter()
        self.said: dict[str, tuple[Asked, str]] = {}

    def take(self, file: bytes) -> list[tuple[Asked, str]]:
        """What it says of every payment in a file; the same reference a second time is answered as the first time and pays nothing."""
        found = []
        for one in asked(LAYOUT, file):
            before = self.said.get(one.reference)
            if before is None:
                before = self.said[one.reference] = self._new(one)
            assert before[0] == one, "the same reference with another payment"
            found.append(before)
        return found

    def _new(self, one: Asked) -> tuple[Asked, str]:
        if one.account in self.closed:
            return one, CLOSED[LAYOUT]
        self.paid[one.account] += one.fen
        self.times[one.account] += 1
        return one, PAID[LAYOUT]


def file_of(rows: list[tuple[Asked, str]]) -> bytes:
    """The bank's answer as it sends it."""
    return answer(LAYOUT, rows)

"""How many people are told to whom: whoever works with an area's people by name reads every count, others none of 1 to 4 (docs/circles.md).

A count of fewer than five is left out together with whatever would give it away: of people who reach something and people who don't, both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from linli.kernel.viewer import Viewer
from linli.rules import Label

FEW = 5
"""Fewer people than that are told as “fewer than 5”."""
_BANDS = (FEW, 20, 100)


def exact_for(viewer: Viewer, area: str) -> bool:
    """Whether the viewer reads exact counts of an area's people: they find them by name anyway."""
    return viewer.may("officer", area=area)


def fewer() -> Label:
    """“少于 5”."""
    return Label(f"少于 {FEW}", f"fewer than {FEW}")


def number(count: int, *, exact: bool = False) -> Label:
    """So many people: “1,204”, “少于 5”."""
    return _plain(count) if exact or count == 0 or count >= FEW else fewer()


def band(count: int, *, exact: bool = False) -> Label:
    """The people of one building: exactly, or within bounds, for a sum less all its buildings but one says how many that one has."""
    if exact or not count:
        return _plain(count)
    if count < _BANDS[0]:
        return fewer()
    if count >= _BANDS[-1]:
        return Label(f"{_BANDS[-1]} 以上", f"{_BANDS[-1]} and more")
    least, most = next((low, high) for low, high in pairwise(_BANDS) if count < high)
    return _same(f"{least}–{most - 1}")


def size(count: int) -> int:
    """1, 2 or 3: how large a building is drawn, which tells no more than its band."""
    return 1 + sum(count >= least for least in _BANDS[1:])


@dataclass(frozen=True, slots=True)
class Split:
    """People who reach something, people who don't, and how many of these can't be located, as they are told. all: both together.

    Where either part is 1 to 4, both are told as bounds; where both may be, or all are fewer than five, neither is. Part of the uncovered
    who can't be located are told where neither they nor the others are so few.
    """

    covered: int
    uncovered: int
    unlocated: int = 0
    exact: bool = False

    @classmethod
    def of(cls, people: Sequence[int], *, exact: bool = False) -> Split:
        """Of [covered, uncovered, not located] as figures have them."""
        covered, uncovered, unlocated = people
        return cls(covered, uncovered, unlocated, exact)

    @property
    def people(self) -> int:
        """All of them."""
        return self.covered + self.uncovered

    @property
    def plain(self) -> bool:
        """Whether both parts are told as they are."""
        return self.exact or not (_few(self.covered) or _few(self.uncovered))

    @property
    def told(self) -> bool:
        """Whether anything is told but that they are fewer than five."""
        return self.exact or not _few(self.people)

    @property
    def left(self) -> Label:
        """“6/120”, “少于 5/120”, “多于 115/120”, “部分/7” or “少于 5”: who doesn't reach it, of all."""
        return self._of(self.uncovered)

    @property
    def reached(self) -> Label:
        """The same of who reaches it."""
        return self._of(self.covered)

    @property
    def lost(self) -> Label | None:
        """“其中 12 人查不到位置或不在路网上”, “其中有人…”; None where everybody is located, or nothing is told of so few."""
        if not (self.unlocated and self.told):
            return None
        if self._lost_plain:
            return Label(
                f"其中 {self.unlocated:,} 人查不到位置或不在路网上", f"of whom {self.unlocated:,} have no position or are off the network"
            )
        return Label("其中有人查不到位置或不在路网上", "some of whom have no position or are off the network")

    @property
    def every(self) -> Label:
        """How many they are together."""
        return number(self.people, exact=self.exact)

    @property
    def rank(self) -> int:
        """Where it stands among others by who doesn't reach it: an order gives away no more than what is told."""
        if self.plain and self.told:
            return self.uncovered
        return 1 if self.people < 2 * FEW - 1 or self.uncovered < FEW else self.people - FEW + 1

    def cells(self) -> tuple[int | Label, int | Label, int | Label, int | Label]:
        """Covered, uncovered, of these not located, and all, as a table has them."""
        if not self.told:
            hidden = _same("–")
            return hidden, hidden, hidden, fewer()
        lost: int | Label = self.unlocated if self._lost_plain or not self.unlocated else Label("有", "some")
        if self.plain:
            return self.covered, self.uncovered, lost, self.people
        return self._part(self.covered), self._part(self.uncovered), lost, self.people

    @property
    def _lost_plain(self) -> bool:
        return self.exact or (self.plain and not (_few(self.unlocated) or _few(self.uncovered - self.unlocated)))

    def _of(self, part: int) -> Label:
        if not self.told:
            return fewer()
        told = _plain(part) if self.plain else self._part(part)
        return Label(f"{told.zh}/{self.people:,}", f"{told.en}/{self.people:,}")

    def _part(self, part: int) -> Label:
        if self.people < 2 * FEW - 1:  # fewer than four numbers would be left for the part
            return Label("部分", "some")
        if part < FEW:
            return fewer()
        least = self.people - FEW
        return Label(f"多于 {least:,}", f"more than {least:,}")


def _few(count: int) -> bool:
    return 0 < count < FEW


def _plain(count: int) -> Label:
    return _same(f"{count:,}")


def _same(text: str) -> Label:
    return Label(text, text)

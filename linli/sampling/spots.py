"""A value of a draw file with the field it stands in, read strictly: the wrong type, size or form is refused with its place."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from linli.kernel.dates import day_from_text
from linli.kernel.errors import LinliError, Place
from linli.kernel.identity import parse_identity
from linli.sampling.refusals import refused

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
MAX_TEXT = 300
MAX_INTEGER = 10**12
_MOMENT = re.compile(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, marks that turn or hide text, lone surrogates, line ends: what a reader doesn't see as it is."""
_HEX = re.compile(r"(?:[0-9a-f]{2})+", re.ASCII)
_PERSONAL = re.compile(r"(?<![0-9A-Za-z])(?:(\d{17}[\dXx])|1[3-9]\d{9})(?![0-9A-Za-z])", re.ASCII)
_AS_IN_THE_DOCS = ("对照 docs/draws.md 修改", "compare it with docs/draws.md")


class Spot:
    """One value and where it stands. The root has the file's name, or None, for a key."""

    __slots__ = ("key", "parent", "value")

    def __init__(self, value: Any, parent: Spot | None = None, key: str | int | None = None) -> None:
        self.value, self.parent, self.key = value, parent, key

    def place(self) -> Place:
        """The file and the field, e.g. frozen.items[3].id; walked up to only when something is refused."""
        spot, path = self, ""
        while spot.parent is not None:
            path = (f"[{spot.key}]" if isinstance(spot.key, int) else f".{spot.key}") + path
            spot = spot.parent
        return Place(file=None if spot.key is None else str(spot.key), field=path.lstrip(".") or None)

    def wrong(self, zh: str, en: str, found: Any = None) -> LinliError:
        """A refusal of this value; (zh, en) say what should stand here."""
        shown = repr(self.value if found is None else found)
        return refused(
            "malformed",
            self.place(),
            ("抽取文件的这一项写得不对", "This part of the draw file is not well formed."),
            expected=(zh, en),
            found=shown if len(shown) <= 60 else f"{shown[:57]}…",
            remedy=_AS_IN_THE_DOCS,
        )

    def parts(self, *names: str) -> list[Spot]:
        """The values of an object that has exactly these keys, in the order of the names."""
        if type(self.value) is not dict or len(self.value) != len(names) or any(name not in self.value for name in names):
            found = sorted(self.value)[:20] if type(self.value) is dict else type(self.value).__name__
            raise self.wrong(f"对象，键为 {', '.join(names)}", f"an object with the keys {', '.join(names)}", found)
        return [Spot(self.value[name], self, name) for name in names]

    def each(self, low: int, high: int) -> list[Spot]:
        """The values of a list of `low` to `high` values."""
        if type(self.value) is not list or not low <= len(self.value) <= high:
            found = len(self.value) if type(self.value) is list else type(self.value).__name__
            raise self.wrong(f"{low} 至 {high:,} 项的列表", f"a list of {low} to {high:,} values", found)
        return [Spot(value, self, index) for index, value in enumerate(self.value)]

    def entries(self, high: int) -> list[tuple[str, Spot]]:
        """Keys, each a code, and values of an object, ordered by key."""
        if type(self.value) is not dict or len(self.value) > high:
            raise self.wrong(f"最多 {high:,} 项的对象", f"an object of at most {high:,} entries", type(self.value).__name__)
        return [(Spot(key, self, key).code(), Spot(self.value[key], self, key)) for key in sorted(self.value)]

    def is_absent(self) -> bool:
        """Whether null stands here."""
        return self.value is None

    def text(self) -> str:
        """Words for readers: 1 to 300 visible characters on one line, nothing personal in them."""
        value = self.value
        if type(value) is not str or not 1 <= len(value) <= MAX_TEXT or _UNSEEN & set(map(unicodedata.category, value)):
            raise self.wrong(f"1 至 {MAX_TEXT} 个字，不换行", f"1 to {MAX_TEXT} characters on one line")
        self._refuse_personal(unicodedata.normalize("NFKC", value))
        return value

    def code(self) -> str:
        """An opaque id or a code: letters, digits and . _ : - in ASCII, at most 64; no identity or telephone number."""
        if type(self.value) is not str or CODE.fullmatch(self.value) is None:
            raise self.wrong("字母、数字和 . _ : -，最多 64 个", "letters, digits and . _ : -, at most 64")
        self._refuse_personal(self.value)
        return self.value

    def choice(self, *values: str) -> str:
        """One of these words."""
        if type(self.value) is not str or self.value not in values:
            raise self.wrong(" / ".join(values), " / ".join(values))
        return self.value

    def truth(self) -> bool:
        """true or false."""
        if type(self.value) is not bool:
            raise self.wrong("true 或 false", "true or false")
        return self.value

    def integer(self, low: int, high: int = MAX_INTEGER) -> int:
        """A whole number from `low` to `high`."""
        if type(self.value) is not int or not low <= self.value <= high:
            raise self.wrong(f"{low} 至 {high:,} 的整数", f"a whole number from {low} to {high:,}")
        return self.value

    def share(self) -> Fraction:
        """An exact share from 0 to 1, written [numerator, denominator] in lowest terms."""
        numerator, denominator = (spot.integer(0) for spot in self.each(2, 2))
        if denominator == 0 or numerator > denominator or Fraction(numerator, denominator).denominator != denominator:
            raise self.wrong("0 至 1 的最简分数 [分子, 分母]", "a share from 0 to 1 in lowest terms, [numerator, denominator]")
        return Fraction(numerator, denominator)

    def moment(self) -> datetime:
        """An instant in UTC, written 2026-11-22T08:00:00Z and in no other way."""
        try:
            if type(self.value) is str and _MOMENT.fullmatch(self.value):
                return datetime.strptime(self.value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            pass
        raise self.wrong("协调世界时，如 2026-11-22T08:00:00Z", "a time in UTC like 2026-11-22T08:00:00Z")

    def day(self) -> date:
        """A day, written 2026-11-22."""
        try:
            return day_from_text(self.value)
        except (TypeError, ValueError):
            raise self.wrong("日期，如 2026-11-22", "a day like 2026-11-22") from None

    def octets(self, low: int, high: int) -> bytes:
        """`low` to `high` bytes in lower-case hexadecimal."""
        if type(self.value) is not str or not low * 2 <= len(self.value) <= high * 2 or _HEX.fullmatch(self.value) is None:
            raise self.wrong(f"{low} 至 {high} 字节，小写十六进制", f"{low} to {high} bytes in lower-case hexadecimal")
        return bytes.fromhex(self.value)

    def digest(self, algorithm: str) -> str:
        """A digest that names the draw's algorithm: sha256:… or sm3:…"""
        if type(self.value) is not str or re.fullmatch(f"{algorithm}:[0-9a-f]{{64}}", self.value, re.ASCII) is None:
            raise self.wrong(f"{algorithm}: 加 64 位十六进制", f"{algorithm}: and 64 hexadecimal digits")
        return self.value

    def _refuse_personal(self, text: str) -> None:
        for match in _PERSONAL.finditer(text):
            if match[1] is None or _is_identity(match[1]):
                raise refused(
                    "personal",
                    self.place(),
                    (
                        "抽取文件要公布，不得出现身份证号或电话号码",
                        "A draw file is published: no identity or telephone number may stand in it.",
                    ),
                    expected=("回执编号或不含个人信息的编号", "receipt numbers or opaque ids"),
                    remedy=("改用回执编号", "use the receipt number instead"),
                )


def _is_identity(number: str) -> bool:
    try:
        parse_identity(number)
    except LinliError:
        return False
    return True

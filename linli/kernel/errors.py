"""One shape for every refusal: where, what was expected, what was found, what to do next."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

AWAY = frozenset({"57P01", "57P02", "57P03", "53300"})  # SQLSTATE: it stops, it crashed, it starts, too many sessions
Said = str | tuple[str, str]
"""A value of the input, or words as (zh, en)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is wrong: a file with line and column (1-based), a sheet's row, or a field."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        parts = [str(part) for part in (self.file, self.line, self.column) if part is not None]
        place = ":".join(parts)
        if self.field:
            place = f"{place} ({self.field})" if place else self.field
        return place


class LinliError(Exception):
    """Bad input or a refused act. Nothing was written.

    code: stable dotted name ("rules.unknown_fact"); zh/en: one sentence each; remedy_zh/remedy_en: the next step.
    expected/found: a value of the input, or words as (zh, en). expected_zh/found_zh: the Chinese of words by itself.
    """

    def __init__(
        self,
        code: str,
        *,
        zh: str,
        en: str,
        place: Place | None = None,
        expected: Said | None = None,
        found: Said | None = None,
        remedy_zh: str = "",
        remedy_en: str = "",
        expected_zh: str | None = None,
        found_zh: str | None = None,
    ) -> None:
        self.code = code
        self.zh, self.en = zh, en
        self.place = place
        self.expected_zh, self.expected = expected if isinstance(expected, tuple) else (expected_zh, expected)
        self.found_zh, self.found = found if isinstance(found, tuple) else (found_zh, found)
        self.remedy_zh, self.remedy_en = remedy_zh, remedy_en
        super().__init__(self.text("en"))

    def at(self, place: Place) -> LinliError:
        """The same error with its place, for a reader of values that knows only the value; returns itself."""
        self.place = place
        return self

    def __str__(self) -> str:
        return self.text("en")

    def facing(self, language: str) -> tuple[str | None, str | None]:
        """What was expected and what was found, in 'zh' or 'en'."""
        if language.startswith("zh"):
            return self.expected_zh or self.expected, self.found_zh or self.found
        return self.expected, self.found

    def text(self, language: str) -> str:
        """The whole message on one line, in 'zh' or 'en'."""
        chinese = language.startswith("zh")
        parts = [f"{self.place}: " if self.place and str(self.place) else "", self.zh if chinese else self.en]
        expected, found = self.facing(language)
        if expected is not None:
            parts.append(f"（应为 {expected}）" if chinese else f" Expected {expected}.")
        if found is not None:
            parts.append(f"（实为 {found}）" if chinese else f" Found {found}.")
        remedy = self.remedy_zh if chinese else self.remedy_en
        if remedy:
            parts.append(f" 处理办法：{remedy}" if chinese else f" Remedy: {remedy}")
        return "".join(parts)


class Refused(LinliError):  # noqa: N818 - a state, as raised
    """The viewer may not do this: least privilege by role, area and programme."""


def malformed(code: str, file: Path, expected: str, found: str, *, zh: str, en: str, like: str) -> LinliError:
    """A city's file that doesn't say what it should; `like` is where one stands that does."""
    return LinliError(
        code,
        zh=zh,
        en=en,
        place=Place(file=str(file)),
        expected=expected,
        found=found,
        remedy_zh=f"对照 {like} 修改",
        remedy_en=f"compare it with {like}",
    )


def coded(
    package: str,
    code: str,
    place: str | Place,
    said: tuple[str, str],
    *,
    remedy: tuple[str, str],
    expected: Said | None = None,
    found: Said | None = None,
) -> LinliError:
    """A refusal "<package>.<code>" at a field ("" where it is at none), or at a place of a file. Pairs are (zh, en)."""
    return LinliError(
        f"{package}.{code}",
        zh=said[0],
        en=said[1],
        place=(Place(field=place) if place else None) if isinstance(place, str) else place,
        expected=expected,
        found=found,
        remedy_zh=remedy[0],
        remedy_en=remedy[1],
    )


def refusal(
    stem: str,
    code: str,
    said: tuple[str, str],
    remedy: tuple[str, str],
    *,
    field: str = "",
    expected: Said | None = None,
    found: Said | None = None,
) -> LinliError:
    """The same for acts, that seldom have a place. stem: how the room's codes begin: "batches.", "entitlements.escrow_"."""
    package, _, start = stem.partition(".")
    return coded(package, start + code, field, said, remedy=remedy, expected=expected, found=found)


class Problems(Exception):  # noqa: N818 - several errors, not one
    """Several LinliErrors found in one pass, so that a person can mend them all at once."""

    def __init__(self, problems: list[LinliError]) -> None:
        if not problems:
            raise ValueError("Problems needs at least one error")
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def is_disk_full(problem: BaseException | None) -> bool:
    """Whether it is, or came from, a write that found no room: here, or on the database's disk (SQLSTATE 53100)."""
    for error in _causes(problem):
        for one in (error, *error.args):
            if isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT):
                return True
            if getattr(one, "sqlstate", None) == "53100":
                return True
    return False


def is_database_away(problem: BaseException | None) -> bool:
    """Whether it is, or came from, a database server that is stopped, starting, full of sessions or not to be reached.

    Class 08 and no SQLSTATE at all: the connection broke, or nobody answered. A connection that is known as closed is an InterfaceError.
    """
    for error in _causes(problem):
        state, kinds = getattr(error, "sqlstate", ""), {kind.__name__ for kind in type(error).__mro__}
        if "InterfaceError" in kinds or (state is None and "OperationalError" in kinds):
            return True
        if state and (state.startswith("08") or state in AWAY):
            return True
    return False


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    """The error, then what it came from."""
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__

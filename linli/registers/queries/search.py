"""Finding residents: part of a name, pinyin, initials, birth date and whole numbers, also together; only those a grant covers.

What is typed is read into one Wanted; the part of it that narrows most leads, so that its index gives the order and the keys of a
page are read from that index alone, then the page's rows: a common name costs as many reads of the table as a rare one. Identity
and phone numbers are encrypted and found by their blind index, as a whole only: a phone number as the register or as the sign-in has it.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from heapq import merge
from itertools import islice
from operator import or_
from typing import Any

from django.db.models import Q

from linli import vault
from linli.kernel import areas, clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.registers.models import Resident, ResidentAccount
from linli.registers.models.residents import CHARACTERS, CHARACTERS_AFTER, LETTERS, LONG
from linli.registers.names import bare, bigrams, is_han, tidy, toneless
from linli.registers.queries.residents import PAGE, living_in, residents

_BETWEEN = re.compile(r"[\s,，、;；]+")
_DAY = re.compile(r"((?:19|20)\d\d)(?:[-./年](\d{1,2})(?:[-./月](\d{1,2})日?|月)?|年|(\d\d)(\d\d))?")
_PHONE = re.compile(r"\+?\d[\d-]{5,18}\d")
_IDENTITY = re.compile(r"\d{17}[\dXx]")
_LETTERS = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search. after: hand it back for the next page; empty at the end."""

    residents: tuple[Resident, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed, read. born: [from, to) of a day, month or year; phones: as typed, since a date can also be a number."""

    name: str = ""
    letters: str = ""
    born: tuple[date, date] | None = None
    identity: str = ""
    phone: str = ""

    @property
    def exact(self) -> bool:
        """Whether it names one person by a number that must not be put into an address."""
        return bool(self.identity or self.phone)


@dataclass(frozen=True, slots=True)
class _Stage:
    """One ordered part of the answer: the columns of its order before the id, and its rows as choices that share no row.

    Each choice is a condition that one index answers by itself; joined by OR they would be read from the table.
    """

    order: tuple[str, ...]
    choices: tuple[Q, ...]


def search_residents(viewer: Viewer, text: str, *, area: str = "", after: str = "", limit: int = PAGE) -> Found:
    """Residents by any of: part of a name (two characters or more), pinyin or initials from the beginning, birth date, month or
    year, a whole identity or phone number. Several words must all fit. area: only who is registered or lives there.

    Whole names come first, then those that begin so; pages by key. At most one query for each index of a stage (five), and one more.
    """
    stages = list(_stages(read(text)))
    begun, key = _begin(after, stages)
    keys: list[tuple[int, tuple[Any, ...]]] = []
    for number in range(begun, len(stages)):
        room = limit + 1 - len(keys)
        if room > 0:
            page = _page(viewer, stages[number], area, key if number == begun else None, room)
            keys += [(number, found) for found in page]
    shown = keys[:limit]
    rows = Resident.objects.in_bulk([found[-1] for _, found in shown])
    return Found(tuple(rows[found[-1]] for _, found in shown), _cursor(*shown[-1]) if len(keys) > limit else "")


def read(text: str) -> Wanted:
    """The words of a search; LinliError when one of them can't be read or they are too little."""
    wanted = Wanted()
    whole = re.sub(r"[\s-]", "", text)  # a number may be typed in groups
    words = [whole] if _IDENTITY.fullmatch(whole) or _PHONE.fullmatch(whole) else _BETWEEN.split(text.strip())
    for word in filter(None, words):
        wanted = _with(wanted, word, text)
    enough = wanted.exact or wanted.born or len(bare(wanted.name)) > 1 or len(wanted.letters) > 1
    if not enough:
        raise _too_little(text)
    return wanted


def _with(wanted: Wanted, word: str, text: str) -> Wanted:
    if _IDENTITY.fullmatch(word):
        return replace(wanted, identity=word.upper())
    if born := _born(word):
        return replace(wanted, born=born)
    if _PHONE.fullmatch(word):
        return replace(wanted, phone=word.replace("-", ""))
    if word.isprintable() and any(is_han(letter) for letter in word):
        return replace(wanted, name=tidy(wanted.name + word))
    if _LETTERS.fullmatch(spelling := toneless(word)):
        return replace(wanted, letters=wanted.letters + spelling)
    raise _too_little(text)


def _born(word: str) -> tuple[date, date] | None:
    """1950, 1950-03, 1950年3月8日, 1950.3.8, 19500308 → the days meant."""
    match = _DAY.fullmatch(word)
    if not match:
        return None
    year = int(match[1])
    month, day = (int(part) if part else 0 for part in (match[2] or match[4], match[3] or match[5]))
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    if first > clock.today():
        return None
    if day:
        return first, date.fromordinal(first.toordinal() + 1)
    return first, date(year + 1, 1, 1) if month in (0, 12) else date(year, month + 1, 1)


def _stages(wanted: Wanted) -> Iterator[_Stage]:
    """Each person is in one stage only. The first part that is there leads; the others filter."""
    born = Q(birth_date__gte=wanted.born[0], birth_date__lt=wanted.born[1]) if wanted.born else Q()
    characters = bare(wanted.name)
    if wanted.exact:
        yield _Stage((), tuple(number & _named(wanted) & born for number in _numbers(wanted)))
    elif len(characters) > 1:
        yield from _by_name(characters, born & _spelled(wanted.letters))
    elif wanted.letters:
        begins = _range("letters", wanted.letters)
        rest = born & _containing(characters)
        yield _Stage(("letters",), (begins & rest,))
        yield _Stage(("name_initials",), (_range("name_initials", wanted.letters) & ~begins & rest,))
    else:
        yield _Stage(("birth_date", "name_pinyin"), (_named(wanted) & born,))


def _by_name(characters: str, rest: Q) -> Iterator[_Stage]:
    """The whole name, then its beginning, then anywhere: from the second character on, and in long names further on."""
    begins, follows = _range("characters", characters), _range("characters_after", characters)
    whole = Q(characters=characters)
    pairs = LONG & Q(name_bigrams__contains=list(bigrams(characters))) & _containing(characters)
    yield _Stage(("name_pinyin",), (whole & rest,))
    yield _Stage(("name_pinyin",), (begins & ~whole & rest,))
    yield _Stage(("name_pinyin",), (follows & ~begins & rest, pairs & ~begins & ~follows & rest))


def _numbers(wanted: Wanted) -> Iterator[Q]:
    """Who has the numbers: by the register, and by the telephone that gets the codes for signing in, which a window may have set."""
    identity = Q(identity_blind__in=vault.blinds("identity", wanted.identity)) if wanted.identity else Q()
    if not wanted.phone:
        yield identity
        return
    tokens = vault.blinds("phone", wanted.phone)
    registered = Q(phone_blind__in=tokens)
    accounts = ResidentAccount.objects.filter(phone_token__in=tokens).values("resident")
    yield identity & registered
    yield identity & ~registered & Q(pk__in=accounts)


def _named(wanted: Wanted) -> Q:
    return _containing(bare(wanted.name)) & _spelled(wanted.letters)


def _containing(characters: str) -> Q:
    return Q(characters__contains=characters) if characters else Q()


def _spelled(letters: str) -> Q:
    return _range("letters", letters) | _range("name_initials", letters) if letters else Q()


def _range(column: str, text: str) -> Q:
    return Q(**{f"{column}__gte": text, f"{column}__lt": areas.next_prefix(text)})


def _page(viewer: Viewer, stage: _Stage, area: str, key: tuple[Any, ...] | None, limit: int) -> list[tuple[Any, ...]]:
    """The order's values and the id of the first rows, from indexes alone wherever nothing else is asked of a row."""
    order = (*stage.order, "id")
    rows = residents(viewer).alias(characters=CHARACTERS, characters_after=CHARACTERS_AFTER).annotate(letters=LETTERS)
    if area:
        rows = rows.filter(living_in((area,)))
    if key:
        rows = rows.filter(_beyond(order, key))
    pages = [list(rows.filter(choice).order_by(*order).values_list(*order)[:limit]) for choice in stage.choices]
    return list(islice(merge(*pages), limit))


def _beyond(order: tuple[str, ...], key: tuple[Any, ...]) -> Q:
    """Rows after the key in the order; the first column is bounded by itself, so that its index begins there."""
    steps = []
    for number, column in enumerate(order):
        same = Q(**dict(zip(order[:number], key[:number], strict=True)))
        steps.append(same & Q(**{f"{column}__gt": key[number]}))
    return Q(**{f"{order[0]}__gte": key[0]}) & reduce(or_, steps)


def _cursor(number: int, key: tuple[Any, ...]) -> str:
    text = json.dumps([number, *(value.isoformat() if isinstance(value, date) else value for value in key)], ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _begin(after: str, stages: list[_Stage]) -> tuple[int, tuple[Any, ...] | None]:
    """The stage and key of a cursor of this search; anything else begins at the beginning."""
    try:
        number, *key = json.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        order = (*stages[number].order, "id")
        return number, tuple(_KEYS.get(column, _text)(value) for column, value in zip(order, key, strict=True))
    except (ValueError, TypeError, IndexError):
        return 0, None


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    return value


_KEYS: dict[str, Any] = {"id": int, "birth_date": date.fromisoformat}


def _too_little(text: str) -> LinliError:
    return LinliError(
        "registers.search_too_short",
        zh="检索内容太短或无法识别",
        en="Too little to search by.",
        place=Place(field="search"),
        expected="two characters of a name, pinyin, initials, a birth date, an identity number or a phone number",
        expected_zh="姓名两个字、拼音、首字母、出生日期、身份证号或电话",
        found=f"{len(text)} characters",
        found_zh=f"{len(text)} 个字符",
        remedy_zh="多输入几个字，或输入出生日期、完整的身份证号或电话",
        remedy_en="type a little more, or a birth date, a whole identity number or phone number",
    )

"""What a letter says, checked against its declaration and turned into plain words; no value ever becomes part of a template.

A text may be (zh, en): the letter's language decides. Everything missing, unknown or ill-formed is told at once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from linli.kernel.errors import LinliError, Place, Problems, Said
from linli.papers.letters import amounts
from linli.papers.letters.kinds import Field, Kind

LINE, WORDS, ROWS, COLUMNS, WHOLE, PICTURE = 400, 20_000, 2_000, 8, 200_000, 5_000_000
"""Characters of a line and of a text with paragraphs; rows and columns of a table; characters of a letter (300 pages), of a drawing."""
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))  # pasted from word processors; they show nothing and mean nothing
_LONG_NUMBER = re.compile(r"[0-9](?:[ \-]?[0-9]){13,}[0-9Xx]?")  # an identity number of either length, or an account
_REACHES_OUT = re.compile(r"<!|<(?:image|script|foreignObject|use|style|text)\b|href|url\(")  # letters in it would be set in any font
_ANYBODYS = frozenset({"number", "receipt", "verify"})  # letters' own numbers, which are about nobody


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """文号: the organ's short name, the year and the running number within it."""

    organ: str
    year: int
    serial: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG that reaches for nothing outside itself."""

    svg: str


def told(kind: Kind, fields: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The letter's values as texts, lists and rows of texts, None for what isn't given. Raises Problems with everything that is wrong."""
    problems = [*_strangers(kind, fields), *_absent(kind, fields)]
    values: dict[str, Any] = {}
    for field in kind.fields:
        given = fields.get(field.name)
        try:
            values[field.name] = _value(field, field.default if _empty(given) else given, language)
            if kind.posted and field.name not in _ANYBODYS:
                _fit_to_hang(values[field.name])
        except LinliError as error:
            inner = f".{error.place.field}" if error.place and error.place.field else ""
            problems.append(error.at(Place(file=kind.slug, field=f"{field.name}{inner}")))
    if not problems and (length := sum(map(len, texts(values)))) > WHOLE:
        expected = (f"最多 {WHOLE} 字", f"at most {WHOLE} characters")
        problems.append(_wrong("letter_too_long", "文书过长", "The letter is too long.", expected, str(length)).at(Place(file=kind.slug)))
    if problems:
        raise Problems(problems)
    return values


def texts(value: Any) -> Iterator[str]:
    """Every text within a letter's values."""
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from texts(one)


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], (), {})


def _strangers(kind: Kind, fields: Mapping[str, Any]) -> list[LinliError]:
    known = [field.name for field in kind.fields]
    return [
        _wrong(
            "unknown_field",
            "这种文书没有这一项",
            "This kind of letter has no such field.",
            ", ".join(known),
            name,
            ("删去这一项，或在该文书的声明中加上它", "leave it out, or declare it for this kind"),
        ).at(Place(file=kind.slug, field=name))
        for name in fields
        if name not in known
    ]


def _absent(kind: Kind, fields: Mapping[str, Any]) -> list[LinliError]:
    given = {name for name, value in fields.items() if not _empty(value)}
    remedy = ("填写后重新生成", "fill it in and set the letter again")
    absent = [
        _wrong("missing_field", f"缺少“{field.zh}”", f"{field.en} is missing.", ("必填", "a value"), None, remedy).at(
            Place(file=kind.slug, field=field.name)
        )
        for field in kind.fields
        if field.required and field.default is None and field.name not in given
    ]
    names = {field.name: field for field in kind.fields}
    for group in kind.needs_one:
        if given.isdisjoint(group):
            expected = "、".join(names[name].zh for name in group), ", ".join(names[name].en for name in group)
            absent.append(
                _wrong("missing_group", "以下各项至少填写一项", "At least one of these is needed.", expected, None, remedy).at(
                    Place(file=kind.slug, field=" | ".join(group))
                )
            )
    return absent


def _value(field: Field, value: Any, language: str) -> Any:
    return None if value is None else _READERS[field.type](field, value, language)


def _text(field: Field, value: Any, language: str) -> str:
    line = _plain(_said(value, language), LINE).replace("\n", " ").strip()
    if not line:
        raise _wrong("empty", "内容为空", "It is empty.", ("文字", "text"), None)
    return line


def _words(field: Field, value: Any, language: str) -> list[str]:
    lines = [line.strip() for line in _plain(_said(value, language), WORDS).split("\n")]
    return [line for line in lines if line]


def _day(field: Field, value: Any, language: str) -> str:
    if type(value) is not date:
        raise _wrong("not_a_day", "不是日期", "Not a date.", ("日期", "a date"), str(value)[:40])
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def _whole(field: Field, value: Any, language: str) -> str:
    if type(value) is not int or not 0 <= value < 10**9:
        raise _wrong("not_whole", "不是非负整数", "Not a whole number from 0.", ("整数", "a whole number"), str(value)[:40])
    return str(value)


def _yuan(field: Field, value: Any, language: str) -> dict[str, str]:
    if type(value) is not int or not 0 <= value <= amounts.LARGEST:
        expected = (f"以分为单位的整数，0 至 {amounts.LARGEST}", f"whole fen from 0 to {amounts.LARGEST}")
        raise _wrong("not_fen", "不是有效的金额", "Not an amount of money.", expected, str(value)[:40])
    return {"digits": amounts.in_digits(value, language), "capitals": amounts.in_capitals(value)}


def _number(field: Field, value: Any, language: str) -> str:
    number = DocumentNumber(**value) if isinstance(value, dict) and set(value) == {"organ", "year", "serial"} else value
    sound = isinstance(number, DocumentNumber) and type(number.year) is int and type(number.serial) is int
    if not sound or not number.organ.strip() or not 1949 <= number.year <= 9999 or number.serial < 1:
        expected = ("机关代字、四位年份、从1起的序号", "the organ's short name, a year of four digits and a number from 1")
        raise _wrong("not_a_number", "文号不正确", "Not a document number.", expected, str(value)[:80])
    organ = _text(field, number.organ, language)
    return f"{organ}〔{number.year}〕{number.serial}号" if language == "zh" else f"{organ} [{number.year}] No. {number.serial}"


def _address(field: Field, value: Any, language: str) -> str:
    parts = urlsplit(value) if isinstance(value, str) and value.isascii() and value.isprintable() and len(value) <= 300 else None
    if parts is None or parts.scheme not in ("https", "http") or not parts.hostname or " " in value:
        expected = ("网页地址，最多 300 字符", "the address of a page, at most 300 characters")
        raise _wrong("not_an_address", "不是网页地址", "Not the address of a page.", expected, str(value)[:80])
    return str(value)


def _choice(field: Field, value: Any, language: str) -> dict[str, str]:
    if value not in field.values:
        codes = ", ".join(field.values)
        raise _wrong("not_a_choice", "不在可选值之内", "Not one of the allowed values.", codes, str(value)[:40])
    zh, en = field.values[value]
    return {"code": value, "words": zh if language == "zh" else en}


def _list(field: Field, value: Any, language: str) -> list[str]:
    return [_each(index, _text, field, one, language) for index, one in enumerate(_sequence(value), 1)]


def _rows(field: Field, value: Any, language: str) -> list[dict[str, Any]]:
    return [_each(index, _row, field, one, language) for index, one in enumerate(_sequence(value), 1)]


def _row(field: Field, value: Any, language: str) -> dict[str, Any]:
    names = [column.name for column in field.columns]
    if not isinstance(value, Mapping) or not set(value) <= set(names):
        found = ", ".join(map(str, value)) if isinstance(value, Mapping) else str(value)
        raise _wrong("not_a_row", "这一行的栏目不正确", "The row's columns are wrong.", ", ".join(names), found[:80])
    for column in field.columns:
        if column.required and _empty(value.get(column.name)):
            error = _wrong("missing_field", f"缺少“{column.zh}”", f"{column.en} is missing.", ("必填", "a value"), None)
            raise error.at(Place(field=column.name))
    given = {column.name: column.default if _empty(value.get(column.name)) else value[column.name] for column in field.columns}
    return {column.name: _each(column.name, _value, column, given[column.name], language) for column in field.columns}


def _table(field: Field, value: Any, language: str) -> dict[str, Any]:
    if not isinstance(value, Mapping) or set(value) != {"headings", "lines"}:
        raise _wrong("not_a_table", "不是表格", "Not a table.", "headings, lines", str(value)[:80])
    headings = [_text(field, heading, language) for heading in _sequence(value["headings"])]
    if not 0 < len(headings) <= COLUMNS:
        expected = (f"1 至 {COLUMNS} 栏", f"1 to {COLUMNS} columns")
        raise _wrong("columns", "栏数不正确", "The number of columns is wrong.", expected, str(len(headings)))
    lines = []
    for index, line in enumerate(_sequence(value["lines"]), 1):
        if len(_sequence(line)) != len(headings):
            error = _wrong(
                "not_a_row", "这一行的栏数与表头不同", "The row has another number of cells.", str(len(headings)), str(len(line))
            )
            raise error.at(Place(field=str(index)))
        lines.append(["" if _empty(one) else _each(index, _text, field, one, language) for one in line])
    return {"headings": headings, "lines": lines}


def _picture(field: Field, value: Any, language: str) -> Picture:
    sound = isinstance(value, str) and value.startswith("<svg ") and value.endswith("</svg>") and len(value) <= PICTURE
    reaching = _REACHES_OUT.search(value) if sound else None
    if not sound or reaching is not None:
        expected = (f"自成一体的 SVG，最多 {PICTURE} 字符", f"SVG that reaches for nothing outside itself, at most {PICTURE} characters")
        found = reaching[0] if reaching else str(value)[:40]
        raise _wrong("not_a_picture", "不是可用的图", "Not a drawing that can be used.", expected, found)
    return Picture(value)


def _each(key: str | int, read: Callable[[Field, Any, str], Any], field: Field, value: Any, language: str) -> Any:
    """What it reads; an error says of which row or column."""
    try:
        return read(field, value, language)
    except LinliError as error:
        inner = f".{error.place.field}" if error.place and error.place.field else ""
        raise error.at(Place(field=f"{key}{inner}")) from None


def _sequence(value: Any) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > ROWS:
        expected = (f"最多 {ROWS} 项的列表", f"a list of at most {ROWS}")
        raise _wrong("not_a_list", "不是列表，或者过长", "Not a list, or too long.", expected, str(value)[:40])
    return value


def _said(value: Any, language: str) -> str:
    if isinstance(value, tuple) and len(value) == 2:
        value = value[0] if language == "zh" else value[1]
    if not isinstance(value, str):
        raise _wrong("not_text", "不是文字", "Not text.", ("文字", "text"), str(value)[:40])
    return value


def _plain(text: str, longest: int) -> str:
    """The text without marks that show nothing. Refuses control characters and those that turn the direction of what follows."""
    text = text.translate(_INVISIBLE).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if len(text) > longest:
        raise _wrong(
            "too_long", "文字过长", "The text is too long.", (f"最多 {longest} 字", f"at most {longest} characters"), str(len(text))
        )
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character != "\n":
            found = f"U+{ord(character):04X}"
            raise _wrong("control_character", "文字中含有控制字符", "A control character.", ("可读的文字", "readable text"), found)
    return text


def _fit_to_hang(value: Any) -> None:
    """Law of the poster: no identity number and no account, wherever it was written. Refuses 15 digits and more in a row."""
    if any(_LONG_NUMBER.search(text) for text in texts(value)):
        raise _wrong(
            "posted_number",
            "张贴的文书不能含有证件号码或账号",
            "A poster can't carry an identity number or an account.",
            ("少于15位的数字", "fewer than 15 digits"),
            ("15位或更多", "15 or more"),
            ("删去号码", "leave the number out"),
        )


def _wrong(code: str, zh: str, en: str, expected: Said, found: Said | None, remedy: tuple[str, str] = ("", "")) -> LinliError:
    zh_step, en_step = remedy if remedy[0] else ("改正这一项后重新生成", "correct the field and set the letter again")
    return LinliError(f"letters.{code}", zh=zh, en=en, expected=expected, found=found, remedy_zh=zh_step, remedy_en=en_step)


_READERS: dict[str, Callable[[Field, Any, str], Any]] = {
    "text": _text,
    "words": _words,
    "day": _day,
    "whole": _whole,
    "yuan": _yuan,
    "number": _number,
    "address": _address,
    "choice": _choice,
    "list": _list,
    "rows": _rows,
    "table": _table,
    "picture": _picture,
}

"""Bytes from anywhere to a JSON document: too large a file, duplicate keys and odd numbers are refused at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from linli.kernel.errors import LinliError, Place
from linli.sampling.refusals import refused
from linli.sampling.spots import Spot

MAX_BYTES = 64_000_000
MAX_LIST_BYTES = 28_000_000
"""Of plan and list: with the result, in which each id comes at most twice more, the file stays below MAX_BYTES."""
MAX_ITEMS = 300_000
MAX_BRACKETS, MAX_COMMAS = 2 * MAX_ITEMS + 100_000, 8 * MAX_ITEMS
"""Brackets and commas bound the number of values, and so the memory that a file of small ones can ask for."""
MAX_DIGITS = 13
_ANEW = ("向公布单位索取原文件", "ask whoever published it for the file as it was")


def read_bytes(path: Path) -> bytes:
    """The content of a regular file of at most 64 MB."""
    if not path.is_file():
        raise refused(
            "no_such_file", Place(file=str(path)), ("找不到文件", "There is no such file."), remedy=("检查路径", "check the path")
        )
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def parse(data: bytes, file: str | None = None) -> Spot:
    """The one JSON document in `data` (UTF-8). Raises LinliError; time and memory grow with the size, which is limited."""
    if len(data) > MAX_BYTES or data.count(b"{") + data.count(b"[") > MAX_BRACKETS or data.count(b",") > MAX_COMMAS:
        raise too_large(Place(file=file), len(data), MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
        document = json.loads(text, object_pairs_hook=_once_each, parse_int=_integer, parse_float=_number, parse_constant=_number)
    except LinliError as error:
        raise error.at(Place(file=file)) from None
    except json.JSONDecodeError as error:
        raise _not_json(error.msg, Place(file=file, line=error.lineno, column=error.colno)) from None
    except (ValueError, RecursionError) as error:  # not UTF-8, or nested thousands of levels deep
        raise _not_json(type(error).__name__, Place(file=file)) from None
    return Spot(document, key=file)


def too_large(place: Place, found: int, most: int) -> LinliError:
    """The refusal of a file, or of a list to be frozen, that has too many bytes or values."""
    return refused(
        "too_large",
        place,
        ("文件过大", "The file is too large."),
        expected=(f"最多 {most:,} 字节、{MAX_ITEMS:,} 件", f"at most {most:,} bytes and {MAX_ITEMS:,} items"),
        found=(f"{found:,} 字节", f"{found:,} bytes"),
        remedy=("分成几次抽取", "make several draws of it"),
    )


def _not_json(found: str, place: Place) -> LinliError:
    said = ("不是 JSON 文件", "This is not a JSON file.")
    return refused("not_json", place, said, expected=("UTF-8 编码的 JSON", "JSON in UTF-8"), found=found, remedy=_ANEW)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no key stands twice: readers differ in which of the two they believe."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        said = ("同一个对象里键重复", "A key stands twice in one object.")
        raise refused("key_twice", "", said, found=repr(twice[:60]), remedy=_ANEW)
    return found


def _integer(text: str) -> int:
    return int(text) if len(text) <= MAX_DIGITS else _number(text)


def _number(text: str) -> NoReturn:
    said = ("抽取文件里只有整数", "A draw file holds whole numbers only.")
    raise refused(
        "number", "", said, expected=(f"最多 {MAX_DIGITS} 位的整数", f"at most {MAX_DIGITS} digits"), found=text[:40], remedy=_ANEW
    )

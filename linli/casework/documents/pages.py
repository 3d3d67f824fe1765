"""The content of a document's file: one line of JSON with the length of every page, and the pages as JPEG behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from linli.kernel.errors import LinliError, Place
from linli.papers.scans import Taken

MEDIA = "image/jpeg"
_LONGEST_HEAD = 4096


def packed(taken: Taken) -> bytes:
    """The pages in one piece."""
    head = {"pages": [len(page.jpeg) for page in taken.pages]}
    return json.dumps(head).encode() + b"\n" + b"".join(page.jpeg for page in taken.pages)


def page_of(portions: Iterator[bytes], number: int) -> bytes:
    """One page, counted from 1, out of the content as it comes; reads no further than its end. Raises LinliError for no such page."""
    held = b""
    while b"\n" not in held and len(held) < _LONGEST_HEAD:
        held += next(portions)
    head, _, held = held.partition(b"\n")
    lengths: list[int] = json.loads(head)["pages"]
    if not 1 <= number <= len(lengths):
        raise no_page(number)
    begin = sum(lengths[: number - 1])
    end = begin + lengths[number - 1]
    parts, at = [held], len(held)
    while at < end:
        parts.append(next(portions))
        at += len(parts[-1])
    return b"".join(parts)[begin:end]


def every_page(portions: Iterator[bytes]) -> Iterator[bytes]:
    """All pages in order, one in memory at a time."""
    held = b""
    while b"\n" not in held and len(held) < _LONGEST_HEAD:
        held += next(portions)
    head, _, held = held.partition(b"\n")
    for length in json.loads(head)["pages"]:
        while len(held) < length:
            held += next(portions)
        yield held[:length]
        held = held[length:]


def no_page(number: int) -> LinliError:
    """The document has no page of that number."""
    return LinliError(
        "documents.no_page",
        zh="这份材料没有这一页",
        en="The document has no such page.",
        place=Place(field="page"),
        found=str(number),
        remedy_zh="回到材料的第一页",
        remedy_en="go back to its first page",
    )

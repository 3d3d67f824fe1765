"""A law of the API's description: every word of it stands in Chinese and in English, and no two shapes bear one name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ninja import Schema

from linli.api import chinese
from linli.api.application import api
from linli.api.description import GROUPS, family

HAN = re.compile(r"[\u3400-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,;:’']+[A-Za-z]{2,}")
"""Two words of Latin letters, as the browser's law of pages has it."""
SAID = ("description", "summary")


def schema(language: str) -> Any:
    return api.get_openapi_schema(path_prefix="/api/v1/", language=language)


def texts(part: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for name, one in part.items():
            if name in SAID and isinstance(one, str):
                yield f"{place}.{name}", re.sub(r"`[^`]*`", "", one)
            yield from texts(one, f"{place}.{name}")
    elif isinstance(part, list):
        for number, one in enumerate(part):
            yield from texts(one, f"{place}.{number}")


def test_every_text_is_in_chinese():
    said = [(place, text) for place, text in texts(schema("zh")) if ".securitySchemes" not in place]
    assert len(said) > 500
    assert [place for place, text in said if not HAN.search(text) or ENGLISH.search(text)] == []


def test_every_text_is_in_english():
    assert [place for place, text in texts(schema("en")) if not text.strip() or HAN.search(text)] == []


def test_the_chinese_texts_are_of_what_there_is():
    english = schema("en")
    routes = {one["operationId"] for verbs in english["paths"].values() for one in verbs.values()}
    assert set(chinese.ROUTES) == routes
    assert set(chinese.SHAPES) == {family(name) for name in english["components"]["schemas"]}
    assert set(GROUPS) == {one["name"] for one in english["tags"]}


def test_the_two_differ_in_words_only():
    def bare(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: bare(one) for name, one in part.items() if name not in (*SAID, "title") or not isinstance(one, str)}
        return [bare(one) for one in part] if isinstance(part, list) else part

    assert bare(schema("zh")) == bare(schema("en"))


def descendants(of: type) -> Iterator[type]:
    for one in of.__subclasses__():
        yield one
        yield from descendants(one)


def test_no_two_shapes_bear_one_name():
    """The schema keeps one shape a name: of two it would describe the other's routes wrongly."""
    ours = {one for one in descendants(Schema) if one.__module__.startswith("linli.") and "[" not in one.__name__}
    assert [name for name, number in Counter(one.__name__ for one in ours).items() if number > 1] == []

"""What does not fit a route: pydantic's findings, and parameters that it does not know, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import QueryDict

from linli.api.problems import nul
from linli.kernel.errors import LinliError, Place, Problems
from linli.rules.declare import Label

MOST_SHOWN = 80
_SENT_IN = ("query", "path", "header", "body", "form", "file", "cookie")
_DAY = Label("一个日期，如 `2024-01-05`", "a day like `2024-01-05`")
_MOMENT = Label("一个带时区的时刻，如 `2024-01-05T09:00:00+08:00`", "a moment with its zone, like `2024-01-05T09:00:00+08:00`")
_UUID = Label("一个编号（UUID）", "an id (a UUID)")
_WHOLE_NUMBER = Label("一个整数", "a whole number")
_YES_OR_NO = Label("`true` 或 `false`", "`true` or `false`")
_TEXT = Label("文字", "text")
_OBJECT = Label("一个 JSON 对象", "a JSON object")
_LIST = Label("一个列表", "a list")

Said = Mapping[str, Any]
_WORDS: dict[str, Callable[[Said], Label]] = {
    "missing": lambda _: Label("要有这一项", "this has to be there"),
    "extra_forbidden": lambda _: Label("只有接口说明里的项目", "nothing but what the route takes"),
    "string_pattern_mismatch": lambda ctx: Label(f"符合 `{ctx['pattern']}` 的文字", f"text that matches `{ctx['pattern']}`"),
    "string_too_short": lambda ctx: Label(f"至少 {ctx['min_length']} 个字符", f"at least {ctx['min_length']} characters"),
    "string_too_long": lambda ctx: Label(f"最多 {ctx['max_length']} 个字符", f"at most {ctx['max_length']} characters"),
    "too_short": lambda ctx: Label(f"至少 {ctx['min_length']} 项", f"at least {ctx['min_length']} items"),
    "too_long": lambda ctx: Label(f"最多 {ctx['max_length']} 项", f"at most {ctx['max_length']} items"),
    "greater_than_equal": lambda ctx: Label(f"{ctx['ge']} 或以上", f"{ctx['ge']} or more"),
    "less_than_equal": lambda ctx: Label(f"{ctx['le']} 或以下", f"{ctx['le']} or less"),
    "literal_error": lambda ctx: Label(f"其中之一：{_quoted(ctx['expected'])}", f"one of: {_quoted(ctx['expected'])}"),
}
_KINDS = {
    "uuid": _UUID,
    "datetime": _MOMENT,
    "timezone": _MOMENT,
    "date": _DAY,
    "int": _WHOLE_NUMBER,
    "bool": _YES_OR_NO,
    "string": _TEXT,
    "list": _LIST,
    "dict": _OBJECT,
    "model": _OBJECT,
}
_ANYTHING = Label("符合接口说明的值", "a value as the route's page has it")


def problems_of(errors: list[dict[str, Any]]) -> Problems:
    """Everything that validation found."""
    return Problems([_problem(one) for one in errors])


def _problem(one: dict[str, Any]) -> LinliError:
    lacks_key = one["type"] == "missing" and one["loc"][-1] == "Idempotency-Key"
    words = wanted(one["type"], one.get("ctx", {}))
    return LinliError(
        "api.no_key" if lacks_key else "api.invalid",
        zh="写操作需要 Idempotency-Key" if lacks_key else "内容不符合接口格式",
        en="A write needs an Idempotency-Key." if lacks_key else "This is not what the API takes.",
        place=Place(field=place_of(one["loc"])),
        expected=words.en,
        expected_zh=words.zh,
        remedy_zh="对照 /api/docs 修改",
        remedy_en="compare it with /api/docs",
    )


def place_of(location: tuple[Any, ...]) -> str:
    """("body", "body", "answers", 0, "value") as "answers.0.value"; what is wrong with a whole body is at "body"."""
    parts = [str(part) for part in location]
    inner = parts[1:] if parts[0] in _SENT_IN else parts
    if parts[0] in ("body", "form") and inner:
        inner = inner[1:]
    return ".".join(inner or parts[:1])


def wanted(kind: str, context: Said) -> Label:
    """What a finding of pydantic's kind asks for."""
    if words := _WORDS.get(kind):
        return words(context)
    return next((words for start, words in _KINDS.items() if kind.startswith(start)), _ANYTHING)


def _quoted(listed: str) -> str:
    """Pydantic's "'a', 'b' or 'c'" with backticks."""
    return ", ".join(f"`{part.strip()}`" for part in listed.replace(" or ", ", ").replace("'", "").split(","))


def refuse_unknown(sent: QueryDict, known: frozenset[str]) -> None:
    """Raises Problems where a query or form has a name that the route does not know, or one of its names twice: nothing widens silently."""
    found = [_unknown(name, known) for name in sent if name not in known]
    found += [_twice(name) for name, values in sent.lists() if name in known and len(values) > 1]
    if found:
        raise Problems(found)


def refuse_nul(sent: QueryDict) -> None:
    """Raises LinliError where a form's field holds a NUL, which PostgreSQL has in no text."""
    for name, values in sent.lists():
        if any("\x00" in value for value in values):
            raise nul(Place(field=name[:MOST_SHOWN]))


def _unknown(name: str, known: frozenset[str]) -> LinliError:
    listed = ", ".join(f"`{one}`" for one in sorted(known))
    return LinliError(
        "api.unknown_parameter",
        zh="没有这个参数",
        en="There is no such parameter.",
        place=Place(field=name[:MOST_SHOWN]),
        expected=f"one of: {listed}" if known else "no parameters",
        expected_zh=f"其中之一：{listed}" if known else "不带参数",
        found=name[:MOST_SHOWN],
        remedy_zh="去掉它，或按上面的名称改正",
        remedy_en="leave it out, or mend its name",
    )


def _twice(name: str) -> LinliError:
    return LinliError(
        "api.repeated_parameter",
        zh="参数重复",
        en="A parameter is there more than once.",
        place=Place(field=name),
        expected="one value",
        expected_zh="一个值",
        remedy_zh="只留一个",
        remedy_en="keep one",
    )

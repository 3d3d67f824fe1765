"""The refusals that the checker shares, each pointing at a character of the expression."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NoReturn

from linli.kernel.errors import Said
from linli.rules.syntax import ExpressionError, Syntax
from linli.rules.tree import LIMIT, Node, Span, Type


def spans(left: Node, right: Node) -> tuple[Span, Span]:
    """The spans of two numbers."""
    assert left.span is not None
    assert right.span is not None
    return left.span, right.span


def within(syntax: Syntax, span: Span) -> Span:
    """The span, refused if it leaves ±2^62."""
    if max(abs(span[0]), abs(span[1])) >= LIMIT:
        raise ExpressionError(
            "rules.overflow",
            syntax.at,
            "结果可能超出整数范围",
            "The result could leave the range of whole numbers.",
            "为所用信息声明更小的 min/max 或小数位数",
            "declare a smaller min/max, or fewer digits, for the facts used",
            expected="±2^62",
            found=f"{span[0]} … {span[1]}",
        )
    return span


def mismatch(syntax: Syntax, expected: Said, found: Type) -> NoReturn:
    """A wrong type."""
    raise ExpressionError(
        "rules.wrong_type",
        syntax.at,
        "类型不符",
        "The types don't fit.",
        "改写表达式，或更正信息的类型声明",
        "rewrite the expression or correct the declared type",
        expected=expected,
        found=str(found),
    )


def unknown_name(syntax: Syntax, code: str, zh: str, en: str, known: Iterable[str]) -> NoReturn:
    """An undeclared name, with the closest declared ones."""
    names = sorted(set(known))
    near = difflib.get_close_matches(str(syntax.value), names, n=3)
    hint_en = (
        f"did you mean {' or '.join(near)}?"
        if near
        else f"declare it, give the vocabulary that does, or use one of: {', '.join(names[:12]) or '(none declared)'}"
    )
    hint_zh = (
        f"是否想写 {' 或 '.join(near)}？" if near else f"先声明，或给出声明它的词汇文件，或使用：{'、'.join(names[:12]) or '（尚无声明）'}"
    )
    raise ExpressionError(code, syntax.at, zh, en, hint_zh, hint_en, found=str(syntax.value))

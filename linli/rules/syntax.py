"""The expression language's grammar: text to a bare tree, every node with the character where it starts.

A strict subset of SQL expressions, parsed by precedence climbing (OR, AND, NOT, comparison, + -, *, unary minus).
Parsing it here rather than with a general SQL parser gives every refusal an exact place and leaves nothing that has to
be filtered out afterwards; the tests compare it with sqlglot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from linli.kernel.dates import day_from_text
from linli.kernel.errors import Said

MAX_CHARACTERS = 4_000
MAX_NODES = 400
MAX_DEPTH = 40
MAX_DIGITS = 18
COMPARISONS = ("=", "<>", "<=", ">=", "<", ">")
RESERVED = frozenset({"and", "or", "not", "in", "between", "case", "when", "then", "else", "end", "true", "false", "date"})
BANNED = {
    "null": "NULL",
    "is": "IS NULL",
    "coalesce": "COALESCE",
    "nullif": "NULLIF",
    "ifnull": "IFNULL",
    "like": "LIKE",
    "ilike": "LIKE",
    "select": "subquery",
    "exists": "subquery",
    "cast": "CAST",
    "over": "window",
    "union": "subquery",
    "from": "subquery",
    "distinct": "DISTINCT",
}
TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<comment>--|/\*|\#)
      | (?P<number>[0-9]+(?:\.[0-9]+)?(?![0-9A-Za-z_.]))
      | (?P<text>'[^'\\\x00-\x1f\x7f]*'(?!'))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<mark><>|!=|<=|>=|[=<>+\-*(),])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Syntax:
    """kind: number, text, truth, date, name, call, not, negative, and, or, in, between, case, or an operator (+ - * = <> < <= > >=)."""

    kind: str
    at: int
    value: Any = None
    parts: tuple[Syntax, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    at: int


class ExpressionError(Exception):
    """A refusal inside one expression: code, words in both languages, the character (0-based), and the remedy."""

    def __init__(self, code: str, at: int, zh: str, en: str, remedy_zh: str, remedy_en: str, **more: Said) -> None:
        super().__init__(en)
        self.code, self.at, self.zh, self.en = code, at, zh, en
        self.remedy_zh, self.remedy_en, self.more = remedy_zh, remedy_en, more


def parse(text: str) -> Syntax:
    """The tree of one expression. Raises ExpressionError; length, nodes and depth are limited before and while parsing."""
    if len(text) > MAX_CHARACTERS:
        raise _limit(0, "characters", "字符", MAX_CHARACTERS, len(text))
    tokens = _tokens(text)
    _refuse_nesting(tokens)
    parser = _Parser(tokens, len(text))
    tree = parser.expression(0)
    parser.expect_end()
    if _depth(tree) > MAX_DEPTH:
        raise _limit(0, "levels of nesting", "层嵌套", MAX_DEPTH, _depth(tree))
    return tree


def _limit(at: int, what_en: str, what_zh: str, most: int, found: int) -> ExpressionError:
    return ExpressionError(
        "rules.too_large",
        at,
        "表达式过大",
        "The expression is too large.",
        "拆成几个条件或查找表",
        "split it into conditions or a lookup table",
        expected=(f"最多 {most} 个{what_zh}", f"at most {most} {what_en}"),
        found=str(found),
    )


def _depth(tree: Syntax) -> int:
    return 1 + max((_depth(part) for part in tree.parts), default=0)


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise _stray(text, at)
        kind = match.lastgroup or ""
        if kind == "comment":
            raise ExpressionError(
                "rules.banned",
                at,
                "规则中不允许注释",
                "Comments are not allowed in a rule.",
                "把说明写在 zh/en 里",
                "put the explanation into zh/en",
                found=match.group(),
            )
        if kind == "number" and len(match.group()) > MAX_DIGITS:
            raise _limit(at, "digits in a number", "位数字", MAX_DIGITS, len(match.group()))
        if kind != "space":
            tokens.append(Token(kind, match.group(), at))
        at = match.end()
        if len(tokens) > 4 * MAX_NODES:
            raise _limit(at, "tokens", "个词", 4 * MAX_NODES, len(tokens))
    return tokens


def _stray(text: str, at: int) -> ExpressionError:
    character = text[at]
    if character == "'":
        return ExpressionError(
            "rules.bad_text",
            at,
            "文字值的引号有误",
            "The quotes of this text value are wrong.",
            "写成 '值'，值中不含引号、反斜杠和控制字符",
            "write 'value', without quotes, backslashes or control characters inside",
        )
    known = {
        '"': "quoted identifier",
        "`": "quoted identifier",
        "/": "division",
        "%": "remainder",
        "|": "concatenation",
        ":": "cast",
        ";": "semicolon",
    }
    if character in known:
        return ExpressionError(
            "rules.banned",
            at,
            "规则中不允许这个写法",
            f"A {known[character]} is not allowed in a rule.",
            "除法改为两边相乘再比较；其余请删除",
            "replace a division by multiplying both sides; remove anything else",
            found=character,
        )
    return ExpressionError(
        "rules.bad_character",
        at,
        "不认识的字符",
        "This character has no meaning in a rule.",
        "用半角英文字母、数字和符号重写",
        "type it with plain ASCII letters, digits and signs",
        found=f"{character!r} (U+{ord(character):04X})",
    )


def _refuse_nesting(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        word = token.text.lower()
        depth += (word in ("(", "case")) - (word in (")", "end"))
        if depth > MAX_DEPTH:
            raise _limit(token.at, "levels of nesting", "层嵌套", MAX_DEPTH, depth)


LEVELS = {"or": 1, "and": 2, "in": 4, "between": 4, "not": 4, **dict.fromkeys((*COMPARISONS, "!="), 4), "+": 5, "-": 5, "*": 6}


class _Parser:
    def __init__(self, tokens: list[Token], length: int) -> None:
        self.tokens, self.position, self.length = tokens, 0, length
        self.nodes = 0
        self.depth = 0

    def peek(self) -> str:
        """The next token, in lower case if it is a word; empty at the end."""
        return self.tokens[self.position].text.lower() if self.position < len(self.tokens) else ""

    def take(self, wanted: str | None = None) -> Token:
        if self.position >= len(self.tokens):
            self._unexpected(wanted)
        token = self.tokens[self.position]
        if wanted is not None and token.text.lower() != wanted:
            self._unexpected(wanted)
        self.position += 1
        return token

    def expect_end(self) -> None:
        if self.position < len(self.tokens):
            self._unexpected(None)

    def node(self, kind: str, at: int, value: Any = None, parts: tuple[Syntax, ...] = ()) -> Syntax:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _limit(at, "nodes", "个节点", MAX_NODES, self.nodes)
        return Syntax(kind, at, value, parts)

    def expression(self, level: int) -> Syntax:
        """Precedence climbing; AND and OR become one node with many parts."""
        self.depth += 1
        if self.depth > 4 * MAX_DEPTH:
            raise _limit(self.tokens[self.position - 1].at, "levels of nesting", "层嵌套", MAX_DEPTH, self.depth)
        left = self._prefix()
        while (binding := LEVELS.get(self.peek(), 0)) > level:
            left = self._infix(left, binding)
        self.depth -= 1
        return left

    def _prefix(self) -> Syntax:
        word = self.peek()
        if word == "not":
            at = self.take().at
            return self.node("not", at, parts=(self.expression(3),))
        if word == "-":
            at = self.take().at
            return self.node("negative", at, parts=(self.expression(6),))
        if word == "(":
            self.take()
            inner = self.expression(0)
            self.take(")")
            return inner
        return self._case() if word == "case" else self._atom()

    def _infix(self, left: Syntax, binding: int) -> Syntax:
        token = self.take()
        word = token.text.lower()
        if binding == 4:
            return self._comparison(left, token, word)
        if word in ("and", "or"):
            parts = [left, self.expression(binding)]
            while self.peek() == word:
                self.take()
                parts.append(self.expression(binding))
            return self.node(word, left.at, parts=tuple(parts))
        return self.node(word, token.at, parts=(left, self.expression(binding)))

    def _comparison(self, left: Syntax, token: Token, word: str) -> Syntax:
        negated = word == "not"
        if negated:
            word = self.peek()
            if word not in ("in", "between"):
                self._unexpected("in")
            self.take()
        if word == "in":
            result = self.node("in", token.at, negated, (left, *self._arguments()))
        elif word == "between":
            low = self.expression(4)
            self.take("and")
            result = self.node("between", token.at, negated, (left, low, self.expression(4)))
        else:
            result = self.node("<>" if word == "!=" else word, token.at, parts=(left, self.expression(4)))
        if LEVELS.get(self.peek(), 0) == 4:
            raise ExpressionError(
                "rules.chained",
                self.tokens[self.position].at,
                "比较不能连写",
                "Comparisons can't be chained.",
                "用 AND 连接并加括号",
                "join them with AND, or add parentheses",
            )
        return result

    def _arguments(self) -> tuple[Syntax, ...]:
        self.take("(")
        items = [self.expression(0)]
        while self.peek() == ",":
            self.take()
            items.append(self.expression(0))
        self.take(")")
        return tuple(items)

    def _case(self) -> Syntax:
        """Parts: (operand,) condition, result, …, otherwise. Value: whether there is an operand."""
        at = self.take("case").at
        parts = [] if self.peek() == "when" else [self.expression(0)]
        with_operand = bool(parts)
        while self.peek() == "when" or len(parts) < 2:
            self.take("when")
            parts.append(self.expression(0))
            self.take("then")
            parts.append(self.expression(0))
        if self.peek() == "end":
            raise ExpressionError(
                "rules.no_else",
                self.tokens[self.position].at,
                "CASE 缺少 ELSE",
                "The CASE has no ELSE.",
                "补上 ELSE，写明其余情形的值",
                "add ELSE with the value for everyone else",
            )
        self.take("else")
        parts.append(self.expression(0))
        self.take("end")
        return self.node("case", at, with_operand, tuple(parts))

    def _atom(self) -> Syntax:
        token = self.take()
        if token.kind == "number":
            return self.node("number", token.at, Decimal(token.text) if "." in token.text else int(token.text))
        if token.kind == "text":
            return self.node("text", token.at, token.text[1:-1])
        if token.kind != "name":
            self.position -= 1
            self._unexpected(None)
        return self._word(token)

    def _word(self, token: Token) -> Syntax:
        word = token.text.lower()
        if word in ("true", "false"):
            return self.node("truth", token.at, word == "true")
        if word == "date":
            return self._date(token)
        if word in BANNED:
            raise ExpressionError(
                "rules.banned",
                token.at,
                "规则中不允许这个写法",
                f"{BANNED[word]} is not allowed in a rule.",
                "未知的信息由系统处理，不要在规则里判断",
                "the system handles what is unknown; a rule never asks about it",
                found=token.text,
            )
        if word in RESERVED:
            self.position -= 1
            self._unexpected(None)
        if word != token.text:
            raise ExpressionError(
                "rules.bad_name",
                token.at,
                "名称须用小写",
                "Names are written in lower case.",
                f"改为 {word}",
                f"write {word}",
                found=token.text,
            )
        if self.peek() != "(":
            return self.node("name", token.at, word)
        if self._next_is(")"):
            self.position += 2
            return self.node("call", token.at, word)
        return self.node("call", token.at, word, self._arguments())

    def _next_is(self, text: str) -> bool:
        return self.position + 1 < len(self.tokens) and self.tokens[self.position + 1].text == text

    def _date(self, token: Token) -> Syntax:
        text = self.take()
        try:
            if text.kind != "text":
                raise ValueError
            return self.node("date", token.at, day_from_text(text.text[1:-1]))
        except ValueError:
            raise ExpressionError(
                "rules.bad_date",
                text.at,
                "不是有效日期",
                "Not a date.",
                "写成 DATE '2026-09-01'",
                "write DATE '2026-09-01'",
                found=text.text,
            ) from None

    def _unexpected(self, wanted: str | None) -> NoReturn:
        ended = self.position >= len(self.tokens)
        found = "the end（结尾）" if ended else self.tokens[self.position].text
        at = self.length if ended else self.tokens[self.position].at
        if found.lower() in BANNED:
            self._word(self.tokens[self.position])
        if found.lower() in ("yuan", "fen"):
            raise self._unit(at, found)
        more = {"expected": wanted.upper()} if wanted else {}
        raise ExpressionError(
            "rules.syntax",
            at,
            "表达式写法有误",
            "The expression can't be read here.",
            "检查括号、逗号和运算符",
            "check parentheses, commas and operators",
            found=found,
            **more,
        )

    @staticmethod
    def _unit(at: int, found: str) -> ExpressionError:
        return ExpressionError(
            "rules.syntax",
            at,
            "表达式里的金额是整数，单位是分，不写单位",
            "An amount inside an expression is a whole number of fen, without a unit.",
            "200 元写成 20000，或写成参数",
            "write 200 yuan as 20000, or as a parameter",
            expected="20000",
            found=found,
        )

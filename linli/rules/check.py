"""The judge: a bare tree plus declarations becomes a typed tree, or a refusal that points at the character.

Numbers are checked by interval arithmetic: an expression that could leave ±2^62 for declared values is refused, so no engine can overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from linli.rules import tree
from linli.rules.calls import check_call
from linli.rules.declare import BUILT_IN, Declarations, FactDeclaration
from linli.rules.refusals import mismatch, spans, unknown_name, within
from linli.rules.syntax import COMPARISONS, ExpressionError, Syntax
from linli.rules.tree import BOOLEAN, DATE, INTEGER, MONEY, NUMBERS, TEXT, Node, Type
from linli.rules.values import MAX_SCALE


class Checker:
    """Checks the expressions of one rule.

    subject: person, household or organisation. scope: 'subject', or the group whose facts names mean inside an aggregate.
    """

    def __init__(self, declarations: Declarations, subject: str) -> None:
        self.declarations, self.subject, self.scope = declarations, subject, "subject"

    def condition(self, syntax: Syntax) -> Node:
        """A boolean expression."""
        return self.of_type(syntax, BOOLEAN)

    def amount(self, syntax: Syntax) -> Node:
        """A number in fen, possibly with digits below the fen. Whole literals become money, so that the words say yuan."""
        node = self.node(syntax)
        if node.type.kind not in NUMBERS:
            mismatch(syntax, ("金额", "money"), node.type)
        return _literal_as_money(node) or node

    def of_type(self, syntax: Syntax, wanted: Type) -> Node:
        """The checked node, refused unless it has the wanted type."""
        node = self.node(syntax)
        if node.type != wanted:
            mismatch(syntax, str(wanted), node.type)
        return node

    def node(self, syntax: Syntax) -> Node:
        """The typed node of any expression."""
        return KINDS[syntax.kind](self, syntax)

    def constant(self, syntax: Syntax) -> Node:
        """A literal."""
        value = syntax.value
        if isinstance(value, bool):
            return tree.Constant(BOOLEAN, None, value)
        if isinstance(value, str):
            return tree.Constant(TEXT, None, value)
        if isinstance(value, int):
            return tree.Constant(INTEGER, (value, value), value)
        if isinstance(value, Decimal):
            scale = -int(value.as_tuple().exponent)
            if scale > MAX_SCALE:
                words = f"最多 {MAX_SCALE} 位小数", f"a decimal with at most {MAX_SCALE} digits after the point"
                mismatch(syntax, words, Type("decimal", scale))
            number = int(value.scaleb(scale))
            return tree.Constant(Type("decimal", scale), (number, number), number)
        return tree.Constant(DATE, (value.year, value.year), value)

    def name(self, syntax: Syntax) -> Node:
        """A fact or a parameter."""
        name = syntax.value
        parameter = self.declarations.parameters.get(name)
        if parameter is not None:
            return tree.Parameter(parameter.type, parameter.span, name)
        fact = self.declarations.facts.get(name) or self._built_in(name)
        if fact is None:
            known = [*self.declarations.facts, *self.declarations.parameters, *BUILT_IN]
            unknown_name(syntax, "rules.unknown_fact", "没有声明这个信息或参数", "No fact or parameter of this name is declared.", known)
        self._check_owner(syntax, fact)
        return tree.FactOf(fact.type, fact.span, name, self.scope)

    def _built_in(self, name: str) -> FactDeclaration | None:
        in_place = (name == "role" and self.scope != "family" and (self.subject == "person" or self.scope == "household")) or (
            name == "relation" and self.scope == "family"
        )
        return BUILT_IN[name] if in_place else None

    def _check_owner(self, syntax: Syntax, fact: FactDeclaration) -> None:
        allowed = {"subject": {"person": ("person", "household")}.get(self.subject, (self.subject,))}.get(self.scope, ("person",))
        if fact.of is not None and fact.of not in allowed:
            raise ExpressionError(
                "rules.wrong_owner",
                syntax.at,
                f"{fact.name} 是另一类对象的信息",
                f"{fact.name} is a fact of another kind of subject.",
                "在聚合函数里只用成员的信息，在外面用对象自己的信息",
                "use members' facts inside an aggregate and the subject's own outside",
                expected=" | ".join(allowed),
                found=fact.of,
            )

    def logic(self, syntax: Syntax) -> Node:
        """AND and OR; nested ones of the same kind become one."""
        cls = tree.AllOf if syntax.kind == "and" else tree.AnyOf
        items: list[Node] = []
        for part in syntax.parts:
            item = self.of_type(part, BOOLEAN)
            items.extend(item.items if isinstance(item, cls) else [item])
        return cls(BOOLEAN, None, tuple(items))

    def negation(self, syntax: Syntax) -> Node:
        """NOT."""
        return tree.Not(BOOLEAN, None, self.of_type(syntax.parts[0], BOOLEAN))

    def negative(self, syntax: Syntax) -> Node:
        """Unary minus."""
        item = self.node(syntax.parts[0])
        if item.type.kind not in NUMBERS or item.span is None:
            mismatch(syntax.parts[0], ("数", "a number"), item.type)
        if isinstance(item, tree.Constant):
            return tree.Constant(item.type, (-item.span[1], -item.span[0]), -item.value)  # type: ignore[operator]
        return tree.Negative(item.type, (-item.span[1], -item.span[0]), item)

    def sum(self, syntax: Syntax) -> Node:
        """+ and - of the same kind of number."""
        left, right = self.aligned(syntax, [self.numeric(part) for part in syntax.parts])
        a, b = spans(left, right)
        span = (a[0] + b[0], a[1] + b[1]) if syntax.kind == "+" else (a[0] - b[1], a[1] - b[0])
        return tree.Arithmetic(left.type, within(syntax, span), syntax.kind, left, right)

    def product(self, syntax: Syntax) -> Node:
        """Multiplication: at most one factor is money; decimal digits add up."""
        left, right = (self.numeric(part) for part in syntax.parts)
        kinds = {left.type.kind, right.type.kind}
        if left.type.kind == right.type.kind == "money":
            mismatch(syntax, ("金额×数", "money × number"), right.type)
        scale = left.type.scale + right.type.scale
        kind = Type("money" if "money" in kinds else "decimal" if "decimal" in kinds else "integer", scale)
        a, b = spans(left, right)
        ends = [x * y for x in a for y in b]
        return tree.Arithmetic(kind, within(syntax, (min(ends), max(ends))), "*", left, right)

    def numeric(self, syntax: Syntax) -> Node:
        """A number of any kind."""
        node = self.node(syntax)
        if node.type.kind not in NUMBERS:
            mismatch(syntax, ("数", "a number"), node.type)
        return node

    def comparison(self, syntax: Syntax) -> Node:
        """= <> < <= > >= between two values of the same kind."""
        left, right = self.comparable(syntax, [self.node(part) for part in syntax.parts])
        if left.type.kind in ("text", "boolean") and syntax.kind not in ("=", "<>"):
            mismatch(syntax, ("文字和是非只能用 = 或 <>", "= or <> for text and boolean"), left.type)
        return tree.Compare(BOOLEAN, None, syntax.kind, left, right)

    def one_of(self, syntax: Syntax) -> Node:
        """IN a list of literals."""
        for part in syntax.parts[1:]:
            if part.kind not in ("number", "text", "date", "truth") and not (part.kind == "negative" and part.parts[0].kind == "number"):
                raise ExpressionError(
                    "rules.not_a_literal",
                    part.at,
                    "IN 的列表里只能写固定值",
                    "A list after IN holds literals only.",
                    "写出各个值，或改用 OR",
                    "write the values out, or use OR",
                )
        item, *options = self.comparable(syntax, [self.node(part) for part in syntax.parts])
        return tree.OneOf(BOOLEAN, None, item, tuple(self._literal(option) for option in options), bool(syntax.value))

    def _literal(self, node: Node) -> tree.Constant:
        if isinstance(node, tree.Rescale) and isinstance(node.item, tree.Constant):
            return tree.Constant(node.type, node.span, int(node.item.value) * 10**node.power)  # type: ignore[arg-type]
        assert isinstance(node, tree.Constant)
        return node

    def between(self, syntax: Syntax) -> Node:
        """BETWEEN, both ends included."""
        item, low, high = self.comparable(syntax, [self.node(part) for part in syntax.parts])
        if item.type.kind in ("text", "boolean"):
            mismatch(syntax, ("数或日期", "a number or date"), item.type)
        return tree.Between(BOOLEAN, None, item, low, high, bool(syntax.value))

    def case(self, syntax: Syntax) -> Node:
        """CASE: the operand form becomes the searched form."""
        parts = list(syntax.parts)
        operand = parts.pop(0) if syntax.value else None
        conditions = [
            self.of_type(part, BOOLEAN) if operand is None else self.comparison(Syntax("=", part.at, parts=(operand, part)))
            for part in parts[:-1:2]
        ]
        results = self.comparable(syntax, [self.node(part) for part in [*parts[1:-1:2], parts[-1]]])
        found = [item.span for item in results if item.span is not None]
        span = (min(low for low, _ in found), max(high for _, high in found)) if found else None
        return tree.Case(results[0].type, span, tuple(zip(conditions, results[:-1], strict=True)), results[-1])

    def call(self, syntax: Syntax) -> Node:
        """A function; see calls.py."""
        return check_call(self, syntax)

    def comparable(self, syntax: Syntax, nodes: list[Node]) -> list[Node]:
        """The nodes brought to one type; numbers to one kind and scale."""
        if any(node.type.kind in NUMBERS for node in nodes):
            return self.aligned(syntax, nodes)
        for part, node in zip(syntax.parts[-len(nodes) :], nodes, strict=False):
            if node.type != nodes[0].type:
                mismatch(part, str(nodes[0].type), node.type)
        self._check_codes(syntax, nodes)
        return nodes

    def _check_codes(self, syntax: Syntax, nodes: list[Node]) -> None:
        """A code that a fact can never take is a misspelling."""
        first = nodes[0]
        facts = {**self.declarations.facts, **BUILT_IN}
        if not isinstance(first, tree.FactOf):
            first = next((node for node in nodes if isinstance(node, tree.FactOf)), first)
        known = facts[first.name].values if isinstance(first, tree.FactOf) else ()
        for node in nodes if known else ():
            if isinstance(node, tree.Constant) and node.value not in known:
                near = Syntax("text", _at(syntax, node.value), str(node.value))
                unknown_name(near, "rules.unknown_value", "这个信息没有这个取值", "The fact never takes this value.", known)

    def aligned(self, syntax: Syntax, nodes: Iterable[Node]) -> list[Node]:
        """Numbers of one kind at the largest of their scales. A bare integer beside money is read as fen if it is literal."""
        found = list(nodes)
        kinds = {node.type.kind for node in found}
        for node in found:
            if node.type.kind not in NUMBERS:
                mismatch(syntax, ("两边都是数", "numbers on both sides"), node.type)
        if "money" in kinds:
            found = [node if node.type.kind == "money" else self._as_money(syntax, node) for node in found]
        scale = max(node.type.scale for node in found)
        kind = Type("money" if "money" in kinds else "decimal" if "decimal" in kinds else "integer", scale)
        return [_rescaled(syntax, node, kind) for node in found]

    def _as_money(self, syntax: Syntax, node: Node) -> Node:
        """Whole literals beside money are fen, also inside CASE, sums and products. A fact that is a count never becomes money."""
        money = _literal_as_money(node)
        if money is None:
            mismatch(syntax, ("两边都是金额；固定值写成分的整数", "money on both sides; a fixed amount in fen"), node.type)
        return money


def _literal_as_money(node: Node) -> Node | None:
    if node.type != INTEGER:
        return None
    if isinstance(node, tree.Constant):
        return tree.Constant(MONEY, node.span, node.value)
    if isinstance(node, tree.Case):
        results = [_literal_as_money(item) for item in (*(result for _, result in node.branches), node.otherwise)]
        found = [item for item in results if item is not None]
        if len(found) < len(results):
            return None
        whens = (when for when, _ in node.branches)
        return tree.Case(MONEY, node.span, tuple(zip(whens, found[:-1], strict=True)), found[-1])
    return _arithmetic_as_money(node) if isinstance(node, tree.Arithmetic) else None


def _arithmetic_as_money(node: tree.Arithmetic) -> Node | None:
    left, right = _literal_as_money(node.left), _literal_as_money(node.right)
    if node.operator == "*" and left is not None:
        return tree.Arithmetic(MONEY, node.span, "*", left, node.right)
    if node.operator == "*" and right is not None:
        return tree.Arithmetic(MONEY, node.span, "*", node.left, right)
    if left is None or right is None:
        return None
    return tree.Arithmetic(MONEY, node.span, node.operator, left, right)


def _rescaled(syntax: Syntax, node: Node, kind: Type) -> Node:
    power = kind.scale - node.type.scale
    if power == 0:
        return node
    span = node.span or (0, 0)
    return tree.Rescale(kind, within(syntax, (span[0] * 10**power, span[1] * 10**power)), node, power)


def _at(syntax: Syntax, value: object) -> int:
    return next((part.at for part in syntax.parts if part.kind == "text" and part.value == value), syntax.at)


KINDS: dict[str, Callable[[Checker, Syntax], Node]] = {
    **dict.fromkeys(("number", "text", "truth", "date"), Checker.constant),
    **dict.fromkeys(("and", "or"), Checker.logic),
    **dict.fromkeys(("+", "-"), Checker.sum),
    **dict.fromkeys(COMPARISONS, Checker.comparison),
    "*": Checker.product,
    "name": Checker.name,
    "not": Checker.negation,
    "negative": Checker.negative,
    "in": Checker.one_of,
    "between": Checker.between,
    "case": Checker.case,
    "call": Checker.call,
}

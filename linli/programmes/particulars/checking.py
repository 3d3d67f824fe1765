"""What no schema can say of these parts: steps, parameters and facts that aren't there, or not in the order that they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from linli.kernel.errors import LinliError
from linli.programmes.faults import contradiction
from linli.programmes.particulars.reading import PARTS, facts_of_particulars, items
from linli.rules import Rule
from linli.rules.source import Entry

NOTHING = ("没有写", "nothing")
NEEDS = {
    "registers": ("register", "登记"),
    "forward_to": ("forward", "转办"),
    "works": ("works", "施工"),
    "evidence": ("accept_works", "验收"),
}
"""The kind of step that a part is carried out in, and its word."""
ESCROW = ("consent", "paid_in", "registered", "released")


def unknown_particular_facts(programme: Entry, rule: Rule) -> Iterator[LinliError]:
    """Facts that no register gives, days of a loan that are no days, and points that are no number."""
    known = rule.declarations.facts
    kinds = {"principal": "money", "begins": "date", "ends": "date", "repaid": "date"}
    for name, place in facts_of_particulars(programme).items():
        if name not in known:
            words = "没有这项信息", "There is no such fact."
            remedy = "改正信息名，或在名单中声明", "correct the fact's name, or declare it in a register list"
            yield contradiction(place, *words, ", ".join(sorted(known)), name, remedy)
    loan = programme.get("loan")
    for key, kind in kinds.items() if loan is not None else ():
        named = loan.value[key]  # type: ignore[union-attr]  # there is a loan
        if named.value in known and known[named.value].type.kind != kind:
            words = "贷款信息的类型不符", "The fact is not of the kind that this says of a loan."
            yield contradiction(named, *words, kind, known[named.value].type.kind, ("改为相应的信息", "name the right fact"))
    for criterion in items(programme.get("scores"), "criteria"):
        fact = criterion.get("fact")
        if fact is not None and fact.value in known and known[fact.value].type.kind != "integer":
            words = "得分只能取整数信息", "Points come from a whole number only."
            yield contradiction(
                fact, *words, "integer", known[fact.value].type.kind, ("改为整数信息", "name a fact that is a whole number")
            )


def _steps(entry: Entry) -> dict[str, str]:
    """Kinds of the procedure's steps by id, in order."""
    return {str(step.value["id"].value): str(step.value["kind"].value) for step in items(entry.get("procedure"), "steps")}


def _carried_out(entry: Entry) -> Iterator[LinliError]:
    """Each part has the step that does it."""
    kinds = set(_steps(entry).values())
    for key in PARTS:
        part = entry.get(key)
        if part is None:
            continue
        if entry.get("procedure") is None:
            words = "没有办理流程（procedure），这一部分不会执行", "There is no procedure, so this would never be done."
            yield contradiction(
                part, *words, "procedure", NOTHING, ("写明 procedure，或删去这一部分", "write the procedure, or take this out")
            )
        elif key in NEEDS and NEEDS[key][0] not in kinds:
            kind, zh = NEEDS[key]
            words = f"没有{zh}步骤，这一部分不会执行", f"Without a step of the kind {kind} this would never be done."
            yield contradiction(
                part, *words, f"kind: {kind}", ", ".join(sorted(kinds)), ("加上这个步骤，或删去", "add the step, or take this out")
            )


def _ids(entry: Entry) -> Iterator[LinliError]:
    """Each thing once."""
    lists = (
        ("works", "areas"),
        ("evidence", "before"),
        ("evidence", "after"),
        ("scores", "criteria"),
        ("escrow", "parties"),
        ("forward_to", "outcomes"),
    )
    for part, key in lists:
        listed = items(entry.get(part), key)
        seen = Counter(str(one.value["id"].value) for one in listed)
        for one in listed:
            identity = one.value["id"]
            if seen[str(identity.value)] > 1:
                yield contradiction(identity, "标识重复", "The id is given twice.", ("每个标识一次", "each id once"), str(identity.value))


def _outcomes(entry: Entry) -> Iterator[LinliError]:
    """The other system can say yes, and it can say no."""
    listed = entry.value["forward_to"].value["outcomes"] if entry.get("forward_to") is not None else None
    if listed is None:
        return
    answers = {one.value["grants"].value for one in listed.value}
    if answers != {True, False}:
        words = "办理结果应当既有同意的，也有不同意的", "The outcomes are to hold one that grants and one that refuses."
        yield contradiction(listed, *words, "grants: true, grants: false", ", ".join(str(one).lower() for one in answers))


def _weights(entry: Entry) -> Iterator[LinliError]:
    """Weights are dated figures of the rule, ties are criteria."""
    scores, listed = entry.get("scores"), entry.value["rule"].get("parameters")
    criteria = items(scores, "criteria")
    parameters = listed.value if listed is not None and isinstance(listed.value, dict) else {}
    for criterion in criteria:
        weight = criterion.value["weight"]
        declared = parameters.get(str(weight.value))
        kind = declared.get("type") if declared is not None else None
        if kind is None or kind.value not in ("decimal", "integer"):
            words = "权重不是规则中注明日期的数值", "The weight is no dated number of the rule."
            remedy = "在 rule.parameters 中声明这个小数或整数", "declare it under rule.parameters as a decimal or integer"
            found = str(kind.value) if kind is not None else NOTHING
            yield contradiction(weight, *words, ", ".join(parameters) or "rule.parameters", found, remedy)
    known = [str(one.value["id"].value) for one in criteria]
    for tie in items(scores, "ties"):
        if tie.value not in known:
            words = "没有这项评分内容", "There is no such criterion."
            yield contradiction(tie, *words, ", ".join(known), str(tie.value), ("改正标识", "correct the id"))


def _escrow(entry: Entry) -> Iterator[LinliError]:
    """The money is never released before the new right is registered, and never taken in before everybody has agreed."""
    escrow, kinds = entry.get("escrow"), _steps(entry)
    if escrow is None or not kinds:
        return
    named = [str(escrow.value[key].value) for key in ESCROW]
    for key, step in zip(ESCROW, named, strict=True):
        if step not in kinds:
            words = "没有这个步骤", "There is no such step."
            yield contradiction(escrow.value[key], *words, ", ".join(kinds), step, ("改正步骤标识", "correct the step's id"))
    if not set(named) <= kinds.keys():
        return
    order = list(kinds)
    places = [order.index(step) for step in named]
    if places != sorted(set(places)):
        words = (
            "资金监管的步骤次序不对：登记之前不得放款",
            "These steps are in the wrong order: no money is released before the registration.",
        )
        yield contradiction(escrow, *words, "consent < paid_in < registered < released", ", ".join(order))
    if kinds[named[2]] != "register":
        words = "放款所依据的步骤不是登记", "What the release waits for is no registration."
        yield contradiction(escrow.value["registered"], *words, "kind: register", kinds[named[2]])


CHECKS: tuple[tuple[frozenset[str], Callable[[Entry], Iterator[LinliError]]], ...] = (
    (frozenset({"procedure", *PARTS}), _carried_out),
    (frozenset(PARTS), _ids),
    (frozenset({"forward_to"}), _outcomes),
    (frozenset({"scores", "rule"}), _weights),
    (frozenset({"escrow", "procedure"}), _escrow),
)
"""The keys of the file that a check reads, and the check."""

"""What no schema can say of a procedure: steps, rates, funds and shown fields that contradict one another or may never be."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from linli.kernel.errors import LinliError
from linli.programmes.faults import contradiction
from linli.programmes.procedure import declaration as declare
from linli.programmes.procedure.reading import PARTS, rate_of
from linli.rules import Rule
from linli.rules.source import Entry

NOTHING = ("没有写", "nothing")
RANKS = {level: rank for rank, level in enumerate(declare.LEVELS)}


def unknown_facts(programme: Entry, rule: Rule) -> Iterator[LinliError]:
    """Facts that documents are said to show and no register gives, and an end of an award that is no known day."""
    known = rule.declarations.facts
    for material in programme.value["materials"].value:
        for fact in _listed(material, "gives"):
            if fact.value not in known:
                words = "没有这项信息", "There is no such fact."
                near = difflib.get_close_matches(str(fact.value), known, n=3, cutoff=0.4) or sorted(known)
                yield contradiction(
                    fact, *words, ", ".join(near), str(fact.value), ("改正信息名或删去", "correct the fact's name or take it out")
                )
    until = _at(programme, "standing", "until")
    if until is not None and (str(until.value) not in known or known[str(until.value)].type.kind != "date"):
        days = sorted(name for name, fact in known.items() if fact.type.kind == "date")
        words = "终止所依据的信息不是已知的日期", "The fact that ends the award is no known day."
        yield contradiction(
            until, *words, ", ".join(days), str(until.value), ("改为名单给出的日期信息", "name a day that a register gives")
        )


def _no_procedure(entry: Entry) -> Iterator[LinliError]:
    if entry.get("procedure") is not None:
        return
    for part in (*PARTS[1:], "satisfaction"):
        item = entry.get(part)
        if item is not None and item.value is not False:
            words = "没有办理流程（procedure），这一部分不会执行", "There is no procedure, so this would never be done."
            yield contradiction(
                item, *words, "procedure", NOTHING, ("写明 procedure，或删去这一部分", "write the procedure, or take this out")
            )


def _steps(entry: Entry) -> Iterator[LinliError]:
    """Each step for itself."""
    seen: set[str] = set()
    for step in _listed(_at(entry, "procedure"), "steps"):
        identity, kind = step.value["id"], str(step.value["kind"].value)
        if identity.value in seen:
            yield contradiction(
                identity, "步骤标识重复", "Two steps have the same id.", ("每个标识一次", "each id once"), str(identity.value)
            )
        seen.add(str(identity.value))
        if kind != "sign" and step.get("bodies") is not None:
            words = "只有会签才列多个部门", "Only a sign-off names several departments."
            yield contradiction(
                step.value["bodies"], *words, "kind: sign", kind, ("改用 body，或改为会签", "use body, or make it a sign step")
            )
        if kind == "sign" and step.get("body") is not None:
            words = "会签的部门用 bodies 列出", "The departments of a sign-off are listed under bodies."
            yield contradiction(step.value["body"], *words, "bodies", "body", ("改用 bodies", "use bodies"))
        if kind == "notice" and step.get("days") is not None:
            words = "公示期写在 public_notice 里", "How long a notice lasts stands under public_notice."
            yield contradiction(step.value["days"], *words, "public_notice.days", "days", ("删去这里的天数", "take the days out here"))


def _delegated(entry: Entry) -> Iterator[LinliError]:
    levels = {
        str(step.value["id"].value): str(_plain(step, "level", declare.DEFAULT_LEVEL)) for step in _listed(_at(entry, "procedure"), "steps")
    }
    delegated = _at(entry, "procedure", "delegated")
    for step, level in delegated.value.items() if delegated is not None else ():
        if step not in levels:
            words = "下放的步骤不存在", "The delegated step doesn't exist."
            yield contradiction(level, *words, ", ".join(levels), step, ("改正步骤标识", "correct the step's id"))
        elif RANKS[str(level.value)] >= RANKS[levels[step]]:
            words = "只能下放到更低的层级", "A step is delegated to a lower level only."
            yield contradiction(level, *words, f"< {levels[step]}", str(level.value), ("改为更低的层级", "name a lower level"))


def _order(entry: Entry) -> Iterator[LinliError]:
    """Something decides; works come after a decision or sign-off, and are accepted only after they were done."""
    steps = _listed(_at(entry, "procedure"), "steps")
    kinds = [str(step.value["kind"].value) for step in steps]
    if steps and not declare.DECIDES & set(kinds):
        words = "没有作出结果的步骤", "No step comes to a result."
        remedy = "加上审批、登记或转办", "add a decision, a registration or a forwarding"
        yield contradiction(
            _at(entry, "procedure", "steps") or entry, *words, " | ".join(sorted(declare.DECIDES)), ", ".join(kinds), remedy
        )
    for index, step in enumerate(steps):
        before = set(kinds[:index])
        if kinds[index] == "works" and not before & {"sign", "decide"}:
            words = "施工之前没有会签或审批", "Works begin before anybody has signed or decided."
            yield contradiction(step, *words, "sign | decide", "works", ("先会签或审批，再施工", "sign or decide first"))
        elif kinds[index] == "works" and "sign" in kinds[index + 1 :]:
            words = "会签完成之前不得施工", "No works before everybody has signed."
            yield contradiction(step, *words, "sign, works", "works, sign", ("把会签移到施工之前", "put the sign-off before the works"))
        if kinds[index] == "accept_works" and "works" not in before:
            words = "验收之前没有施工", "There are no works to accept."
            yield contradiction(
                step, *words, "works, accept_works", "accept_works", ("在验收之前加上施工", "add the works before their acceptance")
            )


def _notice_order(entry: Entry) -> Iterator[LinliError]:
    """The notice of each case stands among the steps; that of a batch doesn't, because payment comes after all of them."""
    steps = _listed(_at(entry, "procedure"), "steps")
    kinds = [str(step.value["kind"].value) for step in steps]
    shown = [step for step, kind in zip(steps, kinds, strict=True) if kind == "notice"]
    place = _at(entry, "public_notice", "place")
    if place is None:
        for step in shown:
            words = "有公示步骤而没有 public_notice", "There is a notice step, but no public_notice."
            yield contradiction(step, *words, "public_notice", NOTHING, ("写明 public_notice", "write public_notice"))
        return
    at = [index for index, kind in enumerate(kinds) if kind == "notice"]
    decided = next((index for index, kind in enumerate(kinds) if kind in declare.DECIDES), len(kinds))
    fits = {
        "before_decision": bool(at) and at[-1] < decided,
        "before_payment": all(index > decided for index in at),
        "after_payment": not at,
    }[str(place.value)]
    if _at(entry, "procedure") is not None and not fits:
        words = "公示的时间与步骤的顺序不一致", "When the notice is shown contradicts the order of the steps."
        yield contradiction(
            place, *words, _PLACED[str(place.value)], ", ".join(kinds), ("调整 place 或步骤顺序", "change place or the order of the steps")
        )
    if place.value != "before_decision" and entry.get("payment") is None:
        words = "没有发放，公示不能以发放为准", "Nothing is paid, so a notice can't go by the payment."
        yield contradiction(place, *words, "before_decision", str(place.value))


_PLACED = {
    "before_decision": ("公示步骤在审批之前", "a notice step before the decision"),
    "before_payment": ("公示步骤（若有）在审批之后", "a notice step, if any, after the decision"),
    "after_payment": ("没有公示步骤", "no notice step"),
}


def _shown_fields(entry: Entry) -> Iterator[LinliError]:
    for field in _listed(_at(entry, "public_notice"), "fields"):
        known = ", ".join(declare.NOTICE_FIELDS)
        if field.value in declare.NEVER_SHOWN:
            label = declare.NEVER_SHOWN[str(field.value)]
            words = f"{label.zh}不得公示", f"{label.en.capitalize()} may never be shown to everyone."
            yield contradiction(field, *words, known, str(field.value), ("从公示内容中删去", "take it out"))
        elif field.value not in declare.NOTICE_FIELDS:
            words = "没有这项公示内容", "A notice has no such field."
            yield contradiction(field, *words, known, str(field.value), ("改为其中之一", "use one of these"))
    minors = _at(entry, "public_notice", "minors_online")
    if minors is not None and minors.value:
        words = "未成年人的信息不在网上公示", "What concerns a minor is not shown online."
        yield contradiction(minors, *words, "false", "true", ("改为 false 或删去", "write false, or take it out"))


def _days(entry: Entry) -> Iterator[LinliError]:
    """The steps during which the clock runs fit into what is promised, and into what the law allows."""
    steps = _listed(_at(entry, "procedure"), "steps")
    days = sum(_plain(step, "days", 0) for step in steps if step.value["kind"].value not in declare.STOPS_CLOCK)
    for key, zh, en in (("promised_working_days", "承诺", "promised"), ("statutory_working_days", "法定", "statutory")):
        limit = _at(entry, "time_limits", key)
        if limit is not None and limit.value < days:
            words = f"各步骤天数之和超过{zh}办结时限", f"The steps take longer than the {en} time limit."
            yield contradiction(
                limit, *words, f"≥ {days}", str(limit.value), ("缩短步骤，或改正时限", "shorten the steps, or correct the limit")
            )


def _rates(entry: Entry) -> Iterator[LinliError]:
    drawn, instant, retention = (
        _at(entry, *path) for path in (("verification", "random"), ("procedure", "instant"), ("payment", "retention"))
    )
    raises = _listed(drawn, "raise")
    shares = [(drawn, "rate"), *((item, "rate") for item in raises), (instant, "sample"), (retention, "rate"), (retention, "cap")]
    for owner, key in shares:
        if owner is not None and not 0 < rate_of(owner.value[key]) <= 1:
            words = "比例应大于零且不超过一", "A share is more than nothing and at most all."
            yield contradiction(owner.value[key], *words, "0 < … ≤ 1", str(owner.value[key].value), ("改正比例", "correct the share"))
    found, rate = Fraction(-1), rate_of(drawn.value["rate"]) if drawn is not None else Fraction(0)
    for item in raises:
        above, raised = rate_of(item.value["findings"]), rate_of(item.value["rate"])
        if not found < above < 1 or raised <= rate:
            words = "问题率和抽查比例应逐级提高", "Findings and the rate have to rise from line to line."
            expected = f"findings > {max(found, Fraction(0))}, rate > {rate}"
            yield contradiction(item, *words, expected, f"{above}, {raised}", ("按顺序改正", "correct their order"))
        found, rate = above, raised


def _instant(entry: Entry) -> Iterator[LinliError]:
    """Only an amount that the rule reckons from registers can be approved by rule alone."""
    instant = _at(entry, "procedure", "instant")
    if instant is None:
        return
    rule = entry.value["rule"]
    if rule.get("amount") is None:
        words = "没有金额的事项不能秒批", "A programme without an amount can't be approved at once."
        yield contradiction(instant, *words, "rule.amount", NOTHING, ("删去 instant，或写明金额", "take instant out, or write the amount"))
    own = rule.get("facts")
    for fact in own.value if own is not None and isinstance(own.value, dict) else ():
        words = "规则自带的信息不来自名单，不能秒批", "A fact of the rule's own comes from no register, so nothing can be approved at once."
        yield contradiction(instant, *words, ("名单给出的信息", "facts that registers give"), fact, ("删去 instant", "take instant out"))


def _levels(entry: Entry) -> Iterator[LinliError]:
    """A desk above the programme's own area, or a village's desk where no village is concerned."""
    place = entry.value["place"].value
    for step in _listed(_at(entry, "procedure"), "steps"):
        level = str(_plain(step, "level", declare.DEFAULT_LEVEL))
        where = step.get("level") or step
        if level == "prefecture" and len(str(place["area"].value)) > 4:
            words = "县级事项没有市级步骤", "A county's programme has no step at the city."
            yield contradiction(where, *words, "county", level, ("改为县级或更低", "use the county or below"))
        if level == "village" and place["office"].value in ("insured", "studies"):
            words = "参保地、就读地办理的事项没有村级步骤", "Where one is insured or studies no village deals with it."
            yield contradiction(where, *words, "township", level, ("改为乡镇或更高", "use the township or above"))


def _payment(entry: Entry) -> Iterator[LinliError]:
    funds = {str(fund.value["id"].value) for fund in entry.value["funds"].value}
    for fund in _listed(_at(entry, "payment"), "funds"):
        if fund.value not in funds:
            words = "没有这项资金", "There is no such fund."
            remedy = "在 funds 中登记资金，或改正", "declare it under funds, or correct it"
            yield contradiction(fund, *words, ", ".join(sorted(funds)) or ("没有登记资金", "no fund is declared"), str(fund.value), remedy)


def _payees(entry: Entry) -> Iterator[LinliError]:
    """An organisation has no guardian."""
    subject = str(entry.value["subject"].value)
    for one in _listed(_at(entry, "payment"), "payees"):
        if one.value == "guardian" and subject == "organisation":
            words = "单位没有监护人，不能付给监护人", "An organisation has no guardian who could be paid."
            remedy = (
                "付给单位自己写 employer，付给另一个单位写 provider",
                "write employer for itself, provider for another",
            )
            yield contradiction(one, *words, "self | employer | provider | school", "guardian", remedy)


def _payment_and_steps(entry: Entry) -> Iterator[LinliError]:
    kinds = {str(step.value["kind"].value) for step in _listed(_at(entry, "procedure"), "steps")}
    payment, retention = entry.get("payment"), _at(entry, "payment", "retention")
    if payment is not None and "register" in kinds:
        words = "登记类结果没有金额", "A registered result has no amount."
        yield contradiction(payment, *words, "decide", "register", ("改用审批，或删去 payment", "decide instead, or take payment out"))
    if retention is not None and "accept_works" not in kinds:
        words = "没有验收步骤，质保金无从起算", "Without an acceptance of works nothing can be kept back."
        yield contradiction(retention, *words, "accept_works", ", ".join(sorted(kinds)))
    if retention is not None and rate_of(retention.value["rate"]) > rate_of(retention.value["cap"]):
        rate, cap = (str(retention.value[key].value) for key in ("rate", "cap"))
        yield contradiction(retention.value["rate"], "质保金超过法定上限", "More is kept back than the law allows.", f"≤ {cap}", rate)


def _reckoned(entry: Entry) -> Iterator[LinliError]:
    """What a payment is reckoned from has to be there."""
    reckoned = _at(entry, "payment", "reckoned")
    if reckoned is None:
        return
    rule, how = entry.value["rule"], str(reckoned.value)
    kinds = {str(step.value["kind"].value) for step in _listed(_at(entry, "procedure"), "steps")}
    if how in ("days", "ceiling") and rule.get("amount") is None:
        words = "规则没有金额，无从计算", "The rule has no amount to reckon from."
        yield contradiction(reckoned, *words, "rule.amount", NOTHING, ("写明金额，或改用其他算法", "write the amount, or reckon otherwise"))
    if how == "slips" and rule.get("amount") is not None:
        words = "规则有金额，单据不能超过它", "The rule has an amount, which no bill may exceed."
        yield contradiction(
            reckoned, *words, "ceiling", how, ("改用 ceiling，或删去规则的金额", "say ceiling, or take the rule's amount out")
        )
    if how != "slips" and _at(entry, "payment", "slip_cap") is not None:
        words = "只有按单据发放的政策才有每期上限", "Only what is paid by slips has a most for one period."
        yield contradiction(reckoned, *words, "slips", how, ("删去 slip_cap，或改用 slips", "take slip_cap out, or say slips"))
    if how == "works" and (entry.get("works") is None or "accept_works" not in kinds):
        words = "没有改造清单或验收步骤，无从计算", "Without an item list and its acceptance there is nothing to reckon from."
        yield contradiction(reckoned, *words, "works, accept_works", ", ".join(sorted(kinds)))
    if how != "rule" and _at(entry, "payment", "levels") is not None:
        words = "每次金额各不相同，不能列出发放档次", "No two payments need be alike, so no levels can be listed."
        yield contradiction(reckoned, *words, "rule", how, ("删去 levels，或改用规则金额", "take levels out, or pay the rule's amount"))


def _standing(entry: Entry) -> Iterator[LinliError]:
    standing, cycle = entry.get("standing"), _at(entry, "payment", "cycle")
    if standing is None:
        return
    if cycle is not None and cycle.value == "once":
        words = "持续发放的待遇没有发放周期", "An award that goes on is paid in no cycle."
        yield contradiction(standing, *words, " | ".join(name for name in declare.CYCLES if name != "once"), "once")
    if cycle is None and standing.value["prorate"].value != "none":
        words = "没有发放，无从折算", "Nothing is paid, so nothing can be pro-rated."
        yield contradiction(standing.value["prorate"], *words, "none", str(standing.value["prorate"].value))


CHECKS: tuple[tuple[frozenset[str], Callable[[Entry], Iterator[LinliError]]], ...] = (
    (frozenset({*PARTS, "satisfaction"}), _no_procedure),
    (frozenset({"procedure"}), _steps),
    (frozenset({"procedure"}), _delegated),
    (frozenset({"procedure"}), _order),
    (frozenset({"procedure", "public_notice"}), _notice_order),
    (frozenset({"public_notice"}), _shown_fields),
    (frozenset({"procedure", "time_limits"}), _days),
    (frozenset({"procedure", "verification", "payment"}), _rates),
    (frozenset({"procedure", "rule"}), _instant),
    (frozenset({"procedure", "place"}), _levels),
    (frozenset({"payment", "funds"}), _payment),
    (frozenset({"payment", "subject"}), _payees),
    (frozenset({"procedure", "payment"}), _payment_and_steps),
    (frozenset({"procedure", "payment", "rule", "works"}), _reckoned),
    (frozenset({"standing", "payment"}), _standing),
)
"""The keys of the file that a check reads, and the check."""


def _at(entry: Entry, *keys: str) -> Entry | None:
    found: Entry | None = entry
    for key in keys:
        found = found.get(key) if found is not None else None
    return found


def _listed(entry: Entry | None, key: str) -> list[Entry]:
    listed = entry.get(key) if entry is not None else None
    return list(listed.value) if listed is not None else []


def _plain(entry: Entry, key: str, otherwise: Any) -> Any:
    item = entry.get(key)
    return otherwise if item is None else item.value

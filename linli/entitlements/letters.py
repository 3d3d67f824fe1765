"""The papers of an application: what each says, in both languages, out of the case, its programme and the rule's reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from linli.agreements.models import Award
from linli.batches.coming import first_of
from linli.casework import letters
from linli.casework.kinds import KINDS, LEVELS, REVIEW, promise
from linli.casework.models import Case, Letter
from linli.casework.receipts import grouped
from linli.casework.steps.clocks import promised_days
from linli.entitlements.awarding import last_day
from linli.entitlements.models import CAUSES, Application, Decision, Recovery
from linli.entitlements.paying import other_payee
from linli.entitlements.reckoning import Reckoned, each_reckoned
from linli.entitlements.sources import day_words, sources_of, stated_by
from linli.entitlements.told import told_of
from linli.kernel import clock
from linli.kernel.clock import day_of
from linli.kernel.money import yuan_text
from linli.kernel.periods import in_words
from linli.kernel.viewer import Viewer
from linli.papers.letters.values import LINE
from linli.programmes import load_city
from linli.programmes.declaration import Programme
from linli.programmes.naming import area_name, naming
from linli.programmes.procedure.declaration import CYCLES, PAYEES, RECKONED
from linli.registers.acts.guards import resident_of
from linli.registers.models import Organisation
from linli.rules.declare import Label
from linli.screening.explaining import Reasons
from linli.trace import Act

Pair = tuple[str, str]
MET = {True: "met", False: "unmet", None: "unknown"}
NOT_COUNTED = (
    "补正材料、评估鉴定和公示所需的时间不计入上述期限。",
    "The time for missing papers, for appraisal and for public notice does not count.",
)
AGAIN = ("已提交的材料按规定保存，情况变化后可以随时重新申请。", "Your papers are kept as the rules say; you can apply again at any time.")
WAYS = (
    "款项有误的，请说明情况。确实多发的，可以退回原账户，也可以由您本人同意后从以后的待遇中分次扣回；生活确有困难的，可以说明，由经办单位研究。"
    "没有您本人的同意，不会从以后的待遇中扣减。带本人身份证到任一便民服务窗口可以办理，工作人员不会打电话让您转账。",
    "If this is wrong, tell us. What was paid too much may be paid back, or set off from later payments in parts if you agree; if you "
    "can't, say so and the office looks at it. Nothing is set off without your own consent. Any service window helps; nobody will call "
    "you for money.",
)
WAYS_OF_ANOTHER = (
    "款项有误的，请说明情况。这笔钱当时没有付给您，由经办单位先与收款人核实；确实多发的，由收款人退回原账户，也可以由您本人同意后从以后的待遇中分次扣回。"
    "不要求您用自己的钱先退。没有您本人的同意，不会从以后的待遇中扣减。带本人身份证到任一便民服务窗口可以办理，工作人员不会打电话让您转账。",
    "If this is wrong, tell us. The money did not come to you: the office takes it up first with whoever had it, who pays back what was "
    "too much; or, if you agree, it is set off from later payments in parts. You aren't asked to pay it out of your own pocket. Nothing "
    "is set off without your own consent. Any service window helps; nobody will call you for money.",
)
FOLLOWS = {
    "redo": (
        "原决定撤销，按原政策版本重新办理，您不需要重新提交材料。",
        "The decision is annulled and taken anew under the same version; nothing has to be handed in again.",
    ),
    "ordered": ("已责令经办单位限期办理。", "The office has been ordered to act."),
}
STATES = {True: ("经核对，符合", "checked: met"), False: ("经核对，不符合", "checked: not met"), None: ("未能查明", "not known")}


CAME = {
    "window": ("便民服务窗口", "a service window"),
    "phone": ("便民服务窗口（电话提出）", "a service window, by telephone"),
}
ON_LINE = ("网上", "on line")
ARRIVED = {
    "given": ("已收", "received"),
    "commitment": ("告知承诺", "promised"),
    "exempt": ("数据共享，免交", "on record, not needed"),
}
OWED = ("wanted", "refused")
"""States of a material that is still to be brought."""


def receipt(a: Act, viewer: Viewer, case: Case, programme: Programme, needs: Mapping[str, str], *, by_proxy: bool) -> Letter:
    """收件回执: what came, when and where; until when it is answered whether it is accepted, or, once it is, both limits."""
    form = {"name": ("申请", "application"), "form": ("电子填报", "filled in electronically"), "copies": 1}
    came = [one for one in programme.materials if needs.get(one.id) in ARRIVED]
    accepted, where = case.accepted_at is not None, came_in(case)
    owed = [{"name": (one.label.zh, one.label.en)} for one in programme.materials if needs.get(one.id) in OWED]
    fields = {
        "received": day_of(case.opened_at),
        "materials": [form, *({"name": (one.label.zh, one.label.en), "form": ARRIVED[needs[one.id]]} for one in came)],
        "proxy": ("受托代办的人", "somebody who acts for the person") if by_proxy else None,
        "window": (where.zh, where.en),
        "owed": owed or None,
        "statutory_days": None if accepted else programme.statutory_working_days,
        "promised_days": None if accepted else promised_days(programme, case.kind),
        "answer_by": None if accepted else day_of(case.due_at),
        "promised": day_of(case.due_at) if accepted else None,
        "statutory": day_of(case.statutory_due_at) if accepted and case.statutory_due_at else None,
    }
    return _issue(a, viewer, case, programme, "receipt", fields, "收")


def came_in(case: Case) -> Label:
    """Where it came in, with the place of the window as far as the city's table of places names it. No query."""
    zh, en = CAME.get(case.origin or "", ON_LINE)
    where, city = case.received_at or "", Path(settings.LINLI_CITY)
    if case.origin not in CAME or len(where) < LEVELS["county"]:
        return Label(zh, en)
    codes = [where[: LEVELS[level]] for level in ("county", "township") if len(where) >= LEVELS[level]]
    places = [name for name in (area_name(city, code) for code in codes) if name is not None]
    if not places:
        return Label(zh, en)
    return Label(f"{''.join(one.zh for one in places)}{zh}", f"{en} ({', '.join(one.en for one in reversed(places))})")


def acceptance(a: Act, viewer: Viewer, case: Case, programme: Programme) -> Letter:
    """受理通知书: from when the clock runs and until when."""
    fields = {
        "applied": day_of(case.opened_at),
        "accepted": clock.today(),
        "basis": _basis(programme),
        "statutory_days": programme.statutory_working_days,
        "promised_days": programme.promised_working_days or (None if programme.statutory_working_days else promise(case.kind).answer),
        "due": day_of(case.due_at),
        "not_counted": NOT_COUNTED,
    }
    return _issue(a, viewer, case, programme, "acceptance", fields, "受")


def supplement(a: Act, viewer: Viewer, case: Case, programme: Programme, materials: Sequence[str], reasons: str, last: date) -> Letter:
    """一次性告知补正通知书: everything that is missing, and until when."""
    wanted = [one for one in programme.materials if one.id in set(materials)]
    how = ("拍照上传，或交到任一便民服务窗口", "send a photo, or bring it to any service window")
    items = [{"name": (one.label.zh, one.label.en), "reason": (reasons, reasons), "how": how} for one in wanted]
    days = letters.working_days_until(last)
    return _issue(
        a, viewer, case, programme, "supplement", {"applied": day_of(case.opened_at), "items": items, "days": days, "due": last}, "补"
    )


def decision(
    a: Act, viewer: Viewer, case: Case, programme: Programme, decided: Decision, reckoned: Reckoned, application: Application
) -> Letter:
    """给予决定书, 不予决定书 or, where another organ decides, that it has taken over: condition by condition, with the ways to object."""
    if decided.outcome == "forwarded":
        ended = {"applied": day_of(case.opened_at), "ended": clock.today(), "reason": "transferred"}
        return _issue(a, viewer, case, programme, "ending", ended, "终")
    granted = decided.outcome != "refused"
    fields: dict[str, Any] = {
        "applied": day_of(case.opened_at),
        "decision": _with_payee(_granted(programme, application), programme, application) if granted else _refused(programme),
        "basis": _basis(programme) or (programme.label.zh, programme.label.en),
        "conditions": list(conditions(reckoned.reasons, stated(application, programme, reckoned.reasons))),
        **_remedies(programme, case),
    }
    if granted:
        fields["amount"] = decided.amount_fen
    return _issue(a, viewer, case, programme, "grant" if granted else "refusal", fields, "决")


def ending(a: Act, viewer: Viewer, case: Case, programme: Programme, reason: str) -> Letter:
    """办件终止确认书. reason: withdrawn, lapsed, stopped or transferred."""
    fields = {"applied": day_of(case.opened_at), "ended": clock.today(), "reason": reason, "effects": AGAIN}
    return _issue(a, viewer, case, programme, "ending", fields, "终")


def recovery(a: Act, viewer: Viewer, case: Case, programme: Programme, found: Recovery) -> Letter:
    """多发款项核实告知书: what was paid, what was owed, why, what can be done, and the ways to object."""
    rows = [{"period": in_words(period), "paid": yuan_text(paid), "owed": yuan_text(owed)} for period, paid, owed in found.periods]
    had = other_payee(found.award, found.person)
    reason = CAUSES[found.cause] if had is None else _had_by(CAUSES[found.cause], had)
    fields = {"found": rows, "amount": found.amount_fen, "reason": reason, "ways": WAYS_OF_ANOTHER if had else WAYS}
    fields |= {"due": day_of(case.due_at)}
    return _issue(a, viewer, case, programme, "recovery", {**fields, **_remedies(programme, case)}, "核")


def _had_by(cause: Pair, had: tuple[str, str]) -> Pair:
    """Why it was too much, and who had the money."""
    zh, en = _called(*had)
    return f"{cause[0]}。这笔钱当时付给了{zh}", f"{cause[1]}. The money was paid to {en}"


def standing(a: Act, viewer: Viewer, case: Case, programme: Programme, said: Mapping[str, Any]) -> Letter:
    """待遇变更决定书: what happens to an award that goes on, why, condition by condition, and the ways to object. said: its fields."""
    fields = {"basis": _basis(programme) or (programme.label.zh, programme.label.en), **said, **_remedies(programme, case)}
    return _issue(a, viewer, case, programme, "standing", fields, "变")


def contest(a: Act, viewer: Viewer, case: Case, programme: Programme, words: str) -> Letter:
    """The answer to an objection or to an application for review, with its reasons and the ways that are left."""
    kind, remedies = KINDS[case.kind], _remedies(programme, case)
    gone = ("objection_organ", "objection_days") + (("review_organ", "review_days") if case.kind == REVIEW.slug else ())
    ended = kind.outcomes[case.outcome]
    fields: dict[str, Any] = {
        "title": ("行政复议决定书", "Decision on administrative review") if case.kind == REVIEW.slug else None,
        "asked": day_of(case.opened_at),
        "contested": grouped(case.parent.receipt) if case.parent else "",
        "outcome": (ended.zh, ended.en),
        "reasons": words,
        "follows": FOLLOWS.get(case.outcome),
        **{name: one for name, one in remedies.items() if name not in gone},
    }
    return _issue(a, viewer, case, programme, "contest", fields, "复" if case.kind == REVIEW.slug else "异")


def _issue(a: Act, viewer: Viewer, case: Case, programme: Programme, kind: str, fields: dict[str, Any], sort: str) -> Letter:
    city = load_city(Path(settings.LINLI_CITY))
    key = next((key for key, body in city.bodies.items() if body.zh == case.department), programme.item.body)
    organ = (case.department or city.bodies[key].zh, city.bodies[key].en)
    given = {name: value for name, value in fields.items() if value is not None}
    said: dict[str, Any] = {**given, "subject": (programme.label.zh, programme.label.en)}
    if programme.subject == "household":
        name = resident_of(case.subject_uid).name
        said |= {"addressee": (f"{name}家庭", f"the household of {name}")} if name else {}
    mark, firm = f"{city.marks.get(key, organ[0])}{sort}", _organisation(case) if programme.subject == "organisation" else None
    return letters.issue_letter(a, viewer, case, kind, said, organ=organ, mark=mark, organisation=firm)


def _organisation(case: Case) -> Organisation | None:
    """The organisation that a case is about, or the one that it serves (an objection, a recovery). Two queries for each case above it."""
    found, above = Application.objects.filter(case=case).values_list("beneficiary", flat=True).first(), case.parent
    if found is None:
        return _organisation(above) if above else None
    return Organisation.objects.get(uid=found)


def _basis(programme: Programme) -> Pair | None:
    found = programme.legal_basis
    return ("\n".join(f"《{one.label.zh}》" for one in found), "\n".join(one.label.en for one in found)) if found else None


def _granted(programme: Programme, application: Application) -> Pair:
    result = programme.result
    payment = programme.payment
    if payment is None or (application.amount_fen is None and not each_reckoned(programme)):
        return result.zh, result.en
    cycle = CYCLES[payment.cycle]
    if application.amount_fen is None:
        how = RECKONED[payment.reckoned]
        zh, en = _from_when(programme, application)
        return f"给予{result.zh}，{cycle.zh}发放，{how.zh}。{zh}", f"{result.en} is granted, {cycle.en}, reckoned {how.en}.{en}"
    yuan, most = yuan_text(application.amount_fen), payment.reckoned == "ceiling"
    said = (f"每次{'至多' if most else ''}{yuan}元", f"{'at most ' if most else ''}{yuan} yuan")
    zh, en = _from_when(programme, application)
    return f"给予{result.zh}，{cycle.zh}发放，{said[0]}。{zh}", f"{result.en} is granted: {said[1]}, {cycle.en}.{en}"


def _with_payee(said: Pair, programme: Programme, application: Application) -> Pair:
    """The decision, and to whom it is paid where that isn't whom it is about: nobody looks for it on their own card."""
    found = other_payee(application, application.case.subject_uid) if programme.payment is not None else None
    if found is None:
        return said
    kind, name = PAYEES[found[0]], found[1]
    zh, en = (f"{kind.zh}“{name}”", f"{kind.en}, {name}") if name else (kind.zh, kind.en)
    return (
        f"{said[0].rstrip('。')}。款项付给{zh}，不付到您本人的账户。",
        f"{said[1].rstrip('.')}. It is paid to {en}, and not to your own account.",
    )


def _called(kind: str, name: str) -> Pair:
    """Who is paid, as what and by name."""
    said = PAYEES[kind]
    return (f"{said.zh}“{name}”", f"{said.en}, {name}") if name else (said.zh, said.en)


def _from_when(programme: Programme, application: Application) -> Pair:
    """From which day an award that goes on counts, until when where that is known, that a part of a cycle is paid by the day, and what the
    first payment is; nothing of what is paid once. As awarding sets them on the day of the decision."""
    if programme.standing is None:
        return "", ""
    first, last = clock.today(), last_day(programme, application)
    zh, en = f"从{day_words(first)}起计算", f" It counts from {first}"
    if last is not None:
        zh, en = f"{zh}，到{day_words(last)}（含当天）为止", f"{en} until {last} (that day included)"
    if programme.standing.prorate == "day":
        zh, en = f"{zh}；不足一期的按天折算", f"{en}; a part of a period is paid by the day"
    more = _first_payment(programme, application, first, last)
    return f"{zh}。{more[0]}", f"{en}.{more[1]}"


def _first_payment(programme: Programme, application: Application, begins_on: date, ends_on: date | None) -> Pair:
    """Which period is paid first, what that comes to as known today, and from which day on it can be; nothing of a school term, whose
    days a batch says."""
    assert programme.payment is not None
    award = Award(cycle=programme.payment.cycle, begins_on=begins_on, ends_on=ends_on, amount_fen=application.amount_fen)
    found = first_of(award, programme)
    if found is None or found.begins is None or found.ready_on is None:
        return "", ""
    zh, en = in_words(found.period)
    said = (f"第一次发放的是{zh}", f" The first payment is that of {en}")
    if found.fen is not None:
        said = f"{said[0]}的{yuan_text(found.fen)}元", f"{said[1]}: {yuan_text(found.fen)} yuan"
    if found.ready_on > begins_on:
        said = f"{said[0]}，{day_words(found.ready_on)}起办理发放", f"{said[1]}, listed from {found.ready_on} on"
    return f"{said[0]}。", f"{said[1]}."


def _refused(programme: Programme) -> Pair:
    return f"不予给予{programme.result.zh}。", f"{programme.result.en} is not granted."


def stated(application: Application, programme: Programme, reasons: Reasons) -> dict[str, Label]:
    """Where the facts come from that no register says and that the rule went by."""
    given = reasons.given
    if not given:
        return {}
    return {name: said for name, said in stated_by(application, programme, told_of(application, programme)).items() if name in given}


def conditions(reasons: Reasons, by: Mapping[str, Label]) -> Iterator[dict[str, Any]]:
    """Condition by condition, what was found and who says so. Of others than the subject no fact and no name, but on which lists it rests,
    and since when they speak of any of them. by: see sources.stated_by."""
    name = naming(Path(settings.LINLI_CITY))
    for one in reasons.explanation.conditions:
        values = [fact for fact in one.facts if fact.value is not None and not fact.who]
        shown = [(fact.label, name(fact.name, fact.value.zh) or fact.value) for fact in values if fact.value]
        zh = together([f"{label.zh}：{_in_chinese(value.zh)}" for label, value in shown], "；", "等 {} 项")
        en = together([f"{label.en}: {value.en}" for label, value in shown], "; ", "and others, {} in all")
        sources = sources_of(one, reasons, by)
        row: dict[str, Any] = {
            "condition": (one.label.zh, one.label.en),
            "found": (zh or STATES[one.holds][0], en or STATES[one.holds][1]),
            "met": MET[one.holds],
        }
        if sources:
            row["source"] = (
                together([pair[0] for pair in sources], "；", "等 {} 处登记"),
                together([pair[1] for pair in sources], "; ", "and others, {} in all"),
            )
        yield row


def together(parts: list[str], between: str, all_of: str) -> str:
    """As many as a line of a letter holds, and how many there are where it doesn't hold all."""
    whole = between.join(parts)
    shown = len(parts)
    while len(whole) > LINE and shown:
        shown -= 1
        whole = between.join([*parts[:shown], all_of.format(len(parts))])
    return whole


def _in_chinese(value: str) -> str:
    """A fact's value as a letter says it: a day as one reads it, anything else as it is."""
    try:
        return day_words(date.fromisoformat(value)) if len(value) == len("2026-11-23") else value
    except ValueError:
        return value


def _remedies(programme: Programme, case: Case) -> dict[str, Any]:
    """The ways to contest that the programme states; what it leaves open is not named."""
    objection, found = programme.objection, dict[str, Any]()
    if objection is None:
        return found
    if objection.term.days is not None and objection.term.unit == "working":
        found |= {"objection_organ": case.department, "objection_days": objection.term.days}
    if objection.review is not None and objection.review.unit == "day":
        found |= {"review_organ": (objection.review.label.zh, objection.review.label.en), "review_days": objection.review.within}
    if objection.court is not None and objection.court.unit == "month":
        found |= {"court": (objection.court.label.zh, objection.court.label.en), "court_months": objection.court.within}
    return found

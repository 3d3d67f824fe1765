"""The file of a programme that nobody has written yet: from a few answers, or after another programme. What is not answered stays open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from linli.programmes.editing import append, put, renewed
from linli.rules.declare import Label

GIVES = {
    "month": Label("按月发钱", "money every month"),
    "year": Label("按年发钱", "money every year"),
    "once": Label("一次性发钱", "money once"),
    "service": Label("一项服务", "a service"),
}
"""What somebody gets, and how often."""
UNITS = {"month": "yuan_per_month", "year": "yuan_per_year", "once": "yuan"}
WHOSE = {"person": Label("个人", "a person"), "household": Label("家庭", "a household")}
_AGE = {
    "person": ("age(birth_date) >= minimum_age", Label("达到规定年龄", "has reached the required age")),
    "household": (
        "household_any(age(birth_date) >= minimum_age)",
        Label("家庭中有人达到规定年龄", "somebody of the household has reached the required age"),
    ),
}


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known of a new programme before its file is written.

    subject: a key of WHOSE; gives: of GIVES; yuan: what is paid each time, None while nobody has said; least_age: in completed years, None
    while nobody has said, so that it can't be published before its owner has; document: what it rests on; area: (code, name) of the city.
    """

    slug: str
    label: Label
    body: str
    version: str
    first: date
    document: Label
    subject: str
    gives: str
    yuan: str | None
    least_age: int | None
    area: tuple[str, Label]


def written(begun: Begun) -> str:
    """A file that reads without a fault, for its authors to go on with."""
    pays = begun.gives != "service"
    text = _HEAD + (_ACCOUNT if pays else "") + _RULE + (_PAID if pays else _FREE) + _WAY + (_PAYMENT if pays else "") + _END
    for path, (value, kind) in _plain(begun, pays).items():
        text = put(text, path, value, kind)
    for path, said in _words(begun).items():
        for key, value in (("zh", said.zh), ("en", said.en)):
            text = put(text, f"{path}.{key}" if path else key, value)
    source = {"zh": begun.document.zh, "en": begun.document.en}
    text = append(text, "legal_basis", {"id": "basis", **source})
    for name, known in (("minimum_age", begun.least_age), ("rate", f"{begun.yuan} yuan" if pays and begun.yuan else None)):
        if known is not None:
            item = {"from": (begun.first.isoformat(), "day"), "value": (str(known), "value"), "source": source}
            text = append(text, f"rule.parameters.{name}.values", item)
    return text


def _plain(begun: Begun, pays: bool) -> dict[str, tuple[str, str]]:
    """The answers that are no texts, by where they stand, each with how it is written."""
    day = (begun.first.isoformat(), "day")
    found = {
        "programme": (begun.slug, "text"),
        "version": (begun.version, "text"),
        "subject": (begun.subject, "choice"),
        "issued_on": day,
        "effective_from": day,
        "item.kind": ("administrative_payment" if pays else "public_service", "choice"),
        "item.body": (begun.body, "text"),
        "result.kind": ("payment" if pays else "service", "choice"),
        "place.area": (begun.area[0], "text"),
        "rule.subject": (begun.subject, "choice"),
        "rule.conditions[0].when": (_AGE[begun.subject][0], "expression"),
    }
    paid = {"rule.parameters.rate.unit": (UNITS.get(begun.gives, ""), "choice"), "payment.cycle": (begun.gives, "choice")}
    return {**found, **paid} if pays else found


def after(text: str, begun: Begun) -> str:
    """Another programme's file under a new name, first day and department; its rule, steps and figures stay for the authors to change."""
    text = put(renewed(text, begun.version, begun.first), "programme", begun.slug)
    for path, value in (("zh", begun.label.zh), ("en", begun.label.en), ("item.body", begun.body)):
        text = put(text, path, value)
    return put(text, "item.code", "", "choice")


def _valued(first: date, value: str, source: dict[str, str]) -> dict[str, object]:
    return {"from": (first.isoformat(), "day"), "value": (value, "value"), "source": source}


def _words(begun: Begun) -> dict[str, Label]:
    """The texts that the answers already say, by where they stand."""
    name, city, gives = begun.label, begun.area[1], GIVES[begun.gives]
    what = Label(name.zh, name.en) if begun.gives == "service" else Label(gives.zh, gives.en)
    if begun.yuan:
        what = Label(f"{gives.zh}，每次 {begun.yuan} 元", f"{gives.en}, {begun.yuan} yuan each time")
    whose = Label("家庭", "Households") if begun.subject == "household" else Label("居民", "Residents")
    return {
        "": name,
        "summary": Label(f"符合条件的{whose.zh}享受{name.zh}。", f"{whose.en} who fulfil the conditions get this: {name.en}."),
        "audience": Label(f"户籍在{city.zh}、符合条件的{whose.zh}。", f"{whose.en} registered in {city.en} who fulfil the conditions."),
        "benefit": Label(f"{what.zh}。", f"{what.en[:1].upper()}{what.en[1:]}."),
        "result": name,
        "place": city,
        "rule.conditions[0]": _AGE[begun.subject][1],
        "letter": Label(
            f"您可能符合“{name.zh}”的条件，请确认信息后办理。",
            f"You may be entitled to this: {name.en}. Please confirm your details.",
        ),
    }


_HEAD = """programme: ""
version: ""
zh: ""
en: ""
summary: {zh: "", en: ""}
audience: {zh: "", en: ""}
benefit: {zh: "", en: ""}
lifecycle: entitlements
subject: null
household_kind: shared_living
employment: false
issued_on: null
effective_from: null
legal_basis: []
item:
  code: null
  kind: null
  body: ""
  enquiry: {phone: "12345", zh: 拨打热线, en: the hotline}
  complaint: {phone: "12345", zh: 拨打热线投诉, en: complain through the hotline}
materials:
  - id: identity
    zh: 居民身份证
    en: identity card
    source: {zh: 申请人, en: applicant}
    form: copy
    exempt: data_sharing
    gives: [birth_date]
"""
_ACCOUNT = "  - {id: account, zh: 本人银行账户, en: own bank account, source: {zh: 申请人, en: applicant}, form: copy, exempt: none}\n"
_RULE = """time_limits: {statutory_working_days: null, promised_working_days: null}
result: {kind: null, zh: "", en: ""}
place: {eligibility: registered, office: registered, payer: registered, area: "", zh: "", en: ""}
rule:
  subject: null
  as_of: screening
  conditions:
    - {id: age, zh: "", en: "", when: "TRUE"}
  parameters:
    minimum_age: {type: integer, zh: 最低周岁年龄, en: least completed age, values: []}
"""
_PAID = """    rate: {type: money, unit: yuan, zh: 发放标准, en: rate, values: []}
  amount: rate
  amount_zh: 发放金额
  amount_en: amount
funds:
  - {id: public, zh: 财政资金, en: public funds, level: county}
"""
_FREE = "funds: []\n"
_WAY = """letter: {zh: "", en: ""}
procedure:
  start: [invitation, resident, proxy, window]
  accept_days: null
  supplement: {days: null, unit: working}
  steps:
    - {id: check, kind: check, zh: 初审, en: first check, level: township, days: null}
    - {id: decide, kind: decide, zh: 审批, en: decision, level: county, days: null}
  late: escalate
"""
_PAYMENT = "payment: {funds: [public], cycle: once, payees: [self], channel: transfer, project_code: null}\n"
_END = """objection:
  days: null
  unit: working
  review: {zh: 作出决定的部门的本级人民政府, en: the people's government at the level of the deciding body, within: 60, unit: day}
  court: {zh: 有管辖权的人民法院, en: the people's court that has jurisdiction, within: 6, unit: month}
satisfaction: true
"""

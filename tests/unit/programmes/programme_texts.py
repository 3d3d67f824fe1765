"""A small programme file for tests to bend."""

from __future__ import annotations

from typing import Any

from linli.programmes import Programme, parse_programme

FACTS: dict[str, dict[str, Any]] = {
    "birth_date": {"type": "date", "zh": "出生日期", "en": "date of birth"},
    "sex": {"type": "text", "values": ["male", "female"], "zh": "性别", "en": "sex"},
    "hukou_type": {"type": "text", "values": ["agricultural", "non_agricultural", "unified"], "zh": "户口性质", "en": "hukou type"},
    "living_prefecture": {"type": "text", "zh": "常住地所在市", "en": "city where the person lives"},
    "living_county": {"type": "text", "zh": "常住地所在县（市、区）", "en": "county where the person lives"},
    "registered_prefecture": {"type": "text", "zh": "户籍地所在市", "en": "city where the person is registered"},
    "is_registered_unemployed": {"type": "boolean", "zh": "已登记失业", "en": "is registered as unemployed"},
}

TEXT = """\
programme: job-help
version: "1"
zh: 就业援助
en: Help in finding work
summary: {zh: 帮助登记失业人员就业。, en: Helps the registered unemployed.}
audience: {zh: 登记失业人员。, en: The registered unemployed.}
benefit: {zh: 介绍岗位。, en: Jobs are proposed.}
lifecycle: entitlements
subject: person
household_kind: shared_living
employment: true
issued_on: 2026-01-01
effective_from: 2026-01-01
legal_basis:
  - {id: employment-promotion-law, zh: 中华人民共和国就业促进法, en: Employment Promotion Law}
item:
  code: "000100"
  kind: public_service
  body: human-resources
  enquiry: {phone: "12333", zh: 热线, en: hotline}
  complaint: {phone: "12345", zh: 热线, en: hotline}
materials: []
time_limits: {statutory_working_days: 20, promised_working_days: 10}
result: {kind: service, zh: 岗位, en: a job}
place: {eligibility: lives, office: lives, payer: lives, area: "1408", zh: 运城市, en: Yuncheng}
rule:
  subject: person
  as_of: screening
  conditions:
    - id: unemployed
      zh: 已登记失业
      en: is registered as unemployed
      when: is_registered_unemployed
funds: []
letter: {zh: 请联系我们。, en: Please call us.}
"""


def programme(*changes: tuple[str, str], text: str = TEXT) -> Programme:
    """The programme of TEXT after replacing texts in it; every change has to find its text."""
    for old, new in changes:
        assert old in text, f"nothing to replace: {old!r}"
        text = text.replace(old, new)
    return parse_programme(text.encode(), FACTS, file="programme.yaml")


def also(condition: str, zh: str = "另一条件", en: str = "another condition") -> tuple[str, str]:
    """A change that adds a condition with the id `more`."""
    last = "      when: is_registered_unemployed\n"
    return last, f"{last}    - id: more\n      zh: {zh}\n      en: {en}\n      when: {condition}\n"

"""A programme that nobody of this house has written: paid to the school, without a word on accounts, over three levels of offices."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from linli.kernel import clock
from linli.programmes.files import parse_programme
from linli.programmes.models import ProgrammeVersion
from linli.registers.lists import vocabulary

BOARDING = "boarding-help"
ZEROS = f"sha256:{'0' * 64}"
TEXT = """\
programme: boarding-help
version: "2026"
zh: 寄宿生生活补助
en: Boarding help
summary: {zh: 补助直接付给学校。, en: Paid to the school.}
audience: {zh: 寄宿学生。, en: Pupils who board.}
benefit: {zh: 每学期按学段发放。, en: Each term by level.}
lifecycle: entitlements
subject: person
household_kind: shared_living
employment: false
issued_on: 2026-01-05
effective_from: 2026-01-10
legal_basis: []
item:
  code: null
  kind: administrative_payment
  body: education
  enquiry: {phone: "12345", zh: 教育局, en: education bureau}
  complaint: {phone: "12345", zh: 热线, en: hotline}
materials: []
time_limits: {statutory_working_days: 30, promised_working_days: 15}
result: {kind: payment, zh: 补助金, en: a grant}
place: {eligibility: registered, office: registered, payer: registered, area: "1408", zh: 运城市, en: Yuncheng}
rule:
  subject: person
  as_of: screening
  parameters:
    junior: {type: money, zh: 初中标准, en: junior rate, values: [{from: 2026-01-10, value: 625 yuan, source: {zh: 二, en: two}}]}
    primary: {type: money, zh: 小学标准, en: primary rate, values: [{from: 2026-01-10, value: 500 yuan, source: {zh: 二, en: two}}]}
  conditions:
    - {id: pupil, zh: 小学或初中在读, en: is at school, when: "student_level IN ('primary', 'junior_secondary')"}
    - {id: once, zh: 没有享受过, en: has not had it, when: "NOT holds('boarding-help')"}
  amount: CASE student_level WHEN 'junior_secondary' THEN junior ELSE primary END
  amount_zh: 每学期补助
  amount_en: for each term
funds: [{id: central, zh: 中央资金, en: central fund, level: central}]
letter: {zh: 您可以办理这项补助。, en: You may have this grant.}
procedure:
  start: [invitation, resident, proxy, window]
  accept_days: 1
  supplement: {days: 5, unit: working}
  steps:
    - {id: see, kind: check, zh: 村级核实, en: village check, level: village, days: 2}
    - {id: again, kind: review, zh: 乡镇复核, en: township review, level: township, days: 3}
    - {id: confirm, kind: decide, zh: 县级确认, en: county confirmation, level: county, days: 2, officers: 2}
  late: escalate
verification: {every: true, cross: null}
payment: {funds: [central], cycle: term, payees: [school], channel: transfer, project_code: null}
objection: {days: 7, unit: calendar, review: null, court: null}
"""


def publish_stranger(text: str = TEXT) -> ProgrammeVersion:
    """The version as publishing leaves it; what is read of a file is kept by its digest."""
    facts = vocabulary(Path(settings.LINLI_CITY))
    one, digest = parse_programme(text.encode(), facts, file="test"), f"sha256:{sha256(text.encode()).hexdigest()}"
    return ProgrammeVersion.objects.create(
        slug=one.slug, version=one.version, zh=one.label.zh, en=one.label.en, subject=one.subject, source=text, facts=facts, digest=digest,
        rule_digest=ZEROS, words_zh="", words_en="", words_digest=ZEROS, issued_on=date(2026, 1, 5), issued_precision="day",
        effective_from=one.effective_from, retroactive=False, published_at=clock.now(), published_by="staff:test",
    )  # fmt: skip

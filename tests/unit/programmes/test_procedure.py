"""The way from an application to paid: what a file may say of it, what is refused and where, what it adds to a version and what not."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programme_texts import FACTS, TEXT, programme

from linli.kernel.errors import LinliError, Problems
from linli.programmes import Programme, catalogue, parse_programme
from linli.programmes.amounts import paid_amounts, payable, rule_amounts
from linli.programmes.cases import Case, answer
from linli.programmes.catalogue import City
from linli.programmes.declaration import Desk
from linli.programmes.differing import compare
from linli.programmes.lint import Surroundings, lint
from linli.programmes.procedure.declaration import NEVER_SHOWN, NOTICE_FIELDS
from linli.programmes.telling import procedure_words, unnamed
from linli.rules import Label

ROOT = Path(__file__).resolve().parents[3]
BODIES = {"human-resources": Label("人社局", "HR"), "finance": Label("财政局", "Finance")}
AROUND = Surroundings(City("city", Label("市", "city"), "1408", Desk("12345", Label("热线", "hotline")), BODIES), [], ["job-help"])
FIGURES = """\
  as_of: screening
  parameters:
    low: {type: money, unit: yuan_per_month, zh: 低, en: low, values: [{from: 2026-01-01, value: 100 yuan}]}
    high: {type: money, unit: yuan_per_month, zh: 高, en: high, values: [{from: 2026-01-01, value: 200 yuan}]}
"""
PAID = (
    TEXT.replace("  as_of: screening\n", FIGURES)
    .replace(
        "funds: []", "  amount: CASE WHEN sex = 'male' THEN low ELSE high END\nfunds:\n  - {id: city, zh: 市级, en: city, level: city}"
    )
    .replace("employment: true", "employment: false")
    .replace("materials: []", "materials:\n  - {id: card, zh: 证, en: card, source: {zh: 人社, en: HR}, form: copy, exempt: none}")
)
WHOLE = f"""{PAID}procedure:
  start: [invitation, window]
  accept_days: 1
  supplement: {{days: 10, unit: working}}
  steps:
    - {{id: check, kind: check, zh: 初审, en: first check, level: township, days: 3}}
    - {{id: sign, kind: sign, zh: 会签, en: sign-off, bodies: [human-resources, finance], days: 2}}
    - {{id: decide, kind: decide, zh: 审批, en: decision, days: 2, officers: 2}}
    - {{id: show, kind: notice, zh: 公示, en: notice}}
  late: escalate
  delegated: {{check: village}}
  instant: {{cap: 500 yuan, fresh_days: 30, sample: 5/100}}
verification:
  every: false
  key:
    - {{id: young, zh: 年轻, en: young, when: age(birth_date) < 25}}
  random:
    rate: 5/100
    strata: county
    raise:
      - {{findings: 2/100, rate: 20/100}}
  cross: county
public_notice:
  fields: [name, category]
  days: 7
  unit: calendar
  place: before_payment
  minors_online: false
payment:
  funds: [city]
  cycle: month
  payees: [self]
  channel: transfer
  levels: [100 yuan, 200 yuan]
standing:
  renews: year
  until: birth_date
  stops: [died]
  prorate: day
objection:
  days: 15
  unit: working
  review: {{zh: 政府, en: government, within: 60, unit: day}}
  court: null
satisfaction: true
"""


def whole(*changes: tuple[str, str]) -> Programme:
    return programme(*changes, text=WHOLE)


def refused(*changes: tuple[str, str]) -> LinliError:
    """The one fault of the changed file, which names its place and says everything in both languages."""
    with pytest.raises(Problems) as caught:
        whole(*changes)
    [error] = caught.value.problems
    assert error.place is not None
    assert error.place.line
    assert error.place.column
    assert error.zh and error.en and error.remedy_zh and error.remedy_en  # noqa: PT018
    return error


def test_a_file_without_a_procedure_is_what_it_was() -> None:
    old = programme()
    assert (old.procedure, old.verification, old.public_notice, old.payment, old.standing, old.objection, old.satisfaction) == (
        *[None] * 6,
        False,
    )
    assert old.digest == "sha256:cdb298f4badd0d94b550943968800c92f4b701e87cd5b10e807a5189217e8a9d", (
        "published versions are found by their digest"
    )
    assert procedure_words(old, "zh", unnamed, BODIES) == "可以申请：否"


def test_every_part_is_read() -> None:
    found = whole()
    procedure, checks, payment = found.procedure, found.verification, found.payment
    assert procedure is not None
    assert [(step.id, step.level, step.days, step.officers, step.stops_clock) for step in procedure.steps] == [
        ("check", "township", 3, 1, False),
        ("sign", "county", 2, 1, False),
        ("decide", "county", 2, 2, False),
        ("show", "county", None, 1, True),
    ]
    assert procedure.step("sign").bodies == ("human-resources", "finance")
    assert procedure.step("decide").bodies == ("human-resources",)
    assert procedure.level_of(procedure.step("check")) == "village"
    assert procedure.instant is not None
    assert (procedure.instant.cap, procedure.instant.sample) == (50000, Fraction(1, 20))
    assert checks is not None
    assert checks.key is not None
    assert [condition.id for condition in checks.key.conditions] == ["young"]
    assert checks.random is not None
    assert [(one.share, one.rate) for one in checks.random.raises] == [(Fraction(1, 50), Fraction(1, 5))]
    assert payment is not None
    assert payment.levels == (10000, 20000)
    assert found.objection is not None
    assert found.objection.court is None
    assert [(finding.error.code, finding.error.place and finding.error.place.field) for finding in lint(found, AROUND)] == []


def test_a_published_version_is_read_back_with_the_facts_that_only_its_checks_use() -> None:
    found = whole()
    assert {"birth_date", "sex"} <= set(found.facts)
    assert parse_programme(found.text.encode(), found.facts, file=found.file).digest == found.digest


def test_a_changed_fact_of_a_key_check_changes_the_digest() -> None:
    facts = {**FACTS, "birth_date": {**FACTS["birth_date"], "min": "1950-01-01"}}
    assert parse_programme(WHOLE.encode(), facts).digest != whole().digest


SHOW = "    - {id: show, kind: notice, zh: 公示, en: notice}\n"
DECIDE = "    - {id: decide, kind: decide, zh: 审批, en: decision, days: 2, officers: 2}\n"
SIGN = "    - {id: sign, kind: sign, zh: 会签, en: sign-off, bodies: [human-resources, finance], days: 2}\n"
DELEGATED = "  delegated: {check: village}\n"
WORKS = "    - {id: works, kind: works, zh: 施工, en: works}\n"
ACCEPT = "    - {id: accept, kind: accept_works, zh: 验收, en: acceptance}\n"
RETENTION = "  retention: {rate: 3/100, cap: 3/100, days: 365, source: {zh: 办法, en: measures}}\n"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ((("kind: check,", "kind: ponder,"),), "procedure.steps[0].kind"),
        ((("id: sign", "id: check"),), "procedure.steps[1].id"),
        ((("delegated: {check", "delegated: {chek"),), "procedure.delegated.chek"),
        ((("check: village", "check: county"),), "procedure.delegated.check"),
        (((SHOW, ""), (DECIDE, SHOW + DECIDE)), "public_notice.place"),
        ((("before_payment", "before_decision"),), "public_notice.place"),
        ((("before_payment", "after_payment"),), "public_notice.place"),
        ((("en: notice}", "en: notice, days: 7}"),), "procedure.steps[3].days"),
        ((("officers: 2}", "officers: 2, bodies: [finance, human-resources]}"),), "procedure.steps[2].bodies"),
        (((DECIDE, ""), (SHOW, ""), ("satisfaction: true", "satisfaction: false")), "procedure.steps"),
        (((SIGN, WORKS + SIGN + ACCEPT),), "procedure.steps[1]"),
        (((SHOW, SHOW + ACCEPT),), "procedure.steps[4]"),
        ((("  channel: transfer\n", f"  channel: transfer\n{RETENTION}"),), "payment.retention"),
        (
            (("  channel: transfer\n", "  channel: transfer\n" + RETENTION.replace("rate: 3", "rate: 4")), (SHOW, SHOW + WORKS + ACCEPT)),
            "payment.retention.rate",
        ),
        ((("kind: decide", "kind: register"),), "payment"),
        ((("when: age(birth_date) < 25", "when: age(birth_dat) < 25"),), "verification.key[0].when, character 5"),
        ((("when: age(birth_date) < 25", "when: birth_date"),), "verification.key[0].when, character 1"),
        ((("rate: 5/100\n", "rate: 0/100\n"),), "verification.random.rate"),
        ((("rate: 20/100", "rate: 101/100"),), "verification.random.raise[0].rate"),
        ((("rate: 20/100", "rate: 5/100"),), "verification.random.raise[0]"),
        ((("sample: 5/100", "sample: 5/4"),), "procedure.instant.sample"),
        ((("  amount: CASE WHEN sex = 'male' THEN low ELSE high END\n", ""), ("prorate: day", "prorate: none")), "procedure.instant"),
        ((("rule:\n", "rule:\n  facts: {sex: {type: text, zh: 性别, en: sex}}\n"),), "procedure.instant"),
        ((("funds: [city]", "funds: [province]"),), "payment.funds[0]"),
        ((("subject: person", "subject: organisation"), ("payees: [self]", "payees: [self, guardian]")), "payment.payees[1]"),
        ((("cycle: month", "cycle: once"),), "standing"),
        ((("until: birth_date", "until: sex"),), "standing.until"),
        ((("minors_online: false", "minors_online: true"),), "public_notice.minors_online"),
        ((("fields: [name, category]", "fields: [name, shoe_size]"),), "public_notice.fields[1]"),
        ((("promised_working_days: 10", "promised_working_days: 6"),), "time_limits.promised_working_days"),
        ((("exempt: none}", "exempt: none, gives: [hukou_typ]}"),), "materials[0].gives[0]"),
        ((("office: lives", "office: insured"), ("level: township", "level: village"), (DELEGATED, "")), "procedure.steps[0].level"),
        ((('area: "1408"', 'area: "140802"'), ("days: 2, officers", "level: prefecture, days: 2, officers")), "procedure.steps[2].level"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_at_its_place(changes: tuple[tuple[str, str], ...], field: str) -> None:
    error = refused(*changes)
    assert error.place is not None
    assert error.place.field == field


@pytest.mark.parametrize("field", sorted(NEVER_SHOWN))
def test_what_may_never_be_shown_is_refused_by_name(field: str) -> None:
    error = refused(("fields: [name, category]", f"fields: [name, {field}]"))
    assert NEVER_SHOWN[field].zh in error.zh
    assert not NOTICE_FIELDS.keys() & NEVER_SHOWN.keys()


def test_parts_without_a_procedure_are_refused_each() -> None:
    start, end = WHOLE.index("procedure:\n"), WHOLE.index("verification:\n")
    with pytest.raises(Problems) as caught:
        parse_programme((WHOLE[:start] + WHOLE[end:]).encode(), FACTS)
    assert [error.place and error.place.field for error in caught.value.problems] == [
        "verification", "public_notice", "payment", "standing", "objection", "satisfaction",
    ]  # fmt: skip


def test_a_fault_in_the_rule_hides_none_in_the_checks() -> None:
    with pytest.raises(Problems) as caught:
        whole(("when: is_registered_unemployed", "when: is_registered_unemploye"), ("age(birth_date) < 25", "age(birth_dat) < 25"))
    places = {error.place.field for error in caught.value.problems if error.place}
    assert places == {"rule.conditions[0].when, character 1", "verification.key[0].when, character 5"}


def codes(one: Programme) -> list[tuple[str, str | None, bool]]:
    return [(each.error.code, each.error.place.field if each.error.place else None, each.blocks) for each in lint(one, AROUND)]


def test_a_department_that_only_a_step_names_has_to_exist() -> None:
    assert codes(whole(("bodies: [human-resources, finance]", "bodies: [human-resources, moon]"))) == [
        ("programmes.unknown_body", "procedure.steps.sign.bodies", True)
    ]


def test_nobody_is_looked_at_more_closely_for_sex_or_hukou_in_an_employment_programme() -> None:
    employment = ("employment: false", "employment: true")
    by_sex, unpaid = ("when: age(birth_date) < 25", "when: sex = 'male'"), ("CASE WHEN sex = 'male' THEN low ELSE high END", "low")
    assert codes(whole(employment, by_sex, unpaid, ("levels: [100 yuan, 200 yuan]", "levels: [100 yuan]"))) == [
        ("programmes.discrimination", "verification.key.young", True)
    ]


def test_amounts_that_the_rule_does_not_come_to_are_refused() -> None:
    assert codes(whole(("levels: [100 yuan, 200 yuan]", "levels: [100 yuan, 250 yuan]"))) == [
        ("programmes.levels_differ", "payment.levels", True)
    ]
    by_quarter = ("cycle: month", "cycle: quarter")
    assert codes(whole(by_quarter, ("levels: [100 yuan, 200 yuan]", "levels: [300 yuan, 600 yuan]"))) == []
    assert [code for code, _, _ in codes(whole(by_quarter))] == ["programmes.levels_differ"]
    assert payable(whole(by_quarter)) == {10000, 20000}
    assert payable(whole(by_quarter, ("  levels: [100 yuan, 200 yuan]\n", ""))) == {30000, 60000}


def test_what_goes_by_a_persons_days_is_refused_of_households() -> None:
    """It could be granted and never paid: nothing reckons a household's days, or the day on which it ends."""
    of_households = ("  subject: person", "  subject: household"), ("\nsubject: person\n", "\nsubject: household\n")
    alike = ("CASE WHEN sex = 'male' THEN low ELSE high END", "low"), ("levels: [100 yuan, 200 yuan]", "levels: [100 yuan]")
    endless = ("until: birth_date", "until: null")
    by_day = ("  levels: [100 yuan]\n", "  reckoned: days\n"), ("prorate: day", "prorate: none")
    assert codes(whole(*of_households, *alike, endless)) == []
    assert codes(whole(*of_households, *alike)) == [("programmes.of_people_alone", "standing.until", True)]
    assert codes(whole(*of_households, *alike, endless, *by_day)) == [("programmes.of_people_alone", "payment.reckoned", True)]
    assert codes(whole(*alike, *by_day)) == [], "of people it is paid"


@pytest.mark.parametrize("amount", ["low - high", "low - low", "0 * high"])
def test_a_payment_that_nobody_could_ever_get_is_refused(amount: str) -> None:
    unlisted = ("  levels: [100 yuan, 200 yuan]\n", "")
    all_alike = ("CASE WHEN sex = 'male' THEN low ELSE high END", amount)
    assert codes(whole(unlisted, all_alike)) == [("programmes.pays_nothing", "rule.amount", True)]
    assert codes(whole(unlisted, ("THEN low ELSE high", f"THEN {amount} ELSE high"))) == [], "somebody is paid"


def test_what_is_left_empty_is_open_and_stops_nothing() -> None:
    empty = whole(("accept_days: 1", "accept_days: null"), ("days: 2, officers", "officers"), ("channel: transfer", "channel: yikatong"))
    assert [code for code in codes(empty) if code[2]] == []
    assert [one.path for one in empty.open_fields] == ["procedure.steps.decide.days", "procedure.accept_days", "payment.project_code"]


def test_the_difference_and_the_words_tell_it() -> None:
    parts = {part.slug: part for part in compare(programme(text=PAID), whole(), unnamed, BODIES)}
    assert [part for part in ("procedure", "checks", "paying") if not parts[part].changed] == []
    [changed] = [row for part in compare(whole(), whole(("days: 3}", "days: 4}")), unnamed, BODIES) for row in part.changed]
    assert changed.group == Label("初审", "first check")
    assert (changed.before, changed.after) == (Label("3 个工作日", "3 working days"), Label("4 个工作日", "4 working days"))
    assert "初审：环节：初审；层级：乡镇（街道）" in procedure_words(whole(), "zh", unnamed, BODIES)
    assert "once 2% have findings: 20% next time" in procedure_words(whole(), "en", unnamed, BODIES)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["low", "high", "low + high", "3 * low", "high - low"]), st.sampled_from(["low", "2 * high", "0"]), st.booleans())
def test_the_amounts_foreseen_are_those_that_the_rule_comes_to(first: str, second: str, male: bool) -> None:
    """Against the engine itself: whatever a person's sex, the amount is among those foreseen, and each of them is somebody's."""
    one = programme(("THEN low ELSE high", f"THEN {first} ELSE {second}"), text=PAID)
    facts = {"sex": "male" if male else "female", "is_registered_unemployed": True, "living_prefecture": "1408"}
    reached = answer(one.rule, Case(facts), date(2026, 6, 1)).amount_fen
    foreseen = rule_amounts(one)
    assert foreseen is not None
    assert reached is not None
    assert reached == 0 or reached in foreseen
    assert paid_amounts(one) == payable(one) == foreseen


def test_an_amount_that_depends_on_a_number_is_not_foreseen() -> None:
    assert rule_amounts(programme(("THEN low", "THEN age(birth_date) * low"), text=PAID)) is None


def test_the_guides_example_is_a_procedure() -> None:
    guide = (ROOT / "docs" / "programmes.md").read_text("utf-8")
    example = guide.split("```yaml\nprocedure:")[1].split("```")[0]
    found = programme(text=f"{PAID}procedure:{example}")
    assert found.procedure is not None
    assert [step.kind for step in found.procedure.steps] == ["check", "sign", "decide"]


def test_yunchengs_files_say_what_they_leave_open() -> None:
    """A step's time is either stated, or shown as open; a version with invented figures says so."""
    for versions in catalogue(ROOT / "cities" / "yuncheng").versions.values():
        one = versions[-1]
        if one.procedure is not None and any(step.days for step in one.procedure.steps):
            assert one.demonstration is not None, one.slug

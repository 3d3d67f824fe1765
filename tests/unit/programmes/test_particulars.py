"""The parts that only some programmes have: what a file may say of them, what is refused and where, and that every one of them is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from programme_texts import programme

from linli.kernel.errors import Problems
from linli.programmes import Programme, catalogue
from linli.programmes.amounts import payable
from linli.programmes.catalogue import City
from linli.programmes.declaration import Desk
from linli.programmes.lint import Surroundings, lint, surroundings
from linli.programmes.telling import procedure_words, unnamed
from linli.rules import Label

CITY = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
BODIES = {"human-resources": Label("人社局", "HR"), "finance": Label("财政局", "Finance")}
AROUND = Surroundings(
    City("city", Label("市", "city"), "1408", Desk("12345", Label("热线", "hotline")), BODIES),
    ["unemployment"],
    ["job-help"],
    {"unemployment": ["is_registered_unemployed"]},
)
BEGIN = (
    "  conditions:\n",
    "  parameters:\n    half: {type: decimal, zh: 权重, en: weight, values: [{from: 2026-01-01, value: 0.5}]}\n  conditions:\n",
)
PROCEDURE = """letter: {zh: 请联系我们。, en: Please call us.}
procedure:
  start: [window]
  steps:
    - {id: agree, kind: check, zh: 各方同意, en: all agree}
    - {id: money, kind: review, zh: 资金到账, en: paid in}
    - {id: sign, kind: sign, zh: 会签, en: sign-off, bodies: [human-resources, finance]}
    - {id: works, kind: works, zh: 施工, en: works}
    - {id: accept, kind: accept_works, zh: 验收, en: acceptance}
    - {id: enter, kind: register, zh: 登记, en: registration}
    - {id: release, kind: review, zh: 放款, en: release}
    - {id: forward, kind: forward, zh: 转办, en: forwarding}
  late: wait
"""
PARTS = """event: {zh: 受伤日期, en: day of the injury, claim_within: {days: 30, unit: calendar}}
registers: {list: unemployment, facts: [is_registered_unemployed]}
forward_to:
  body: finance
  zh: 财政系统
  en: the finance system
  outcomes:
    - {id: paid, zh: 已付, en: paid, grants: true}
    - {id: refused, zh: 不付, en: not paid, grants: false}
works: {areas: [{id: floor, zh: 地面, en: floor}], signed_by: [applicant, contractor], cap: 3000 yuan}
evidence:
  before: [{id: floor, zh: 地面, en: floor, least: 2}]
  after: [{id: floor, zh: 地面, en: floor, least: 3}]
loan: {principal: lent, begins: birth_date, ends: birth_date, repaid: birth_date}
scores:
  criteria:
    - {id: teaching, zh: 教学, en: teaching, most: 100, weight: half}
    - {id: years, zh: 年限, en: years, most: 30, weight: half, fact: rural_years}
  ties: [years]
escrow:
  parties: [{id: buyer, zh: 买方, en: buyer}, {id: seller, zh: 卖方, en: seller}]
  consent: agree
  paid_in: money
  registered: enter
  released: release
"""
OWN = (
    "  as_of: screening\n",
    "  as_of: screening\n  facts:\n"
    "    lent: {type: money, zh: 本金, en: principal}\n    rural_years: {type: integer, zh: 年限, en: years}\n",
)
LETTER = "letter: {zh: 请联系我们。, en: Please call us.}\n"


def whole(*changes: tuple[str, str]) -> Programme:
    return programme(OWN, BEGIN, (LETTER, PROCEDURE + PARTS), *changes)


def test_every_part_is_read() -> None:
    parts = whole().particulars
    assert parts.event is not None and (parts.event.claim.days, parts.event.claim.unit) == (30, "calendar")  # noqa: PT018
    assert parts.registers is not None and parts.registers.facts == ("is_registered_unemployed",)  # noqa: PT018
    assert parts.forward_to is not None and [one.grants for one in parts.forward_to.outcomes] == [True, False]  # noqa: PT018
    assert parts.works is not None and (parts.works.cap, parts.works.signers) == (300_000, ("applicant", "contractor"))  # noqa: PT018
    assert parts.evidence is not None and [one.least for one in (*parts.evidence.before, *parts.evidence.after)] == [2, 3]  # noqa: PT018
    assert parts.loan is not None and parts.loan.principal == "lent"  # noqa: PT018
    assert parts.scores is not None and [one.fact for one in parts.scores.criteria] == [None, "rural_years"]  # noqa: PT018
    assert parts.escrow is not None and parts.escrow.steps == ("agree", "money", "enter", "release")  # noqa: PT018
    assert [one.error.code for one in lint(whole(), AROUND) if one.blocks] == []


def test_every_part_is_told_in_both_languages() -> None:
    zh, en = (procedure_words(whole(), language, unnamed, BODIES) for language in ("zh", "en"))
    for words in (
        "30 日",
        "转给：财政局",
        "unemployment",
        "3,000.00 元",
        "至少张数：2",
        "本金",
        "最高分：30",
        "各方同意 → 资金到账 → 登记 → 放款",
    ):
        assert words in zh
    for words in (
        "30 days",
        "forwarded to: Finance",
        "3,000.00 yuan",
        "at least: 2",
        "reviewers",
        "all agree → paid in → registration → release",
    ):
        assert words in en


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("kind: register", "kind: decide"), "registers"),
        (("kind: forward", "kind: decide"), "forward_to"),
        (("kind: works", "kind: review"), "works"),
        (("grants: false", "grants: true"), "forward_to.outcomes"),
        (("lent, begins", "loaned, begins"), "loan.principal"),
        (("principal: lent", "principal: sex"), "loan.principal"),
        (("fact: rural_years", "fact: sex"), "scores.criteria[1].fact"),
        (("most: 100, weight: half", "most: 100, weight: lent"), "scores.criteria[0].weight"),
        (("ties: [years]", "ties: [months]"), "scores.ties[0]"),
        (("{id: seller", "{id: buyer"), "escrow.parties[0].id"),
        (("registered: enter", "registered: works"), "escrow.registered"),
        (("released: release", "released: agree"), "escrow"),
        (("released: release", "released: nowhere"), "escrow.released"),
    ],
)
def test_what_contradicts_itself_is_refused_at_its_place(change: tuple[str, str], field: str) -> None:
    with pytest.raises(Problems) as caught:
        whole(change)
    places = [error.place.field for error in caught.value.problems if error.place]
    assert field in places
    assert all(error.zh and error.en and error.remedy_zh and error.remedy_en for error in caught.value.problems)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (("body: finance", "body: nobody"), "programmes.unknown_body", "forward_to.body"),
        (("list: unemployment", "list: nothing"), "programmes.unknown_list", "registers.list"),
        (("facts: [is_registered", "facts: [sex, is_registered"), "programmes.unknown_fact", "registers.facts"),
        (
            ("{from: 2026-01-01, value: 0.5}", "{from: 2026-02-01, value: 0.5}"),
            "programmes.no_value_on_first_day",
            "scores.criteria.teaching",
        ),
    ],
)
def test_what_the_city_lacks_stops_publication(change: tuple[str, str], code: str, field: str) -> None:
    found = {(one.error.code, one.error.place and one.error.place.field, one.blocks) for one in lint(whole(change), AROUND)}
    assert (code, field, True) in found


def test_a_part_without_a_procedure_would_never_be_done() -> None:
    with pytest.raises(Problems) as caught:
        programme(OWN, BEGIN, (LETTER, LETTER + PARTS))
    assert {error.place.field for error in caught.value.problems if error.place} >= {"event", "works", "escrow"}


def test_only_programmes_that_invite_look_for_people() -> None:
    shelf = catalogue(CITY)
    assert shelf.newest("disabled-student-aid").invites
    assert not shelf.newest("unemployment-registration").invites


def test_by_the_day_any_amount_may_come_up() -> None:
    assert payable(catalogue(CITY).newest("rural-teaching-allowance")) is None


def test_what_the_city_registers_is_on_the_list_that_it_writes() -> None:
    shelf = catalogue(CITY)
    around = surroundings(shelf)
    writing = [one for one in shelf if one.particulars.registers is not None]
    assert writing
    for one in writing:
        assert [finding.error.code for finding in lint(one, around) if finding.error.code == "programmes.unknown_fact"] == []

"""The interview: only questions that can still change an answer, nothing asked twice, verdicts that agree with the rule engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from linli.programmes import catalogue
from linli.rules import evaluate_frame, load_rule
from linli.screening.interview import ELSEWHERE, Case, Interview, Member, Question, answered

CITY = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
DAY = date(2026, 11, 1)
GATES = {
    "student_level": "is_enrolled_student",
    "loan_principal": "has_startup_loan",
    "loan_from": "has_startup_loan",
    "loan_to": "has_startup_loan",
}
PROGRAMMES = [programme for programme in catalogue(CITY) if programme.subject != "organisation" and not programme.empty_parameters]
INTERVIEW = Interview([programme.rule for programme in PROGRAMMES], DAY, "140802", GATES)


def value(question: Question, case: Case, draw):
    """An answer by chance; now and then none."""
    if draw(st.integers(0, 9)) == 0:
        return None
    if question.kind == "place":
        return draw(st.sampled_from(["140802", "140882", ELSEWHERE]))
    if question.kind == "members":
        return draw(st.lists(st.sampled_from(["spouse", "child", "parent"]), max_size=3))
    if question.kind == "each":
        return [one_value(question, draw) for _person in range(1 + len(case.members or ()))]
    return one_value(question, draw)


def one_value(question: Question, draw):
    fact = question.fact
    if fact is None or fact.type.kind == "boolean":
        return draw(st.booleans())
    if fact.type.kind == "text":
        return draw(st.sampled_from(fact.values))
    if fact.type.kind == "date":
        return draw(st.dates(date(1930, 1, 1), DAY))
    low, high = fact.span or (0, 10**7)
    return draw(st.integers(low, min(high, 10**7)))


# Each example is a whole conversation of a dozen evaluations: few of them, and no shrinking.
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_a_conversation_ends_decides_and_never_takes_a_verdict_back(data):
    case, asked = Case(), []
    before = INTERVIEW.assess(case)
    while before.question is not None:
        asked.append(before.question.key)
        assert len(asked) == len(set(asked)) <= len(INTERVIEW.questions)
        case = answered(case, before.question, value(before.question, case, data.draw))
        after = INTERVIEW.assess(case)
        for old, new in zip(before.standings, after.standings, strict=True):
            assert old.state == "open" or (new.state, new.failed) == (old.state, new.failed)
        before = after
    if not case.skipped and case.members is not None:
        assert [one.slug for one in before.standings if one.state == "open"] == []


def test_a_question_that_can_change_nothing_is_not_asked():
    case = Case(
        {"birth_date": date(1950, 1, 1), "is_enrolled_student": False, "has_startup_loan": False, "is_registered_unemployed": False}
    )
    assessment = INTERVIEW.assess(case)
    slugs = {one.slug: one.state for one in assessment.standings}
    assert slugs["disabled-student-aid"] == slugs["startup-loan-interest-subsidy"] == slugs["child-rehabilitation-aid"] == "impossible"
    asked = set()
    while assessment.question is not None:
        asked.add(assessment.question.key)
        case = answered(case, assessment.question, None)
        assessment = INTERVIEW.assess(case)
    assert not asked & {"fact:student_level", "fact:loan_principal", "fact:loan_from", "fact:needs_rehabilitation"}


def test_whether_someone_is_on_a_list_is_asked_before_what_the_list_says():
    rule = load_rule(
        {
            "name": "small-loan",
            "subject": "person",
            "facts": {
                "has_startup_loan": {"type": "boolean", "zh": "有贷款", "en": "has a loan"},
                "loan_principal": {"type": "money", "min": 0, "max": 10**9, "zh": "本金", "en": "principal"},
            },
            "conditions": [
                {"id": "small", "zh": "本金小", "en": "small", "when": "loan_principal < 1000000"},
                {"id": "loan", "zh": "有贷款", "en": "loan", "when": "has_startup_loan"},
            ],
        }
    )
    interview = Interview([rule], DAY, "140802", GATES)
    first = interview.assess(Case()).question
    assert first is not None
    assert first.key == "fact:has_startup_loan"
    assert interview.assess(answered(Case(), first, True)).question.key == "fact:loan_principal"
    assert interview.assess(answered(Case(), first, False)).question is None


def test_the_first_question_is_the_one_that_decides_most():
    def rule(number: int):
        facts = {name: {"type": "boolean", "zh": name, "en": name} for name in ("shared", f"own{number}")}
        both = {"id": "both", "zh": "两者", "en": "both", "when": f"shared AND own{number}"}
        return load_rule({"name": f"p{number}", "subject": "person", "facts": facts, "conditions": [both]})

    rules = [rule(number) for number in range(3)]
    question = Interview(rules, DAY, "140802").assess(Case()).question
    assert question is not None
    assert question.key == "fact:shared"


def test_the_interview_agrees_with_the_rule_engine_for_a_family():
    case = Case()
    for key, answer in {
        "fact:birth_date": date(2005, 3, 7),
        "place:registered": "140802",
        "fact:is_enrolled_student": True,
        "fact:student_level": "college",
        "members": ["parent"],
        "each:has_disability_certificate": [False, True],
        "each:in_extreme_hardship": [False, False],
        "each:on_subsistence_allowance": [False, True],
    }.items():
        case = answered(case, INTERVIEW.questions[key], answer)
    standing = {one.slug: one for one in INTERVIEW.assess(case).standings}["disabled-student-aid"]
    people = pl.DataFrame(
        {
            "person_id": ["1", "2"],
            "household_id": ["h", "h"],
            "role": ["head", "parent"],
            "registered_prefecture": ["1408", None],
            "is_enrolled_student": [True, None],
            "student_level": ["college", None],
            "has_disability_certificate": [False, True],
            "in_extreme_hardship": [False, False],
            "on_subsistence_allowance": [False, True],
            "in_low_income_edge_family": pl.Series([None, None], dtype=pl.Boolean),
        }
    )
    rule = next(programme.rule for programme in PROGRAMMES if programme.slug == "disabled-student-aid")
    row = evaluate_frame(rule, people, as_of=DAY).row(0, named=True)
    assert (standing.state, standing.amount_fen) == ("certain", row["amount_fen"]) == ("certain", 400_000)


def test_a_rule_that_is_not_in_force_is_left_out():
    drafts = [programme.rule for programme in catalogue(CITY) if programme.empty_parameters and programme.invites]
    assert drafts
    assert Interview(drafts, DAY, "140802").assess(Case()).standings == ()


@pytest.mark.parametrize("length", [0, 1, 3])
def test_a_list_of_answers_that_does_not_fit_the_household_answers_nothing(length: int):
    case = answered(Case(), INTERVIEW.questions["members"], ["spouse"])
    assert answered(case, INTERVIEW.questions["each:monthly_income"], [100] * length) == case


WORK = {"is_registered_unemployed": 16, "is_recognised_hard_to_employ": 16, "has_startup_loan": 16, "is_enrolled_student": 6}
GROWING = Interview([programme.rule for programme in PROGRAMMES], DAY, "140802", GATES, WORK)


def test_a_small_child_is_not_asked_about_work_loans_or_studies():
    case, asked = Case({"birth_date": date(2021, 5, 1)}), set()
    while (question := GROWING.assess(case).question) is not None:
        asked.add(question.key.partition(":")[2])
        case = answered(case, question, ["parent"] if question.kind == "members" else None)
    assert asked
    assert not asked & {*WORK, "loan_principal", "loan_from", "student_level"}
    assert GROWING.too_young_for(case.facts) == [name for name in WORK if name in GROWING.facts]


@pytest.mark.parametrize(("born", "young"), [(date(2010, 11, 2), True), (date(2010, 11, 1), False)])
def test_a_question_is_asked_from_the_birthday_on(born: date, young: bool):
    assert ("has_startup_loan" in GROWING.too_young_for({"birth_date": born})) is young
    assert (GROWING.presumed(Case({"birth_date": born})).facts.get("has_startup_loan") is False) is young


def test_an_answer_stands_whatever_the_age_and_an_unknown_age_presumes_nothing():
    told = Case({"birth_date": date(2021, 5, 1), "has_startup_loan": True}, members=(Member("child", {"birth_date": date(2020, 1, 1)}),))
    presumed = GROWING.presumed(told)
    assert presumed.facts["has_startup_loan"] is True
    assert presumed.members is not None
    assert presumed.members[0].facts["has_startup_loan"] is False
    assert GROWING.presumed(presumed) == presumed
    assert GROWING.presumed(Case()) == Case()

"""Whoever tries to steer a draw is refused, with the place and what to do: when it is made, and again when its file is verified."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError
from linli.kernel.identity import check_character
from linli.sampling import (
    Balls,
    CrossReview,
    Draw,
    Findings,
    Item,
    Raised,
    Reveal,
    Size,
    Step,
    finish,
    freeze,
    read_draw,
    reveal,
    verify,
    write_draw,
)
from linli.sampling.hashing import LIST, named_digest
from linli.sampling.publicdraws import outcomes
from tests.unit.sampling.made import (
    COUNTIES,
    HOUR,
    LOTTERY,
    NUMBERS,
    START,
    changed,
    committed,
    drawn,
    items,
    plan,
    secret,
    with_one_department,
)

FROZEN = START + HOUR
ONE = (committed(0, "finance"),)
TWO = plan().commitments
IDENTITY = "99000019900307283" + check_character("99000019900307283")


def refusal(act: Callable[[], object]) -> LinliError:
    with pytest.raises(LinliError) as refused:
        act()
    error = refused.value
    assert error.code.startswith("sampling.")
    assert error.remedy_zh
    assert error.remedy_en
    assert error.zh in error.text("zh")
    return error


PLANS = {
    "one source only": ({"commitments": ONE}, "one_source", "frozen.commitments"),
    "the same department twice": (
        {"commitments": (committed(0, "finance"), committed(1, "finance"))},
        "department_twice",
        "frozen.commitments[1].department",
    ),
    "again in capitals": (
        {"commitments": (committed(0, "finance"), committed(1, "FINANCE"))},
        "department_twice",
        "frozen.commitments[1].department",
    ),
    "a short secret": ({"commitments": (TWO[0], replace(TWO[1], length=31))}, "short_secret", "frozen.commitments[1].length"),
    "a late commitment": ({"commitments": (TWO[0], replace(TWO[1], at=FROZEN))}, "late_commitment", "frozen.commitments[1].at"),
    "reveals before the freeze": ({"reveal_by": FROZEN}, "reveal_by", "frozen.reveal_by"),
    "a public draw too early": (
        {"commitments": ONE, "public_draw": replace(LOTTERY, on=date(2026, 11, 23))},
        "public_draw_day",
        "frozen.public_draw.on",
    ),
    "a public draw of few outcomes": (
        {"commitments": ONE, "public_draw": replace(LOTTERY, groups=(Balls(3, 0, 9, False),))},
        "few_outcomes",
        "frozen.public_draw.groups",
    ),
    "two reviewers": ({"cross_review": CrossReview(COUNTIES[:2])}, "cycle", "frozen.cross_review.counties"),
    "a county outside the cycle": ({"cross_review": CrossReview(COUNTIES[:3])}, "county", "frozen.items[3].county"),
    "a rate that the findings do not call for": (
        {
            "strata": {
                "near": Size(
                    rate=Fraction(1, 20), raised=Raised(Fraction(1, 20), Findings(40, 2), (Step(Fraction(1, 50), Fraction(1, 10)),))
                ),
                "far": Size(count=1),
            }
        },
        "rate_due",
        "frozen.strata.near.rate",
    ),
    "more faulty than checked": (
        {"strata": {"near": Size(rate=Fraction(1), raised=Raised(Fraction(1), Findings(1, 2), ())), "far": Size(count=1)}},
        "rate",
        "frozen.strata.near.raised",
    ),
}


@pytest.mark.parametrize("case", PLANS)
def test_a_plan_that_could_be_steered_is_not_frozen_and_does_not_verify(case):
    other, code, field = PLANS[case]
    error = refusal(lambda: freeze(plan(**other), items(), at=FROZEN))
    assert (error.code, error.place.field) == (f"sampling.{code}", field)
    # Somebody who writes the file by other means and takes the right digest over it is found out too.
    tidy = plan(**other)
    counties = tidy.cross_review and replace(tidy.cross_review, counties=tuple(sorted(tidy.cross_review.counties)))
    forged = forge(changed(drawn(), plan=replace(tidy, cross_review=counties)))
    problems = [check.problem for check in verify(forged, file="f.json").checks if check.problem]
    assert (problems[0].code, problems[0].place.file, problems[0].place.field) == (f"sampling.{code}", "f.json", field)


def forge(draw: Draw) -> Draw:
    """The draw under a digest that fits what it says now."""
    digest = named_digest(LIST, draw.frozen.body(), draw.frozen.plan.algorithm)
    return replace(draw, frozen=replace(draw.frozen, digest=digest))


def test_a_list_whose_file_could_not_be_read_again_is_not_frozen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("linli.sampling.drawing.MAX_LIST_BYTES", 2000)
    error = refusal(lambda: freeze(plan(), items(), at=FROZEN))
    assert (error.code, error.place.field) == ("sampling.too_large", "frozen")


def test_times_without_a_zone_are_refused_and_others_are_told_in_utc():
    assert refusal(lambda: freeze(plan(), items(), at=FROZEN.replace(tzinfo=None))).code == "sampling.naive_time"
    assert refusal(lambda: committed(0, "finance", at=START.replace(tzinfo=None))).code == "sampling.naive_time"
    elsewhere = committed(0, "finance", at=START.astimezone(SHANGHAI) + timedelta(microseconds=1))
    assert elsewhere.document() == committed(0, "finance").document()
    assert freeze(plan(), items(), at=FROZEN.astimezone(SHANGHAI)) == freeze(plan(), items(), at=FROZEN)


def test_an_empty_list_is_not_frozen():
    assert refusal(lambda: freeze(plan(), [], at=FROZEN)).place.field == "frozen.items"


@pytest.mark.parametrize(
    ("item", "code", "field"),
    [
        (Item("2611000000023x", "elsewhere", COUNTIES[0]), "malformed", "frozen.items[24].stratum"),
        (Item("2611000000023x", "near", COUNTIES[0], ("odd",)), "malformed", "frozen.items[24].reasons[0]"),
        (Item("2611000000023x", "near", None), "malformed", "frozen.items[24].county"),
        (Item("2611000000023x", "near", COUNTIES[0], ("cap", "cap")), "twice", "frozen.items[24].reasons[1]"),
        (items()[5], "twice", "frozen.items[6].id"),
        (Item("张三", "near", COUNTIES[0]), "malformed", "frozen.items[24].id"),
        (Item(IDENTITY, "near", COUNTIES[0]), "personal", "frozen.items[24].id"),
        (Item("tel-13900000000", "near", COUNTIES[0]), "personal", "frozen.items[24].id"),
    ],
    ids=["stratum", "reason", "county", "reason twice", "id twice", "name", "identity", "telephone"],
)
def test_an_item_that_the_plan_does_not_provide_for_is_named(item, code, field):
    error = refusal(lambda: freeze(plan(), [*items(), item], at=FROZEN))
    if item.id == IDENTITY:
        assert item.id not in error.text("zh") + error.text("en")
    assert (error.code, error.place.field) == (f"sampling.{code}", field)


def opened() -> Draw:
    return Draw(freeze(plan(), items(), at=FROZEN))


LATER = FROZEN + HOUR
REVEALS = {
    "another secret": (Reveal("finance", secret(1, "finance"), LATER), "mismatch", "reveals[0].secret"),
    "too early": (Reveal("finance", secret(0, "finance"), FROZEN), "reveal_time", "reveals[0].at"),
    "too late": (Reveal("finance", secret(0, "finance"), START + 24 * HOUR + timedelta(seconds=1)), "reveal_time", "reveals[0].at"),
    "from nobody who committed": (Reveal("police", secret(0, "finance"), LATER), "stranger", "reveals[0].department"),
    "too short": (Reveal("finance", b"short", LATER), "short_secret", "reveals[0].secret"),
    "all alike": (Reveal("finance", b"\x00" * 32, LATER), "guessable", "reveals[0].secret"),
}


@pytest.mark.parametrize("case", REVEALS)
def test_a_reveal_that_is_not_the_one_promised_is_refused(case):
    given, code, field = REVEALS[case]
    error = refusal(lambda: reveal(opened(), given))
    assert (error.code, error.place.field) == (f"sampling.{code}", field)
    others = [one for one in drawn().reveals if one.department != "finance"]
    forged = replace(drawn(), reveals=(given, *others))
    check = next(one for one in verify(forged).checks if one.problem)
    assert (check.code, check.problem.code) == ("reveals", f"sampling.{code}")


def test_a_secret_comes_once_and_is_waited_for():
    once = reveal(opened(), Reveal("finance", secret(0, "finance"), LATER))
    assert refusal(lambda: reveal(once, once.reveals[0])).code == "sampling.department_twice"
    error = refusal(lambda: finish(once))
    assert (error.code, error.place.field, error.found) == ("sampling.not_revealed", "reveals", "disability")
    assert not verify(once).holds
    assert [check.code for check in verify(once).checks if check.problem] == ["result"]
    assert "waiting for disability" in verify(once).checks[-1].text("en")
    forged = replace(once, reveals=(replace(once.reveals[0], secret=secret(1, "finance")),))
    assert [check.code for check in verify(forged).checks if check.problem] == ["reveals", "result"]


def test_two_departments_with_one_secret_did_not_keep_it_apart():
    shared = b"".join(secret(0, "x")[:16] for _ in range(2))
    both = tuple(committed(0, one, secret=shared) for one in ("disability", "finance"))
    draw = Draw(freeze(plan(commitments=both), items(), at=FROZEN))
    draw = reveal(draw, Reveal("finance", shared, LATER))
    assert refusal(lambda: reveal(draw, Reveal("disability", shared, LATER))).code == "sampling.same_secret"


def test_a_commitment_cannot_be_copied_by_another_department_or_to_another_draw():
    copied = (replace(TWO[1], department="disability"), TWO[1])
    draw = Draw(freeze(plan(commitments=copied), items(), at=FROZEN))
    assert refusal(lambda: reveal(draw, Reveal("disability", secret(0, "finance"), LATER))).code == "sampling.mismatch"
    draw = Draw(freeze(plan(draw="d-2"), items(), at=FROZEN))
    assert refusal(lambda: reveal(draw, Reveal("finance", secret(0, "finance"), LATER))).code == "sampling.mismatch"


def test_the_length_that_was_published_binds_too():
    draw = Draw(freeze(plan(commitments=(TWO[0], replace(TWO[1], length=33))), items(), at=FROZEN))
    assert refusal(lambda: reveal(draw, Reveal("finance", secret(0, "finance"), LATER))).code == "sampling.mismatch"


def test_a_list_frozen_by_other_means_is_checked_before_it_is_drawn():
    genuine = drawn()
    forged = forge(changed(genuine, plan=replace(genuine.frozen.plan, commitments=genuine.frozen.plan.commitments[1:])))
    assert refusal(lambda: finish(replace(forged, reveals=genuine.reveals[1:], result=None))).code == "sampling.one_source"


def test_outcomes_are_counted():
    groups = {((6, 1, 33, True),): 1_107_568, ((5, 0, 9, False),): 100_000, ((5, 1, 35, True), (2, 1, 12, True)): 324_632 * 66}
    assert {key: outcomes(replace(LOTTERY, groups=tuple(Balls(*one) for one in key))) for key in groups} == groups


def test_a_department_cannot_commit_to_what_others_could_guess():
    assert refusal(lambda: committed(0, "finance", secret=b"2026-11-22")).code == "sampling.short_secret"
    assert refusal(lambda: committed(0, "finance", secret=b"abcd" * 8)).code == "sampling.guessable"


@pytest.mark.parametrize("other", [items(23), [*items(), Item("9", "near", COUNTIES[0])], [replace(one, reasons=()) for one in items()]])
def test_a_list_changed_after_freezing_is_refused(other):
    draw = changed(drawn(), items=tuple(other))
    error = refusal(lambda: finish(replace(draw, result=None)))
    assert (error.code, error.place.field) == ("sampling.list_changed", "digest")
    check = verify(draw).checks[0]
    assert (check.code, check.problem.code) == ("list", "sampling.list_changed")


def test_a_file_written_whole_afterwards_agrees_with_itself_only():
    genuine, rewritten = drawn(), drawn(listed=items(23))
    assert verify(rewritten).holds
    verification = verify(rewritten, published=genuine.frozen.digest)
    assert [check.code for check in verification.checks if check.problem] == ["published"]
    assert verify(genuine, published=genuine.frozen.digest).holds


OUTCOMES = {
    "before its day": (replace(NUMBERS, at=START), "outcome_early"),
    "other order": (replace(NUMBERS, numbers=((7, 3, 11, 18, 25, 30),)), "outcome_form"),
    "one too many": (replace(NUMBERS, numbers=((3, 7, 11, 18, 25, 30, 31),)), "outcome_form"),
    "out of range": (replace(NUMBERS, numbers=((0, 7, 11, 18, 25, 30),)), "outcome_form"),
    "another group": (replace(NUMBERS, numbers=((3, 7, 11, 18, 25, 30), (4,))), "outcome_form"),
    "none": (None, "outcome"),
}


@pytest.mark.parametrize("case", OUTCOMES)
def test_a_public_draw_has_one_reading(case):
    given, code = OUTCOMES[case]
    draw = with_one_department()
    assert refusal(lambda: finish(replace(draw, outcome=None, result=None), given)).code == f"sampling.{code}"
    problem = next(one for one in verify(replace(draw, outcome=given)).checks if one.problem)
    assert (problem.code, problem.problem.code) == ("outcome", f"sampling.{code}")


def test_numbers_where_no_public_draw_was_named_are_refused():
    assert refusal(lambda: finish(replace(drawn(), result=None), NUMBERS)).code == "sampling.outcome"


RESULTS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "seed": (lambda result: result.update(seed="sha256:" + "0" * 64), "seed"),
    "one spared": (lambda result: result["by_condition"].pop(), "by_condition"),
    "one swapped": (lambda result: result["drawn"]["near"].__setitem__(0, "2611000000002"), "sample"),
    "one more": (lambda result: result["drawn"]["far"].append("2611000000003"), "sample"),
    "other order": (lambda result: result["drawn"]["far"].reverse(), "sample"),
    "a stratum gone": (lambda result: result["drawn"].pop("far"), "sample"),
    "a stratum from nowhere": (lambda result: result["drawn"].update(odd=[]), "strata"),
    "cycle turned": (lambda result: result["cycle"].reverse(), "cycle"),
    "no cycle": (lambda result: result.update(cycle=None), "cycle"),
    "an odd cycle": (lambda result: result.update(cycle=["x"]), "cycle"),
    "another reviewer": (lambda result: result["assignments"].update(dict.fromkeys(result["assignments"], "140802")), "assignments"),
    "a review dropped": (lambda result: result["assignments"].popitem(), "assignments"),
    "no reviews": (lambda result: result.update(assignments=None), "assignments"),
}


@pytest.mark.parametrize("case", RESULTS)
def test_an_altered_result_is_named_at_its_step(case):
    edit, code = RESULTS[case]
    document = json.loads(write_draw(drawn()))
    edit(document["result"])
    verification = verify(read_draw(json.dumps(document).encode()), file="f.json")
    wrong = [check for check in verification.checks if check.problem]
    assert wrong[0].code == code
    assert wrong[0].problem.place.field.startswith("result")
    for language in ("zh", "en"):
        assert all("f.json" in check.text(language) for check in wrong)

"""What if: other figures of a version over the same snapshot. The figures are small enough to be reckoned by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from screening_examples import deny

from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.programmes.editing import append, put, renewed
from linli.programmes.queries import live_version
from linli.registers import acts as registers
from linli.registers.acts.records import record_authorisation, record_change
from linli.screening import acts, evaluation, queries, replaying, scenarios
from linli.screening.models import Run, Scenario
from linli.screening.previewing import CHANGES
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
ALLOWANCE, STANDARD = "old-age-allowance", "subsistence-allowance"
PLANNER = Viewer("staff:00000000-0000-7000-8000-0000000000a1", (Grant("officer"),))
COUNTY = Viewer("staff:00000000-0000-7000-8000-0000000000a3", (Grant("officer", "140802"),))
AUDITOR = Viewer("staff:00000000-0000-7000-8000-0000000000a4", (Grant("auditor"),))


def elder(years: int) -> Any:
    """Somebody of that age, registered in a village."""
    born = clock.today() - timedelta(days=years * 366 + 100)
    return person(f"测试{years}", identity=identity(born), situations=[registers.Lives("registered", VILLAGE, FIRST_DAY)])


def together(*people: Any) -> None:
    members = [(one, "other" if place else "head") for place, one in enumerate(people)]
    registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=members, valid_from=FIRST_DAY)


def begun(slug: str = ALLOWANCE, name: str = "七十五周岁起") -> Scenario:
    live = live_version(slug, clock.today())
    assert live is not None
    return acts.begin_scenario(viewer=PLANNER, programme=slug, version=live.version, name=name)


def figure(parameter: str, value: str) -> tuple[str, str, str]:
    return f"rule.parameters.{parameter}.values[0].value", value, "value"


def tried(scenario: Scenario, *changed: tuple[str, str, str], text: str = "", **asked: Any) -> Scenario:
    text = text or scenario.text
    for path, value, kind in changed:
        text = put(text, path, value, kind)
    row = acts.try_scenario(viewer=PLANNER, scenario=scenario.uid, revision=scenario.revision, text=text, **asked)
    acts.work_out_scenario(uid=row.uid, revision=row.revision)
    return Scenario.objects.get(pk=row.pk)


def some(figures: dict[str, int]) -> dict[str, int]:
    return {name: number for name, number in figures.items() if number}


def test_an_earlier_age_and_another_rate_are_what_one_reckons_by_hand(city, monkeypatch: pytest.MonkeyPatch):
    """76, 81 and 86 share a household, 91 lives alone. From 75 on with 60 yuan from 80: one gains 60, two get 10 more, one stays at 100."""
    together(*(elder(years) for years in (76, 81, 86)))
    elder(91)
    acts.screen(viewer=SYSTEM, slugs=[ALLOWANCE])
    before = Run.objects.count(), Fact.objects.count()
    evaluated: list[str] = []
    whole = evaluation.evaluate
    monkeypatch.setattr(evaluation, "evaluate", lambda programmes, *rest: evaluated.append("") or whole(programmes, *rest))
    done = tried(begun(), figure("minimum_age", "75"), figure("rate_from_80", "60 yuan"))
    assert (done.state, done.error_zh, scenarios.outdated(done)) == ("finished", "", False)
    assert (done.snapshot_day, done.asked_day) == (clock.today(), clock.today())
    totals = done.figures["totals"]
    names = [f"{name}_{side}" for name in ("found_people", "found_households", "fen") for side in ("before", "after")]
    assert [totals[name] for name in names] == [3, 4, 1, 1, 20_000, 28_000]
    assert some({change: one["number"] for change, one in done.figures["changes"].items()}) == {"gains": 1, "more": 2}
    assert done.figures["changes"]["more"] == {"number": 2, "before_fen": 10_000, "after_fen": 12_000}
    assert totals["same"] == 1
    assert [(row["county"], row["gains"], row["fen_after"]) for row in done.figures["counties"]] == [("140802", 1, 28_000)]
    assert [one for one in done.figures["conditions"] if one["gains"]] == [{"id": "age", "gains": 1, "loses": 0}]
    assert (Run.objects.count(), Fact.objects.count()) == before
    assert len(evaluated) == 1, "what was screened today is not worked out again"
    Run.objects.update(programme_digest="another")
    afresh = tried(done)
    assert (len(evaluated), afresh.figures) == (3, done.figures)


def test_who_loses_does_for_a_condition_and_who_was_erased_since_counts_on_neither_side(city):
    gone, *_others = (elder(years) for years in (81, 82, 91))
    acts.screen(viewer=SYSTEM, slugs=[ALLOWANCE])
    done = tried(begun(), figure("minimum_age", "85"))
    assert done.figures["changes"]["loses"] == {"number": 2, "before_fen": 10_000, "after_fen": 0}
    assert [one for one in done.figures["conditions"] if one["loses"]] == [{"id": "age", "gains": 0, "loses": 2}]
    registers.erase_resident(SYSTEM, resident=gone, reason="测试")
    replaying.bury(str(gone.uid))
    totals = tried(done).figures["totals"]
    assert (totals["found_before"], some({change: totals[change] for change in CHANGES})) == (2, {"loses": 1})


def test_households_count_with_their_members_by_the_county_of_their_head(city):
    """Two live on 300 yuan between them where the standard is 690 a head: 1,080 a month. With 700 a head it is 1,100."""
    pair = [elder(years) for years in (66, 61)]
    together(*pair)
    for one, income in zip(pair, (30_000, 0), strict=True):
        record_authorisation(SYSTEM, resident=one, list_slug="economic-check", valid_from=FIRST_DAY, evidence="sha256:paper")
        data = {"monthly_income": income, "assets": 0}
        record_change(SYSTEM, subject=one, list_slug="economic-check", valid_from=clock.today(), data=data)
        deny(one, "extreme-hardship")
    done = tried(begun(STANDARD, "标准提高到七百"), ("rule.tables.standard.values[0].rows.140802", "700 yuan", "value"))
    sides = {
        f"{name}_{side}": n for side in ("before", "after") for name, n in (("found", 1), ("found_people", 2), ("found_households", 1))
    }
    assert some(done.figures["totals"]) == {"more": 1, "fen_before": 108_000, "fen_after": 110_000, **sides}
    assert [(row["county"], row["more"]) for row in done.figures["counties"]] == [("140802", 1)]


def test_it_says_what_the_preview_of_its_draft_says(city):
    for years in (76, 81, 86, 91):
        elder(years)
    together(elder(101), elder(82))
    done = tried(begun(), figure("minimum_age", "85"), figure("rate_from_80", "60 yuan"), figure("rate_from_90", "90 yuan"))
    draft = acts.draft_of_scenario(viewer=PLANNER, scenario=done.uid, version="next", effective_from=clock.today())
    preview = acts.ask_preview(viewer=PLANNER, draft=draft.uid)
    acts.make_preview(uid=preview.uid)
    told, own = queries.preview(PLANNER, preview.uid).figures["totals"], done.figures["totals"]
    assert {change: own[change] for change in CHANGES} == {change: told[change] for change in CHANGES}
    assert some({change: own[change] for change in CHANGES}) == {"loses": 2, "more": 1, "less": 1}
    assert (own["fen_before"], own["fen_after"]) == (told["before_fen"], told["after_fen"])


def test_a_figure_from_a_day_to_come_counts_on_that_day(city):
    elder(81)
    row = begun()
    later = clock.today() + timedelta(days=40)
    text = append(row.text, "rule.parameters.rate_from_80.values", {"from": (str(later), "day"), "value": ("80 yuan", "value")})
    done = tried(row, text=text)
    assert done.figures["totals"]["fen_after"] == 5_000
    done = tried(done, day=later)
    assert (done.asked_day, done.figures["totals"]["fen_after"], done.figures["totals"]["fen_before"]) == (later, 8_000, 5_000)


def test_only_figures_are_tried_that_are_some_on_a_day_that_is_the_versions_and_as_last_seen(city):
    row = begun()

    def refused(*changed: tuple[str, str, str], **asked: Any) -> str:
        with pytest.raises(LinliError) as caught:
            tried(row, *changed, **asked)
        return caught.value.code

    others = (
        ("rule.conditions[0].when", "TRUE", "expression"),
        ("rule.parameters.minimum_age.zh", "年龄", "text"),
        ("effective_from", "2026-02-01", "day"),
        ("payment.cycle", "year", "choice"),
    )
    assert {refused(other) for other in others} == {"screening.not_figures"}
    assert {refused(day=clock.today() - timedelta(days=days)) for days in (1, 4000)} == {"screening.not_its_day"}
    with pytest.raises(Problems):
        tried(row, figure("minimum_age", "eighty"))
    tried(row)
    assert refused() == "screening.scenario_changed"


def test_what_was_asked_anew_is_not_overwritten_by_what_was_asked_before(city):
    elder(81)
    row = begun()
    first = acts.try_scenario(viewer=PLANNER, scenario=row.uid, revision=1, text=row.text)
    second = acts.try_scenario(viewer=PLANNER, scenario=row.uid, revision=2, text=put(row.text, *figure("rate_from_80", "60 yuan")))
    acts.work_out_scenario(uid=row.uid, revision=first.revision)
    row.refresh_from_db()
    assert (row.state, row.figures) == ("waiting", {})
    acts.work_out_scenario(uid=row.uid, revision=second.revision)
    row.refresh_from_db()
    assert row.figures["totals"]["fen_after"] == 6_000


def test_officers_of_the_whole_city_try_and_take_up_as_a_draft_and_auditors_read(city):
    row = tried(begun(), figure("rate_from_80", "60 yuan"))
    assert queries.scenario(AUDITOR, ALLOWANCE, row.uid).uid == row.uid
    first = date(2027, 1, 1)
    for viewer in (COUNTY, AUDITOR):
        named: dict[str, Any] = {"viewer": viewer, "scenario": row.uid}
        attempts = [
            lambda named=named: acts.try_scenario(**named, revision=2, text=row.text),
            lambda named=named: acts.discard_scenario(**named),
            lambda named=named: acts.draft_of_scenario(**named, version="next", effective_from=first),
            lambda viewer=viewer: acts.begin_scenario(viewer=viewer, programme=ALLOWANCE, version="2026", name="试"),
        ]
        if viewer is COUNTY:
            attempts += [lambda: queries.scenario(COUNTY, ALLOWANCE, row.uid), lambda: queries.scenarios(COUNTY, ALLOWANCE)]
        for attempt in attempts:
            with pytest.raises(Refused):
                attempt()
    facts = Fact.objects.count()
    draft = acts.draft_of_scenario(viewer=PLANNER, scenario=row.uid, version="2027", effective_from=first)
    live = live_version(ALLOWANCE, clock.today())
    assert live is not None
    assert draft.text == renewed(put(live.source, *figure("rate_from_80", "60 yuan")), "2027", first)
    assert (Fact.objects.count(), Scenario.objects.get(pk=row.pk).draft) == (facts + 1, draft.uid)
    with pytest.raises(LinliError) as caught:
        acts.draft_of_scenario(viewer=PLANNER, scenario=row.uid, version="2028", effective_from=first)
    assert caught.value.code == "programmes.draft_open"

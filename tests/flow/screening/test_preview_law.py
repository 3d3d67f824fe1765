"""For any draft over any small city the preview says what publishing it and screening the same data then changes, person by person."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from screening_examples import AID, HARDSHIP_LISTS, of_age, put_in_force

from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.programmes import acts as programmes
from linli.programmes.catalogue import catalogue
from linli.programmes.drafting import programme_of_draft
from linli.programmes.editing import put
from linli.programmes.queries import live_version
from linli.registers import acts as registers
from linli.registers.acts.records import record_authorisation, record_change
from linli.registers.models import Resident
from linli.screening import acts, previewing, queries
from linli.screening.models import Determination, Preview
from linli.screening.previewing import CHANGES, Changed

pytestmark = pytest.mark.django_db
AUTHOR = Viewer("staff:00000000-0000-7000-8000-0000000000a1", (Grant("officer"),))
OLD_AGE, NURSING, ALLOWANCE = "old-age-allowance", "disability-nursing-subsidy", "subsistence-allowance"
PROGRAMMES = (AID, OLD_AGE, NURSING, ALLOWANCE)
VILLAGES = (VILLAGE, "140882100201")
OF_A_PERSON = (
    "has_disability_certificate", "NOT has_disability_certificate", "is_enrolled_student", "on_subsistence_allowance", "sex = 'male'",
    "age(birth_date) >= 20", "age(birth_date) < 85", "disability_level <= 1", "disability_level <= 4", "registered_county = '140802'",
    "student_level IN ('college', 'postgraduate')", "has_disability_certificate OR on_subsistence_allowance", "NOT in_extreme_hardship",
    "household_any(has_disability_certificate)", "household_count(TRUE) >= 2",
    "household_any(on_subsistence_allowance) OR is_enrolled_student",
)  # fmt: skip
OF_A_HOUSEHOLD = (
    "household_sum(assets) <= 100000", "household_count(TRUE) >= 2", "household_any(has_disability_certificate)",
    "NOT household_any(in_extreme_hardship)", "household_sum(monthly_income) < 90000", "household_any(is_enrolled_student)",
)  # fmt: skip


def settle(chance: random.Random, number: int) -> Resident:
    """Somebody of any age, of whom each list says something, that they are not on it, or nothing."""
    village = chance.choice(VILLAGES)
    who = person(
        f"测试{number}",
        identity=identity(of_age(chance.choice((19, 21, 45, 79, 80, 90, 101))), male=chance.random() < 0.5),
        situations=[registers.Lives("registered", village, FIRST_DAY), registers.Lives("lives", village, FIRST_DAY)],
        relations_known=chance.random() < 0.8,
    )
    said: dict[str, dict[str, Any]] = {
        "disability-certificate": {"disability_kind": "visual", "disability_level": chance.randint(1, 4)},
        "student-status": {"student_level": chance.choice(("college", "undergraduate", "postgraduate"))},
        "economic-check": {"monthly_income": chance.choice((0, 30_000, 100_000)), "assets": chance.choice((0, 50_000, 9_000_000))},
        **{slug: {} for slug in HARDSHIP_LISTS},
    }
    for slug, data in said.items():
        if (word := chance.random()) < 0.25:
            continue
        if slug == "economic-check":
            record_authorisation(SYSTEM, resident=who, list_slug=slug, valid_from=FIRST_DAY, evidence="sha256:paper")
            record_change(SYSTEM, subject=who, list_slug=slug, valid_from=FIRST_DAY, data=data)
        elif word < 0.65:
            record_change(SYSTEM, subject=who, list_slug=slug, valid_from=FIRST_DAY, data=data)
        else:
            record_change(SYSTEM, subject=who, list_slug=slug, valid_from=FIRST_DAY, present=False)
    return who


def found_city(chance: random.Random, size: int) -> None:
    """So many people, most of them in households of one to three."""
    people = [settle(chance, number) for number in range(size)]
    while people:
        home, people = people[: chance.randint(1, 3)], people[3:]
        members = [(one, "head" if place == 0 else "other") for place, one in enumerate(home)]
        registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=members, valid_from=FIRST_DAY)


def changed(chance: random.Random, text: str, slug: str) -> str:
    """The text with some of its amounts, ages and conditions written otherwise; valid from today, or from before the one in force."""
    first = date(2001, 1, 1) if chance.random() < 0.2 else clock.today()
    text = put(put(text, "version", "next"), "effective_from", first.isoformat(), "day")
    figures = text[text.index("  parameters:\n") : text.index("  conditions:\n")].partition("  tables:\n")[0]
    for name in re.findall(r"^    (\w+):\n      type: money", figures, re.MULTILINE):
        if chance.random() < 0.6:
            text = put(text, f"rule.parameters.{name}.values[0].value", f"{chance.randint(0, 90) * 100} yuan", "value")
    text = re.sub(r'("1408\d\d"): \d+ yuan', lambda found: f"{found[1]}: {chance.choice((0, 500, 690, 900))} yuan", text)
    if slug == OLD_AGE and chance.random() < 0.7:
        text = put(text, "rule.parameters.minimum_age.values[0].value", str(chance.randint(19, 101)), "number")
    pool = OF_A_HOUSEHOLD if slug == ALLOWANCE else OF_A_PERSON
    for place in range(text.count("\n    - id: ", text.index("  conditions:\n"), text.index("\n  amount:"))):
        if chance.random() < 0.5:
            text = put(text, f"rule.conditions[{place}].when", chance.choice(pool), "expression")
    return text


def standing(slug: str) -> dict[UUID, Determination]:
    return {one.subject: one for one in Determination.objects.filter(programme=slug, until__isnull=True)}


def change_of(before: Determination | None, after: Determination | None) -> str:
    """In which way an answer changes, told from what stands."""
    was, now = (one.verdict if one else "not_eligible" for one in (before, after))
    if was != now:
        return {"eligible": "gains", "unknown": "undecided"}.get(now) or ("loses" if was == "eligible" else "settled")
    if was != "eligible":
        return ""
    old, new = ((one.amount_fen or 0) if one else 0 for one in (before, after))
    return "more" if new > old else "less" if new < old else ""


def expected(before: dict[UUID, Determination], after: dict[UUID, Determination]) -> dict[tuple[str, UUID], tuple[Any, ...]]:
    found = {}
    for subject in {*before, *after}:
        old, new = before.get(subject), after.get(subject)
        if change := change_of(old, new):
            was, now = (one.verdict if one else "not_eligible" for one in (old, new))
            area = next(one.area_code for one in (new, old) if one)
            found[change, subject] = (area, was, now, old and old.amount_fen, new and new.amount_fen)
    return found


def told(preview: Preview) -> dict[tuple[str, UUID], tuple[Any, ...]]:
    def row(one: Changed) -> tuple[Any, ...]:
        return one.area_code, one.before, one.after, one.before_fen, one.after_fen

    rows = {change: previewing.changed_rows(preview, change, limit=10_000) for change in CHANGES}
    return {(change, one.subject): row(one) for change, some in rows.items() for one in some}


def sums(before: dict[UUID, Determination], after: dict[UUID, Determination], county: str = "") -> Counter[str]:
    """The figures of a county, or of the city, from what stands."""
    figures: Counter[str] = Counter()
    for side, there in (("before", before), ("after", after)):
        for one in there.values():
            if one.area_code.startswith(county):
                figures[f"{one.verdict}_{side}"] += 1
                figures[f"{side}_fen"] += one.amount_fen or 0
    figures.update(change for (change, _), (area, *_rest) in expected(before, after).items() if area.startswith(county))
    return +figures


def hold(chance: random.Random, slug: str) -> set[str]:
    """The law for one draft, all of it rolled back afterwards. Returns in which ways answers changed."""
    live = live_version(slug, clock.today())
    assert live is not None
    before = standing(slug)
    savepoint = transaction.savepoint()
    draft = programmes.begin_draft(viewer=AUTHOR, text=changed(chance, live.source, slug), base=live.version)
    asked = acts.ask_preview(viewer=AUTHOR, draft=draft.uid)
    acts.make_preview(uid=asked.uid)
    preview = queries.preview(AUTHOR, asked.uid)
    assert preview.state == "finished", (preview.error_zh, draft.text)
    assert standing(slug) == before
    written = programme_of_draft(draft, catalogue(settings.LINLI_CITY))
    put_in_force(written)
    (run,) = acts.screen(viewer=SYSTEM, slugs=[slug])
    after = standing(slug)
    applies = "next" if written.effective_from == clock.today() else live.version
    assert (run.state, run.programme_version, run.snapshot_digest) == ("done", applies, preview.snapshot_digest)
    assert (preview.figures["over"] is None) == (applies == "next")
    assert told(preview) == expected(before, after), draft.text
    totals, counties = preview.figures["totals"], preview.figures["counties"]
    assert +Counter(totals) == sums(before, after), draft.text
    assert {row.pop("county"): +Counter(row) for row in counties} == {
        county: figures for county in {village[:6] for village in VILLAGES} if (figures := sums(before, after, county))
    }
    lost = sum(was == "eligible" != now for _area, was, now, *_amounts in told(preview).values())
    assert (run.newly_found, run.newly_lost) == (totals["gains"], lost)
    assert (run.eligible, run.undecided) == (totals["eligible_after"], totals["unknown_after"])
    ways = {change for change, _ in told(preview)}
    transaction.savepoint_rollback(savepoint)
    return ways


def test_a_preview_is_what_publishing_then_changes(city: Path):
    chance = random.Random(20261123)
    found_city(chance, 9)
    acts.screen(viewer=SYSTEM, slugs=PROGRAMMES)
    ways = set[str]().union(*(hold(chance, slug) for slug in PROGRAMMES))
    assert ways >= {"gains", "loses"}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_a_preview_is_what_publishing_then_changes_for_long(city: Path, seed: int):
    chance = random.Random(seed)
    found_city(chance, 60)
    acts.screen(viewer=SYSTEM, slugs=PROGRAMMES)
    ways = set[str]().union(*(hold(chance, chance.choice(PROGRAMMES)) for _ in range(25)))
    assert ways == set(CHANGES)

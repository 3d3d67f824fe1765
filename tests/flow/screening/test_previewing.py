"""What a draft would change: the same as publishing it and screening again would show, without changing anything that stands."""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from place_examples import SYSTEM
from screening_examples import AID, certify, put_in_force, student

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.programmes import acts as programmes
from linli.programmes.catalogue import catalogue
from linli.programmes.drafting import programme_of_draft
from linli.programmes.editing import put
from linli.programmes.files import city_vocabulary, parse_programme
from linli.programmes.models import Draft
from linli.programmes.queries import base_of, examples_for, live_version, published_programmes, versions
from linli.screening import acts, explaining, jobs, previewing, queries, replaying
from linli.screening.models import Determination, Preview, Run
from linli.screening.previewing import CHANGES
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
AUTHOR = Viewer("staff:00000000-0000-7000-8000-0000000000a1", (Grant("officer"),))
COLLEAGUE = Viewer("staff:00000000-0000-7000-8000-0000000000a2", (Grant("officer"),))
COUNTY = Viewer("staff:00000000-0000-7000-8000-0000000000a3", (Grant("officer", "140802"),))


def rewritten(text: str, **changed: tuple[str, str]) -> str:
    text = put(put(text, "version", "next"), "effective_from", str(clock.today()), "day")
    for path, (value, kind) in changed.items():
        text = put(text, path.replace("__", "."), value, kind)
    return text


def drafted(*, examples: bool = False, **changed: tuple[str, str]) -> Draft:
    """A draft of the student aid with some places of its file changed: path (with __ for dots) → value and kind. examples: with those of
    the version in force, which expect the new figure."""
    live = live_version(AID, clock.today())
    assert live is not None
    text = rewritten(live.source, **changed)
    told = examples_for(live, AID, settings.LINLI_CITY).replace("5000 yuan", "5500 yuan") if examples else ""
    return programmes.begin_draft(viewer=AUTHOR, text=text, base=live.version, examples=told)


def previewed(draft: Draft) -> Preview:
    preview = acts.ask_preview(viewer=AUTHOR, draft=draft.uid)
    acts.make_preview(uid=preview.uid)
    return queries.preview(AUTHOR, preview.uid)


def totals(preview: Preview) -> dict[str, Any]:
    found: dict[str, Any] = preview.figures["totals"]
    return {name: found[name] for name in CHANGES if found[name]}


def raised(amount: str) -> dict[str, tuple[str, str]]:
    return {"rule__parameters__undergraduate_grant__values[0]__value": (amount, "value")}


def test_a_raised_figure_gives_everybody_more_and_the_sums_say_how_much(city):
    for name in "甲乙":
        certify(student(name))
    student("丙")
    acts.screen(viewer=SYSTEM, slugs=[AID])
    before = Determination.objects.count(), Run.objects.count()
    facts = Fact.objects.count()
    preview = previewed(drafted(**raised("5500 yuan")))
    assert (preview.state, totals(preview)) == ("finished", {"more": 2})
    figures = preview.figures["totals"]
    assert (figures["before_fen"], figures["after_fen"], preview.figures["payments_a_year"]) == (1_000_000, 1_100_000, 1)
    rows = queries.previewed(AUTHOR, preview, "more")
    assert {(row.name, changed.before_fen, changed.after_fen) for row, changed in rows} == {
        ("甲", 500_000, 550_000),
        ("乙", 500_000, 550_000),
    }
    assert (Determination.objects.count(), Run.objects.count()) == before
    assert Fact.objects.count() == facts + 1  # the draft; a preview is nobody's decision


def test_who_loses_becomes_undecided_and_gains_is_what_publishing_would_find(city):
    certified, unknown = student("甲"), student("乙")
    certify(certified)
    acts.screen(viewer=SYSTEM, slugs=[AID])
    stricter = drafted(**{"rule__conditions[2]__when": ("student_level = 'college'", "expression")})
    assert totals(previewed(stricter)) == {"loses": 1, "settled": 1}
    programmes.withdraw_draft(viewer=AUTHOR, draft=stricter.uid)
    wider = drafted(**{"rule__conditions[2]__when": ("is_enrolled_student", "expression")})
    preview = previewed(wider)
    gained = [row.subject for row, _changed in queries.previewed(AUTHOR, preview, "gains")]
    assert gained == [unknown.uid]
    told = explaining.reasons_under(AUTHOR, preview_programme(wider), unknown.uid, day=preview.day, facts_on=preview.snapshot_day)
    assert told.explanation.verdict.verdict == "eligible"
    assert told.version == "next"


def preview_programme(draft: Draft) -> Any:
    return programme_of_draft(draft, catalogue(settings.LINLI_CITY))


def test_a_preview_is_bound_to_what_was_previewed(city):
    certify(student("甲"))
    draft = drafted(**raised("5500 yuan"))
    first = previewed(draft)
    assert acts.ask_preview(viewer=AUTHOR, draft=draft.uid).uid == first.uid
    commented = programmes.save_draft(viewer=AUTHOR, draft=draft.uid, revision=1, text=draft.text + "# 说明\n", examples="")
    assert acts.ask_preview(viewer=AUTHOR, draft=commented.uid).uid == first.uid
    text = put(draft.text, "rule.parameters.undergraduate_grant.values[0].value", "5600 yuan", "value")
    changed = programmes.save_draft(viewer=AUTHOR, draft=draft.uid, revision=2, text=text, examples="")
    assert acts.ask_preview(viewer=AUTHOR, draft=changed.uid).uid != first.uid


def test_a_draft_that_has_no_figure_on_its_day_says_so(city):
    certify(student("甲"))
    draft = drafted(**{"rule__parameters__undergraduate_grant__values[0]__to": ("2023-12-31", "day")})
    preview = previewed(draft)
    assert preview.state == "failed"
    assert "本科生资助标准" in preview.error_zh or "undergraduate" in preview.error_zh


def test_a_day_to_come_is_the_day_that_is_asked_about(city):
    certify(student("甲"))
    later = clock.today() + timedelta(days=400)
    preview = previewed(drafted(effective_from=(str(later), "day")))
    assert preview.day == later
    assert isinstance(preview.snapshot_day, date)
    assert preview.snapshot_day <= clock.today()


def test_old_previews_forget_the_people_and_keep_the_figures(city):
    certify(student("甲"))
    preview = previewed(drafted(**raised("5500 yuan")))
    acts.prune_previews(older_than=timedelta(days=-1))
    with pytest.raises(LinliError, match="no longer kept"):
        queries.previewed(AUTHOR, preview, "more")
    assert totals(preview) == {"more": 1}


def test_what_killed_processes_left_half_written_is_cleared_after_a_day_and_nothing_else(city):
    certify(student("甲"))
    preview = previewed(drafted(**raised("5500 yuan")))
    root = acts.state_folder()
    (root / "snapshots").mkdir(exist_ok=True)
    made = [folder / f"unfinished-{name}" for folder in (root, root / "snapshots", root / "previews") for name in ("old", "new")]
    for folder in made:
        folder.mkdir()
        (folder / "rows.parquet").write_bytes(b"half")
        os.utime(folder, (0, clock.now().timestamp() - (90_000 if folder.name.endswith("old") else 0)))
    kept = previewing.folder_of(preview)
    os.utime(kept, (0, 0))
    jobs.prune_previews(timestamp=0)
    assert [folder for folder in made if folder.exists()] == [folder for folder in made if folder.name.endswith("new")]
    assert kept.exists()


def test_a_county_officer_sees_no_preview(city):
    certify(student("甲"))
    preview = previewed(drafted(**raised("5500 yuan")))
    for attempt in (
        lambda: queries.preview(COUNTY, preview.uid),
        lambda: queries.previewed(COUNTY, preview, "more"),
        lambda: acts.ask_preview(viewer=COUNTY, draft=preview.draft),
    ):
        with pytest.raises(Refused):
            attempt()


def test_an_erased_person_leaves_the_rows_of_a_preview_and_its_counts_stay(city):
    gone, stays = student("甲"), student("乙")
    for one in (gone, stays):
        certify(one)
    acts.screen(viewer=SYSTEM, slugs=[AID])
    preview = previewed(drafted(**raised("5500 yuan")))
    replaying.bury(str(gone.uid))
    assert [row.subject for row in previewing.changed_rows(preview, "more", limit=9)] == [stays.uid]
    assert totals(preview) == {"more": 2}


def erased(resident: Any) -> None:
    from linli.registers import acts as registers

    registers.erase_resident(SYSTEM, resident=resident, reason="测试")


def test_who_is_erased_while_a_preview_is_worked_out_is_in_none_of_its_rows(city, monkeypatch: pytest.MonkeyPatch):
    gone, stays = student("甲"), student("乙")
    for one in (gone, stays):
        certify(one)
    acts.screen(viewer=SYSTEM, slugs=[AID])
    evaluated = previewing._verdicts

    def erased_before_the_second(programme: Any, source: Any, day: date, folder: Any, name: str) -> Any:
        table = evaluated(programme, source, day, folder, name)
        if name == "after":  # both answers are there; the burial finds no rows of this preview yet
            erased(gone)
            replaying.bury(str(gone.uid))
        return table

    monkeypatch.setattr(previewing, "_verdicts", erased_before_the_second)
    preview = previewed(drafted(**raised("5500 yuan")))
    kept = previewing.changed_rows(preview, "more", limit=9)
    assert [row.subject for row in kept] == [stays.uid]


def test_who_is_erased_later_is_not_shown_even_before_the_burial(city):
    people = [student(name) for name in "甲乙丙"]
    for one in people:
        certify(one)
    acts.screen(viewer=SYSTEM, slugs=[AID])
    preview = previewed(drafted(**raised("5500 yuan")))
    everyone = [row.subject for row, _changed in queries.previewed(AUTHOR, preview, "more")]
    erased(next(one for one in people if one.uid == everyone[0]))
    shown = [row.subject for row, _changed in queries.previewed(AUTHOR, preview, "more", limit=2)]
    assert shown == everyone[1:]


def test_a_grant_that_ended_while_the_preview_was_worked_out_shows_nothing_of_it(city):
    certify(student("甲"))
    asked = acts.ask_preview(viewer=AUTHOR, draft=drafted(**raised("5500 yuan")).uid)
    acts.make_preview(uid=asked.uid)
    preview = Preview.objects.get(pk=asked.pk)
    for grants in ((), (Grant("officer", "140802"),), (Grant("officer", "", "old-age-allowance"),)):
        later = Viewer(AUTHOR.actor, grants)
        with pytest.raises(Refused):
            queries.preview(later, preview.uid)
        with pytest.raises(Refused):
            queries.previewed(later, preview, "more")


def publish(draft: Draft) -> None:
    programmes.submit_draft(viewer=AUTHOR, catalogue=catalogue(settings.LINLI_CITY), draft=draft.uid, revision=1)
    draft.refresh_from_db()
    acts.publish_draft(viewer=COLLEAGUE, draft=draft.uid, digest=draft.digest, effective_from=clock.today())


def test_another_days_screening_is_no_ground_of_a_preview(city):
    certify(student("甲"))
    acts.screen(viewer=SYSTEM, slugs=[AID])
    before = clock.now()
    certify(student("乙"))
    for other in ({"as_of": clock.today() + timedelta(days=1)}, {"known_at": before}):
        assert acts.screen(viewer=SYSTEM, slugs=[AID], **other)[0].state == "done"
    preview = previewed(drafted(**raised("5500 yuan")))
    assert (preview.snapshot_day, totals(preview)) == (clock.today(), {"more": 1})


def test_a_preview_is_taken_again_once_newer_data_stand_and_an_older_one_publishes_nothing(city):
    certify(student("甲"))
    acts.screen(viewer=SYSTEM, slugs=[AID])
    draft = drafted(examples=True, **raised("5500 yuan"))
    first = previewed(draft)
    assert previewing.outdated(first) == ""
    certify(student("乙"))
    acts.screen(viewer=SYSTEM, slugs=[AID])
    assert previewing.outdated(first) == "data"
    with pytest.raises(LinliError) as caught:
        publish(draft)
    assert caught.value.code == "screening.preview_outdated"
    assert live_version(AID, clock.today()).version != "next"
    second = previewed(draft)
    assert second.uid != first.uid
    assert (previewing.outdated(second), totals(second)) == ("", {"more": 2})
    acts.publish_draft(viewer=COLLEAGUE, draft=draft.uid, digest=draft.digest, effective_from=clock.today())
    assert live_version(AID, clock.today()).version == "next"


def test_a_preview_beside_another_version_than_the_one_in_force_is_outdated(city):
    certify(student("甲"))
    acts.screen(viewer=SYSTEM, slugs=[AID])
    preview = previewed(drafted(**raised("5500 yuan")))
    Preview.objects.filter(pk=preview.pk).update(base="2019")
    again = acts.ask_preview(viewer=AUTHOR, draft=preview.draft)
    assert (previewing.outdated(queries.preview(AUTHOR, preview.uid)), again.uid != preview.uid) == ("base", True)


def test_what_stands_of_before_yesterday_is_no_ground_either(city):
    certify(student("甲"))
    acts.screen(viewer=SYSTEM, slugs=[AID])
    preview = previewed(drafted(**raised("5500 yuan")))
    past = clock.today() - timedelta(days=2)
    Run.objects.update(as_of=past)
    assert previewing.newest_run() is None
    Preview.objects.filter(pk=preview.pk).update(snapshot_day=past)
    assert previewing.outdated(queries.preview(AUTHOR, preview.uid)) == "data"


def a_day(days: int, name: str = "effective_from") -> dict[str, tuple[str, str]]:
    return {name: (str(clock.today() + timedelta(days=days)), "day")}


def in_force_from(days: int, version: str, amount: str) -> None:
    (first, *_later) = versions(AID)
    text = rewritten(first.source, **a_day(days), **raised(amount), version=(version, "text"))
    put_in_force(parse_programme(text.encode(), city_vocabulary(settings.LINLI_CITY), file="programme.yaml"))


def test_a_day_to_come_is_compared_with_the_version_that_applies_then(city, monkeypatch: pytest.MonkeyPatch):
    certify(student("甲"))
    today = previewed(drafted(**raised("5400 yuan")))
    programmes.withdraw_draft(viewer=AUTHOR, draft=today.draft)
    in_force_from(1, "tomorrow", "5500 yuan")
    draft = drafted(**a_day(400))
    later = previewed(draft)
    base = base_of(draft, published_programmes(AID))
    assert (later.base, base and base.version, totals(later)) == ("tomorrow", "tomorrow", {"less": 1})
    assert [previewing.outdated(one) for one in (today, later)] == ["", ""]
    tomorrow = clock.today() + timedelta(days=1)
    monkeypatch.setattr(clock, "today", lambda: tomorrow)
    assert [previewing.outdated(one) for one in (today, later)] == ["base", ""]
    in_force_from(300, "between", "5600 yuan")
    assert previewing.outdated(later) == "base"


def test_a_draft_whose_days_are_over_says_so_and_what_it_ends(city):
    certify(student("甲"))
    in_force_from(-10, "newer", "5500 yuan")
    before = previewed(drafted(**a_day(-100), **raised("5600 yuan")))
    assert (before.state, before.base, before.day, totals(before)) == ("finished", "newer", clock.today(), {})
    assert before.figures["over"] == {"last": str(clock.today() - timedelta(days=11)), "by": "newer"}
    programmes.withdraw_draft(viewer=AUTHOR, draft=before.draft)
    ended = previewed(drafted(**a_day(-5), **a_day(-1, "effective_to")))
    assert (ended.base, totals(ended)) == ("newer", {"loses": 1})
    assert ended.figures["over"] == {"last": str(clock.today() - timedelta(days=1)), "by": ""}

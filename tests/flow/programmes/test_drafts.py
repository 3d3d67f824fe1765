"""A draft from its first line to the published version: who may do what, and that nothing somebody wrote is lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Grant, Viewer, system
from linli.programmes import Catalogue, acts, catalogue, queries
from linli.programmes.drafting import draft_findings, tried
from linli.programmes.editing import append, put
from linli.programmes.models import Draft, DraftRevision, ProgrammeVersion
from linli.trace.deep import verify_rows
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
SLUG = "disabled-student-aid"
AUTHOR = Viewer("staff:00000000-0000-7000-8000-0000000000a1", (Grant("officer"),))
OTHER = Viewer("staff:00000000-0000-7000-8000-0000000000a2", (Grant("officer", "", SLUG),))
COUNTY = Viewer("staff:00000000-0000-7000-8000-0000000000a3", (Grant("officer", "140802"),))
FOLDER = settings.LINLI_CITY / "programmes" / SLUG
FIRST = date(2027, 1, 1)


@pytest.fixture
def shelf() -> Catalogue:
    return catalogue(Path(settings.LINLI_CITY))


@pytest.fixture
def published(shelf: Catalogue, db: None) -> ProgrammeVersion:
    return acts.publish_version(viewer=system("test"), catalogue=shelf, programme=shelf.newest(SLUG), demonstration=True)


def next_version(text: str, amount: str = "7000 yuan") -> str:
    """The text of the next version: another name, another first day, one figure raised from then on."""
    value = {"from": ("2027-01-01", "day"), "value": (amount, "value"), "source": {"zh": "测试文件", "en": "test document"}}
    text = append(text, "rule.parameters.postgraduate_grant.values", value)
    return put(put(text, "version", "2027"), "effective_from", "2027-01-01", "day")


def begun(published: ProgrammeVersion) -> Draft:
    examples = (FOLDER / "examples.yaml").read_text("utf-8")
    return acts.begin_draft(viewer=AUTHOR, text=next_version(published.source), examples=examples, base=published.version)


def handed_in(shelf: Catalogue, published: ProgrammeVersion) -> Draft:
    draft = begun(published)
    return acts.submit_draft(viewer=AUTHOR, catalogue=shelf, draft=draft.uid, revision=1)


def publish(viewer: Viewer, shelf: Catalogue, draft: Draft, first: date = FIRST, digest: str = "") -> ProgrammeVersion:
    given = digest or draft.digest
    return acts.publish_draft(viewer=viewer, catalogue=shelf, draft=draft.uid, digest=given, effective_from=first, demonstration=True)


def test_two_people_publish_and_the_trace_says_who(shelf: Catalogue, published: ProgrammeVersion):
    draft = handed_in(shelf, published)
    assert [row.uid for row in queries.to_publish(OTHER)] == [draft.uid]
    assert queries.to_publish(AUTHOR) == queries.to_publish(COUNTY) == []
    version = publish(OTHER, shelf, draft)
    assert (version.version, version.effective_from, version.published_by) == ("2027", FIRST, OTHER.actor)
    assert version.source == draft.text
    assert publish(OTHER, shelf, draft) == version
    assert [fact.type for fact in Fact.objects.filter(subject=f"programme:{SLUG}").order_by("seq")][1:] == [
        "programmes.draft_begun", "programmes.draft_submitted", "programmes.version_published", "programmes.draft_published",
    ]  # fmt: skip
    assert not list(verify_rows())


def test_an_author_never_publishes_not_even_after_somebody_else_saved_last(shelf: Catalogue, published: ProgrammeVersion):
    draft = begun(published)
    saved = acts.save_draft(viewer=OTHER, draft=draft.uid, revision=1, text=draft.text + "# 核对过\n", examples=draft.examples)
    acts.submit_draft(viewer=OTHER, catalogue=shelf, draft=draft.uid, revision=2)
    for author in (AUTHOR, OTHER):
        with pytest.raises(Refused, match="does not publish"):
            publish(author, shelf, saved)
    assert not ProgrammeVersion.objects.filter(slug=SLUG, version="2027").exists()


def test_a_county_officer_neither_writes_nor_publishes(shelf: Catalogue, published: ProgrammeVersion):
    with pytest.raises(Refused):
        acts.begin_draft(viewer=COUNTY, text=published.source)
    draft = handed_in(shelf, published)
    for attempt in (
        lambda: publish(COUNTY, shelf, draft),
        lambda: acts.return_draft(viewer=COUNTY, draft=draft.uid),
        lambda: acts.withdraw_draft(viewer=COUNTY, draft=draft.uid),
        lambda: queries.draft(COUNTY, draft.uid),
    ):
        with pytest.raises(Refused):
            attempt()


def test_the_second_of_two_editors_is_told_and_both_texts_are_kept(published: ProgrammeVersion):
    draft = begun(published)
    first = put(draft.text, "summary.zh", "甲写的简介。")
    second = put(draft.text, "summary.zh", "乙写的简介。")
    acts.save_draft(viewer=AUTHOR, draft=draft.uid, revision=1, text=first, examples=draft.examples)
    with pytest.raises(LinliError, match="Somebody saved this draft"):
        acts.save_draft(viewer=OTHER, draft=draft.uid, revision=1, text=second, examples=draft.examples)
    acts.save_draft(viewer=OTHER, draft=draft.uid, revision=2, text=second, examples=draft.examples)
    kept = DraftRevision.objects.filter(draft__uid=draft.uid).order_by("number").values_list("text", flat=True)
    assert list(kept) == [draft.text, first, second]


def test_a_failing_example_blocks_and_is_named(shelf: Catalogue, published: ProgrammeVersion):
    draft = begun(published)
    wrong = draft.examples.replace("amount: 6000 yuan", "amount: 6001 yuan", 1)
    assert wrong != draft.examples
    draft = acts.save_draft(viewer=AUTHOR, draft=draft.uid, revision=1, text=draft.text, examples=wrong)
    with pytest.raises(Problems) as caught:
        acts.submit_draft(viewer=AUTHOR, catalogue=shelf, draft=draft.uid, revision=2)
    assert {problem.code for problem in caught.value.problems} == {"programmes.example_differs"}
    assert sum(bool(one.differences) for one in tried(draft, shelf)) == 1


def test_a_broken_draft_is_kept_and_says_line_and_column(shelf: Catalogue, published: ProgrammeVersion):
    draft = begun(published)
    broken = draft.text.replace("employment: false", "employment: perhaps", 1) + "\nrule: again: no"
    draft = acts.save_draft(viewer=AUTHOR, draft=draft.uid, revision=1, text=broken, examples=draft.examples)
    found = draft_findings(draft, shelf, [])
    assert [one.error.code for one in found] == ["rules.broken_yaml"]
    assert found[0].error.place is not None
    assert found[0].error.place.line == broken.count("\n") + 1


def test_what_the_publisher_saw_is_what_is_published(shelf: Catalogue, published: ProgrammeVersion):
    draft = handed_in(shelf, published)
    with pytest.raises(LinliError, match="first day"):
        publish(OTHER, shelf, draft, first=date(2027, 2, 1))
    with pytest.raises(LinliError, match="Somebody saved"):
        publish(OTHER, shelf, draft, digest="sha256:other")
    returned = acts.return_draft(viewer=OTHER, draft=draft.uid, note="标准写错了")
    assert (returned.state, returned.note) == ("editing", "标准写错了")
    with pytest.raises(LinliError, match="no state for this"):
        publish(OTHER, shelf, draft)
    assert not ProgrammeVersion.objects.filter(slug=SLUG, version="2027").exists()


def test_one_draft_is_open_at_a_time_and_a_withdrawn_one_makes_room(published: ProgrammeVersion):
    draft = begun(published)
    with pytest.raises(LinliError, match="has an open draft"):
        begun(published)
    acts.withdraw_draft(viewer=OTHER, draft=draft.uid)
    assert begun(published).uid != draft.uid


def test_a_version_name_that_is_taken_and_another_slug_are_refused(shelf: Catalogue, published: ProgrammeVersion):
    draft = acts.begin_draft(viewer=AUTHOR, text=published.source, examples="", base=published.version)
    assert "programmes.version_taken" in [one.error.code for one in draft_findings(draft, shelf, queries.published_programmes(SLUG))]
    with pytest.raises(LinliError, match="stays with its programme"):
        acts.save_draft(viewer=AUTHOR, draft=draft.uid, revision=1, text=put(draft.text, "programme", "another"), examples="")

"""Documents of a case: who gives them, who checks them, what is taken over from earlier, and what happens when a person is erased."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from case_examples import CITY, CLERK, COUNTY, OPENED, OTHER_COUNTY, STEWARD, Town, on, refused, resident, staff
from paper_examples import CHECKER, application, photo, published, taken
from PIL import Image
from place_examples import SYSTEM
from pytest_django import Settings

from linli import vault
from linli.casework import acts as casework
from linli.casework.documents import acts, queries, unchecked, unchecked_among
from linli.casework.models import Case, Document, Requirement
from linli.casework.reactions import forget
from linli.casework.withdrawing import withdraw
from linli.kernel.viewer import Grant
from linli.programmes.declaration import Programme
from linli.registers.acts.erasure import erase_resident
from linli.trace import queries as trace
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.trace.sealed import verify_keys

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LINLI_STATE = tmp_path
    monkeypatch.setattr(acts, "take_in", taken)


@pytest.fixture
def programme(town: Town) -> Programme:
    with on(OPENED):
        return published()


@pytest.fixture
def case(town: Town, programme: Programme) -> Case:
    with on(OPENED):
        return application(programme, town.who, town.self)


def state(case: Case, material: str) -> str:
    return Requirement.objects.get(case=case, material=material).state


def test_a_photo_from_a_telephone_becomes_a_page_that_the_officer_sees(
    town: Town, case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("LINLI_KEY_FILE", str(tmp_path / "keys.json"))
    given = acts.give(town.self, case.uid, "account", photo(size=(3000, 2000)))
    assert (given.pages, given.given_by, given.check_result) == (1, f"resident:{town.who.uid}", "")
    seen = queries.page(COUNTY, queries.document(COUNTY, given.uid), 1)
    (path,) = [one for one in (tmp_path / "files").rglob("*") if one.is_file()]
    assert seen.startswith(b"\xff\xd8\xff")
    assert seen not in path.read_bytes()
    (tmp_path / "seen.jpg").write_bytes(seen)
    assert Image.open(tmp_path / "seen.jpg").size == (2600, 1733)
    reading = vault.accesses_of(town.who.uid).latest("id")
    assert (reading.purpose, reading.fields, reading.actor) == ("casework.document", ["document"], COUNTY.actor)


def test_what_is_given_is_there_and_waits_for_an_officer(town: Town, case: Case) -> None:
    assert state(case, "account") == "wanted"
    given = acts.give(town.self, case.uid, "account", b"one|two|three")
    assert state(case, "account") == "given"
    assert unchecked(case) == [given]
    assert unchecked_among([case.pk]) == {case.pk: 1}
    assert [queries.page(town.self, given, number) for number in (1, 2, 3)] == [b"one", b"two", b"three"]
    for number in (0, 4):
        with refused("documents.no_page"):
            queries.page(town.self, given, number)
    acts.check(CHECKER, given.uid, "accepted")
    assert unchecked(case) == []
    assert unchecked_among([case.pk]) == {}
    assert not list(verify_rows())
    assert [fact.type for fact in trace.timeline(str(case))][-2:] == ["casework.document_given", "casework.document_checked"]


def test_who_may_give_what(town: Town, case: Case) -> None:
    relative = resident(town.other, acts_for=(str(town.who.uid),))
    assert acts.give(relative, case.uid, "account", b"a").given_by == relative.actor
    assert Fact.objects.filter(type="casework.document_given").latest("id").payload["on_behalf_of"] == f"resident:{town.who.uid}"
    assert acts.give(CLERK, case.uid, "account", b"b").given_by == CLERK.actor
    assert acts.give(COUNTY, case.uid, "", b"c", part="evidence").part == "evidence"
    for viewer in (resident(town.other), OTHER_COUNTY, STEWARD):
        with refused("casework.no_case"):
            acts.give(viewer, case.uid, "account", b"d")
    with refused("viewer.level_too_low"):
        acts.give(resident(town.who, level="phone"), case.uid, "account", b"e")
    for material, part in (("", "material"), ("passport", "material"), ("account", "scan"), ("account", "poem")):
        with refused("documents.unknown_material"):
            acts.give(town.self, case.uid, material, b"f", part=part)


def test_sent_twice_it_is_there_once(town: Town, case: Case) -> None:
    first = acts.give(town.self, case.uid, "account", b"a", key="once")
    assert acts.give(town.self, case.uid, "account", b"a", key="once") == first
    assert Document.objects.count() == 1


def test_one_picture_is_one_picture_in_its_case_and_known_again_in_anothers(town: Town, programme: Programme, case: Case) -> None:
    first = acts.give(town.self, case.uid, "", b"the floor", part="evidence")
    with refused("documents.same_again"):
        acts.give(town.self, case.uid, "", b"the floor", part="evidence")
    acts.give(town.self, case.uid, "account", b"the floor")
    with refused("documents.same_again"):
        acts.give(town.self, case.uid, "account", b"the floor")
    acts.check(CHECKER, first.uid, "rejected", "看不清")
    again = acts.give(town.self, case.uid, "", b"the floor", part="evidence")
    assert queries.elsewhere(again) == []
    with on(OPENED):
        other = application(programme, town.other, resident(town.other))
        theirs = acts.give(resident(town.other), other.uid, "account", b"the floor")
    assert queries.elsewhere(theirs) == [case.receipt]
    assert queries.elsewhere(again) == [other.receipt]


def test_a_document_is_never_checked_by_who_gave_it_nor_by_a_stranger(town: Town, case: Case) -> None:
    given = acts.give(COUNTY, case.uid, "account", b"a")
    with refused("documents.own"):
        acts.check(COUNTY, given.uid, "accepted")
    for viewer in (OTHER_COUNTY, town.self, staff(13, Grant("auditor"))):
        with refused("casework.no_case" if viewer == town.self else "documents.none"):
            acts.check(viewer, given.uid, "accepted")
    assert acts.check(CHECKER, given.uid, "accepted").checked_by == CHECKER.actor


def test_nobody_looks_through_another_persons_papers(town: Town, case: Case) -> None:
    given = acts.give(town.self, case.uid, "account", b"a")
    for viewer in (resident(town.other), OTHER_COUNTY, CLERK, STEWARD):
        with refused("documents.none"):
            queries.document(viewer, given.uid)
    assert queries.document(CITY, given.uid) == given


def test_a_rejected_document_says_why_and_is_missing_again(town: Town, case: Case) -> None:
    given = acts.give(town.self, case.uid, "account", b"a")
    with refused("documents.no_reasons"):
        acts.check(CHECKER, given.uid, "rejected", "  ")
    with refused("documents.unknown_result"):
        acts.check(CHECKER, given.uid, "perhaps")
    rejected = acts.check(CHECKER, given.uid, "rejected", "看不清账号")
    assert state(case, "account") == "refused"
    assert "账号" not in rejected.cipher
    assert queries.reasons_of(town.self, queries.documents_of(case)) == {given.uid: "看不清账号"}
    better = acts.give(town.self, case.uid, "account", b"b")
    assert state(case, "account") == "given"
    acts.check(CHECKER, better.uid, "rejected", "户名不一致")
    assert state(case, "account") == "refused"
    acts.check(CHECKER, better.uid, "accepted")
    assert state(case, "account") == "given"
    assert not list(verify_rows())


def test_after_the_case_has_ended_nothing_more_is_taken_but_what_is_there_can_be_checked(town: Town, case: Case) -> None:
    given = acts.give(town.self, case.uid, "account", b"a")
    withdraw(town.self, case.uid)
    with refused("documents.closed"):
        acts.give(town.self, case.uid, "account", b"b")
    assert acts.check(CHECKER, given.uid, "accepted").check_result == "accepted"


def test_what_was_given_once_is_offered_again_for_the_programmes_days(town: Town, programme: Programme, case: Case) -> None:
    with on(OPENED):
        identity, account = (acts.give(town.self, case.uid, name, name.encode()) for name in ("identity", "account"))
        acts.check(CHECKER, account.uid, "accepted")
        withdraw(town.self, case.uid)
        again = application(programme, town.who, town.self)
        assert queries.offers(again) == []  # nobody has looked at it
        acts.check(CHECKER, identity.uid, "accepted")
    with on(OPENED + timedelta(days=364)):
        (offer,) = queries.offers(again)  # the bank account has no days in which it may be taken over
        assert (offer.material.id, offer.document) == ("identity", identity)
    with on(OPENED + timedelta(days=366)):
        assert queries.offers(again) == []
        with refused("documents.none"):
            acts.take_over(town.self, again.uid, identity.uid, "identity")
    with on(OPENED + timedelta(days=30)):
        with refused("documents.none"):
            acts.take_over(town.self, again.uid, account.uid, "identity")
        with refused("casework.no_case"):
            acts.take_over(resident(town.other), again.uid, identity.uid, "identity")
        taken_over = acts.take_over(town.self, again.uid, identity.uid, "identity", key="k")
        assert acts.take_over(town.self, again.uid, identity.uid, "identity", key="k") == taken_over
        assert (taken_over.digest, taken_over.reused, taken_over.check_result) == (identity.digest, identity, "")
        assert state(again, "identity") == "given"
        assert queries.page(CHECKER, queries.document(CHECKER, taken_over.uid), 1) == b"identity"
        assert queries.offers(again) == []
        acts.check(CHECKER, taken_over.uid, "accepted")
        withdraw(town.self, again.uid)
        third = application(programme, town.who, town.self)
    with on(OPENED + timedelta(days=366)):
        assert queries.offers(third) == []  # being taken over made it no younger
    assert queries.offers(application(programme, town.other, resident(town.other))) == []


def test_evidence_can_be_given_for_a_dispute_too(town: Town) -> None:
    with on(OPENED):
        dispute = casework.open_dispute(town.self, town.who.uid, "disability_level", "证上写的是二级")
    given = acts.give(town.self, dispute.uid, "", b"card", part="evidence")
    assert queries.label_of(given, queries.materials_of(dispute)).zh == "其他证明"
    assert queries.offers(dispute) == []


def test_an_erased_persons_papers_go(town: Town, case: Case, tmp_path: Path) -> None:
    given = acts.give(town.self, case.uid, "account", b"a")
    acts.check(CHECKER, given.uid, "rejected", "看不清")
    erase_resident(SYSTEM, resident=town.who, reason="request")
    with refused("vault.erased"):
        queries.page(CITY, given, 1)
    forget([Fact.objects.get(type="registers.resident_erased")])
    assert Document.objects.get(pk=given.pk).cipher == ""
    assert not list(verify_rows())
    assert not list(verify_keys())

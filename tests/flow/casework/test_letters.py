"""Letters of a case: numbers without gaps, what they say, who reads them, scan and service, and what anybody may know of one."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from case_examples import COUNTY, OPENED, OTHER_COUNTY, Town, later, on, refused, resident
from paper_examples import CHECKER, application, published, taken
from place_examples import SYSTEM
from pypdf import PdfReader
from pytest_django import Settings

from linli import vault
from linli.casework.documents import acts as documents
from linli.casework.documents import unchecked
from linli.casework.letters import acts, issue_letter, queries
from linli.casework.letters.sealed import fields_of, text_of
from linli.casework.models import Case, Letter
from linli.casework.reactions import forget
from linli.kernel.codes import spoken
from linli.registers.acts.erasure import erase_resident
from linli.trace import act
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.trace.sealed import verify_keys

pytestmark = pytest.mark.django_db
ORGAN, SITE = ("盐湖区残疾人联合会", "Yanhu Disabled Persons' Federation"), "https://linli.example.org"
FIELDS: dict[str, Any] = {
    "applied": date(2026, 9, 28),
    "accepted": date(2026, 9, 28),
    "due": date(2026, 10, 30),
    "promised_days": 20,
    "basis": ("资助办法第四条", "section 4"),
}


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LINLI_STATE = tmp_path
    monkeypatch.setattr(documents, "take_in", taken)


@pytest.fixture
def case(town: Town) -> Case:
    with on(OPENED):
        return application(published(), town.who, town.self)


def issued(case: Case, kind: str = "acceptance", mark: str = "盐残受", **changed: Any) -> Letter:
    with on(OPENED), act(COUNTY) as a:
        return issue_letter(a, COUNTY, case, kind, {**FIELDS, **changed}, organ=ORGAN, mark=mark)


def test_numbers_run_through_a_marks_year_without_gaps(case: Case) -> None:
    first = issued(case)
    with refused("letters.missing_field"):
        issued(case, due=None)
    second, other = issued(case), issued(case, mark="运残受")
    assert [queries.number_of(one) for one in (first, second, other)] == ["盐残受〔2026〕1号", "盐残受〔2026〕2号", "运残受〔2026〕1号"]
    with on(later(date(2027, 1, 4))), act(COUNTY) as a:
        assert issue_letter(a, COUNTY, case, "acceptance", FIELDS, organ="盐湖区残疾人联合会", mark="盐残受").sequence == 1
    assert len({one.code for one in Letter.objects.all()}) == 4
    assert not list(verify_rows())


def test_what_it_says_is_ciphertext_and_comes_back_as_it_was(case: Case) -> None:
    values = {"day": date(2026, 1, 2), "pair": ("一", "one"), "rows": [{"name": ("二", "two"), "n": 3, "none": None}], "text": "三"}
    assert fields_of(text_of(values)) == values
    letter = issued(case)
    assert "section" not in letter.cipher
    assert letter.digest.startswith("sha256:")
    for field in ({"surprise": "x"}, {"applied": "yesterday"}):
        with refused("letters.unknown_field" if "surprise" in field else "letters.not_a_day"):
            issued(case, **field)


def test_the_person_and_the_office_read_it_as_pdf_and_nobody_else(town: Town, case: Case) -> None:
    letter = issued(case)
    found = queries.letter_for(town.self, letter.uid)
    text = PdfReader(io.BytesIO(queries.pdf(town.self, found, site=SITE))).pages[0].extract_text()
    for words in ("盐残受〔2026〕1号", "测试甲", "资助办法第四条", "2026年9月28日"):
        assert words in text.replace(" ", "")
    assert vault.accesses_of(town.who.uid).latest("id").purpose == "self.view"
    assert queries.pdf(COUNTY, found, site=SITE, original=True) != queries.pdf(COUNTY, found, site=SITE)
    assert b"%PDF" in queries.pdf(COUNTY, found, site=SITE, language="en")[:10]
    for viewer in (resident(town.other), OTHER_COUNTY):
        with refused("letters.none"):
            queries.letter_for(viewer, letter.uid)


def test_anybody_who_holds_one_learns_whether_it_is_genuine(town: Town, case: Case) -> None:
    letter = issued(case)
    copy = queries.pdf(town.self, queries.letter_for(town.self, letter.uid), site=SITE)
    typed = spoken(letter.code).lower()
    told = queries.verified(f" {typed} ")
    assert told is not None
    assert (told.organ, told.number, told.state, told.addressee) == (ORGAN[0], "盐残受〔2026〕1号", "awaits_scan", "测**")
    assert queries.is_as_issued(typed, copy, site=SITE)
    assert not queries.is_as_issued(typed, copy + b" ", site=SITE)
    assert not queries.is_as_issued("2222-2222-2222", copy, site=SITE)
    for unknown in ("", "x", "K7M2-3QRT", "2" * 12, spoken(letter.code)[:-1] + "2"):
        assert queries.verified(unknown) is None or queries.verified(unknown) == told


def test_the_scan_of_the_stamped_original_is_attached_and_nobody_has_to_check_it(town: Town, case: Case) -> None:
    letter = issued(case)
    for viewer, code in ((OTHER_COUNTY, "letters.none"), (town.self, "casework.no_case")):
        with refused(code):
            acts.attach_scan(viewer, letter.uid, b"scan")
    scanned = acts.attach_scan(CHECKER, letter.uid, b"scan|page two")
    assert scanned.scan is not None
    assert (queries.state_of(scanned), scanned.scan.pages, scanned.scan.part) == ("scanned", 2, "scan")
    assert unchecked(case) == []
    assert acts.attach_scan(CHECKER, letter.uid, b"better").scan != scanned.scan
    assert not list(verify_rows())


def test_service_is_recorded_once(town: Town, case: Case) -> None:
    letter = issued(case)
    for viewer, how in ((COUNTY, "portal"), (town.self, "post"), (COUNTY, "pigeon")):
        with refused("letters.not_served_so"):
            acts.served(viewer, letter.uid, how)
    with on(OPENED + timedelta(days=1)):
        first = acts.served(town.self, letter.uid, "portal")
    with on(OPENED + timedelta(days=9)):
        again = acts.served(COUNTY, letter.uid, "post")
    assert (again.served_at, again.served_how) == (first.served_at, "portal")
    assert Fact.objects.filter(type="casework.letter_served", echo_of=None).count() == 1


def test_a_withdrawn_letter_says_so_and_changes_no_more(town: Town, case: Case) -> None:
    letter = issued(case)
    acts.withdraw_letter(COUNTY, letter.uid)
    told = queries.verified(letter.code)
    assert told is not None
    assert told.state == "withdrawn"
    for again in (lambda: acts.attach_scan(COUNTY, letter.uid, b"s"), lambda: acts.withdraw_letter(COUNTY, letter.uid)):
        with refused("letters.withdrawn"):
            again()
    assert acts.served(town.self, letter.uid, "portal").served_at is None


def test_of_an_erased_person_the_number_stays_and_the_words_go(town: Town, case: Case) -> None:
    letter = issued(case)
    copy = queries.pdf(town.self, queries.letter_for(town.self, letter.uid), site=SITE)
    erase_resident(SYSTEM, resident=town.who, reason="request")
    forget([Fact.objects.get(type="registers.resident_erased")])
    told = queries.verified(letter.code)
    assert told is not None
    assert (told.number, told.addressee) == ("盐残受〔2026〕1号", "")
    assert not queries.is_as_issued(letter.code, copy, site=SITE)
    assert not list(verify_keys())
    assert not list(verify_rows())


@pytest.mark.parametrize(("name", "masked"), [("", ""), ("张", "张"), ("张三", "张*"), ("欧阳小明", "欧**"), ("Alexander", "A**")])
def test_a_name_is_masked(name: str, masked: str) -> None:
    assert queries.masked_name(name) == masked

"""Papers and letters on the pages: given by telephone, looked at beside the registers, scanned at a window, verified by anybody."""

from __future__ import annotations

from typing import Any

import pytest
from case_examples import COUNTY
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from own_browser import own_browser
from paper_examples import application, photo, taken
from place_examples import FIRST_DAY, SYSTEM
from test_letters import FIELDS, ORGAN
from web_examples import AID, PASSWORD, SmallCity, dispute

from linli.casework.documents import acts as documents
from linli.casework.letters import issue_letter
from linli.casework.models import Case, Document, Letter
from linli.entitlements.models import Application
from linli.kernel import clock
from linli.kernel.codes import spoken
from linli.programmes.queries import published_programmes
from linli.registers import acts, facts
from linli.registers.models import Record
from linli.trace import act
from linli.vault import accesses_of

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return str(response.content.decode())


def sent(content: bytes, key: str = "one", field: str = "file") -> dict[str, Any]:
    return {"key": key, field: SimpleUploadedFile("IMG_0001.JPG", content, "image/svg+xml")}


@pytest.fixture
def case(small_city: SmallCity, db: None, monkeypatch: pytest.MonkeyPatch) -> Case:
    """An application of 测试甲."""
    monkeypatch.setattr(documents, "take_in", taken)
    found, who = application(published_programmes(AID)[-1], small_city.found, SYSTEM), small_city.found.uid
    Application.objects.create(case=found, person=who, programme=AID, beneficiary_kind="person", beneficiary=who)
    return found


@pytest.fixture
def mine(small_city: SmallCity, db: None) -> Client:
    """A browser in which 测试甲 has signed in with a checked card."""
    return own_browser(small_city.found)


@pytest.fixture
def window(small_city: SmallCity, db: None) -> Client:
    """A clerk of 河津市, where nobody of this case lives."""
    staff = acts.add_staff(SYSTEM, login="window", name="窗口员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=staff, role="clerk", area_code="140882", valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": "window", "password": PASSWORD})
    return client


def test_a_photo_is_given_by_telephone_and_looked_at(mine: Client, office: Client, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    own = f"/my/cases/{case.uid}/papers/"
    page = text(mine.get(own))
    assert f"{own}give/?material=account" in page
    assert "等您交" in page
    form = text(mine.get(f"{own}give/?material=account"))
    assert 'capture="environment"' in form
    response = mine.post(f"{own}give/?material=account", sent(photo(), field="photo"))
    assert response["Location"] == own
    given = Document.objects.get()
    assert "已交，等审核" in text(mine.get(own))
    look = text(mine.get(f"/my/papers/{given.uid}/"))
    assert f'src="/my/papers/{given.uid}/1/"' in look
    picture = mine.get(f"/my/papers/{given.uid}/1/")
    assert picture.content.startswith(b"\xff\xd8\xff")
    headers = picture.headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"]
    assert office.get(f"/office/papers/{given.uid}/1/").content == picture.content
    assert accesses_of(case.subject_uid)[0].purpose == "casework.document"


@pytest.mark.parametrize("content", [b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"PK\x03\x04zip", b""])
def test_what_is_no_photo_is_refused_beside_its_field(mine: Client, case: Case, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.undo()
    response = mine.post(f"/my/cases/{case.uid}/papers/give/?material=account", sent(content))
    assert response.status_code == 400
    assert 'id="id_file-error"' in text(response)
    assert not Document.objects.exists()
    assert mine.get(f"/my/cases/{case.uid}/papers/give/?material=passport").status_code == 404


def test_an_officer_goes_from_paper_to_paper_and_nothing_is_paid_before_the_last(
    mine: Client, office: Client, case: Case, small_city: SmallCity
) -> None:
    for name in ("account", "identity"):
        mine.post(f"/my/cases/{case.uid}/papers/give/?material={name}", sent(b"one|two", name))
    account, identity = Document.objects.order_by("id")
    with act(SYSTEM) as a:  # what another department's list says, which the programme doesn't read
        row = Record.objects.create(
            resident=small_city.found,
            list_slug="elder-survey",
            data={"lives_alone": True},
            origin="query",
            valid_from=FIRST_DAY,
            known_from=clock.now(),
        )
        a.record(facts.RESIDENT_CORRECTED, subject=f"resident:{small_city.found.uid}", payload={"fields": ["test"]}, rows=[row])
    listed = text(office.get(f"/office/cases/{case.uid}/papers/"))
    assert "有 2 份材料等审核" in listed
    page = text(office.get(f"/office/papers/{account.uid}/?page=2&zoom=2&turn=270"))
    for told in ("测试甲", f'src="/office/papers/{account.uid}/2/"', 'data-zoom="2"', 'data-turn="270"', "?page=1&amp;zoom=2&amp;turn=270"):
        assert told in page
    assert "持有残疾人证" in page
    assert "是否独居" not in page
    assert f"/office/papers/{identity.uid}/" in page
    assert office.get(f"/office/papers/{account.uid}/3/").status_code == 404
    no_reason = office.post(f"/office/papers/{account.uid}/", {"key": "a", "result": "rejected", "reasons": ""})
    assert (no_reason.status_code, "id_reasons-error" in text(no_reason)) == (400, True)
    onward = office.post(f"/office/papers/{account.uid}/", {"key": "b", "result": "rejected", "reasons": "账号看不清"})
    assert onward["Location"] == f"/office/papers/{identity.uid}/"
    done = office.post(f"/office/papers/{identity.uid}/", {"key": "c", "result": "accepted", "reasons": ""})
    assert done["Location"] == f"/office/cases/{case.uid}/papers/"
    own = text(mine.get(f"/my/cases/{case.uid}/papers/"))
    for told in ("账号看不清", "不合格，请重交", "已交，合格"):
        assert told in own
    assert "测试员" not in own
    mine.post(f"/my/cases/{case.uid}/papers/give/?material=account", sent(b"three", "again"))
    assert "已交，等审核" in text(mine.get(f"/my/cases/{case.uid}/papers/"))
    again = Document.objects.latest("id")
    office.post(f"/office/papers/{again.uid}/", {"key": "d", "result": "accepted", "reasons": ""})
    own = text(mine.get(f"/my/cases/{case.uid}/papers/"))
    assert "已交，等审核" not in own
    assert own.count("已交，合格") == 2


def test_a_page_of_papers_takes_as_many_queries_for_three_as_for_one(mine: Client, office: Client, case: Case) -> None:
    def counted() -> list[int]:
        found = []
        for client, address in ((mine, f"/my/cases/{case.uid}/papers/"), (office, f"/office/cases/{case.uid}/papers/")):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        return found

    give = f"/my/cases/{case.uid}/papers/give/?material=account"
    mine.post(give, sent(b"a", "1"))
    counted()
    once = counted()
    for key in ("2", "3"):
        mine.post(give, sent(b"a", key))
    assert counted() == once


def test_evidence_is_given_for_a_dispute_from_its_page(mine: Client, small_city: SmallCity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "take_in", taken)
    own = f"/my/cases/{dispute(small_city.found).uid}/papers/"
    assert f'href="{own}"' in text(mine.get(own.removesuffix("papers/")))
    assert mine.post(f"{own}give/", sent(b"card"))["Location"] == own
    assert "其他证明" in text(mine.get(own))
    assert Document.objects.get().part == "evidence"


def test_what_was_given_before_is_taken_over_with_a_tick(mine: Client, office: Client, case: Case, small_city: SmallCity) -> None:
    own = f"/my/cases/{case.uid}/papers/"
    mine.post(f"{own}give/?material=identity", sent(b"card"))
    given = Document.objects.get()
    office.post(f"/office/papers/{given.uid}/", {"key": "a", "result": "accepted", "reasons": ""})
    mine.post(f"/my/cases/{case.uid}/", {"withdraw": "1"})
    again = application(published_programmes(AID)[-1], small_city.found, SYSTEM)
    address = f"/my/cases/{again.uid}/papers/"
    tick = f"identity:{given.uid}"
    assert f'value="{tick}" checked' in text(mine.get(address))
    assert "没有选择材料" in text(mine.post(address, {"key": "k"}, follow=True))
    assert "已经用上 1 份" in text(mine.post(address, {"key": "k", "again": [tick, "account:x"]}, follow=True))
    assert Document.objects.get(case=again).reused == given


def test_a_clerk_of_another_county_scans_papers_for_a_receipt_and_sees_none(window: Client, mine: Client, case: Case) -> None:
    mine.post(f"/my/cases/{case.uid}/papers/give/?material=account", sent(b"a"))
    given = Document.objects.get()
    assert window.post("/window/papers/", {"receipt": case.receipt[:-1] + "x"}).status_code == 400
    spoken_number = " ".join((case.receipt[:6], case.receipt[6:]))
    there = window.post("/window/papers/", {"receipt": spoken_number})["Location"]
    assert there == f"/window/cases/{case.uid}/papers/"
    page = text(window.get(there))
    assert "测**" in page
    assert "测试甲" not in page
    assert str(given.uid) not in page
    assert window.get(f"/office/papers/{given.uid}/").status_code == 404
    assert window.post(f"{there}give/?material=identity", sent(b"card"))["Location"] == there
    assert Document.objects.latest("id").given_by.startswith("staff:")


def test_other_peoples_papers_are_not_there(case: Case, mine: Client, office: Client, small_city: SmallCity, local_office: Client) -> None:
    mine.post(f"/my/cases/{case.uid}/papers/give/?material=account", sent(b"a"))
    given, letter = Document.objects.get(), a_letter(case)
    stranger = own_browser(small_city.away)
    for address in (
        f"/my/cases/{case.uid}/papers/",
        f"/my/papers/{given.uid}/",
        f"/my/papers/{given.uid}/1/",
        f"/my/case-letters/{letter.uid}/",
    ):
        assert stranger.get(address).status_code == 404, address
    for address in (f"/office/papers/{given.uid}/", f"/office/letters/{letter.uid}/", f"/office/letters/{letter.uid}/pdf/"):
        assert (office.get(address).status_code, stranger.get(address).status_code) == (200, 302), address


def a_letter(case: Case) -> Letter:
    with act(COUNTY) as a:
        return issue_letter(a, COUNTY, case, "acceptance", FIELDS, organ=ORGAN, mark="盐残受")


def test_a_letter_is_served_by_opening_it_scanned_and_verified_by_anybody(mine: Client, office: Client, case: Case, client: Client) -> None:
    letter = a_letter(case)
    assert "盖章件还没有扫描" in text(mine.get(f"/my/cases/{case.uid}/papers/"))
    file = mine.get(f"/my/case-letters/{letter.uid}/")
    assert (file["Content-Type"], file.content[:5]) == ("application/pdf", b"%PDF-")
    letter.refresh_from_db()
    assert letter.served_how == "portal"
    page = office.get(f"/office/letters/{letter.uid}/")
    assert "本人在网上打开" in text(page)
    assert office.get(f"/office/letters/{letter.uid}/pdf/?edition=original").content != file.content
    checked = client.get(f"/verify/{spoken(letter.code)}/")
    for told in ("是我们出具的文书", "盐残受〔2026〕1号", "测**", ORGAN[0]):
        assert told in text(checked)
    assert "测试甲" not in text(checked)
    assert "no-store" in checked["Cache-Control"]
    upload = {"file": SimpleUploadedFile("a.pdf", file.content)}
    assert "一字不差" in text(client.post(f"/verify/{letter.code}/", upload))
    forged = {"file": SimpleUploadedFile("a.pdf", file.content.replace(b"%%EOF", b"%%EOF "))}
    assert "和我们出具的不一样" in text(client.post(f"/verify/{letter.code}/", forged))
    assert "先当作假的" in text(client.get("/verify/?code=K7M2-3QRT"))
    done = office.post(f"/office/letters/{letter.uid}/", {"scan": "1", "file": SimpleUploadedFile("s.pdf", b"one|two")}, follow=True)
    assert "扫描件已经附上" in text(done)
    assert "盖章件已扫描" in text(client.get(f"/verify/{letter.code}/"))
    office.post(f"/office/letters/{letter.uid}/", {"withdraw": "1"})
    assert "不再有效" in text(client.get(f"/verify/{letter.code}/"))


def test_without_a_scan_a_served_letter_is_recorded_by_the_office(office: Client, case: Case) -> None:
    letter = a_letter(case)
    assert office.post(f"/office/letters/{letter.uid}/", {"scan": "1"}).status_code == 400
    assert "送达已经登记" in text(office.post(f"/office/letters/{letter.uid}/", {"served": "visit"}, follow=True))
    assert office.post(f"/office/letters/{letter.uid}/", {"served": "pigeon"}).status_code == 403


def test_a_file_larger_than_may_be_is_told_so(mine: Client, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.papers.scans.LARGEST", 1000)
    response = mine.post(f"/my/cases/{case.uid}/papers/give/?material=account", sent(b"x" * 1001))
    assert (response.status_code, "20 MB" in text(response)) == (400, True)

"""A version of a programme as two officers make it: forms that write the file, a preview, a colleague who publishes."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from place_examples import FIRST_DAY, SYSTEM
from screening_examples import put_in_force
from web_examples import AID, PASSWORD, SmallCity, officer

from linli.kernel import clock
from linli.programmes.editing import put
from linli.programmes.files import city_vocabulary, parse_programme
from linli.programmes.models import Draft, ProgrammeVersion
from linli.programmes.queries import live_version
from linli.registers import acts as registers
from linli.screening import acts as screening
from linli.screening.models import Preview

pytestmark = pytest.mark.django_db
NAMES, FIGURES = "names", "figures"
OTHERS = ("clerk", "steward", "planner", "administrator", "security", "auditor")
RAISED = "rule__parameters__undergraduate_grant__values-0__value"


@pytest.fixture
def two(small_city: SmallCity) -> tuple[Client, Client]:
    """Two officers of the whole city, signed in."""
    officer("second", "测试同事")
    clients = Client(), Client()
    for client, login in zip(clients, ("officer", "second"), strict=True):
        assert client.post("/office/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return clients


def begun(client: Client) -> Draft:
    """The next version of the student aid, as an officer begins it."""
    live = live_version(AID, clock.today())
    assert live is not None
    told = {"version": "next", "first_0": "2027", "first_1": "1", "first_2": "1"}
    response = client.post(reverse("programmes:begin", args=[AID, live.version]), told)
    assert response.status_code == 302, response.content.decode()
    return Draft.objects.get(slug=AID, state="editing")


def fields(client: Client, draft: Draft, section: str) -> dict[str, str]:
    """What the form of a section holds, as a browser would send it back."""
    form = client.get(reverse("programmes:section", args=[draft.uid, section])).context["form"]
    return {name: form[name].value() for name in form.fields}


def save(client: Client, draft: Draft, section: str, **changed: str) -> Any:
    told = {**fields(client, draft, section), **changed}
    return client.post(reverse("programmes:section", args=[draft.uid, section]), told, follow=True)


def previewed(client: Client, draft: Draft) -> Preview:
    assert client.post(reverse("programmes:ask_preview", args=[draft.uid])).status_code == 302
    preview = Preview.objects.get(draft=draft.uid)
    screening.make_preview(uid=preview.uid)
    return Preview.objects.get(pk=preview.pk)


def handed_in(client: Client) -> Draft:
    draft = begun(client)
    save(client, draft, FIGURES, **{RAISED: "5,500.00"})
    examples = Draft.objects.get(pk=draft.pk).examples.replace("5000 yuan", "5500 yuan")
    draft.refresh_from_db()
    client.post(reverse("programmes:examples", args=[draft.uid]), {"text": examples, "revision": draft.revision})
    draft.refresh_from_db()
    client.post(reverse("programmes:submit", args=[draft.uid]), {"revision": draft.revision})
    draft.refresh_from_db()
    assert draft.state == "submitted"
    return draft


def test_two_officers_bring_a_version_into_force(two: tuple[Client, Client]):
    author, colleague = two
    draft = handed_in(author)
    preview = previewed(author, draft)
    page = author.get(reverse("programmes:preview", args=[preview.uid]))
    assert preview.figures["totals"]["more"] == 2
    assert "金额增加" in page.content.decode()
    address = reverse("programmes:review", args=[draft.uid])
    told = {"digest": draft.digest, "first_0": "2027", "first_1": "1", "first_2": "1"}
    refused = author.post(address, told)
    assert "您参与了起草" in refused.content.decode()
    assert not ProgrammeVersion.objects.filter(slug=AID, version="next").exists()
    wrong_day = colleague.post(address, {**told, "first_1": "2"})
    assert "起始日与草案不同" in wrong_day.content.decode()
    shown = colleague.get(address)
    assert shown.context["form"]["first"].value() is None, "stated from the document, not taken over"
    assert f"用 {clock.today().year}年" in shown.content.decode()
    Preview.objects.filter(pk=preview.pk).update(base="2019")
    for answer in (colleague.get(address), colleague.post(address, told)):
        assert "再预演一次" in answer.content.decode()
        assert 'name="first_0"' not in answer.content.decode()
    assert "再预演一次" in colleague.get(reverse("programmes:preview", args=[preview.uid])).content.decode()
    assert not ProgrammeVersion.objects.filter(slug=AID, version="next").exists()
    Preview.objects.filter(pk=preview.pk).update(base=preview.base)
    assert colleague.post(address, told).status_code == 302
    assert ProgrammeVersion.objects.get(slug=AID, version="next").source == Draft.objects.get(pk=draft.pk).text
    shown = colleague.get(reverse("programmes:versions", args=[AID])).content.decode()
    assert "测试同事" in shown
    assert "测试员" in shown


def older(client: Client) -> ProgrammeVersion:
    """A version of years ago, with an end and remarks of whoever wrote it, published before the one in force."""
    live = live_version(AID, clock.today())
    assert live is not None
    text = put(put(live.source, "version", "2020"), "effective_from", "2020-01-01", "day")
    text = put(put(text, "effective_to", "2022-12-31", "day"), "rule.parameters.college_grant.values[0].value", "3000 yuan", "value")
    text = text.replace("\nrule:\n", "\n# 依据当年的文件，见存档\nrule:  # 三个学段\n")
    text = text.replace("from: 2023-01-01", "from: 2020-01-01")
    put_in_force(parse_programme(text.encode(), city_vocabulary(django_settings.LINLI_CITY), file="programme.yaml"))
    return ProgrammeVersion.objects.get(slug=AID, version="2020")


def test_a_draft_from_an_older_version_is_its_text_with_another_name_and_first_day(two: tuple[Client, Client]):
    author = two[0]
    base = older(author)
    address = reverse("programmes:begin", args=[AID, base.version])
    assert address in author.get(reverse("programmes:versions", args=[AID])).content.decode()
    shown = author.get(address).content.decode()
    assert "2020" in shown
    told = {"version": "2027", "first_0": "2027", "first_1": "3", "first_2": "1"}
    response = author.post(address, told)
    draft = Draft.objects.get(slug=AID, state="editing")
    assert response["Location"] == reverse("programmes:draft", args=[draft.uid])
    expected = base.source.replace('version: "2020"', 'version: "2027"').replace("effective_from: 2020-01-01", "effective_from: 2027-03-01")
    expected = expected.replace("effective_to: 2022-12-31", "effective_to: null")
    assert draft.text.splitlines() == expected.splitlines()
    assert "# 依据当年的文件，见存档\nrule:  # 三个学段\n" in draft.text
    assert (draft.base, draft.revision, draft.revisions.get().text) == ("2020", 1, draft.text)
    live = live_version(AID, clock.today())
    assert live is not None
    assert previewed(author, draft).base == live.version
    told = author.get(reverse("programmes:difference", args=[draft.uid])).content.decode()
    assert f"{live.version} → 2027" in told, "beside the version of 2020, which nobody is paid by, the lower grant would not be seen"
    assert "3,000" in told


def test_nobody_publishes_what_was_not_previewed(two: tuple[Client, Client]):
    author, colleague = two
    draft = handed_in(author)
    told = {"digest": draft.digest, "first_0": "2027", "first_1": "1", "first_2": "1"}
    answer = colleague.post(reverse("programmes:review", args=[draft.uid]), told)
    assert "先预演" in answer.content.decode()
    assert not ProgrammeVersion.objects.filter(slug=AID, version="next").exists()


def test_a_form_writes_one_value_and_leaves_the_rest_of_the_file_letter_by_letter(two: tuple[Client, Client]):
    draft = begun(two[0])
    before = draft.text
    assert fields(two[0], draft, FIGURES)[RAISED] == "5,000.00"
    save(two[0], draft, FIGURES, **{RAISED: "5000"})
    draft.refresh_from_db()
    assert draft.text == before
    save(two[0], draft, FIGURES, **{RAISED: "5500"})
    draft.refresh_from_db()
    assert draft.text == before.replace("value: 5000 yuan", "value: 5500 yuan")
    answer = save(two[0], draft, NAMES)
    draft.refresh_from_db()
    assert (answer.status_code, draft.revision) == (200, 2)


def test_what_is_no_amount_in_yuan_is_refused_at_its_field_and_stays_as_typed(two: tuple[Client, Client]):
    draft = begun(two[0])
    page = save(two[0], draft, FIGURES, **{RAISED: "5500.505"})
    form = page.context["form"]
    assert "最多两位小数" in form.errors[RAISED][0]
    assert form[RAISED].value() == "5500.505"
    draft.refresh_from_db()
    assert draft.revision == 1


def test_a_fault_stands_at_its_field_with_what_to_do(two: tuple[Client, Client]):
    draft = begun(two[0])
    page = save(two[0], draft, "conditions", **{"rule__conditions-0__when": "is_enroled_student"})
    form = page.context["form"]
    assert list(form.errors) == ["rule__conditions-0__when"]
    assert "is_enrolled_student" in form.errors["rule__conditions-0__when"][0]
    draft.refresh_from_db()
    assert "when: is_enroled_student" in draft.text
    answer = two[0].post(reverse("programmes:submit", args=[draft.uid]), {"revision": draft.revision})
    assert "没有办成" in answer.content.decode()


def test_a_missing_language_is_told_at_its_own_field_and_what_was_saved_is_said_once(two: tuple[Client, Client]):
    draft = begun(two[0])
    lines = draft.text.splitlines(keepends=True)
    at = next(place for place, line in enumerate(lines) if line.startswith("summary:"))
    english = next(place for place in range(at, len(lines)) if lines[place].startswith("  en:"))
    end = next(place for place in range(english + 1, len(lines)) if not lines[place].startswith("    "))
    sent = {"text": "".join([*lines[:english], *lines[end:]]), "revision": draft.revision}
    said = two[0].post(reverse("programmes:text", args=[draft.uid]), sent, follow=True).content.decode()
    assert "已保存，还有 1 处要改" in said
    assert "已保存。" not in said
    page = two[0].get(reverse("programmes:section", args=[draft.uid, NAMES]) + "?saved=1")
    assert page.context["form"].errors == {"summary__en": ["缺少英文。补上英文"]}
    said = page.content.decode()
    assert "已保存，还有 1 处要改" in said
    assert "请改正以下内容" not in said


def test_two_editors_of_different_fields_keep_both_and_of_one_field_are_told(two: tuple[Client, Client]):
    first, second = two
    draft = begun(first)
    seen = fields(second, draft, NAMES)
    save(first, draft, NAMES, summary__zh="甲写的简介。")
    address = reverse("programmes:section", args=[draft.uid, NAMES])
    both = second.post(address, {**seen, "benefit__zh": "乙写的待遇。"}, follow=True).content.decode()
    assert "双方的改动都在" in both
    draft.refresh_from_db()
    assert "甲写的简介。" in draft.text
    assert "乙写的待遇。" in draft.text
    clash = second.post(address, {**seen, "summary__zh": "乙写的简介。"})
    form = clash.context["form"]
    assert "甲写的简介。" in form.errors["summary__zh"][0]
    assert form["summary__zh"].value() == "乙写的简介。"
    draft.refresh_from_db()
    assert "甲写的简介。" in draft.text
    second.post(address, {name: form[name].value() for name in form.fields})
    draft.refresh_from_db()
    assert "乙写的简介。" in draft.text


def test_a_new_figure_with_its_first_day_and_source(two: tuple[Client, Client]):
    draft = begun(two[0])
    base = "rule__parameters__college_grant__values-+__"
    new = {f"{base}from": "2027-01-01", f"{base}value": "4500", f"{base}source__zh": "测试文件", f"{base}source__en": "test document"}
    page = save(two[0], draft, FIGURES, **new)
    assert not page.context["form"].errors
    draft.refresh_from_db()
    assert "- {from: 2027-01-01, value: 4500 yuan, source: {zh: 测试文件, en: test document}}" in draft.text
    told = two[0].get(reverse("programmes:difference", args=[draft.uid])).content.decode()
    assert "4,500.00 元（每年）" in told
    assert "至2026年12月31日" in told


def test_the_text_editor_keeps_what_was_typed_when_somebody_saved_before(two: tuple[Client, Client]):
    first, second = two
    draft = begun(first)
    address = reverse("programmes:text", args=[draft.uid])
    first.post(address, {"text": draft.text + "# 甲\n", "revision": 1})
    page = second.post(address, {"text": draft.text + "# 乙\n", "revision": 1})
    assert "# 乙" in page.context["form"]["text"].value()
    assert page.context["theirs"].endswith("# 甲\n")
    assert page.context["form"]["revision"].value() == 2


def test_a_file_goes_out_and_comes_back_as_it_was(two: tuple[Client, Client], small_city: SmallCity):
    live = live_version(AID, clock.today())
    assert live is not None
    sent = two[0].get(reverse("programmes:download", args=[AID, live.version]))
    assert sent.content == (django_settings.LINLI_CITY / "programmes" / AID / "programme.yaml").read_bytes()
    broken = sent.content.replace(b"employment: false", b"employment: perhaps")
    file = SimpleUploadedFile("programme.yaml", broken)
    assert two[0].post(reverse("programmes:upload"), {"programme": file}).status_code == 302
    draft = Draft.objects.get(slug=AID)
    back = two[1].get(reverse("programmes:file", args=[draft.uid, "programme"]))
    assert back.content == broken
    page = two[1].get(reverse("programmes:draft", args=[draft.uid]))
    assert "还不能提交" in page.content.decode()
    again = two[1].post(reverse("programmes:upload"), {"programme": SimpleUploadedFile("programme.yaml", sent.content)})
    assert again.status_code == 302
    draft.refresh_from_db()
    assert (draft.revision, draft.text.encode()) == (2, sent.content)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"- a\n- b\n", b"programme: ../../etc\n", b"programme: &x a\n"])
def test_what_is_no_programme_file_is_refused_on_the_page(two: tuple[Client, Client], content: bytes):
    page = two[0].post(reverse("programmes:upload"), {"programme": SimpleUploadedFile("../x.yaml", content)})
    assert page.context["form"].errors["programme"]
    assert not Draft.objects.exists()


def test_drafts_are_for_officers_of_the_whole_city_and_auditors_only_read(two: tuple[Client, Client], small_city: SmallCity):
    draft = handed_in(two[0])
    preview = previewed(two[0], draft)
    readers = {login: Client() for login in ("local", *OTHERS)}
    for role in OTHERS:
        staff = registers.add_staff(SYSTEM, login=role, name=f"岗位{role}", password=PASSWORD)
        registers.place_grant(SYSTEM, staff=staff, role=role, valid_from=FIRST_DAY)
    for login, client in readers.items():
        client.post("/office/sign-in/", {"login": login, "password": PASSWORD})
        assert str(draft.uid) not in client.get(reverse("programmes:list")).content.decode() or login == "auditor"
    assert readers["local"].get(reverse("programmes:versions", args=[AID])).status_code == 200
    addresses = [
        reverse(f"programmes:{name}", args=[draft.uid]) for name in ("draft", "text", "examples", "difference", "history", "review")
    ]
    addresses += [
        reverse("programmes:section", args=[draft.uid, NAMES]),
        reverse("programmes:file", args=[draft.uid, "programme"]),
        reverse("programmes:revision", args=[draft.uid, 1]),
        reverse("programmes:preview", args=[preview.uid]),
        reverse("programmes:changed", args=[preview.uid, "more"]),
        reverse("programmes:subject", args=[preview.uid, small_city.away.uid]),
    ]
    posted = [reverse(f"programmes:{name}", args=[draft.uid]) for name in ("submit", "move", "confirm", "review", "text")]
    for login, client in readers.items():
        expected = 200 if login == "auditor" else 403
        assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, expected), login
        assert {address: client.post(address).status_code for address in posted} == dict.fromkeys(posted, 403), login


def test_the_explanation_under_the_draft_says_its_condition_and_is_read_for_a_purpose(two: tuple[Client, Client], small_city: SmallCity):
    draft = handed_in(two[0])
    preview = previewed(two[0], draft)
    listed = two[1].get(reverse("programmes:changed", args=[preview.uid, "more"]) + "?county=140802")
    assert "测试甲" in listed.content.decode()
    assert "测试乙" not in listed.content.decode()
    page = two[1].get(reverse("programmes:subject", args=[preview.uid, small_city.found.uid])).content.decode()
    assert "5,500 元" in page
    assert "按草案计算" in page


def test_a_draft_whose_days_are_over_is_told_on_its_preview_and_before_publishing(two: tuple[Client, Client]):
    draft = handed_in(two[0])
    preview = previewed(two[0], draft)
    addresses = (reverse("programmes:preview", args=[preview.uid]), reverse("programmes:review", args=[draft.uid]))
    for by, told in (("2026c", "之后是版本 2026c：发布后，今天起没有人的结果会变。"), ("", "之后没有版本适用。")):
        Preview.objects.filter(pk=preview.pk).update(figures={**preview.figures, "over": {"last": "2026-10-31", "by": by}})
        for address in addresses:
            page = two[1].get(address).content.decode()
            assert "这份草案只适用到 2026年10月31日" in page
            assert told in page


def questions(client: Client, draft: Draft, *names: str) -> dict[str, int]:
    """How many queries each page of a draft takes."""
    counted = {}
    for name in names:
        address = reverse(f"programmes:{name}", args=[draft.uid])
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        counted[name] = len(asked)
    return counted


def test_pages_of_a_draft_ask_the_same_number_of_questions_however_often_it_was_saved(two: tuple[Client, Client]):
    first, second = two
    draft = begun(first)
    pages = ("draft", "difference", "text", "examples", "history")
    before = questions(first, draft, *pages)
    for number, client in enumerate((second, first, second)):
        save(client, draft, NAMES, summary__zh=f"第{number}次写的简介。")
    assert questions(first, draft, *pages) == before
    assert max(before.values()) <= 16


def test_what_was_handed_in_waits_in_the_colleagues_inbox_with_a_link(two: tuple[Client, Client]):
    draft = handed_in(two[0])
    link = reverse("programmes:review", args=[draft.uid])
    inbox = two[1].get(reverse("office:inbox")).content.decode()
    assert link in inbox
    assert "待发布的草案" in inbox
    assert link not in two[0].get(reverse("office:inbox")).content.decode()


def test_a_version_in_the_files_is_taken_up_as_a_draft_from_the_inbox(two: tuple[Client, Client]):
    page = two[0].get(reverse("office:inbox")).content.decode()
    address = reverse("programmes:versions", args=["employer-insurance-subsidy"])
    assert address in page
    listed = two[0].get(address).content.decode()
    begin = reverse("programmes:begin", args=["employer-insurance-subsidy", "draft-1"])
    assert begin in listed
    assert two[0].post(begin).status_code == 302
    assert Draft.objects.get(slug="employer-insurance-subsidy").state == "editing"


def test_a_revision_is_the_text_as_it_was_saved(two: tuple[Client, Client]):
    draft = begun(two[0])
    save(two[0], draft, NAMES, summary__zh="另一句。")
    kept = two[0].get(reverse("programmes:revision", args=[draft.uid, 1]))
    assert io.BytesIO(kept.content).read().decode() == draft.text


def listed_examples(client: Client, draft: Draft) -> Any:
    return client.get(reverse("programmes:examples", args=[draft.uid]))


def example_form(client: Client, draft: Draft, place: int) -> dict[str, str]:
    page = client.get(reverse("programmes:example", args=[draft.uid, place]))
    assert page.status_code == 200
    form = page.context["form"]
    return {"revision": str(page.context["revision"]), **{name: str(form[name].value() or "") for name in form.fields}}


def changed_example(client: Client, draft: Draft, place: int, **changed: str) -> Any:
    told = example_form(client, draft, place) | {name.replace("__", "."): value for name, value in changed.items()}
    return client.post(reverse("programmes:example", args=[draft.uid, place]), told, follow=True)


def test_an_example_is_changed_by_a_form_and_only_its_own_lines_change(two: tuple[Client, Client]):
    draft = begun(two[0])
    before = draft.examples
    changed_example(two[0], draft, 0)
    draft.refresh_from_db()
    assert (draft.examples, draft.revision) == (before, 1)
    told = example_form(two[0], draft, 0)
    assert (told["verdict"], told["amount_how"], told["amount"]) == ("eligible", "given", "5,000.00")
    changed_example(two[0], draft, 0, amount="5500.5", fact__student_level="college")
    draft.refresh_from_db()
    old, new = before.splitlines(), draft.examples.splitlines()
    assert [(one, other) for one, other in zip(old, new, strict=True) if one != other] == [
        ("    facts: {has_disability_certificate: true}", "    facts: {has_disability_certificate: true, student_level: college}"),
        (
            "    expect: {verdict: eligible, amount: 5000 yuan, missing: []}",
            "    expect: {verdict: eligible, amount: 5500.50 yuan, missing: []}",
        ),
    ]
    changed_example(two[0], draft, 0, amount="5000", fact__student_level="common")
    draft.refresh_from_db()
    assert draft.examples == before
    page = changed_example(two[0], draft, 0, amount="5000.005", as_of="2027-13-01")
    assert set(page.context["form"].errors) == {"amount", "as_of"}


def test_examples_are_added_copied_and_taken_out_and_the_file_can_be_handed_in(two: tuple[Client, Client]):
    draft = begun(two[0])
    before = draft.examples
    address = reverse("programmes:change_examples", args=[draft.uid])
    copied = two[0].post(address, {"verb": "copy", "place": "1", "revision": "1"})
    assert copied["Location"] == reverse("programmes:example", args=[draft.uid, 2])
    stale = two[1].post(address, {"verb": "remove", "place": "0", "revision": "1"}, follow=True)
    assert "别人刚刚保存过" in stale.content.decode()
    number = len(listed_examples(two[0], draft).context["rows"])
    two[0].post(address, {"verb": "remove", "place": "2", "revision": "2"})
    draft.refresh_from_db()
    assert draft.examples == before
    added = two[0].post(address, {"verb": "add", "revision": "3"})
    assert added["Location"] == reverse("programmes:example", args=[draft.uid, number - 1])
    changed_example(two[0], draft, number - 1, zh="没有上学", en="not a student", fact__is_enrolled_student="false", verdict="not_eligible")
    page = listed_examples(two[0], draft)
    assert [label.zh for label, _day, said in page.context["rows"] if said == "good"][-1] == "没有上学"


def test_two_editors_of_examples_keep_both_unless_it_is_the_same_one(two: tuple[Client, Client]):
    first, second = two
    draft = begun(first)
    seen, other = example_form(second, draft, 1), example_form(second, draft, 0)
    first.post(reverse("programmes:change_examples", args=[draft.uid]), {"verb": "copy", "place": "0", "revision": "1"})
    changed_example(first, draft, 0, zh="甲改的")
    second.post(reverse("programmes:example", args=[draft.uid, 1]), {**seen, "zh": "乙改的"})
    draft.refresh_from_db()
    assert ("zh: 甲改的" in draft.examples, "zh: 乙改的" in draft.examples) == (True, True)
    page = second.post(reverse("programmes:example", args=[draft.uid, 0]), {**other, "zh": "乙也改"})
    assert "别人刚刚改了" in page.content.decode()
    assert page.context["form"]["zh"].value() == "乙也改"

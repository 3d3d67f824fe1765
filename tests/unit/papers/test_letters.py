"""Official letters: what they show, what they refuse, and that no value of a field ever becomes part of a template."""

import io
import os
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from linli.kernel.errors import LinliError, Problems
from linli.papers.letters import DocumentNumber, PrintStampScan, Sealing, issue, kind_of, kinds, missing_fonts, pictures, render

pytestmark = pytest.mark.skipif(bool(missing_fonts()), reason="letters are set in fonts-noto-cjk: make test installs it where it may")
SLUGS = [kind.slug for kind in kinds()]
MARKUP = [
    "#panic()",
    "#eval",
    "*b*",
    "_i_",
    "$x^2$",
    "@ref",
    "<label>",
    "`raw`",
    "//c",
    "/*c*/",
    "]",
    "[",
    "}",
    '"',
    "\\u{41}",
    "= h",
    "---",
]


def sample(slug, **changes):
    return {**kind_of(slug).sample(), **changes}


def reader(pdf):
    return PdfReader(io.BytesIO(pdf))


def shown(pdf):
    """What the pages say, without white space: where lines break is no part of it."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in reader(pdf).pages))


def refused(slug, **changes):
    with pytest.raises(Problems) as caught:
        render(slug, sample(slug, **changes))
    return caught.value.problems


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("slug", SLUGS)
def test_every_kind_is_a_tagged_a4_document_whose_text_can_be_read(slug, language):
    pdf = render(slug, sample(slug), language=language)
    document = reader(pdf)
    catalog = document.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalog
    assert catalog["/Lang"].startswith(language)
    assert document.metadata.title == (kind_of(slug).zh if language == "zh" else kind_of(slug).en)
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in document.pages} == {(595, 842)}
    said = shown(pdf)
    expected = ["YC-2026-000123-7", "https://linli.example.org/v/7KQ2-M9TD"]
    expected += (
        ["运城市民政局", "运民助〔2026〕17号", "2026年11月22日"] if language == "zh" else ["YunchengCivilAffairsBureau", "[2026]No.17"]
    )
    assert [one for one in expected if one not in said] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_needs_no_more_than_what_must_be_given(slug):
    said = shown(render(slug, kind_of(slug).sample(bare=True)))
    assert "none" not in said
    assert "运城市民政局" in said


def test_the_same_letter_is_the_same_file_whatever_was_set_in_between():
    first = render("grant", sample("grant"))
    render("grant", sample("grant", subject="另一件事"))
    assert render("grant", sample("grant")) == first


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from([*MARKUP, "张", "某", "a b", "#import", "(", ")", "&", "%", "\\", "\n"]), min_size=1, max_size=6))
def test_what_a_name_holds_is_shown_and_never_run(parts):
    name = "张".join(parts)
    assert re.sub(r"\s", "", name) in shown(render("receipt", sample("receipt", proxy=f"某{name}")))


def test_the_hostile_name_in_every_place_of_a_letter():
    hostile = '#panic("x") ]*_$`\\ "#eval("'
    fields = sample(
        "refusal",
        organ=hostile,
        subject=hostile,
        addressee=hostile,
        contact=hostile,
        decision=hostile,
        basis=hostile,
        title=hostile,
        conditions=[{"condition": hostile, "found": hostile, "source": hostile, "met": "unmet"}],
    )
    assert shown(render("refusal", fields)).count(re.sub(r"\s", "", hostile)) >= 9


def test_missing_and_unknown_fields_are_told_together_with_place_and_remedy():
    problems = refused("refusal", organ="", conditions=[], colour="red", objection_organ=None, review_organ=None, court=None)
    assert {str(problem.place): problem.code for problem in problems} == {
        "refusal (organ)": "letters.missing_field",
        "refusal (conditions)": "letters.missing_field",
        "refusal (colour)": "letters.unknown_field",
        "refusal (objection_organ | review_organ | court)": "letters.missing_group",
    }
    assert all(problem.remedy_zh and problem.remedy_en for problem in problems)


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"date": "2026-11-22"}, "letters.not_a_day", "date"),
        ({"number": DocumentNumber("运民助", 2026, 0)}, "letters.not_a_number", "number"),
        ({"verify": "javascript:alert(1)"}, "letters.not_an_address", "verify"),
        ({"addressee": "张\u202e某"}, "letters.control_character", "addressee"),
        ({"addressee": "张" * 401}, "letters.too_long", "addressee"),
        ({"subject": 7}, "letters.not_text", "subject"),
        ({"materials": [{"name": "申请表"}, {"form": "原件"}]}, "letters.missing_field", "materials.2.name"),
        ({"materials": [{"name": "申请表", "copies": -1}]}, "letters.not_whole", "materials.1.copies"),
        ({"materials": [{"title": "申请表"}]}, "letters.not_a_row", "materials.1"),
        ({"materials": "申请表"}, "letters.not_a_list", "materials"),
    ],
)
def test_an_ill_formed_value_is_refused_at_its_place(changes, code, place):
    (problem,) = refused("receipt", **changes)
    assert (problem.code, problem.place.field) == (code, place)


def test_a_long_text_flows_to_further_pages_with_every_word_and_numbered_pages():
    lines = [f"第{n}条理由：" + "经查明的事实与规定的条件逐项对照。" * 8 for n in range(1, 41)]
    pdf = render("refusal", sample("refusal", decision="\n".join(lines)))
    pages = reader(pdf).pages
    assert len(pages) > 5
    said = re.sub(r"—\d+—运民助〔2026〕17号|运民助〔2026〕17号—\d+—|本件未加盖印章，不是正式文本；以加盖印章的原件为准。", "", shown(pdf))
    assert [line for line in lines if line not in said] == []
    assert all(f"—{n}—" in re.sub(r"\s", "", page.extract_text()) for n, page in enumerate(pages, 1))


def test_the_seal_never_stands_alone_on_a_page():
    for count in range(5, 12):
        pages = reader(
            render("acceptance", sample("acceptance", not_counted="\n".join(f"第{n}项时间不计入期限。" for n in range(count))))
        ).pages
        assert "不计入期限" in pages[-1].extract_text()


def test_a_word_without_end_stays_within_the_type_area():
    pdf = render("receipt", sample("receipt", proxy="W" * 300))
    assert shown(pdf).count("W") == 300
    runs = re.findall("W+", "\n".join(page.extract_text() for page in reader(pdf).pages))
    assert max(map(len, runs)) < 30


@pytest.mark.parametrize(
    ("sealing", "said", "unsaid"),
    [
        (Sealing.UNSEALED, ["未加盖印章，不是正式文本", "此处加盖印章"], ["扫描件"]),
        (Sealing.SEALED, ["加盖印章后为正式文本"], ["未加盖印章", "此处加盖印章", "扫描件"]),
        (Sealing.SCANNED, ["盖章原件的扫描件附后"], ["未加盖印章", "此处加盖印章"]),
    ],
)
def test_each_edition_says_what_it_is(sealing, said, unsaid):
    words = shown(render("grant", sample("grant"), sealing=sealing))
    assert [one for one in said if one not in words] == []
    assert [one for one in unsaid if one in words] == []


class Office:
    """A route that seals at once, as a service for electronic seals does; it keeps what it was asked."""

    name, zh, en = "office", "电子印章", "electronic seal"

    def seal(self, original, *, organ, place):
        self.asked = organ, place
        return original + b"% sealed"


def test_the_built_in_route_leaves_the_seal_to_paper_and_another_gets_its_place():
    paper = issue("refusal", sample("refusal"))
    assert (paper.route, paper.awaits_scan) == (PrintStampScan.name, True)
    office = Office()
    sealed = issue("refusal", sample("refusal"), route=office)
    assert (sealed.pdf, sealed.awaits_scan) == (paper.pdf + b"% sealed", False)
    organ, place = office.asked
    assert (organ, place.page) == ("运城市民政局", len(reader(paper.pdf).pages))
    assert 126 + 21 < place.x_mm < 184 - 21  # within the right part of the type area, whole
    assert 37 + 21 < place.y_mm < 262 - 21


def test_a_letter_of_far_too_many_characters_is_refused_before_it_is_set():
    (problem,) = refused("receipt", materials=[{"name": "材" * 400, "form": "件" * 400}] * 300)
    assert problem.code == "letters.letter_too_long"


def test_threads_take_turns_and_a_forked_process_is_told_instead_of_waiting_for_ever():
    fields = sample("ending")
    expected = render("ending", fields)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: render("ending", fields), range(8))) == {expected}
    child = os.fork()
    if not child:
        try:
            render("ending", fields)
        except RuntimeError:
            os._exit(7)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_rare_character_of_a_name_shows_and_one_that_no_font_has_is_named():
    assert "𠮷" in shown(render("receipt", sample("receipt", addressee="张𠮷")))
    with pytest.raises(LinliError) as caught:
        render("receipt", sample("receipt", addressee="张\U0003fffd"))
    assert (caught.value.code, caught.value.place.field) == ("letters.unknown_character", "addressee")
    assert "U+3FFFD" in caught.value.found


def test_days_amounts_and_choices_are_written_in_the_letter_s_language():
    chinese, english = (shown(render("grant", sample("grant"), language=language)) for language in ("zh", "en"))
    assert "6,000.00元（人民币陆仟元整）" in chinese
    assert "CNY6,000.00" in english
    assert "22November2026" in english
    assert "符合" in chinese


@pytest.mark.parametrize("text", ["110105 19491231 002X", "11010519491231002X", "622848 0402 5648 90018", "110105491231002"])
def test_a_poster_never_carries_an_identity_number_or_an_account(text):
    people = {"headings": ["姓名", "备注"], "lines": [["张某某", f"号码{text}"]]}
    (problem,) = refused("poster", people=people)
    assert (problem.code, problem.place.field) == ("letters.posted_number", "people")
    assert text not in str(problem)


def test_a_poster_of_two_hundred_people_repeats_its_headings():
    people = {
        "headings": ["姓名", "村（社区）", "类别", "金额"],
        "lines": [[f"张某{n}", "禹都社区", "本科", "6,000.00"] for n in range(200)],
    }
    pages = reader(render("poster", sample("poster", people=people))).pages
    assert len(pages) > 6
    assert all("村（社区）" in page.extract_text() for page in pages)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_a_poster_has_lines_of_the_list_and_each_number_stands_once(language: str):
    heads, many = ["编号", "姓名", "村（社区）", "金额（元）"], set()
    for count in (1, 2, 3, *range(6, 24)):
        lines = [[str(7000 + number), "张某某", "东城街道禹都社区", "6,000.00"] for number in range(count)]
        pages = [
            page.extract_text()
            for page in reader(render("poster", sample("poster", people={"headings": heads, "lines": lines}), language=language)).pages
        ]
        many.add(len(pages))
        assert all("编号" in page and "禹都社区" in page for page in pages)
        assert [sum(page.count(line[0]) for page in pages) for line in lines] == [1] * count
        assert "1\n7000" not in pages[0]
    assert many == {1, 2}


def test_pictures_of_the_pages_are_png():
    assert [page[:4] for page in pictures("receipt", sample("receipt"), ppi=40)] == [b"\x89PNG"]


def test_no_such_kind():
    with pytest.raises(LinliError, match="no such kind"):
        render("invoice", {})


# -- A city's own files


def city(folder: Path, **files: str) -> Path:
    (folder / "letters").mkdir()
    for name, text in files.items():
        (folder / "letters" / name.replace("__", ".")).write_text(text, "utf-8")
    return folder


def test_a_city_s_template_and_its_further_field_take_the_built_in_place(tmp_path):
    declared = (Path(kind_of("acceptance").file)).read_text("utf-8") + "  clerk: {type: text, zh: 承办人, en: clerk}\n"
    own = city(
        tmp_path,
        acceptance__yaml=declared,
        acceptance__typ='#import "frame.typ": *\n#show: paper\n#sign(par[承办人：#f.clerk])\n',
    )
    assert "承办人：某科" in shown(render("acceptance", sample("acceptance", clerk="某科"), city=own))
    assert render("receipt", sample("receipt"), city=own) == render("receipt", sample("receipt"))


def test_a_city_may_not_ask_for_more_nor_drop_what_is_filled_in(tmp_path):
    more = city(tmp_path, ending__yaml=kind_of("ending").file.read_text("utf-8") + "  clerk: {zh: 承办人, en: clerk, required: true}\n")
    with pytest.raises(LinliError, match="clerk"):
        kinds(more)
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    with pytest.raises(LinliError, match="objection_organ"):
        kinds(city(fewer, ending__yaml="zh: 终止\nen: End\nfields: {}\n"))


@pytest.mark.parametrize(
    "line", ['#import "@preview/pkg:1.0.0"', '#import ("@pre" + "view/pkg:1.0.0")', '#{ let a = 1; include "@local/a:1.0.0" }']
)
def test_a_template_that_reaches_for_a_package_is_refused_with_its_line(tmp_path, line):
    own = city(tmp_path, frame__typ=f"// ours\n{line}\n")
    with pytest.raises(LinliError) as caught:
        kinds(own)
    assert (caught.value.code, caught.value.place.line) == ("letters.reaches_out", 2)


def test_a_template_reads_no_file_of_the_machine_and_its_error_says_where(tmp_path):
    own = city(tmp_path, ending__typ='#import "frame.typ": *\n#read("/etc/hostname")\n')
    with pytest.raises(LinliError) as caught:
        render("ending", sample("ending"), city=own)
    assert (caught.value.code, str(caught.value.place)) == ("letters.template", "ending.typ:2:6")


def test_a_family_that_the_machine_has_not_is_told_and_not_replaced(tmp_path):
    own = city(tmp_path, fonts__typ='#let body-fonts = ("No Such Family",)\n#let title-fonts = body-fonts\n#let label-fonts = body-fonts\n')
    with pytest.raises(LinliError, match="no such family"):
        render("ending", sample("ending"), city=own)


def test_the_day_of_the_file_is_the_letter_s():
    assert reader(render("ending", sample("ending", date=date(2027, 1, 4)))).metadata["/CreationDate"].startswith("D:20270104")


@pytest.mark.long
def test_memory_does_not_grow_with_the_number_of_letters():
    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    for n in range(100):
        render("grant", sample("grant", subject=f"事由{n}"))
    before = resident()
    for n in range(100, 600):
        render("grant", sample("grant", subject=f"事由{n}", addressee=chr(0x4E00 + n)))
    assert resident() - before < 32 << 20


@pytest.mark.parametrize(
    "drawing",
    [
        "not a drawing",
        '<svg ><image href="http://127.0.0.1/x.png"/></svg>',
        "<svg ><script>1</script></svg>",
        "<svg ><text>甲</text></svg>",
    ],
)
def test_a_drawing_that_reaches_outside_itself_is_refused(drawing):
    fields = kind_of("circle_plan").sample()
    fields["circles"] = [{**fields["circles"][0], "map": drawing}]
    with pytest.raises(Problems, match=r"circles\.1\.map"):
        render("circle_plan", fields)

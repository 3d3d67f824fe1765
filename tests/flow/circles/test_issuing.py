"""Plans as PDF: what they say, numbered without gaps, kept as they were sent out whatever happens afterwards."""

from __future__ import annotations

import io
import re
from datetime import date, datetime

import pypdfium2
import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction
from place_examples import SYSTEM
from town_examples import DAY, building, circle, graph, opened, people, shop, use

from linli.circles.acts import plans
from linli.circles.acts.computing import compute
from linli.circles.acts.issuing import issue_plan, printed
from linli.circles.acts.networks import network_file, take_network
from linli.circles.models import Action, Circle, IssuedPlan, NetworkVersion
from linli.circles.queries import is_as_issued, said, verified
from linli.circles.reading import NewStar
from linli.kernel import clock
from linli.kernel.clock import SHANGHAI
from linli.kernel.codes import spoken
from linli.kernel.digests import digest
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.reach.snapshot import save
from linli.site.command.circles import command
from linli.site.doctor import grounds
from linli.site.doctor.findings import FAIL, OK
from linli.trace.deep import verify_rows

NOW = datetime(2026, 11, 23, 9, tzinfo=SHANGHAI)
OFFICER = Viewer("staff:1", (Grant("officer", "140802"),))


@pytest.fixture
def town(tmp_path, small_city) -> Circle:
    use(tmp_path)
    people(building(11, 0), 4)
    people(building(12, 0, 1000), 6)
    star = (NewStar("province", None, date(2025, 12, 1), "名单"),)
    found = circle("A", -100, -300, 1100, 100, stars=star)
    circle("B", 0, 0, 1, 1, polygon=None, centre=shop("x", "repair", 0, 1000).place, minutes=15, profile="adult")
    opened(shop("S", ("convenience", "market", "breakfast"), 100))
    with clock.frozen(NOW):
        compute(SYSTEM)
    return found


def adopted(town: Circle) -> None:
    plan = plans.draft_plan(SYSTEM, circle=town.uid)
    for row in Action.objects.filter(plan=plan):
        values = {"owner": "东城街道办", "due_on": date(2026, 12, 31), "budget_fen": 500_000, "title_en": row.title_en, "on": DAY}
        plans.edit_action(SYSTEM, action=row.uid, title_zh=row.title_zh, **values)
    plans.adopt_plan(SYSTEM, circle=town.uid, on=DAY, unstaffed=True)


def text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", "").replace(" ", "")


def test_the_examination_names_a_damaged_network_and_an_altered_plan(town):
    adopted(town)
    with clock.frozen(NOW):
        made = issue_plan(SYSTEM, circle=town.uid)
    assert [(one.state, one.en) for one in (grounds.network(), grounds.plans())] == [
        (OK, f"{NetworkVersion.objects.get().nodes} nodes, the snapshot is whole"),
        (OK, "1 issued, all as they were sent"),
    ]
    file = network_file(NetworkVersion.objects.get().digest)
    whole = file.read_bytes()
    for content in (whole[:-200], whole[:300] + bytes([whole[300] ^ 1]) + whole[301:], b""):
        file.write_bytes(content)
        found = grounds.network()
        assert (found.state, str(file) in found.zh, "linli circles network" in found.remedy_zh) == (FAIL, True, True)
    file.unlink()
    assert "gone" in grounds.network().en
    other = file.with_name("other.reach")
    save(graph(bridge=False), other)
    other.rename(file)
    assert "another network" in grounds.network().en
    again = file.with_name("again.reach")
    again.write_bytes(whole)
    take_network(SYSTEM, file=again)
    assert (file.read_bytes() == whole, grounds.network().state) == (True, OK)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE circles_issuedplan DISABLE TRIGGER circles_issuedplan_keep")
        cursor.execute("UPDATE circles_issuedplan SET pdf = pdf || 'x'::bytea")
    assert (grounds.plans().state, said(made) in grounds.plans().zh) == (FAIL, True)


def test_a_plan_prints_its_map_gaps_actions_and_sources(town):
    adopted(town)
    with clock.frozen(NOW):
        made = issue_plan(SYSTEM, circle=town.uid)
    words = text(bytes(made.pdf))
    for expected in (
        "A圈“一图一策”", "运商圈〔2026〕1号", "修配", "少于5", "东城街道办", "2026-12-31", "5,000.00", "atowndrawnbyhand",
        "publicdomain", "每小时3.0公里", "不走台阶", "省级", "GB50180-2018",
    ):  # fmt: skip
        assert expected in words, expected
    assert not re.search(r"[1-4]/|/[1-4]\D|[1-4]人", words)  # four people live there: nothing of the plan says so
    page = pypdfium2.PdfDocument(io.BytesIO(bytes(made.pdf)))[0]
    assert any(one.type == 2 for one in page.get_objects())  # paths: the map is drawn, not a picture from elsewhere


def test_without_a_plan_it_is_not_said_that_there_is_nothing_to_do(town):
    with clock.frozen(NOW):
        words = text(printed(SYSTEM, town))
        assert "方案还没有起草" in words
        assert "人口" in words
        plans.draft_plan(SYSTEM, circle=town.uid)
        words = text(printed(SYSTEM, town))
        assert "方案正在起草" in words
        assert "没有需要办理" not in words
        adopted(town)
        words = text(printed(SYSTEM, town))
    assert "方案还没有起草" not in words
    assert "方案正在起草" not in words
    assert "5,000.00" in words


def test_a_norm_about_people_of_whom_none_live_there_is_not_counted_as_an_achievement(town):
    with clock.frozen(NOW):
        words = text(printed(SYSTEM, town))
    assert "3岁以下婴幼儿：0/0" in words
    assert "不涉及" in words


def test_the_command_says_what_its_columns_are_and_that_a_norm_about_nobody_does_not_apply(town):
    for language, state, head in (("zh", "不涉及", "状态"), ("en", "not applicable", "state")):
        told = CliRunner().invoke(command, ["gaps", "A"], env={"LC_ALL": "", "LANG": {"zh": "zh_CN.UTF-8", "en": "en_GB.UTF-8"}[language]})
        header, *lines = [line.split("\t") for line in told.output.splitlines()]
        assert header[0] == head
        assert {len(line) for line in lines} == {len(header)}
        assert {line[0] for line in lines if " 0/0" in line[-1]} == {state}
    assert all(
        "…" not in one.get_short_help_str(80) and not one.get_short_help_str(80).endswith("...") for one in command.commands.values()
    )


def test_an_issued_plan_is_numbered_kept_by_its_digest_and_never_changes(town):
    with clock.frozen(NOW), pytest.raises(LinliError, match="isn't adopted"):
        issue_plan(SYSTEM, circle=town.uid)
    adopted(town)
    with clock.frozen(NOW):
        first = issue_plan(SYSTEM, circle=town.uid)
        assert issue_plan(SYSTEM, circle=town.uid).pk == first.pk  # a retry
        booklet = issue_plan(SYSTEM, circle=None)
    assert (said(first), said(booklet)) == ("运商圈〔2026〕1号", "运商圈〔2026〕2号")
    assert digest(bytes(first.pdf)) == first.digest
    assert booklet.circles == ["A", "B"]
    for change in (lambda: IssuedPlan.objects.update(year=2027), lambda: IssuedPlan.objects.all().delete()):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            change()
    people(building(13, 0), 2)
    with clock.frozen(NOW):
        compute(SYSTEM, recount=True)
        again = issue_plan(SYSTEM, circle=town.uid)
    assert again.sequence == 3
    assert bytes(IssuedPlan.objects.get(pk=first.pk).pdf) == bytes(first.pdf)
    assert not list(verify_rows())


def test_the_booklet_has_every_circle_in_both_languages(town):
    with clock.frozen(NOW):
        told = {"zh": ("汇编", "A圈", "B圈"), "en": ("Booklet", "circleA", "circleB", "Missedarepeople")}
        for language, expected in told.items():
            words = text(printed(SYSTEM, None, language=language))
            assert all(one in words for one in expected), language


def test_whoever_may_not_plan_issues_nothing(town):
    adopted(town)
    with pytest.raises(Refused):
        issue_plan(OFFICER, circle=town.uid)
    with pytest.raises(Refused):
        issue_plan(Viewer("staff:2", (Grant("planner", "140802"),)), circle=None)


def test_an_issued_plan_is_verified_by_its_code_and_byte_for_byte(town):
    adopted(town)
    with clock.frozen(NOW):
        made = issue_plan(SYSTEM, circle=town.uid, site="https://linli.example.org")
        assert issue_plan(SYSTEM, circle=town.uid, site="https://linli.example.org").pk == made.pk
    words, code = text(bytes(made.pdf)), spoken(made.code)
    assert f"https://linli.example.org/verify/{code}/" in words
    assert "办件编号" not in words
    for typed in (made.code, code.lower(), f" {code} "):
        found = verified(typed)
        assert found is not None
        assert (found.number, found.organ, found.state, found.digest) == ("运商圈〔2026〕1号", "运城市商务局", "issued", made.digest)
    assert verified(made.code[:-1] + ("2" if made.code[-1] != "2" else "3")) is None
    assert is_as_issued(code, bytes(made.pdf))
    assert not is_as_issued(code, bytes(made.pdf) + b" ")

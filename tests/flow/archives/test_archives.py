"""A case as a folder for an auditor: complete, checked without this system, the same twice; who read what is listed to the person."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from award_examples import COUNTY, FEDERATION, OTHER_COUNTY, City, asked, own
from case_examples import refused, staff
from click.testing import CliRunner
from paper_examples import photo

from linli.archives.acts import Written, differences, export_case
from linli.archives.cases import PURPOSE, Wish
from linli.archives.check import problems_of
from linli.archives.folders import Disk, Zip
from linli.casework.documents import acts as documents
from linli.casework.models import Case
from linli.casework.reactions import forget as forget_cases
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.kernel.viewer import Grant, Viewer, system
from linli.registers import acts as registers
from linli.registers.models import Staff
from linli.site.command.archive import command
from linli.trace.models import Fact
from linli.vault.models import Access

pytestmark = pytest.mark.django_db
AUDITOR = staff(31, Grant("auditor", "140802"))
CLERK = staff(32, Grant("clerk", "140802"))
WISH = Wish("zh", "https://example.org")


@pytest.fixture
def case(city: City) -> Case:
    """Granted, with a paper that the county accepted."""
    found = asked(city.found)
    given = documents.give(own(city.found), found.uid, "", photo(), part="evidence")
    acts.accept(COUNTY, found.uid)
    documents.check(COUNTY, given.uid, "accepted", "与原件一致")
    steps.pass_on(COUNTY, found.uid, "材料齐全")
    acts.decide(FEDERATION, found.uid, "granted")
    return Case.objects.get(pk=found.pk)


def written(viewer: Viewer, case: Case, out: Path, wish: Wish = WISH) -> Written:
    return export_case(viewer, case=case.uid, place=Disk(out), wish=wish)


def text(folder: Path, name: str) -> str:
    return next(folder.glob(f"*{name}")).read_text()


def test_everything_of_a_case_is_there_and_checks_itself(city: City, case: Case, tmp_path: Path) -> None:
    done = written(FEDERATION, case, tmp_path / "a")
    folder = tmp_path / "a"
    assert "不符合" not in text(folder, "decision.html")
    assert text(folder, "decision.html").count("<td>符合</td>") >= 3
    assert "材料齐全" in text(folder, "steps.html")
    assert "与原件一致" in text(folder, "document.html")
    assert [path.read_bytes()[:2] for path in folder.glob("*-document/*.jpg")] == [b"\xff\xd8"]
    assert len(list(folder.glob("*-letter.pdf"))) == 2
    assert "…0001" in text(folder, "application.html")
    assert "6217000000000000001" not in text(folder, "application.html")
    assert "决定" in text(folder, "index.csv")
    sound = subprocess.run([sys.executable, folder / "check.py"], capture_output=True, text=True)
    assert (sound.returncode, done.manifest in sound.stdout) == (0, True)
    assert differences(folder) == []
    assert Fact.objects.get(type="archives.case_exported", echo_of=None).payload["manifest"] == done.manifest
    read = Access.objects.filter(subject=city.found.uid, purpose=PURPOSE, actor=FEDERATION.actor)
    assert {field for one in read for field in one.fields} == {"account", "document", "identity", "letter", "words"}


def test_who_signed_off_and_where_it_came_in_are_said_in_words(case: Case, tmp_path: Path) -> None:
    """A sign-off ended with "signed" and without a name, the person was an id, and what was begun at home came in nowhere."""
    clerk = Staff.objects.create(name="张会签", login="signer", password="!")
    Case.objects.filter(pk=case.pk).update(opened_by=case.subject, origin="resident", received_at=None)
    case.children.create(
        receipt="2610190000017", kind="sign_off", subject=case.subject, department="市民政局", status="closed", opened_at=case.opened_at,
        opened_by="system:casework", due_at=case.due_at, closed_at=case.opened_at, outcome="signed", answered_by=clerk.actor,
    )  # fmt: skip
    written(AUDITOR, case, tmp_path / "a")
    asked, steps = text(tmp_path / "a", "application.html"), text(tmp_path / "a", "steps.html")
    assert "<td>网上</td>" in asked
    assert "由谁提交</th><td>本人</td>" in asked
    assert "<td>同意</td><td>张会签</td>" in steps
    assert "signed" not in steps


def test_the_same_case_twice_is_the_same_folder_and_zip(case: Case, tmp_path: Path) -> None:
    first = written(AUDITOR, case, tmp_path / "a")
    second = written(FEDERATION, case, tmp_path / "b")
    assert first.manifest == second.manifest
    zips = [io.BytesIO(), io.BytesIO()]
    for file in zips:
        place = Zip(file)
        assert export_case(AUDITOR, case=case.uid, place=place, wish=WISH).manifest == first.manifest
        place.close()
    assert zips[0].getvalue() == zips[1].getvalue()
    zipfile.ZipFile(zips[0]).extractall(tmp_path / "c")
    assert list(problems_of(tmp_path / "c")) == []
    assert written(AUDITOR, case, tmp_path / "d", Wish("zh", WISH.site, in_full=True)).manifest != first.manifest
    assert "6217000000000000001" in text(tmp_path / "d", "application.html")


def test_whatever_is_altered_afterwards_is_named(case: Case, tmp_path: Path) -> None:
    written(AUDITOR, case, tmp_path / "a")
    folder = tmp_path / "a"
    facts = next(folder.glob("*-facts.jsonl"))
    facts.write_text(facts.read_text().replace("casework.accepted", "casework.declined"))
    (folder / "manifest.sha256").write_text((folder / "manifest.sha256").read_text() + "0" * 64 + "  gone.html\n")
    (folder / "new.html").write_text("")
    assert [line.partition(": ")[2] for line in problems_of(folder)] == ["changed", "missing", "not in the manifest"]
    (line,) = differences(folder)
    assert "was not recorded" in line


@pytest.mark.parametrize("viewer", [OTHER_COUNTY, CLERK, staff(33, Grant("auditor", "140882")), staff(34, Grant("auditor", "", "other"))])
def test_nobody_else_gets_it(case: Case, tmp_path: Path, viewer: Viewer) -> None:
    with refused("casework.no_case"):
        written(viewer, case, tmp_path / "a")
    assert not Access.objects.filter(purpose=PURPOSE).exists()


def test_the_command_writes_and_checks_one(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "a"
    done = CliRunner().invoke(command, ["case", case.receipt, "--out", str(out), "--site", WISH.site])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(command, ["verify", str(out)]).exit_code == 0
    again = CliRunner().invoke(command, ["case", case.receipt, "--out", str(out), "--site", WISH.site])
    assert "not empty" in str(again.exception)
    next(out.glob("*-history.html")).write_text("")
    assert CliRunner().invoke(command, ["verify", str(out)]).exit_code == 1


def test_of_an_erased_person_only_what_was_decided_is_left(city: City, case: Case, tmp_path: Path) -> None:
    registers.erase_resident(system("test"), resident=city.found, reason="本人要求")
    forget_cases(list(Fact.objects.filter(type="registers.resident_erased", echo_of=None)))
    written(AUDITOR, case, tmp_path / "a")
    assert "资料已注销" in text(tmp_path / "a", "index.html")
    assert not list((tmp_path / "a").glob("*-letter.pdf"))

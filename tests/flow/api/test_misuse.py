"""What a program should not try: refused, and noted for security by whose token it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from linli_client import Refused

from linli.registers.models import ListImport, RefusedAttempt, Upload
from linli.trace.models import Fact
from tests.unit.papers.workbooks import cell, header, workbook

LIST = "disability-certificate"
ROWS = header("姓名") + f'<row r="2">{cell("A2", "甲")}</row>'
HOSTILE: dict[str, dict[str, Any]] = {
    "papers.zip_bomb": {"extra": {"xl/media/x": b"0" * 3_000_000}},
    "papers.doctype": {"sheet_prolog": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'},
    "papers.macros": {"extra": {"xl/vbaProject.bin": b"x"}},
    "papers.external_links": {"extra": {"xl/externalLinks/externalLink1.xml": "<a/>"}},
}
HEADERS = "姓名,出生日期,行政区划代码,残疾类别,残疾等级,发证日期\n甲,2000-01-01,140802,视力,1,2024-01-01\n"
NAMES = (
    "../../etc/passwd.csv",
    "..\\..\\x.csv",
    "a\x00.csv",
    "\u202evsc.exe.csv",
    "n" * 500 + ".csv",
    "/etc/shadow.csv",
    ".csv",
    "con.csv",
)


@pytest.mark.parametrize("code", HOSTILE)
def test_a_file_made_to_harm_is_refused_and_noted(city: Any, db: None, officer: Any, code: str, tmp_path: Path):
    file = workbook(tmp_path / "t.xlsx", ROWS, **HOSTILE[code]).read_bytes()
    with pytest.raises(Refused) as caught:
        officer.import_list(slug=LIST, file=file, file_name="名册.xlsx")
    assert (caught.value.status, caught.value.problem["code"]) == (422, code)
    assert "root:" not in str(caught.value.problem)
    note = RefusedAttempt.objects.get()
    assert (note.kind, note.place) == (code, "api-v1:send")
    assert note.actor.startswith("staff:")
    assert not ListImport.objects.exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_files_name_reaches_no_path_and_is_shown_without_tricks(city: Any, db: None, officer: Any, name: str):
    asked = officer.send_file(slug=LIST, file=HEADERS.encode(), file_name=name)
    kept = Upload.objects.get(uid=asked["id"]).file_name
    assert len(kept) <= 200
    assert kept.isprintable()
    assert not set(kept) & set("/\\\u202e\x00")


def test_a_name_longer_than_a_header_is_no_fault_of_ours(city: Any, db: None, officer: Any):
    with pytest.raises(Refused) as caught:
        officer.send_file(slug=LIST, file=HEADERS.encode(), file_name="n" * 5000 + ".csv")
    assert (caught.value.status, caught.value.problem["code"]) == (400, "api.bad_request")


def test_what_goes_beyond_a_token_is_noted_and_a_token_that_nobody_knows_is_not(city: Any, db: None, tokens: Any, caller: Any):
    clerk = tokens.staff("misuse-clerk", ("clerk", "140802", ""))
    before = Fact.objects.count()
    with pytest.raises(Refused) as caught:
        caller(tokens.secret(clerk)).send_file(slug=LIST, file=HEADERS.encode(), file_name="a.csv")
    assert caught.value.status == 403
    note = RefusedAttempt.objects.get()
    assert (note.kind, note.actor) == ("viewer.not_granted", clerk.actor)
    with pytest.raises(Refused) as unknown:
        caller("linli_forged").whoami()
    assert unknown.value.status == 401
    assert RefusedAttempt.objects.count() == 1
    assert Fact.objects.filter(type__startswith="registers.list").count() == 0
    assert Fact.objects.count() == before + 1  # the token itself

"""Cases that another system decides: what comes back by act or by table is held, told, contested; and read again it changes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from award_examples import ACCOUNT, City, own
from case_examples import later, on, refused, staff
from click.testing import CliRunner
from place_examples import FIRST_DAY, VILLAGE, identity, person
from web_examples import born

from linli.casework.models import Case, ExternalNumber, Requirement
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.acts.objecting import may_object
from linli.entitlements.answerfile import take_answers
from linli.entitlements.models import Application
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant
from linli.notices.recipients import of_answers
from linli.programmes.queries import pinned
from linli.registers import acts as registers
from linli.registers.bitemporal import believed
from linli.registers.models import Holding, Resident
from linli.site.command.answers import command
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
OFFICER, ELSEWHERE = staff(21, Grant("officer", "140802")), staff(23, Grant("officer", "140882"))


def somebody(name: str) -> Resident:
    with on(later(date(2026, 10, 12))):
        lives = [registers.Lives(kind, VILLAGE, FIRST_DAY) for kind in ("registered", "lives", "insured")]
        return person(name, identity=identity(born(40)), birth_date=born(40), situations=lives, relations_known=True)


def forwarded(programme: str, name: str = "测试甲") -> Case:
    """An application that has gone to whoever decides it."""
    who = somebody(name)
    event = date(2026, 11, 2) if programme == "medical-reimbursement" else None
    case = acts.apply(own(who), who.uid, Wanted(programme, account=ACCOUNT, event=event))
    Requirement.objects.filter(case=case).update(state="given")
    acts.accept(OFFICER, case.uid)
    while Case.objects.get(pk=case.pk).step not in ("bank", "forward"):
        steps.pass_on(OFFICER, case.uid)
    return acts.decide(OFFICER, case.uid, "forwarded")


def held(case: Case) -> list[tuple[str, bool]]:
    rows = Holding.objects.filter(believed(), resident__uid=case.subject_uid)
    return [(one.programme_slug, one.valid_to is None) for one in rows]


def table(folder: Path, *rows: str, name: str = "answers.csv", encoding: str = "gb18030") -> Path:
    path = folder / name
    path.write_text("\n".join(("回执编号,办理结果,对方编号", *rows)) + "\n", encoding=encoding)
    return path


def test_a_loan_that_the_bank_paid_out_is_held_and_one_taken_back_is_not(city: City) -> None:
    case, programme = forwarded("startup-loan"), pinned("startup-loan", "2023")
    assert (case.outcome, held(case), may_object(case, programme)) == ("forwarded", [], False)
    acts.answered_elsewhere(OFFICER, case.uid, "drawn")
    acts.answered_elsewhere(OFFICER, case.uid, "drawn")
    assert (held(case), may_object(case, programme)) == ([("startup-loan", True)], False)
    with on(later(date(2026, 12, 7))):
        acts.answered_elsewhere(OFFICER, case.uid, "refused")
    assert (held(case), may_object(case, programme)) == ([("startup-loan", False)], True)
    told = of_answers(list(Fact.objects.filter(type="entitlements.answered_elsewhere", subject=case.subject).order_by("id")))
    assert [(one.traits["grants"], one.traits["contestable"], one.values["answer"].zh) for one in told] == [
        (True, True, "银行同意，已放款"),
        (False, True, "银行不同意"),
    ]


@pytest.mark.long
def test_a_no_of_the_other_system_is_contested_and_asked_anew(city: City) -> None:
    case = forwarded("startup-loan")
    acts.answered_elsewhere(OFFICER, case.uid, "refused")
    with on(later(date(2026, 12, 7))):
        assert acts.object_to(own(Resident.objects.get(uid=case.subject_uid)), case.uid, "收入证明没有看").kind == "objection"


def test_a_table_of_answers_is_dealt_with_row_by_row(city: City, tmp_path: Path) -> None:
    paid, no, twice, open_ = (forwarded("medical-reimbursement", f"测试{one}") for one in "甲乙丙丁")
    Application.objects.filter(case=open_).update(answer="refused")
    spaced = f"{paid.receipt[:6]} {paid.receipt[6:]}"
    path = table(
        tmp_path,
        f"{spaced},已审核报销,YB-1",
        f"{no.receipt},refused,",
        f"{twice.receipt},reimbursed,",
        f"{twice.receipt},refused,",
        f"{open_.receipt},reimbursed,",
        "2026000000000,refused,",
        f"{no.receipt},refused,",
        f"{no.receipt[:-1]},maybe,",
    )
    found = take_answers(OFFICER, path)
    codes = [one.problem.code if one.problem else one.verdict for one in found]
    again = (
        ["entitlements.answer_twice"] * 2,
        "entitlements.answered_otherwise",
        "entitlements.unknown_receipt",
        "entitlements.answer_twice",
    )
    assert codes == ["applied", "applied", *again[0], *again[1:], "entitlements.unknown_receipt"]
    assert [one.line for one in found] == list(range(2, 10))
    answers = dict(Application.objects.values_list("case__receipt", "answer"))
    assert [answers[one.receipt] for one in (paid, no, twice, open_)] == ["reimbursed", "refused", None, "refused"]
    assert ExternalNumber.objects.get(case=paid).number == "YB-1"
    before = Fact.objects.count()
    assert [one.verdict for one in take_answers(OFFICER, path)] == ["same", "same", *["refused"] * 6]
    assert Fact.objects.count() == before


@pytest.mark.long
def test_a_table_of_another_county_or_of_another_shape_changes_nothing(city: City, tmp_path: Path) -> None:
    case = forwarded("medical-reimbursement")
    (found,) = take_answers(ELSEWHERE, table(tmp_path, f"{case.receipt},reimbursed,"))
    assert (found.verdict, found.problem and found.problem.code) == ("refused", "casework.no_case")
    (found,) = take_answers(OFFICER, table(tmp_path, f"{case.receipt},maybe,", encoding="utf-8"))
    assert found.problem is not None
    assert found.problem.code == "entitlements.no_such_answer"
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("receipt,answer\n1,2\n", encoding="utf-8")
    with refused("entitlements.answer_columns"):
        take_answers(OFFICER, wrong)
    assert Application.objects.get(case=case).answer is None


def test_the_command_names_each_row_that_it_refuses(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_LANG", "zh")
    case = forwarded("medical-reimbursement")
    path = table(tmp_path, f"{case.receipt},partly,", "1,partly,")
    done = CliRunner().invoke(command, ["read", str(path)])
    assert (done.exit_code, isinstance(done.exception, LinliError)) == (1, False)
    assert "answers.csv:3" in done.output
    assert "已采用 1 行，没有变化 0 行，没有采用 1 行" in done.output

"""Due days over the turn of a year whose holidays are not announced yet; and what follows a correction at once."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from case_examples import CITY, COUNTY, FACT, Town, on
from place_examples import FIRST_DAY
from procrastinate.contrib.django.models import ProcrastinateJob

from linli.casework import acts, corrections, deadlines
from linli.casework.corrections import Correction
from linli.casework.models import Case, Timer
from linli.kernel.clock import SHANGHAI
from linli.notices.recipients import of_people
from linli.screening import acts as screening
from linli.screening.reactions import rescreen
from linli.trace import queries as trace
from linli.trace.deep import verify_rows
from linli.trace.jobs import react
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
ASKED = datetime(2026, 12, 28, 10, tzinfo=SHANGHAI)
BY_LAW = date(2027, 1, 12)  # ten working days on: New Year's Day is off, and as far as anyone knows nothing else
LEVEL_TWO = Correction(True, FIRST_DAY, {"disability_level": 2})


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """The city's files, to be changed."""
    copy = tmp_path / "city"
    shutil.copytree(settings.LINLI_CITY, copy)
    settings.LINLI_CITY = copy
    return copy


def announce(folder: Path, text: str) -> None:
    (folder / "calendar" / "2027.yaml").write_text(f"year: 2027\n{text}\n")


def asked(town: Town) -> Case:
    with on(ASKED):
        return acts.open_dispute(town.self, town.who.uid, FACT)


def due(case: Case) -> date:
    case.refresh_from_db()
    return case.due_at.astimezone(SHANGHAI).date()


def test_a_due_day_counted_before_the_notice_says_so(town: Town):
    case = asked(town)
    assert (due(case), case.due_days) == (BY_LAW, 10)
    (told,) = of_people([Fact.objects.get(type="casework.case_opened", subject=case.subject)])
    assert (told.values["day"].zh, told.values["day"].en) == ("2027年1月12日（暂定）", "12 January 2027 (provisional)")
    assert deadlines.settle() == 0


def test_a_case_within_declared_years_keeps_nothing(town: Town):
    with on(datetime(2026, 9, 28, 10, tzinfo=SHANGHAI)):
        assert acts.open_dispute(town.self, town.who.uid, FACT).due_days is None


@pytest.mark.parametrize(
    ("notice", "settled"),
    [
        # The weekend before is worked in exchange: the answer is due two working days sooner.
        ("holidays: [{from: 2027-01-01, to: 2027-01-01}]\nworked: [2027-01-02, 2027-01-03]", date(2027, 1, 8)),
        # More days off would make it later than was promised: the promise stands.
        ("holidays: [{from: 2027-01-01, to: 2027-01-05}]\nworked: []", BY_LAW),
    ],
    ids=["sooner", "never later"],
)
def test_the_notice_settles_it_once_and_never_later_than_promised(town: Town, folder: Path, notice: str, settled: date):
    case = asked(town)
    announce(folder, notice)
    assert deadlines.settle() == 1
    assert due(case) == settled
    assert case.due_days is None
    assert case.task.due_at == case.due_at
    assert Timer.objects.get(case=case).next_at == case.due_at
    fact = trace.timeline(str(case))[-1]
    assert (fact.type, fact.payload["promised"], fact.payload["due"]) == ("casework.due_settled", str(BY_LAW), str(settled))
    assert deadlines.settle() == 0
    assert list(verify_rows()) == []


def test_a_task_that_has_moved_up_and_a_case_that_is_closed_keep_their_days(town: Town, folder: Path):
    case, closed = asked(town), None
    with on(ASKED):
        closed = acts.open_dispute(town.self, town.who.uid, "disability_kind")
        acts.answer(CITY, closed.uid, "kept", "理由")
    with on(datetime(2027, 1, 13, 0, 0, 1, tzinfo=SHANGHAI)):
        assert acts.escalate(CITY, case.uid)
    case.refresh_from_db()
    before = case.task.due_at
    announce(folder, "holidays: [{from: 2027-01-01, to: 2027-01-01}]\nworked: [2027-01-02, 2027-01-03]")
    assert deadlines.settle() == 1
    case.refresh_from_db()
    assert case.task.due_at == before
    assert due(closed) == BY_LAW


def waiting_reactions() -> list[dict[str, Any]]:
    return list(ProcrastinateJob.objects.filter(task_name=react.name, status="todo").order_by("id").values_list("args", flat=True))


def undo(case: Case) -> None:
    raise RuntimeError(f"{case} is undone")


def test_a_correction_queues_the_screening_of_that_person_in_the_same_transaction(town: Town, monkeypatch: pytest.MonkeyPatch):
    case = asked(town)
    before = len(waiting_reactions())
    with on(ASKED + timedelta(hours=1)):
        with monkeypatch.context() as patch:
            patch.setattr(corrections, "require_made", undo)
            with pytest.raises(RuntimeError, match="undone"):
                acts.answer(COUNTY, case.uid, "corrected", correction=LEVEL_TWO)
        assert len(waiting_reactions()) == before
        acts.answer(COUNTY, case.uid, "corrected", correction=LEVEL_TWO)
    (job,) = [job for job in waiting_reactions()[before:] if job["reaction"] == "screening.rescreen"]
    screened: list[set[Any]] = []
    monkeypatch.setattr(screening, "rescreen", lambda *, viewer, residents, households: screened.append(set(residents) | set(households)))
    rescreen(list(Fact.objects.filter(id__in=job["facts"])))
    assert screened == [{town.who.uid}]

"""A stored answer of an authority: by whom, when, until when; nothing without the person's authorisation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from lists_examples import SYSTEM, load_city

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.registers import snapshot
from linli.registers.acts.records import record_authorisation, record_change, revoke_authorisation
from linli.registers.acts.verification import record_verification, verify
from linli.registers.models import Record, Resident
from linli.registers.ports import Answer, Question
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
TODAY = date(2026, 11, 22)
LIST = "economic-check"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def resident() -> Resident:
    person = next(person for person in load_city(10) if person.identity)
    return Resident.objects.get(uid=person.uid)


class Authority:
    """Answers what it is told to and remembers who was asked about."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.asked = answer, list[Question]()

    def ask(self, declaration: Any, question: Question) -> Answer:
        self.asked.append(question)
        return self.answer


def income(resident: Resident, on: date, known_at: datetime | None = None) -> int | None:
    row = snapshot.facts_for([resident.uid], as_of=on, known_at=known_at).people[str(resident.uid)]
    value: int | None = row["monthly_income"]
    return value


def authorise(resident: Resident, until: date | None = None) -> None:
    record_authorisation(SYSTEM, resident=resident, list_slug=LIST, valid_from=TODAY, valid_to=until, evidence="授权书-1")


def earns(fen: int, expires_on: date | None = None) -> Answer:
    return Answer(True, "核对中心", NOW - timedelta(hours=1), {"monthly_income": fen, "assets": 0}, expires_on)


def test_without_authorisation_nobody_is_asked_and_nothing_is_kept(resident: Resident) -> None:
    authority = Authority(earns(100))
    with pytest.raises(LinliError) as refused:
        verify(SYSTEM, resident=resident, list_slug=LIST, source=authority)
    assert refused.value.code == "verification.not_authorised"
    with pytest.raises(LinliError):
        record_verification(SYSTEM, resident=resident, list_slug=LIST, answer=earns(100))
    assert (authority.asked, Record.objects.count()) == ([], 0)


def test_an_answer_is_a_fact_until_it_expires(resident: Resident) -> None:
    authorise(resident)
    authority = Authority(earns(123_400))
    record = verify(SYSTEM, resident=resident, list_slug=LIST, source=authority)
    assert record is not None
    assert (record.authority, record.origin, record.expires_on) == ("核对中心", "query", TODAY + timedelta(days=180))
    assert [question.name for question in authority.asked] == [resident.name]
    assert income(resident, TODAY) == 123_400
    assert income(resident, TODAY + timedelta(days=179)) == 123_400
    assert income(resident, TODAY + timedelta(days=180)) is None
    assert [access.purpose for access in vault.accesses_of(resident.uid)] == ["registers.verify"]


def test_the_authoritys_own_expiry_counts(resident: Resident) -> None:
    authorise(resident)
    record_verification(SYSTEM, resident=resident, list_slug=LIST, answer=earns(5, TODAY + timedelta(days=3)))
    assert income(resident, TODAY + timedelta(days=2)) == 5
    assert income(resident, TODAY + timedelta(days=3)) is None


def test_the_same_answer_twice_changes_nothing_and_a_new_one_corrects(resident: Resident) -> None:
    authorise(resident)
    record_verification(SYSTEM, resident=resident, list_slug=LIST, answer=earns(5))
    before = Record.objects.count(), Fact.objects.count()
    record_verification(SYSTEM, resident=resident, list_slug=LIST, answer=earns(5))
    assert (Record.objects.count(), Fact.objects.count()) == before
    with clock.frozen(NOW + timedelta(hours=2)):
        record_verification(SYSTEM, resident=resident, list_slug=LIST, answer=earns(7))
        assert income(resident, TODAY) == 7
        assert income(resident, TODAY, NOW + timedelta(hours=1)) == 5


def test_what_was_learnt_is_unknown_again_when_the_authorisation_ends(resident: Resident) -> None:
    authorise(resident, TODAY + timedelta(days=30))
    record_verification(SYSTEM, resident=resident, list_slug=LIST, answer=earns(5))
    assert income(resident, TODAY + timedelta(days=29)) == 5
    assert income(resident, TODAY + timedelta(days=30)) is None
    with clock.frozen(NOW + timedelta(minutes=1)):
        revoke_authorisation(SYSTEM, resident=resident, list_slug=LIST, on=TODAY + timedelta(days=10))
        assert income(resident, TODAY + timedelta(days=10)) is None
        assert income(resident, TODAY + timedelta(days=10), NOW) == 5


@pytest.mark.parametrize(
    "answer",
    [
        Answer(True, "核对中心", NOW + timedelta(days=2), {"monthly_income": 1, "assets": 1}),
        Answer(True, "核对中心", NOW, {"monthly_income": 1, "assets": 1}, TODAY),
        Answer(True, "核对中心", NOW, {"monthly_income": -1, "assets": 1}),
        Answer(True, "核对中心", NOW, {"monthly_income": "1", "assets": 1}),
        Answer(True, "核对中心", NOW, {"height": 180}),
    ],
)
def test_impossible_answers_are_refused(resident: Resident, answer: Answer) -> None:
    authorise(resident)
    with pytest.raises(LinliError):
        record_verification(SYSTEM, resident=resident, list_slug=LIST, answer=answer)
    assert not Record.objects.exists()


def test_a_list_that_comes_as_a_file_is_not_queried(resident: Resident) -> None:
    with pytest.raises(LinliError) as refused:
        verify(SYSTEM, resident=resident, list_slug="student-status", source=Authority(earns(1)))
    assert refused.value.code == "verification.not_queried"


def test_one_persons_change_is_one_fact_about_them(resident: Resident) -> None:
    record_change(SYSTEM, subject=resident, list_slug="student-status", data={"student_level": "college"}, valid_from=TODAY)
    fact = Fact.objects.filter(type="registers.record_changed").latest("id")
    assert fact.subject == f"resident:{resident.uid}"
    assert "college" not in str(fact.payload)

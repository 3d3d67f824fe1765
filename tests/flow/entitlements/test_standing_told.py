"""Whoever gets an award is told when it rests, ends, stands again or comes to another amount: by a numbered letter and a notice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from award_examples import City
from case_examples import later, on
from place_examples import SYSTEM
from test_standing import allowance, enrolled, family, granted, registered

from linli import vault
from linli.agreements import acts as agreements
from linli.agreements.models import Award
from linli.agreements.queries import halted
from linli.casework.letters.queries import _fields, number_of
from linli.casework.models import Letter
from linli.casework.steps.acts import programme_of
from linli.entitlements import reactions, standing
from linli.entitlements.acts.objecting import last_day, may_object, review_until
from linli.entitlements.standing_told import TELLING
from linli.notices.models import Notice
from linli.notices.reactions import WRITER, write
from linli.notices.writing import unpacked
from linli.registers import acts as registers
from linli.registers.acts.records import record_change
from linli.registers.models import Resident
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db


def night() -> None:
    """What happens to awards at night, and what follows of it; told twice over, since a fact may reach a reaction again."""
    standing.follow()
    for _again in range(2):
        changes = Fact.objects.filter(type="agreements.award_changed", subject__startswith="resident:").order_by("id")
        reactions.tell(list(changes))
        write(list(Fact.objects.filter(type="entitlements.standing_told", subject__startswith="resident:").order_by("id")))


def told(award: Award) -> list[Letter]:
    return list(Letter.objects.filter(case=award.case, kind="standing").order_by("id"))


def said(letter: Letter) -> dict[str, Any]:
    return _fields(TELLING, letter)


def notices() -> list[tuple[str, Any]]:
    return list(Notice.objects.filter(template__startswith="award-").order_by("id").values_list("template", "recipient"))


def words_of(who: Resident) -> str:
    notice = Notice.objects.filter(recipient=who.uid).latest("id")
    text = vault.reveal(WRITER, purpose="notices.send", subject=who.uid, fields={"notice": notice.text_cipher})["notice"]
    return unpacked(text)[0]["zh"].letter


def test_an_award_that_rests_and_is_taken_up_again_is_told_each_time(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        award = granted(city.found)
        night()
        assert told(award) == [] == notices()
    with on(later(date(2026, 11, 2))):
        enrolled(city.found, False, date(2026, 11, 1))
        night()
        (letter,) = told(award)
        paper = said(letter)
        assert (paper["decided"][0], paper["from"][0], paper["reason"][0]) == ("暂停发放", "2026年11月2日起", "休学")
        failing = [one for one in paper["conditions"] if one["met"] == "unmet"]
        assert [bool(one["source"][0]) for one in failing] == [True], "which condition, and who says so"
        assert {"review_organ", "court"} <= paper.keys()
        assert notices() == [("award-rests", city.found.uid)]
        assert all(one in words_of(city.found) for one in (number_of(letter), "2026年11月2日", "休学"))
        award.refresh_from_db()
        now = halted([award])[award.pk]
        assert (now.rests, now.why and now.why.zh, now.day) == (True, "休学", date(2026, 11, 2))
    with on(later(date(2026, 11, 16))):
        enrolled(city.found, True, date(2026, 11, 16))
        night()
        letters = told(award)
        assert [said(one)["decided"][0] for one in letters] == ["暂停发放", "恢复发放"]
        assert [one for one, _who in notices()] == ["award-rests", "award-resumed"]
        award.refresh_from_db()
        assert halted([award]) == {}


def test_the_term_to_object_begins_anew_with_what_is_told(city: City) -> None:
    who, award = allowance()
    with on(later(date(2026, 10, 19))):
        programme = programme_of(award.case)
        first = last_day(award.case, programme), review_until(award.case, programme)
    with on(later(date(2027, 3, 1))):
        assert not may_object(award.case, programme)
        registered(who, "320102", date(2027, 2, 28))
        night()
        now = last_day(award.case, programme), review_until(award.case, programme)
        assert all(new and old and new > old for new, old in zip(now, first, strict=True))
        assert may_object(award.case, programme)


def test_an_end_is_told_with_its_last_day_and_to_nobody_who_is_dead(city: City) -> None:
    who, award = allowance("[]")
    with on(later(date(2026, 11, 2))):
        registered(who, "320102", date(2026, 11, 1))
        night()
        (letter,) = told(award)
        assert (said(letter)["decided"][0], said(letter)["reason"][0]) == ("停止发放", "迁出")
        assert "为止" in said(letter)["from"][0]
        assert notices() == [("award-ended", who.uid)]
    with on(later(date(2026, 11, 3))):
        other = granted(city.found)
        registers.record_death(SYSTEM, resident=city.found, deceased_on=date(2026, 11, 3))
        night()
        other.refresh_from_db()
        assert other.ending == "died"
        assert told(other) == []
        assert len(notices()) == 1


def test_a_household_that_lives_on_is_told_and_another_amount_is(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        head, other, third = family("测试甲", "测试乙", "测试丙")
        award = Award.objects.get(person=head.uid)
    with on(later(date(2026, 11, 2))):
        registers.record_death(SYSTEM, resident=other, deceased_on=date(2026, 10, 30))
        night()
        (letter,) = told(award)
        paper = said(letter)
        assert (paper["decided"][0], paper["amount"], paper["before"]) == ("调整发放金额", 58_000, 1)
        assert notices() == [("award-amount", head.uid)]
    with on(later(date(2026, 11, 16))):
        registers.record_death(SYSTEM, resident=head, deceased_on=date(2026, 11, 10))
        night()
        letters = told(award)
        assert [said(one)["reason"][0] for one in letters] == ["按现行标准重新核算", "死亡"]
        assert notices()[1:] == [("award-ended-by-death", third.uid)], "neither of the dead"


def test_a_household_that_moves_into_an_institution(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        head, other, _third = family("测试甲", "测试乙", "测试丙")
        award = Award.objects.get(person=head.uid)
    with on(later(date(2026, 11, 2))):
        record_change(SYSTEM, subject=other, list_slug="extreme-hardship", valid_from=date(2026, 11, 1))
        night()
        award.refresh_from_db()
        assert award.state == "suspended"
        (letter,) = told(award)
        assert said(letter)["reason"][0] == "入住供养机构"
        assert [name for name in said(letter)["conditions"] if other.name in str(name)] == []


def test_what_another_letter_tells_is_not_told_again(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        award = granted(city.found)
        agreements.change(TELLING, award.uid, "ended", "annulled")
        night()
        assert told(award) == [] == notices()

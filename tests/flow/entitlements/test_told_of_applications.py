"""Whoever applied hears that it came in, that it runs, what is missing by when, and how it ended; texts name no programme."""

from __future__ import annotations

from datetime import date

import pytest
from award_examples import COUNTY, FEDERATION, City, asked
from case_examples import later, on
from web_examples import AID

from linli.casework import timers
from linli.casework.models import Case
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.notices.models import Notice
from linli.notices.reactions import write
from linli.notices.recipients import READABLE
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db


def heard(case: Case) -> list[str]:
    """Write what the facts of a case ask for; which letters the person has, in order."""
    types = [one.type.name for one in READABLE]
    write(list(Fact.objects.filter(subject=case.subject, type__in=types, payload__case=str(case.uid)).order_by("id")))
    return list(Notice.objects.filter(recipient=case.subject_uid).order_by("fact").values_list("template", flat=True))


def test_from_receipt_to_the_grant(city: City) -> None:
    case = asked(city.found)
    acts.accept(COUNTY, case.uid)
    steps.pass_on(COUNTY, case.uid)
    acts.decide(FEDERATION, case.uid, "granted")
    assert heard(case) == ["application-received", "application-accepted", "application-granted"]
    assert set(Notice.objects.filter(recipient=case.subject_uid).values_list("programme", "office_zh")) == {(AID, "运城市残疾人联合会")}


def test_what_is_missing_is_named_with_its_last_day_and_a_lapse_is_no_refusal(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        case = asked(city.undecided)
        acts.ask_supplement(COUNTY, case.uid, ["certificate"], "请提供残疾人证")
    with on(later(date(2026, 11, 3))):
        timers.fire_due()
        assert heard(case) == ["application-received", "application-items-asked", "application-lapsed"]

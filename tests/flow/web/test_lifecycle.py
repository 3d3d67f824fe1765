"""From found to paid on the city's pages: everybody eligible is somewhere on the way, and whoever is not paid is listed with the reason."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import openpyxl
import pytest
from award_examples import ACCOUNT, COMMITTED, COUNTY, FEDERATION, OTHER_COUNTY
from case_examples import later, on, resident
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from place_examples import SYSTEM
from reading_order import wrong_for_listeners
from web_examples import AID, SmallCity

from linli.agreements import acts as agreements
from linli.agreements.models import Award
from linli.casework.models import Case, Pause, Survey
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.acts import objecting
from linli.entitlements.acts.applying import Wanted
from linli.insight import counting, lifecycle, measures
from linli.insight.models import StepFigure, Unpaid
from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant, Viewer
from linli.registers.models import Resident
from linli.settlement.models import Account, Payment
from linli.web.models import Download
from linli.web.tables import downloads

pytestmark = [pytest.mark.django_db, pytest.mark.long]
LINK = re.compile(rf'<a href="(/city/way/{AID}/unpaid/[^"]*)"[^>]*>([\d,]+)<')
CITY = Viewer("staff:00000000-0000-7000-8000-0000000000c1", (Grant("officer"),))
AUDITOR = Viewer("staff:00000000-0000-7000-8000-0000000000c4", (Grant("auditor"),))
LOCAL = Viewer("staff:00000000-0000-7000-8000-0000000000c3", (Grant("officer", "140802", AID),))


def asked(who: Resident) -> Case:
    return acts.apply(resident(who), who.uid, Wanted(AID, account=ACCOUNT, committed=COMMITTED))


def stands(viewer: Viewer = CITY) -> dict[str, str]:
    """Of everybody who is eligible for the aid and not paid, where they stand, after a new count."""
    counting.count()
    return {one.name: f"{one.state} {one.detail}".strip() for one in lifecycle.unpaid(viewer, AID)}


def test_everybody_eligible_is_somewhere_on_the_way(small_city: SmallCity):
    names = small_city.found.name, small_city.away.name
    assert stands() == dict.fromkeys(names, "uninvited")
    case = asked(small_city.found)
    assert stands()[names[0]] == "received"
    acts.accept(COUNTY, case.uid)
    assert stands()[names[0]].startswith("step ")
    steps.pass_on(COUNTY, case.uid)
    acts.decide(FEDERATION, case.uid, "granted")
    assert stands() == {names[0]: "unbatched", names[1]: "uninvited"}
    (line,) = [one for one in lifecycle.by_programme(CITY) if one.key == AID]
    assert (line.eligible, line.applied, line.granted, line.paid, line.unpaid) == (2, 1, 1, 0, 2)
    assert {(one.state, one.number) for one in lifecycle.reasons(CITY, AID)} == {("unbatched", 1), ("uninvited", 1)}


def test_what_is_missing_is_named(small_city: SmallCity):
    case = asked(small_city.away)
    acts.ask_supplement(OTHER_COUNTY, case.uid, ["enrolment"], "本学年的")
    assert stands()[small_city.away.name] == "missing enrolment"


def test_a_count_touches_only_what_changed(small_city: SmallCity):
    counting.count()
    before = list(Unpaid.objects.order_by("id").values_list())
    counting.count()
    assert list(Unpaid.objects.order_by("id").values_list()) == before


def test_rows_are_of_the_viewers_area_and_masked_for_whoever_only_looks(small_city: SmallCity):
    counting.count()
    assert [one.name for one in lifecycle.unpaid(LOCAL, AID)] == [small_city.found.name]
    assert [one.key for one in lifecycle.by_county(LOCAL, AID)] == ["140802"]
    assert {one.name for one in lifecycle.unpaid(AUDITOR, AID)} == {"测*甲", "测*乙"}
    planner = Viewer("staff:x", (Grant("planner"),))
    with pytest.raises(lifecycle.screenings.Refused):
        lifecycle.unpaid(planner, AID)


def test_the_list_goes_on_where_a_page_ended(small_city: SmallCity):
    counting.count()
    (first,) = lifecycle.unpaid(CITY, AID, limit=1)
    (second,) = lifecycle.unpaid(CITY, AID, limit=1, after=first.id)
    assert {first.name, second.name} == {small_city.found.name, small_city.away.name}
    assert lifecycle.unpaid(CITY, AID, after=second.id) == []
    assert len(lifecycle.unpaid(CITY, AID, after="; DROP")) == 2


def text(page: Any) -> str:
    return re.sub(r"\s+", " ", page.content.decode())


def test_pages_show_every_reason_and_the_list_behind_it(office: Client, small_city: SmallCity):
    with on(later(date(2026, 12, 14))):
        acts.accept(COUNTY, asked(small_city.found).uid)
        counting.count()
    whole = text(office.get("/city/way/"))
    assert "应享尽享" in whole
    assert f"/city/way/{AID}/" in whole
    one = text(office.get(f"/city/way/{AID}/"))
    assert "正在办理" in one
    assert "还没有写信告知" in one
    rows = office.get(f"/city/way/{AID}/unpaid/", {"state": "step"})
    assert rows.content.decode().count("data-row") == 1
    assert "打开申请" in text(rows)
    assert office.get(f"/city/way/{AID}/unpaid/", {"state": "step", "detail": "decide"}).content.decode().count("data-row") == 0
    for link, number in LINK.findall(one):
        assert office.get(link.replace("&amp;", "&")).content.decode().count("data-row") == int(number), link
    assert office.get(f"/city/way/{AID}/unpaid/", {"state": "none"}).status_code == 404
    for page in ("/city/way/", f"/city/way/{AID}/", f"/city/way/{AID}/unpaid/"):
        assert wrong_for_listeners(text(office.get(page))) == []


def test_the_number_of_queries_does_not_grow(office: Client, small_city: SmallCity):
    pages = ("/city/way/", f"/city/way/{AID}/", f"/city/way/{AID}/unpaid/")

    def cost() -> list[int]:
        counting.count()
        found = []
        for page in pages:
            office.get(page)
            with CaptureQueriesContext(connection) as queries_made:
                assert office.get(page).status_code == 200
            found.append(len(queries_made))
        return found

    before = cost()
    for who in (small_city.found, small_city.away):
        asked(who)
    assert cost() == before


@pytest.mark.parametrize("listing", ["city-way", "city-way-of", "city-unpaid", "city-times", "city-approvals", "city-care"])
def test_every_table_is_a_spreadsheet(office: Client, small_city: SmallCity, listing: str):
    counting.count()
    slug = AID if listing in ("city-way-of", "city-unpaid") else ""
    assert office.post(f"/city/export/{listing}/", {"slug": slug, "kind": "", "county": ""}).status_code == 302
    made = Download.objects.latest("id")
    downloads.make(made.uid)
    made.refresh_from_db()
    assert made.state == "finished"
    rows = {"city-way": 2, "city-way-of": 3, "city-unpaid": 3}.get(listing, 1)
    assert openpyxl.load_workbook(downloads.file_of(made)).active.max_row == rows


def test_steps_are_counted_in_working_days_without_those_on_which_the_clock_stood(small_city: SmallCity):
    """Accepted on a Monday; passed on the Wednesday after, with a supplement asked for and supplied in between."""
    with on(later(date(2026, 12, 7))):
        case = asked(small_city.found)
        acts.accept(COUNTY, case.uid)
    with on(later(date(2026, 12, 9))):
        steps.pass_on(COUNTY, case.uid)
    with on(later(date(2026, 12, 11))):
        acts.decide(FEDERATION, case.uid, "granted")
        Pause.objects.create(case=case, reason="notice", began_at=later(date(2026, 12, 10)), ended_at=later(date(2026, 12, 11)))
        counting.count()
    figures = {(one.area_code, one.step): one for one in StepFigure.objects.filter(programme=AID)}
    whole = figures["140802", ""]
    first = next(one for (area, step), one in figures.items() if area == "140802" and step not in ("", "decide"))
    assert (first.number, first.median, first.stood, first.late) == (1, 2, 0, 0)
    assert (whole.median, whole.ninth, whole.stood, whole.hundredths) == (3, 3, 1, 200)
    assert figures["1408", ""].median == 3
    (paid,) = measures.decided(CITY, programme=AID)
    assert (paid.granted, paid.refused, paid.checked, paid.automatic) == (1, 0, 0, False)
    (care,) = measures.service_by_programme(CITY)
    assert care.applications == 1
    assert care.known > care.asked


def test_who_was_paid_counts_as_paid_while_the_award_rests_and_only_applications_are_rated(small_city: SmallCity):
    case = asked(small_city.found)
    acts.accept(COUNTY, case.uid)
    steps.pass_on(COUNTY, case.uid)
    acts.decide(FEDERATION, case.uid, "granted")
    award = Award.objects.get(case=case)
    agreements.change(SYSTEM, award.uid, "suspended", "on_leave")
    assert stands()[small_city.found.name].startswith("suspended")
    account = Account.objects.create(award=award.uid, person=award.person, entered_at=clock.now())
    Payment.objects.create(
        item=uuid7(), batch=uuid7(), award=award.uid, case=case.uid, programme=AID, period="2026", person=award.person,
        area_code=award.area_code, payee="self", account=account, amount_fen=500_000, state="paid", state_since=clock.now(),
        paid_on=clock.today(),
    )  # fmt: skip
    assert small_city.found.name not in stands()
    (line,) = [one for one in lifecycle.by_programme(CITY) if one.key == AID]
    assert (line.eligible, line.paid, line.unpaid) == (2, 1, 1)
    Survey.objects.get_or_create(case=case, defaults={"invited_at": clock.now()})
    objection = objecting.object_to(resident(small_city.found), case.uid, "金额不对")
    Survey.objects.create(case=objection, invited_at=clock.now())
    counting.count()
    (figures,) = [one for one in measures.service_by_programme(CITY) if one.key == AID]
    assert (figures.applications, figures.invited) == (1, 1)

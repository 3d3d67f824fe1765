"""Programmes of other shapes: by rule alone, a registration that other rules read, one that another system decides, four signatures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from award_examples import City, own
from case_examples import later, on, refused, staff
from django.conf import settings
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from walk_examples import publish_draft
from web_examples import born

from linli.agreements.models import Award
from linli.casework.models import Case
from linli.casework.steps import acts as steps
from linli.entitlements import acts, instant
from linli.entitlements.acts import Account
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.models import Application
from linli.entitlements.reactions import follow
from linli.entitlements.reckoning import Reckoned, reckon
from linli.kernel import clock
from linli.kernel.viewer import Grant
from linli.programmes.declaration import Programme
from linli.programmes.queries import pinned
from linli.registers import acts as registers
from linli.registers.acts.records import record_change
from linli.registers.models import Holding, ListImport, ListVersion, Record, Resident
from linli.trace.models import Fact
from linli.web.case.at_once import held_up

pytestmark = pytest.mark.django_db
OFFICER = staff(21, Grant("officer", "140802"))
ACCOUNT = Account("测试丁", "6217000000000000001")


def somebody(years: int) -> Resident:
    with on(later(date(2026, 10, 12))):
        lives = [registers.Lives("registered", VILLAGE, FIRST_DAY), registers.Lives("lives", VILLAGE, FIRST_DAY)]
        return person("测试丁", identity=identity(born(years)), birth_date=born(years), situations=lives, relations_known=True)


def again(case: Case) -> Case:
    return Case.objects.select_related("task").get(pk=case.pk)


def test_an_old_age_allowance_is_approved_at_once_and_says_so(city: City) -> None:
    who = somebody(82)
    case = again(acts.apply(own(who), who.uid, Wanted("old-age-allowance", account=ACCOUNT)))
    assert (case.status, case.outcome, case.application.automatic) == ("closed", "granted", True)
    award = Award.objects.get(case=case)
    assert (award.state, award.amount_fen, award.cycle) == ("active", 5000, "month")
    follow(list(Fact.objects.filter(type="casework.closed", subject=case.subject)))
    assert Holding.objects.get(resident=who).programme_slug == "old-age-allowance"


def test_nothing_is_approved_at_once_while_something_is_missing(city: City) -> None:
    who = somebody(82)
    case = again(acts.apply(own(who), who.uid, Wanted("old-age-allowance")))
    assert (case.status, case.application.automatic) == ("open", False)


def in_the_way(found: Reckoned, programme: Programme, states: dict[str, str]) -> tuple[str, str]:
    """What keeps it from being approved at once, as the person reads it and as the office does: one thing."""
    row = Application(held_up=instant.held_up(programme, found, states))
    [plain], [exact] = held_up(row, programme), held_up(row, programme, exact=True)
    return plain, exact


def test_each_thing_in_the_way_of_approval_at_once_is_said_to_the_person_and_to_the_office(city: City) -> None:
    who, programme = somebody(82), pinned("old-age-allowance", "2026")
    found, given = reckon(programme, who.uid), {"identity": "exempt", "account": "given"}
    procedure, (material, *_) = programme.procedure, programme.materials
    assert procedure is not None
    assert procedure.instant is not None
    assert instant.held_up(programme, found, given) == []
    assert instant.held_up(replace(programme, procedure=replace(procedure, instant=None)), found, given) is None
    noticed = replace(procedure, steps=(replace(procedure.steps[0], kind="notice"), *procedure.steps))
    capped = replace(procedure, instant=replace(procedure.instant, cap=4999))
    unsaid = {name: replace(one, known_since=None) for name, one in found.reasons.told.items()}
    heard = replace(found, reasons=replace(found.reasons, told=unsaid))
    age = "年满八十周岁"
    for told, changed, states, plain, exact in (
        (found, replace(programme, procedure=noticed), given, "公示", "公示"),
        (replace(found, verdict="not_eligible", conditions={"age": False}), programme, given, f"不符合：{age}", f"{age}（age）"),
        (replace(found, verdict="unknown", conditions={"age": None}), programme, given, f"没有查明：{age}", f"{age}（age）"),
        (replace(found, verdict="unknown"), programme, given, "有的条件还没有查明", "有的条件还没有查明"),
        (replace(found, amount_fen=None), programme, given, "按每期的实际情况", "按每期的实际情况"),
        (found, replace(programme, procedure=capped), given, "当场批准的上限（49.99 元）", "每次 50 元，超过秒批上限 49.99 元"),
        (found, programme, given | {material.id: "wanted"}, f"还有材料要交：{material.label.zh}", material.label.zh),
        (found, programme, given | {material.id: "commitment"}, f"作出承诺的，要由工作人员核对：{material.label.zh}", material.label.zh),
        (heard, programme, given, "没有部门登记：出生日期", "出生日期"),
    ):
        said = in_the_way(told, changed, states)
        assert plain in said[0], said
        assert exact in said[1], said


def test_an_old_list_is_named_with_its_day(city: City) -> None:
    programme = pinned("old-age-allowance", "2026")
    found = reckon(pinned("disabled-student-aid", "2023"), city.found.uid)
    [bar] = [one for one in instant.unfresh(found, 31) if one["code"] == "stale"][:1]
    row = Application(held_up=[bar])
    assert "超过 31 天没有更新" in held_up(row, programme)[0]
    assert "没有这个地方的名单，要求 31 天以内" in held_up(row, programme, exact=True)[0]
    delivered(bar["names"][0], "140802")
    (again_,) = [one for one in instant.unfresh(found, 6) if one["names"] == bar["names"]]
    assert again_["day"] == str(clock.today() - timedelta(days=7))
    assert "最近一份截至" in held_up(Application(held_up=[again_]), programme, exact=True)[0]


def test_what_held_it_up_is_kept_with_the_application(city: City) -> None:
    who = somebody(82)
    acts.apply(own(who), who.uid, Wanted("old-age-allowance"))
    row = Application.objects.get(person=who.uid)
    assert row.held_up == [{"code": "to_give", "names": ["account"]}]
    assert held_up(row, pinned("old-age-allowance", "2026")) == ["还有材料要交：本人银行账户"]


def delivered(slug: str, area: str) -> None:
    """A list has come for an area, last week."""
    version, _new = ListVersion.objects.get_or_create(
        list_slug=slug, digest="sha256:x", defaults={"declaration": {}, "first_used_at": clock.now()}
    )
    day = clock.today() - timedelta(days=7)
    ListImport.objects.create(
        version=version, list_slug=slug, file_name="x", file_digest=f"sha256:{area}", as_of=day, fresh_until=day + timedelta(days=60),
        area_code=area, actor="system:test", applied_at=clock.now(),
    )  # fmt: skip


def test_a_list_that_came_for_another_county_makes_nothing_fresh(city: City) -> None:
    for slug in ("extreme-hardship", "subsistence-allowance", "low-income-edge"):
        record_change(SYSTEM, subject=city.found, list_slug=slug, valid_from=FIRST_DAY, present=False)
    found = reckon(pinned("disabled-student-aid", "2023"), city.found.uid)
    told = [*found.reasons.told.values(), *found.reasons.told_of.values()]
    lists = {one.source.list for one in told if one.source.list}
    for slug in lists:
        delivered(slug, "140882")
    assert any(instant.unfresh(found, 31))
    for slug in lists:
        delivered(slug, "140802")
    assert not any(instant.unfresh(found, 31))
    assert {one["code"] for one in instant.unfresh(found, 6)} == {"stale"}


def test_a_registration_ends_on_a_list_that_other_rules_read(city: City) -> None:
    who = somebody(35)
    for slug in ("social-insurance", "unemployment-registration"):
        record_change(SYSTEM, subject=who, list_slug=slug, valid_from=FIRST_DAY, present=False)
    facts = {"able_and_willing": True, "unemployed_since": date(2026, 9, 1)}
    with refused("entitlements.not_to_state"):
        acts.apply(own(who), who.uid, Wanted("unemployment-registration", facts={"is_insured_employee": False}))
    case = acts.apply(own(who), who.uid, Wanted("unemployment-registration", committed=("declaration",), facts=facts))
    acts.accept(OFFICER, case.uid)
    steps.pass_on(OFFICER, case.uid)
    acts.decide(OFFICER, case.uid, "registered")
    row = Record.objects.get(resident=who, list_slug="unemployment-registration", present=True)
    assert row.data == {"unemployed_since": "2026-09-01"}
    assert again(case).outcome == "registered"
    assert not Award.objects.exists()


def test_a_reimbursement_is_taken_in_and_forwarded(city: City) -> None:
    who = somebody(50)
    with refused("entitlements.event"):
        acts.apply(own(who), who.uid, Wanted("medical-reimbursement", account=ACCOUNT))
    case = acts.apply(own(who), who.uid, Wanted("medical-reimbursement", account=ACCOUNT, event=date(2026, 11, 2)))
    assert again(case).status == "open"


@pytest.mark.parametrize(
    ("old", "new"),
    [("{id: review, kind: review", "{id: review, kind: appraise"), ("level: county, days: 4}", "level: county, days: 4, officers: 2}")],
    ids=["appraisal", "two officers"],
)
def test_what_experts_or_two_officers_have_to_see_is_not_approved_at_once(city: City, old: str, new: str) -> None:
    """Everything else being clear: it was approved without the appraisal, or by nobody's signature."""
    with on(later(date(2026, 10, 19))):
        publish_draft("disability-nursing-subsidy", [(old, new), ('version: "2026"', 'version: "x"'), IN_OCTOBER], "x")
        who = somebody(40)
        record_change(SYSTEM, subject=who, list_slug="disability-certificate", valid_from=FIRST_DAY,
                      data={"disability_kind": "physical", "disability_level": 2})  # fmt: skip
        record_change(SYSTEM, subject=who, list_slug="extreme-hardship", valid_from=FIRST_DAY, present=False)
        for slug in ("disability-certificate", "extreme-hardship"):
            delivered(slug, "140802")
        case = again(acts.apply(own(who), who.uid, Wanted("disability-nursing-subsidy", account=ACCOUNT)))
        assert (case.status, case.application.automatic) == ("open", False)
        [bar] = case.application.held_up
        assert bar["code"] in ("steps", "officers")


IN_OCTOBER = ("effective_from: 2026-01-01", "effective_from: 2026-10-01")


def test_a_fact_that_only_the_amount_reads_has_to_be_fresh_too(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        amount = "amount: CASE WHEN on_subsistence_allowance THEN 20000 ELSE 5000 END\n  amount_zh"
        text = (Path(settings.LINLI_CITY) / "programmes/old-age-allowance/programme.yaml").read_text(encoding="utf-8")
        before = text[text.index("  amount: ") + 2 : text.index("amount_zh")] + "amount_zh"
        publish_draft("old-age-allowance", [(before, amount), ('version: "2026"', 'version: "x"'), IN_OCTOBER], "x")
        who = somebody(82)
        record_change(SYSTEM, subject=who, list_slug="subsistence-allowance", valid_from=FIRST_DAY, present=False)
        case = again(acts.apply(own(who), who.uid, Wanted("old-age-allowance", account=ACCOUNT)))
        assert (case.status, [(bar["code"], bar["names"]) for bar in case.application.held_up]) == (
            "open",
            [("stale", ["subsistence-allowance"])],
        )

"""What the form of an application asks for under programmes of different shapes, and what it makes of the answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.utils.datastructures import MultiValueDict
from place_examples import FIRST_DAY, SYSTEM, identity, person
from web_examples import AID, SmallCity, born

from linli.entitlements.acts.applying import Wanted, apply, live
from linli.kernel.errors import LinliError
from linli.kernel.identity import credit_check_character
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.registers import acts as registers
from linli.registers.models import Organisation, Resident
from linli.web.applying import pages
from linli.web.applying.form import ApplyForm, value_words
from linli.web.money.accounts import AccountForm

pytestmark = pytest.mark.django_db


def filled(programme: str, who: Resident, **told: str) -> ApplyForm:
    return ApplyForm(live(programme), who, posted({"key": "a", **told}))


def posted(told: dict[str, str]) -> MultiValueDict[str, str]:
    return MultiValueDict({name: [value] for name, value in told.items()})


def own(who: Resident) -> Viewer:
    return Viewer(f"resident:{who.uid}", subject=str(who.uid), level="card")


def problems(form: ApplyForm) -> set[str]:
    return set(form.errors)


def test_what_no_register_holds_is_stated_with_the_promise_that_goes_with_it(small_city: SmallCity) -> None:
    who = small_city.found
    since = {"fact:unemployed_since_0": "2026", "fact:unemployed_since_1": "9", "fact:unemployed_since_2": "1"}
    told = {"fact:able_and_willing": "yes", "committed": "declaration", **since}
    form = filled("unemployment-registration", who, **told)
    assert form.is_valid(), form.errors
    assert form.wanted().facts == {"able_and_willing": True, "unemployed_since": date(2026, 9, 1)}
    assert [one.key for one in form.groups] == ["told"]
    del told["committed"]
    assert problems(filled("unemployment-registration", who, **told)) == {"committed"}
    assert problems(filled("unemployment-registration", who, committed="declaration", **since)) == {"fact:able_and_willing"}
    assert filled("unemployment-registration", who).is_valid()


def test_the_day_that_a_case_is_about_is_asked_for(small_city: SmallCity) -> None:
    who, day = small_city.found, {"event_0": "2026", "event_1": "11", "event_2": "2"}
    assert problems(filled("medical-reimbursement", who)) == {"event"}
    assert problems(filled("medical-reimbursement", who, **{**day, "event_1": "13"})) == {"event"}
    form = filled("medical-reimbursement", who, **day)
    assert form.is_valid(), form.errors
    assert form.wanted().event == date(2026, 11, 2)
    page = pages.pages_of(form, elder=True)[1]
    assert dict(pages.carried(form, posted(day), page)) == day


def test_a_guardian_is_chosen_from_the_register_and_the_account_is_theirs(small_city: SmallCity) -> None:
    who = small_city.found
    guardian = person("监护甲", identity=identity(born(50)), birth_date=born(50))
    assert "payee" not in ApplyForm(live(AID), who).fields
    assert 'value="测试甲"' in str(ApplyForm(live(AID), who)["holder"])
    who.account_cipher = "x"  # one is on record, and another may be given
    assert 'value="测试甲"' in str(ApplyForm(live(AID), who)["holder"])
    who.account_cipher = ""
    registers.link_family(SYSTEM, resident=who, relative=guardian, relation="guardian", valid_from=FIRST_DAY)
    chosen: dict[str, Any] = {"payee": f"guardian:{guardian.uid}", "number": "6217000000000000004", "committed": "kinship"}
    form = filled(AID, who, **chosen, holder="测试甲")
    assert problems(form) == {"holder"}
    assert "监护甲" not in str(form["payee"])
    form = filled(AID, who, **chosen, holder="监护甲")
    assert form.is_valid(), form.errors
    assert (form.wanted().payee, form.wanted().payee_uid) == ("guardian", guardian.uid)
    with pytest.raises(LinliError) as caught:
        apply(own(who), who.uid, Wanted(AID, payee="guardian", payee_uid=small_city.away.uid))
    assert caught.value.code == "entitlements.no_such_payee"


def test_an_organisation_is_named_by_its_code_at_a_window_and_by_nobody_at_home(small_city: SmallCity) -> None:
    first = "91140802MA0000000"
    code = first + credit_check_character(first)
    Organisation.objects.create(credit_code=code, name="测试单位", area_code="140802", kind="employer")
    programme = live(AID)
    object.__setattr__(programme, "subject", "organisation")
    try:
        told = {"key": "a", "credit_code": code.lower(), "authority": "representative", "holder": ""}
        form = ApplyForm(programme, small_city.found, posted(told), at_window=True)
        assert form.is_valid(), form.errors
        assert form.organisation is not None
        assert form.wanted().beneficiary == form.organisation.uid
        assert problems(
            ApplyForm(programme, small_city.found, posted({**told, "credit_code": first + "?", "authority": ""}), at_window=True)
        ) == {
            "credit_code",
            "authority",
        }
        with pytest.raises(LinliError) as caught:
            apply(own(small_city.found), small_city.found.uid, form.wanted())
        assert caught.value.code == "entitlements.organisation_at_window"
    finally:
        object.__setattr__(programme, "subject", "person")


def with_payees(*kinds: str) -> Programme:
    """The aid paid to others, with an account of theirs."""
    programme = live(AID)
    assert programme.payment is not None
    return replace(programme, payment=replace(programme.payment, payees=kinds))


def organisation(name: str, number: int, kind: str = "provider") -> Organisation:
    first = f"91140802MA00000{number:02}"
    code = first + credit_check_character(first)
    return Organisation.objects.create(credit_code=code, name=name, area_code="140802", kind=kind)


def chosen(form: ApplyForm) -> Any:
    assert form.is_valid(), form.errors
    return form.wanted().payee_uid


def test_an_organisation_that_is_paid_is_found_by_name_part_or_code_among_any_number(small_city: SmallCity) -> None:
    for number in range(250):
        Organisation.objects.create(name=f"测试甲学校{number:03}", area_code="140802", kind="provider")
    last, twin = organisation("运城测试职业学校", 1), organisation("运城测试职业学校附属小学", 2)
    office = organisation("测试用人单位", 3, "employer")
    who, programme = small_city.found, with_payees("self", "school", "employer")

    def of(**told: str) -> ApplyForm:
        return ApplyForm(programme, who, posted({"key": "a", **told}))

    form = of()
    assert "测试甲学校" not in str(form)
    for words in ("运城测试职业学校", f" {(last.credit_code or '').lower()} "):
        form = of(payee="school", payee_named=words)
        assert form.is_valid(), form.errors
        assert (form.wanted().payee, form.wanted().payee_uid) == ("school", last.uid)
        assert value_words(form, "payee_named") == f"运城测试职业学校 {last.credit_code}"
    assert chosen(of(payee="school", payee_named="附属小学")) == twin.uid
    several = of(payee="school", payee_named="职业学校")
    assert all(name in str(several.errors["payee_named"]) for name in (last.name, twin.name, str(twin.credit_code)))
    assert problems(of(payee="school")) == {"payee_named"}
    assert problems(of(payee="school", payee_named="测试用人单位")) == {"payee_named"}
    assert chosen(of(payee="employer", payee_named="测试用人单位")) == office.uid
    assert chosen(of(payee="self", payee_named="")) is None
    account = {"number": "6217000000000000004", "payee": "school", "payee_named": "附属小学"}
    assert problems(of(**account, holder="测试甲")) == {"holder"}
    assert problems(of(**account, holder=twin.name)) == set()


def test_where_only_an_organisation_is_paid_its_name_is_asked_for(small_city: SmallCity) -> None:
    form = ApplyForm(with_payees("provider"), small_city.found, posted({"key": "a"}))
    assert "payee" not in form.fields
    assert problems(form) == {"payee_named"}
    assert "服务机构全称" in str(form["payee_named"].label)
    assert (str(form["number"].label), str(form["holder"].help_text)) == ("账号", "户名与登记名称一致")
    assert "银行卡" not in str(form["holder"]) + str(form["number"])
    both = ApplyForm(with_payees("self", "provider"), small_city.found)
    assert "付给单位的，与登记名称一致" in str(both["holder"].help_text)
    assert str(ApplyForm(with_payees("self"), small_city.found)["number"].label) == "银行卡号"
    firm = AccountForm(name="测试公司", firm=True)
    assert (str(firm["number"].label), list(firm.fields)) == ("账号", ["holder", "number", "bank", "key"])


def test_an_account_left_empty_is_among_what_is_still_to_be_given(small_city: SmallCity) -> None:
    for number, wanted in (("", True), ("6217000000000000004", False)):
        sent = {"key": "a", "holder": "测试甲", "number": number, "committed": "kinship"}
        form = ApplyForm(live(AID), small_city.found, posted(sent))
        assert form.is_valid(), form.errors
        summary = next(one for one in pages.pages_of(form, elder=False) if one.confirms)
        labels = [one.zh for one in pages.asked(form, posted(sent), summary)["bring"]]
        assert any("账户" in one for one in labels) == wanted, labels


def test_a_firm_gives_an_account_in_its_own_name(small_city: SmallCity) -> None:
    shop = organisation("测试公司", 4, "employer")
    programme = replace(with_payees("self"), subject="organisation")
    told = {"key": "a", "credit_code": str(shop.credit_code), "authority": "representative", "number": "6217000000000000004"}
    form = ApplyForm(programme, small_city.found, posted({**told, "holder": small_city.found.name}), at_window=True)
    assert "account" not in form.fields
    assert problems(form) == {"holder"}
    assert not problems(ApplyForm(programme, small_city.found, posted({**told, "holder": "测试公司"}), at_window=True))

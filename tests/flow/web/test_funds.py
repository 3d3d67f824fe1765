"""Funds on their page: an officer for the whole city opens one and enters what has arrived; nobody else does."""

from __future__ import annotations

import pytest
from stranger_examples import BOARDING, publish_stranger
from walking import at_work
from web_examples import AID, SmallCity, officer

from linli.kernel.errors import Refused
from linli.ledger.queries import fund_figures
from linli.ledger.verify import verify_book
from linli.registers.models import Staff
from linli.registers.queries.staff import viewer_of
from linli.settlement.acts import funding
from linli.settlement.models import FundPromise
from linli.trace.deep import verify_rows

pytestmark = pytest.mark.django_db
FUND, PAGE = f"{BOARDING}.central", "/office/payments/funds/"


def test_a_fund_is_opened_and_filled_on_its_page(small_city: SmallCity, db: None) -> None:
    publish_stranger()
    desk = at_work("officer").open("/office/payments/").follow(PAGE)
    desk.send(desk.form("open-fund", "open-promised", value=FUND), 400, **{"open-fund": FUND, "open-promised": "很多"})
    desk.send(desk.form("open-fund", value=FUND), **{"open-fund": FUND, "open-promised": "1000"})
    assert "中央资金" in desk.page
    assert not desk.offers("open-fund", value=FUND)
    told = {"arrived-fund": f"{FUND}|promised", "arrived-document": "运财教〔2026〕1号"}
    for yuan, says, status in (("600", "到账已登记", 200), ("600", "以前已经拨入", 200), ("700", "", 400)):
        desk.send(desk.form("arrived-fund"), status, **told, **{"arrived-yuan": yuan})
        assert says in desk.page
    for typed in ("运财教[2026]1号", "运财教〔２０２６〕 1号", "运财教（2026）1号"):
        desk.send(desk.form("arrived-fund"), **told | {"arrived-document": typed, "arrived-yuan": "600"})
        assert "以前已经拨入" in desk.page
    desk.send(desk.form("arrived-fund"), 400, **told | {"arrived-document": "9号", "arrived-yuan": "9" * 20})
    beyond = told | {"arrived-document": "运财教〔2026〕2号", "arrived-yuan": "400.01"}
    desk.send(desk.form("arrived-fund"), 400, **beyond)
    assert (fund_figures(FUND).promised_fen, fund_figures(FUND).free_fen) == (1000_00, 600_00)


def test_what_is_promised_later_counts_once_another_officer_has_confirmed_it(small_city: SmallCity, db: None) -> None:
    publish_stranger()
    officer("second", "测试乙")
    one, other = at_work("officer").open(PAGE), at_work("second")
    one.send(one.form("open-fund", value=FUND), **{"open-fund": FUND, "open-promised": "1000"})
    arrived = {"arrived-fund": f"{FUND}|promised", "arrived-document": "运财教〔2026〕1号", "arrived-yuan": "1000"}
    one.send(one.form("arrived-fund"), **arrived)
    told = {"more-fund": FUND, "more-source": "省财政厅追加预算", "more-promised": "500", "more-document": "晋财教〔2026〕88号"}
    one.send(one.form("more-fund"), 400, **(told | {"more-document": " "}))
    for _ in range(2):
        one.send(one.form("more-fund"), **told)
    one.send(one.form("more-fund"), **(told | {"more-document": "晋财教[２０２６] 88号"}))
    one.send(one.form("more-fund"), 400, **(told | {"more-promised": "600"}))
    assert "来源或金额不同" in one.page
    assert FundPromise.objects.count() == 1
    one.open(PAGE)
    assert not one.offers("verb", value="confirm")
    with pytest.raises(Refused):
        funding.end_promise(viewer_of(Staff.objects.get(login="officer")), promise=FundPromise.objects.get().uid, confirm=True)
    assert fund_figures(FUND).promised_fen == 1000_00
    other.open(PAGE)
    other.send(other.form("verb", value="confirm"), verb="confirm", promise=str(FundPromise.objects.get().uid))
    viewer = viewer_of(Staff.objects.get(login="second"))
    assert funding.end_promise(viewer, promise=FundPromise.objects.get().uid, confirm=True).state == "confirmed"
    assert (fund_figures(FUND).promised_fen, fund_figures(FUND).free_fen) == (1500_00, 1000_00)
    assert "晋财教〔2026〕88号" in other.page
    later = {"arrived-fund": f"{FUND}|promised-2", "arrived-document": "运财教〔2026〕2号"}
    other.send(other.form("arrived-fund"), 400, **later, **{"arrived-yuan": "500.01"})
    other.send(other.form("arrived-fund"), 400, **(later | {"arrived-document": "运财教〔2026〕1号"}), **{"arrived-yuan": "500"})
    other.send(other.form("arrived-fund"), **later, **{"arrived-yuan": "500"})
    altered = [one for one in verify_rows() if "ledger" in (one.row or "") or "settlement" in (one.row or "")]
    assert (fund_figures(FUND).free_fen, list(verify_book()), altered) == (1500_00, [], [])


def test_a_county_or_an_auditor_enters_nothing(small_city: SmallCity, db: None) -> None:
    publish_stranger()
    officer("county", "测试县", area_code="140802")
    desk = at_work("county").open(PAGE)
    assert not desk.offers("open-fund")
    viewer = viewer_of(Staff.objects.get(login="county"))
    with pytest.raises(Refused):
        funding.open_declared(viewer, slug=FUND, promised_fen=1)
    with pytest.raises(Refused):
        funding.enter_arrived(viewer, slug=f"{AID}.provincial", fen=1, document="x")

"""Funds on their page: an officer for the whole city opens one and enters what has arrived; nobody else does."""

from __future__ import annotations

import pytest
from stranger_examples import BOARDING, publish_stranger
from walking import at_work
from web_examples import AID, SmallCity, officer

from linli.kernel.errors import Refused
from linli.ledger.queries import fund_figures
from linli.registers.models import Staff
from linli.registers.queries.staff import viewer_of
from linli.settlement.acts import funding

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
    beyond = told | {"arrived-document": "运财教〔2026〕2号", "arrived-yuan": "400.01"}
    desk.send(desk.form("arrived-fund"), 400, **beyond)
    assert (fund_figures(FUND).promised_fen, fund_figures(FUND).free_fen) == (1000_00, 600_00)


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

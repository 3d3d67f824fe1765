"""The pages of batches, draws and public notices, looked at like every page."""

from __future__ import annotations

from typing import Any

import pytest
from batch_examples import (
    CHECKER,
    COLLEGE,
    FEDERATION,
    FINANCE,
    HOUR,
    MAKER,
    POSTGRADUATE,
    VILLAGES,
    Roll,
    checked,
    committed,
    frozen,
    granted,
    works_in,
)
from conftest import Opener, sign_in
from inspecting import Inspector, for_officers, for_residents
from web_examples import AID, SmallCity

from linli.batches.acts import drawing, gathering, noticing
from linli.batches.declared import Declared, Level
from linli.batches.models import Batch, Check, Difference, Draw, Item, LeftOut, PublicOutcome
from linli.kernel import clock


def shown() -> tuple[Batch, str, str]:
    """A batch that doesn't add up, drawn, one check with a finding, and its public notice; the draw's code and the notice's uid."""
    works_in(MAKER, FEDERATION)
    works_in(CHECKER, FINANCE)
    for place, county in enumerate(VILLAGES):
        for fen in (COLLEGE, POSTGRADUATE):
            granted(f"学生{place}", fen, county)
    now = clock.now()
    batch = Roll().batch(str(clock.today().year))
    draw, secrets = frozen((now - 3 * HOUR, now - 2 * HOUR), batch)
    with clock.frozen(now - HOUR):
        for department, secret in secrets.items():
            drawing.reveal_secret(MAKER, draw=draw.uid, department=department, secret=secret)
    checked(batch)
    gathering.declare(MAKER, batch=batch.uid, declared=Declared((Level(POSTGRADUATE, 3),), 800_000_00, 169))
    notice = noticing.put_up(MAKER, batch=batch.uid, supervision="0359-0000000", objections_to="市残联教就部")
    last = Check.objects.filter(item__batch=batch).last()
    assert last is not None
    Check.objects.filter(pk=last.pk).update(result="finding")
    return batch, draw.code, str(notice.uid)


def numbers_wait(draw: str) -> Draw:
    """The draw as one that waits for the second officer: a lottery's numbers stand for a secret."""
    groups = [{"numbers": 6, "low": 1, "high": 33, "distinct": True}, {"numbers": 1, "low": 1, "high": 16, "distinct": True}]
    told = {"name": {"zh": "双色球", "en": "Double Colour Ball lottery"}, "on": "2026-11-10", "groups": groups}
    Draw.objects.filter(code=draw).update(public_draw=told, state="frozen")
    found = Draw.objects.get(code=draw)
    source = "中国福利彩票发行管理中心公告，双色球第2026128期"
    numbers = [[3, 9, 14, 22, 27, 31], [8]]
    PublicOutcome.objects.create(draw=found, numbers=numbers, source=source, entered_at=clock.now(), entered_by=MAKER.actor)
    return found


@for_residents
def test_the_pages_of_draws_and_notices(opened: Opener, small_city: SmallCity, edition: str, language: str):
    _, draw, notice = shown()
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        addresses = ("/announcements/", f"/announcements/{notice}/", "/draws/", f"/draws/{draw}/", "/draws/verify/")
        for address in addresses:
            page.goto(address)
            inspector.look("public-" + address.strip("/").split("/")[0] + str(len(address)))
        numbers_wait(draw)
        page.goto(f"/draws/{draw}/")
        inspector.look("public-draw-numbers")
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)


@pytest.mark.long
@for_officers
def test_the_pages_of_batches(opened: Opener, small_city: SmallCity, edition: str, language: str, settings: Any):
    settings.LINLI_SECOND_FACTOR = "optional"
    batch, drawn, notice = shown()
    other = gathering.open_batch(MAKER, programme=AID, period="2031", given={"notice_days": {"value": 5, "document": "x"}})
    coming, _ = committed(other)
    item, check = batch.items.first(), Check.objects.filter(result="finding").get()
    assert item is not None
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        sign_in(page, "officer")
        pages = {
            "list": "", "begin": f"new/{AID}/", "batch": f"{batch.uid}/", "items": f"{batch.uid}/items/", "item": f"items/{item.uid}/",
            "declared": f"{batch.uid}/declared/", "checks": "checks/?show=all", "check": f"checks/{check.uid}/",
            "draw-begin": f"{other.uid}/draw/", "draw": f"draws/{coming.uid}/", "notice": f"notices/{notice}/",
            "draw-numbers": f"draws/{numbers_wait(drawn).uid}/",
            "notice-begin": f"{batch.uid}/notice/", "object": f"notices/{notice}/object/?line=1",
        }  # fmt: skip
        for name, address in pages.items():
            page.goto(f"/batches/{address}")
            inspector.look(f"batches-{name}")
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)


def by_day() -> tuple[Batch, Item, LeftOut]:
    """A batch with an item that was reckoned by the day and differs by now, and two awards that are not on the list."""
    batch = gathering.open_batch(MAKER, programme=AID, period="2030", given={"notice_days": {"value": 5, "document": "x"}})
    award, away, unclear = (granted(name, COLLEGE) for name in ("学生甲", "学生乙", "学生丙"))
    earlier = [{"period": "2029", "fen": 13_698}]
    told = {
        "kind": "prorated",
        "first": "2030-01-01",
        "last": "2030-12-31",
        "stood": 355,
        "of": 365,
        "rate_fen": COLLEGE,
        "own_fen": 389_042,
    }
    item = Item.objects.create(
        batch=batch, programme=AID, period="2030", award=award, person=award.person, beneficiary_kind="person",
        beneficiary=award.beneficiary, area_code=award.area_code, county=award.area_code[:6], category="college",
        level_fen=402_740, amount_fen=402_740, payee="self",
        added_at=clock.now(), reckoning={**told, "earlier": earlier},
    )  # fmt: skip
    later = {**told, "stood": 345, "own_fen": 378_083, "earlier": []}
    Difference.objects.create(item=item, fen=-10_959, own_fen=378_083, reckoning=later, found_at=clock.now())
    LeftOut.objects.create(batch=batch, award=away, reason="unknown", facts=["is_enrolled_student", "student_level"])
    return batch, item, LeftOut.objects.create(batch=batch, award=unclear, reason="no_slip")


@pytest.mark.long
@for_officers
def test_the_pages_of_what_is_reckoned_by_the_day(opened: Opener, small_city: SmallCity, edition: str, language: str, settings: Any):
    settings.LINLI_SECOND_FACTOR = "optional"
    batch, item, left = by_day()
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        sign_in(page, "officer")
        here = f"/batches/{batch.uid}/"
        pages = {
            "left-out": here,
            "left": f"{here}left/",
            "slip": f"{here}left/{left.award.uid}/",
            "reckoned": f"/batches/items/{item.uid}/",
        }
        for name, address in pages.items():
            page.goto(address)
            inspector.look(f"batches-{name}")
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)

"""A named later public draw stands for the second secret: named before the list is frozen, entered once held, recomputed by anybody."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from batch_examples import CHECKER, HOUR, MAKER, NOW, Roll
from case_examples import refused
from django.db import IntegrityError, transaction
from django.test import Client

from linli.batches.acts import drawing, outcomes
from linli.batches.models import Check, Draw, PublicOutcome
from linli.kernel import clock
from linli.sampling import Balls, PublicDraw, Words, commit, read_draw, verify

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 5)
LOTTERY = PublicDraw(Words("双色球第2026128期", "double-colour lottery, draw 2026128"), DAY, (Balls(6, 1, 33, True), Balls(1, 1, 16, True)))
NUMBERS = ((3, 9, 14, 22, 27, 31), (8,))
SOURCE = "中国福利彩票发行管理中心公告，双色球第2026128期"
SECRET = bytes(range(32))


def told_at_last(roll: Roll) -> Draw:
    """A draw that waits for its lottery only."""
    with clock.frozen(NOW):
        row = roll.batch()
        draw = drawing.open_draw(MAKER, batch=row.uid, reveal_by=NOW + 24 * HOUR, public_draw=LOTTERY)
        told = commit(draw=draw.code, department="disabled-federation", secret=SECRET, at=clock.now(), algorithm="sha256")
        drawing.commit(MAKER, draw=draw.uid, department="disabled-federation", salt=told.salt.hex(), length=told.length, digest=told.digest)
    with clock.frozen(NOW + HOUR):
        drawing.freeze_list(MAKER, batch=row.uid)
    with clock.frozen(NOW + 2 * HOUR):
        drawing.reveal_secret(MAKER, draw=draw.uid, department="disabled-federation", secret=SECRET.hex())
        draw.refresh_from_db()
        assert draw.state == "frozen", "the lottery is still to come"
        with refused("sampling.outcome_early"):
            outcomes.enter_outcome(MAKER, draw=draw.uid, numbers=NUMBERS, source=SOURCE)
    return draw


def test_a_public_draw_stands_for_the_second_secret(roll: Roll) -> None:
    draw = told_at_last(roll)
    row, published = draw.batch, draw.digest
    with clock.frozen(datetime(2026, 11, 6, 9, tzinfo=clock.SHANGHAI)):
        with refused("sampling.outcome_form"):
            outcomes.enter_outcome(MAKER, draw=draw.uid, numbers=((3, 3, 14, 22, 27, 31), (8,)), source=SOURCE)
        for nothing in (" ", "\u200b", "\u202e\u2066"):
            with refused("batches.outcome_source"):
                outcomes.enter_outcome(MAKER, draw=draw.uid, numbers=NUMBERS, source=nothing)
        for typed in (SOURCE, f" \u202e{SOURCE}\u200b\n"):
            outcomes.enter_outcome(MAKER, draw=draw.uid, numbers=NUMBERS, source=typed)
        draw.refresh_from_db()
        assert (draw.state, PublicOutcome.objects.count()) == ("frozen", 1), "one person alone decides no seed"
        page = Client().get(f"/draws/{draw.code}/").content.decode()
        for said in ("3 9 14 22 27 31 + 8", SOURCE, "已登记，等另一人核对"):
            assert said in page
        with refused("batches.same_person"):
            outcomes.confirm_outcome(MAKER, draw=draw.uid)
        with refused("batches.outcome_entered"):
            outcomes.enter_outcome(CHECKER, draw=draw.uid, numbers=((4, 9, 14, 22, 27, 31), (8,)), source=SOURCE)
        outcomes.drop_outcome(CHECKER, draw=draw.uid)
        with refused("batches.no_outcome"):
            outcomes.confirm_outcome(CHECKER, draw=draw.uid)
        outcomes.enter_outcome(MAKER, draw=draw.uid, numbers=NUMBERS, source=SOURCE)
        alone = PublicOutcome.objects.filter(state="waiting")
        with pytest.raises(IntegrityError, match="public_outcome_two_people"), transaction.atomic():
            alone.update(state="confirmed", ended_by=MAKER.actor)
        with pytest.raises(IntegrityError, match="entered by one and confirmed by another"), transaction.atomic():
            Draw.objects.filter(pk=draw.pk).update(state="drawn")
        outcomes.confirm_outcome(CHECKER, draw=draw.uid)
        page = Client().get(f"/draws/{draw.code}/").content.decode()
    assert "一人登记，另一人核对" in page
    draw.refresh_from_db()
    row.refresh_from_db()
    assert (draw.state, row.state) == ("drawn", "checking")
    assert Check.objects.filter(item__batch=row, kind="cross").exists()
    found = verify(read_draw(draw.document.encode()), published=published)
    assert found.holds
    assert "抽取结果属实" in page
    assert "双色球第2026128期" in page
    assert draw.document.count("[3,9,14,22,27,31]") == 1
    altered = read_draw(draw.document.replace("[3,9,14,22,27,31]", "[3,9,14,22,27,32]").encode())
    assert not verify(altered, published=published).holds

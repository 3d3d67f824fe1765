"""Students whom the aid finds or not, and the offices that decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from case_examples import later, on, resident, staff
from place_examples import VILLAGE, load_small_city
from web_examples import AID, certify, publish_programmes, student

from linli.casework.models import Case
from linli.entitlements.acts import Account, apply
from linli.entitlements.acts.applying import Wanted
from linli.kernel.viewer import Grant, Viewer
from linli.registers.models import Resident

COUNTY = staff(11, Grant("officer", "140802"))
OTHER_COUNTY = staff(12, Grant("officer", "140882"))
FEDERATION = staff(13, Grant("officer", "", AID))
CLERK = staff(14, Grant("clerk", "140882"))
ACCOUNT = Account("测试甲", "6217 0000 0000 0000 001", "测试银行")
COMMITTED = ("kinship",)


@dataclass(frozen=True)
class City:
    """found: eligible; away: eligible in another county; undecided: lacks a certificate's yes or no."""

    found: Resident
    away: Resident
    undecided: Resident


def build() -> City:
    """The city as it has been since 12 October 2026."""
    with on(later(date(2026, 10, 12))):
        load_small_city()
        publish_programmes()
        found, away, undecided = student("测试甲", VILLAGE), student("测试乙", "140882100201"), student("测试丙", VILLAGE)
        certify(found)
        certify(away)
    return City(found, away, undecided)


def own(who: Resident) -> Viewer:
    return resident(who)


def asked(who: Resident, viewer: Viewer | None = None, *, account: Account | None = ACCOUNT, **more: object) -> Case:
    """Somebody applies for the student aid, with everything that takes no paper."""
    wanted = Wanted(AID, account=account, committed=COMMITTED, **more)  # type: ignore[arg-type]
    return apply(viewer or own(who), who.uid, wanted)

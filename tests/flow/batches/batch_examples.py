"""A small city whose students have been granted aid in three counties, officers of each, and a batch up to where a test begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.conf import settings
from django.test import override_settings
from place_examples import FIRST_DAY, SYSTEM, load_small_city, person

from linli.agreements.models import Award
from linli.batches.acts import drawing, gathering
from linli.batches.models import Batch, Check, Draw, Item
from linli.casework.models import Case
from linli.casework.receipts import new_receipt
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.programmes.files import parse_programme
from linli.programmes.models import ProgrammeVersion
from linli.registers import acts
from linli.registers.acts import staff as staff_acts
from linli.registers.lists import vocabulary
from linli.registers.models import Resident
from linli.sampling import commit

AID = "disabled-student-aid"
NOW = datetime(2026, 11, 2, 9, tzinfo=clock.SHANGHAI)
HOUR = timedelta(hours=1)
COLLEGE, UNDERGRADUATE, POSTGRADUATE = 400_000, 500_000, 600_000
VILLAGES = {"140802": "140802002001", "140882": "140882100201", "140826": "140826402"}
DOCUMENT = "运残联发〔2026〕1号"
GIVEN: dict[str, Any] = {"notice_days": {"value": 5, "document": DOCUMENT}}
ZEROS = f"sha256:{'0' * 64}"
_people = count(100)


def staff(number: int, *grants: Grant) -> Viewer:
    return Viewer(f"staff:00000000-0000-7000-8000-{number:012d}", grants)


MAKER, CHECKER, THIRD = (staff(number, Grant("officer", "", AID)) for number in (11, 12, 13))
COUNTY = {code: staff(20 + place, Grant("officer", code)) for place, code in enumerate(VILLAGES)}
FEDERATION, FINANCE = "运城市残疾人联合会", "运城市财政局"
OUTSIDER = staff(40, Grant("officer", "140802", "home-adaptation"))


@dataclass
class Roll:
    """Who was granted what: awards in the order in which they were made."""

    awards: list[Award] = field(default_factory=list)

    def batch(self, period: str = "2026", given: Mapping[str, Any] = GIVEN) -> Batch:
        """A batch of everything, gathered."""
        row = gathering.open_batch(MAKER, programme=AID, period=period, given=given)
        gathering.gather(MAKER, batch=row.uid)
        row.refresh_from_db()
        return row


def publish(**changed: str) -> ProgrammeVersion:
    """The student aid as a version of its own; changed: parts of the file's text by what stands there instead."""
    text = (Path(settings.LINLI_CITY) / "programmes" / AID / "programme.yaml").read_text(encoding="utf-8")
    for old, new in changed.items():
        assert PARTS[old] in text
        text = text.replace(PARTS[old], new)
    programme = parse_programme(text.encode(), vocabulary(Path(settings.LINLI_CITY)), file="test")
    return ProgrammeVersion.objects.create(
        slug=AID, version=programme.version, zh="扶残助学", en="student aid", subject="person", source=text,
        facts=vocabulary(Path(settings.LINLI_CITY)), digest=ZEROS, rule_digest=ZEROS, words_zh="", words_en="", words_digest=ZEROS,
        issued_on=date(2023, 1, 1), issued_precision="year", effective_from=date(2023, 1, 1),
        retroactive=True, published_at=clock.now(), published_by="staff:test",
    )  # fmt: skip


PARTS = {
    "verification": "verification:\n  every: true\n  cross: county\n",
    "notice": "place: before_payment",
    "prorate": "prorate: none",
    "area": 'area: "1408", zh: 运城市, en: Yuncheng',
    "level": "level: prefecture",
}


def granted(name: str, fen: int, county: str = "140802", **columns: Any) -> Award:
    """Somebody registered in a county with an award of so much a year."""
    village = VILLAGES[county]
    who = person(name, situations=[acts.Lives("registered", village, FIRST_DAY)])
    return award(who, fen, village, **columns)


def award(who: Resident, fen: int, area: str, **columns: Any) -> Award:
    """An award on a closed case, as the decision makes it."""
    case = Case.objects.create(
        receipt=new_receipt(clock.today()), kind="application", subject=f"resident:{who.uid}", area_code=area, programme=AID,
        status="closed", outcome="granted", closed_at=clock.now(), opened_at=clock.now(), opened_by="system:test", due_at=clock.now(),
    )  # fmt: skip
    told: dict[str, Any] = {
        "account_cipher": "x",
        "begins_on": date(2026, 1, 1),
        "state": "active",
        "category": {COLLEGE: "college", UNDERGRADUATE: "undergraduate"}.get(fen, "postgraduate"),
    }
    return Award.objects.create(
        case=case, programme=AID, programme_version="2023", beneficiary_kind="person", beneficiary=who.uid, person=who.uid, area_code=area,
        amount_fen=fen, cycle="year", payee="self", state_since=clock.now(), **(told | columns),
    )  # fmt: skip


def works_in(viewer: Viewer, name: str, area: str = "1408") -> None:
    """The viewer has an account of somebody who works in that department: entered as administrators do, but under the viewer's own uid."""
    uid = viewer.actor.removeprefix("staff:")
    quick = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with quick, patch.object(staff_acts, "uuid7", lambda: UUID(uid)):
        who = acts.add_staff(SYSTEM, login=uid, name=uid[-4:], password=f"Not-a-common-{uid[-4:]}")
    acts.place_staff(SYSTEM, staff=who, name=name, area_code=area)


def build(each: int = 4) -> Roll:
    """Four students in each of three counties, two of them undergraduates."""
    load_small_city()
    works_in(MAKER, FEDERATION)
    works_in(CHECKER, FINANCE)
    publish()
    roll = Roll()
    levels = (COLLEGE, UNDERGRADUATE, UNDERGRADUATE, POSTGRADUATE)
    for county in VILLAGES:
        for place in range(each):
            roll.awards.append(granted(f"学生{next(_people)}", levels[place % 4], county))
    return roll


def committed(batch: Batch, reveal_by: datetime | None = None, finance: bytes = bytes(range(60, 100))) -> tuple[Draw, dict[str, str]]:
    """A draw of the batch with the commitments of two departments; and their secrets."""
    draw = drawing.open_draw(MAKER, batch=batch.uid, reveal_by=reveal_by or clock.now() + 24 * HOUR)
    secrets = {"disabled-federation": bytes(range(32)), "finance": finance}
    for viewer, (department, secret) in zip((MAKER, CHECKER), secrets.items(), strict=True):
        told = commit(draw=draw.code, department=department, secret=secret, at=clock.now(), algorithm="sha256")
        drawing.commit(viewer, draw=draw.uid, department=department, salt=told.salt.hex(), length=told.length, digest=told.digest)
    return draw, {name: one.hex() for name, one in secrets.items()}


def checked(batch: Batch) -> None:
    """Every check of the batch passed."""
    Check.objects.filter(item__batch=batch, result="").update(result="passed", done_at=clock.now(), done_by=THIRD.actor)


def frozen(moments: Sequence[datetime], batch: Batch) -> tuple[Draw, dict[str, str]]:
    """The batch's list frozen at the second moment, commitments published at the first."""
    with clock.frozen(moments[0]):
        draw, secrets = committed(batch, moments[0] + 48 * HOUR)
    with clock.frozen(moments[1]):
        drawing.freeze_list(MAKER, batch=batch.uid)
    draw.refresh_from_db()
    return draw, secrets


def to_checking(batch: Batch) -> Batch:
    """The batch drawn, its checks assigned."""
    draw, secrets = frozen((NOW, NOW + HOUR), batch)
    with clock.frozen(NOW + 2 * HOUR):
        for department, secret in secrets.items():
            drawing.reveal_secret(MAKER, draw=draw.uid, department=department, secret=secret)
    batch.refresh_from_db()
    return batch


def item_of(batch: Batch, award: Award) -> Item:
    return Item.objects.get(batch=batch, award=award)

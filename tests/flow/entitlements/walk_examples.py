"""From an application to what a batch lists: programmes as they are in the city's files, drafts with figures that the test states."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from batch_examples import FEDERATION, FINANCE, HOUR, MAKER, ZEROS, checked, works_in
from case_examples import later, on, staff
from django.conf import settings
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from web_examples import born

from linli.agreements.models import Award
from linli.batches import periods, queries
from linli.batches.acts import approving, drawing, gathering, noticing, settling
from linli.batches.models import Announcement, Batch
from linli.casework.documents import acts as documents
from linli.casework.models import Case, Requirement, StepTaken
from linli.casework.steps import acts as steps
from linli.entitlements import acts, announcing
from linli.entitlements.acts import Account
from linli.entitlements.acts.applying import Wanted
from linli.kernel import clock
from linli.kernel.viewer import Grant
from linli.kernel.workdays import ONE_DAY
from linli.ledger.acts import Promise, allocate, open_fund
from linli.programmes.files import parse_programme
from linli.programmes.models import ProgrammeVersion
from linli.registers import acts as registers
from linli.registers.acts.records import record_change
from linli.registers.lists import vocabulary
from linli.registers.models import Resident
from linli.sampling import commit

FIRST, SECOND = (staff(number, Grant("officer")) for number in (61, 62))
WINDOW = staff(63, Grant("clerk"))
DRAWERS = tuple(staff(number, Grant("officer")) for number in (67, 68))
"""Of two departments, in whose names they commit."""
ACCOUNT = Account("测试戊", "6217000000000000002", "测试银行")
DOCUMENT = "测试文〔2026〕1号"


def publish_draft(slug: str, figures: Sequence[tuple[str, str]], version: str = "draft-1") -> ProgrammeVersion:
    """A draft as the city will publish it once somebody has stated its figures. figures: what stands in the file, and instead."""
    city = Path(settings.LINLI_CITY)
    text = (city / "programmes" / slug / "programme.yaml").read_text(encoding="utf-8")
    for old, new in figures:
        assert old in text
        text = text.replace(old, new, 1)
    programme = parse_programme(text.encode(), vocabulary(city), file="test")
    return ProgrammeVersion.objects.create(
        slug=slug, version=programme.version, zh=programme.label.zh, en=programme.label.en, subject=programme.subject, source=text,
        facts=vocabulary(city), digest=ZEROS, rule_digest=ZEROS, words_zh="", words_en="", words_digest=ZEROS,
        issued_on=date(2026, 1, 1), issued_precision="year", effective_from=programme.effective_from, retroactive=True,
        published_at=clock.now(), published_by="staff:test",
    )  # fmt: skip


def somebody(years: int = 30, name: str = "测试戊", *also: str, **more: Any) -> Resident:
    """Registered and living in a village of 盐湖区 since long ago. also: other places that they have there."""
    with on(later(date(2026, 10, 12))):
        places = [registers.Lives(kind, VILLAGE, FIRST_DAY) for kind in ("registered", "lives", *also)]
        return person(name, identity=identity(born(years)), birth_date=born(years), situations=places, relations_known=True, **more)


def on_list(who: Resident, slug: str, since: date = FIRST_DAY, *, present: bool = True, **data: Any) -> None:
    """A row of a department's list about somebody."""
    record_change(SYSTEM, subject=who, list_slug=slug, valid_from=since, present=present, data=data)


def opened(case: Case) -> None:
    """Papers given and looked at, accepted."""
    for one in Requirement.objects.filter(case=case, state="wanted"):
        given = documents.give(WINDOW, case.uid, one.material, b"page")
        documents.check(FIRST, given.uid, "accepted", "")
    acts.accept(FIRST, case.uid)


def walked(case: Case, outcome: str = "granted") -> Case:
    """Accepted, and through every step to its end, two officers where it takes two."""
    opened(case)
    return decided(case, outcome)


def decided(case: Case, outcome: str = "granted") -> Case:
    """From acceptance to the end; from its notice on, in the days after that."""
    with ExitStack() as days:
        while (stay := StepTaken.objects.filter(case=case, done_at__isnull=True).first()) is not None:
            if stay.kind == "notice":
                last = shown(case).ends_on
                days.enter_context(on(later(last + ONE_DAY)))
                noticing.take_down_due()
            elif stay.kind in ("decide", "register", "forward"):
                acts.decide(FIRST, case.uid, outcome)
                if StepTaken.objects.filter(pk=stay.pk, done_at__isnull=True).exists():
                    acts.decide(SECOND, case.uid, outcome)
            else:
                steps.pass_on(FIRST, case.uid)
    return Case.objects.get(pk=case.pk)


def shown(case: Case) -> Announcement:
    """The notice that a case waits for, hanging: of a list, or of cases that are not paid."""
    told = {"supervision": "0359-0000000", "objections_to": "测试局"}
    award = Award.objects.filter(case=case).first()
    if award is None:
        return announcing.put_up(FIRST, programme=case.programme, **told)
    row = gathered(case.programme, periods.current(award.cycle, clock.today()))
    if drawing.needs_draw(queries.programme_of(row), row):
        drawn(row)
    else:
        drawing.freeze_list(FIRST, batch=row.uid)
    checked(row)
    return noticing.put_up(FIRST, batch=row.uid, **told)


def drawn(row: Batch) -> None:
    """Two departments commit, the list is frozen, both reveal: an hour each."""
    begin, secrets = clock.now(), {"disabled-federation": bytes(range(32)), "finance": bytes(range(60, 100))}
    for viewer, name in zip(DRAWERS, (FEDERATION, FINANCE), strict=True):
        works_in(viewer, name)
    draw = drawing.open_draw(FIRST, batch=row.uid, reveal_by=begin + 24 * HOUR)
    for viewer, (department, secret) in zip(DRAWERS, secrets.items(), strict=True):
        told = commit(draw=draw.code, department=department, secret=secret, at=clock.now(), algorithm="sha256")
        drawing.commit(viewer, draw=draw.uid, department=department, salt=told.salt.hex(), length=told.length, digest=told.digest)
    with on(begin + HOUR):
        drawing.freeze_list(FIRST, batch=row.uid)
    with on(begin + 2 * HOUR):
        for viewer, (department, secret) in zip(DRAWERS, secrets.items(), strict=True):
            drawing.reveal_secret(viewer, draw=draw.uid, department=department, secret=secret.hex())


def asked(who: Resident, slug: str, **more: Any) -> Case:
    """Taken in at a window."""
    return acts.apply(WINDOW, who.uid, Wanted(slug, window=VILLAGE, **({"account": ACCOUNT} | more)))


def gathered(slug: str, period: str, given: dict[str, Any] | None = None) -> Batch:
    """A batch of the period for the whole city."""
    viewer = MAKER.__class__(MAKER.actor, (Grant("officer"),))
    row = gathering.open_batch(viewer, programme=slug, period=period, given=given or {})
    gathering.gather(viewer, batch=row.uid)
    return row


def paid_out(row: Batch, fund: str, fen: int = 10**8) -> None:
    """The batch checked, approved and paid out of a fund that has the money."""
    open_fund(SYSTEM, slug=f"{row.programme}.{fund}", purpose=("测试", "test"), programme=row.programme,
              promises=[Promise("city", ("市级", "city"), fen)])  # fmt: skip
    allocate(SYSTEM, fund=f"{row.programme}.{fund}", source="city", fen=fen, key="a")
    drawing.freeze_list(FIRST, batch=row.uid)
    checked(row)
    approving.approve(SECOND, batch=row.uid)
    settling.paid(SYSTEM, list(queries.listed(row).values_list("uid", flat=True)))

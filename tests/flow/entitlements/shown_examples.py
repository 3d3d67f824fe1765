"""The student aid with a public notice before its decision: its list is checked and shown, then each case is decided."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from award_examples import COUNTY, FEDERATION, asked
from batch_examples import CHECKER, MAKER, ZEROS, staff
from django.conf import settings
from django.db import connection, transaction
from web_examples import AID

from linli.batches.acts import checking, drawing, gathering, noticing
from linli.batches.models import Announcement, Batch, Check
from linli.casework.models import Case
from linli.casework.steps import acts as case_steps
from linli.entitlements import acts
from linli.kernel import clock
from linli.kernel.viewer import Grant
from linli.programmes.files import parse_programme
from linli.programmes.models import ProgrammeVersion
from linli.registers.lists import vocabulary
from linli.registers.models import Resident

VERSION = "2026"
LOOKER = staff(72, Grant("officer", "", AID))
"""Looks at the files, and decides nothing."""
GIVEN = {"notice_days": {"value": 3, "document": "测试〔2026〕1号"}}
STEPS = """  steps:
    - {id: check, kind: check, zh: 初审, en: first check, level: county, days: 3}
    - {id: show, kind: notice, zh: 公示, en: public notice, level: county}
    - {id: decide, kind: decide, zh: 审批, en: decision, level: prefecture, days: 3}
"""
DECIDED_FIRST = """  steps:
    - {id: check, kind: check, zh: 初审, en: first check, level: county, days: 3}
    - {id: decide, kind: decide, zh: 审批, en: decision, level: prefecture, days: 3}
    - {id: visit, kind: check, zh: 入户, en: visit, level: county, days: 3}
    - {id: show, kind: notice, zh: 公示, en: public notice, level: county}
"""
CHANGED = (
    ('version: "2023"', f'version: "{VERSION}"'),
    ("effective_from: 2023-01-01", "effective_from: 2026-01-01"),
    ("statutory_working_days: null", "statutory_working_days: 20"),
    ("verification:\n  every: true\n  cross: county\n", "verification:\n  every: true\n  cross: null\n"),
)


def publish_shown_first(steps: str = STEPS, place: str = "before_decision") -> None:
    """The version, straight into the table."""
    city = Path(settings.LINLI_CITY)
    text = (city / "programmes" / AID / "programme.yaml").read_text("utf-8")
    before, _, rest = text.partition("  steps:\n")
    text = before + steps + rest[rest.index("  late: escalate") :]
    for old, new in (*CHANGED, ("place: before_payment", f"place: {place}")):
        assert old in text, old
        text = text.replace(old, new)
    parse_programme(text.encode(), vocabulary(city), file="shown")
    ProgrammeVersion.objects.create(
        slug=AID, version=VERSION, zh="扶残助学", en="student aid", subject="person", source=text, facts=vocabulary(city), digest=ZEROS,
        rule_digest=ZEROS, words_zh="", words_en="", words_digest=ZEROS, issued_on=date(2026, 1, 1), issued_precision="day",
        effective_from=date(2026, 1, 1), retroactive=False, published_at=clock.now(), published_by="staff:test",
    )  # fmt: skip


def waiting(who: Resident) -> Case:
    """Accepted and checked: what is proposed waits for its notice."""
    case = asked(who)
    acts.accept(COUNTY, case.uid)
    case_steps.pass_on(COUNTY, case.uid)
    return Case.objects.select_related("task").get(pk=case.pk)


def listed() -> Batch:
    """A batch of what is proposed, its list frozen."""
    row = gathering.open_batch(MAKER, programme=AID, period=str(clock.today().year), given=GIVEN)
    gathering.gather(MAKER, batch=row.uid)
    drawing.freeze_list(MAKER, batch=row.uid)
    return Batch.objects.get(pk=row.pk)


def checked(row: Batch) -> Batch:
    """Every file looked at, nothing found."""
    for one in Check.objects.filter(item__batch=row, result=""):
        checking.record_result(LOOKER, check=one.uid, result="passed")
    return Batch.objects.get(pk=row.pk)


def shown(row: Batch) -> Announcement:
    """Its notice, hanging."""
    return noticing.put_up(CHECKER, batch=row.uid, supervision="0359-0000000", objections_to="盐湖区残联")


@contextmanager
def unguarded() -> Iterator[None]:
    """Batches stand as a test needs them, whatever their guards say of the way there."""
    tables = ("batches_item", "batches_batch")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


__all__ = ["FEDERATION", "checked", "listed", "publish_shown_first", "shown", "unguarded", "waiting"]

"""Residents, clerks, officers, the clock and the bank do what they like with two people's applications; what must hold is asked each time.

A rule is one act by somebody. Acts may be refused (LinliError): that is an answer. Any other exception is a fault.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from award_examples import AID, COMMITTED, City, own
from bank_examples import CLOSED, PAID, RETURNED, answer, asked
from case_examples import staff
from case_laws import Laws, the_end_is_right
from django.conf import settings as django_settings
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from linli.agreements.models import Award
from linli.batches.acts import approving, drawing, gathering, noticing
from linli.batches.models import Batch
from linli.casework import acts as casework
from linli.casework import timers
from linli.casework.models import Case
from linli.casework.steps import acts as steps
from linli.casework.steps import undoing
from linli.casework.steps.moving import kind_of
from linli.casework.withdrawing import withdraw
from linli.entitlements import acts, reactions
from linli.entitlements.acts import Account
from linli.entitlements.acts.applying import Wanted
from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems
from linli.kernel.viewer import Grant, Viewer, system
from linli.ledger.acts import Promise, allocate, open_fund
from linli.programmes.files import parse_programme
from linli.programmes.models import ProgrammeVersion
from linli.registers import acts as registers
from linli.registers.lists import vocabulary
from linli.registers.models import Resident
from linli.settlement import acts as settlement
from linli.settlement.acts.gathering import take_over_batch
from linli.settlement.checking import Given
from linli.settlement.models import Order, Payment
from linli.trace.models import Fact

SYSTEM = system("machine")
CLERK = staff(83, Grant("clerk", "140882"))
BODIES = tuple(staff(90 + place, Grant("officer")) for place in range(2))
READER = staff(87, Grant("officer", "", AID))
"""Reads what the bank answers: nobody who made, released or took the file does."""
OFFICERS = (staff(81, Grant("officer", "140802")), staff(82, Grant("officer", "", AID)), *BODIES)
BEGIN = datetime(2026, 10, 19, 9, tzinfo=clock.SHANGHAI)
VERSION, FIRST, ZEROS = "2026", date(2026, 1, 1), f"sha256:{'0' * 64}"
GIVEN = {"notice_days": {"value": 2, "document": "测试〔2026〕1号"}}
STEPS = """  steps:
    - {id: check, kind: check, zh: 初审, en: first check, level: county, days: 3, officers: 2}
    - {id: appraise, kind: appraise, zh: 评估, en: appraisal, level: county, days: 5}
    - {id: show, kind: notice, zh: 公示, en: public notice, level: county}
    - {id: sign, kind: sign, zh: 会签, en: sign-off, level: county, bodies: [civil-affairs, finance], days: 3}
    - {id: decide, kind: decide, zh: 审批, en: decision, level: prefecture, days: 3, officers: 2}
"""
WHO, OFFICER, KEY = st.integers(0, 1), st.integers(0, len(OFFICERS)), st.sampled_from(["", "a", "b"])


def programme_text() -> str:
    """The student aid with every kind of step that takes no works, its clock by law, two officers, no draw."""
    text = (Path(django_settings.LINLI_CITY) / "programmes" / AID / "programme.yaml").read_text("utf-8")
    before, _, rest = text.partition("  steps:\n")
    text = before + STEPS + rest[rest.index("  late: escalate") :]
    for old, new in (
        ('version: "2023"', f'version: "{VERSION}"'),
        ("effective_from: 2023-01-01", f"effective_from: {FIRST}"),
        ("statutory_working_days: null", "statutory_working_days: 20"),
        ("verification:\n  every: true\n  cross: county\n", ""),
        ("place: before_payment", "place: before_decision"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return text


def publish() -> None:
    """That version, straight into the table: what an owner would have to confirm and fill in first is beside the point here."""
    source, facts = programme_text(), vocabulary(Path(django_settings.LINLI_CITY))
    parse_programme(source.encode(), facts, file="machine")
    ProgrammeVersion.objects.create(
        slug=AID, version=VERSION, zh="扶残助学", en="student aid", subject="person", source=source, facts=facts, digest=ZEROS,
        rule_digest=ZEROS, words_zh="", words_en="", words_digest=ZEROS,
        issued_on=FIRST, issued_precision="day", effective_from=FIRST, retroactive=False, published_at=BEGIN, published_by="staff:test",
    )  # fmt: skip


def key_of(name: str, key: str) -> dict[str, str]:
    return {"key": f"{name}:{key}"} if key else {}


class Life(RuleBasedStateMachine):
    """city is set by the test. Everything an example does is rolled back at its end."""

    city: City
    people: tuple[Resident, Resident]
    near: Viewer

    def __init__(self) -> None:
        super().__init__()
        self.saved = transaction.savepoint()
        self.now = BEGIN
        self.laws = Laws(near=self.near.actor, person=f"resident:{self.people[0].uid}")
        self.done: list[Callable[[], Any]] = []
        self.folder = tempfile.TemporaryDirectory()
        with clock.frozen(self.now):
            promise = Promise("province", ("省级", "province"), 10**9)
            open_fund(SYSTEM, slug=f"{AID}.provincial", purpose=("助学", "aid"), programme=AID, promises=[promise])
            allocate(SYSTEM, fund=f"{AID}.provincial", source="province", fen=10**8, key="all")
            self.payer = settlement.enter_payer(OFFICERS[2], name="测试财政局", number="1400990000001", bank="102181000012").uid

    def officer(self, place: int) -> Viewer:
        """One of the officers; the last is one whose own matter the first person's is."""
        return OFFICERS[place] if place < len(OFFICERS) else self.near

    def act(self, do: Callable[[], Any], *, keyed: bool = False) -> Any:
        """Do it a minute later; what it returned, None if it was refused. Kept for a retry where it has a key."""
        self.now += timedelta(minutes=1)
        try:
            with clock.frozen(self.now):
                done = do()
        except (LinliError, Problems):
            return None
        if keyed:
            self.done.append(do)
        return done

    def case(self, who: int) -> UUID | None:
        """The newest application of a person."""
        newest = Case.objects.filter(kind="application", subject=f"resident:{self.people[who].uid}").order_by("-id").first()
        return newest.uid if newest else None

    def on_case(self, who: int, do: Callable[[UUID], Any], *, keyed: bool = False) -> Any:
        case = self.case(who)
        return self.act(lambda: do(case), keyed=keyed) if case else None

    @rule(who=WHO, window=st.booleans(), account=st.booleans(), key=KEY)
    def ask_for_aid(self, who: int, window: bool, account: bool, key: str) -> None:
        person = self.people[who]
        given = Account(person.name, f"62170000000000{who:03}", "102181000012") if account else None
        wanted = Wanted(AID, account=given, committed=COMMITTED, window="140882" if window else "")
        viewer = CLERK if window else own(person)
        self.act(lambda: acts.apply(viewer, person.uid, wanted, **key_of(f"apply{who}", key)), keyed=bool(key))

    @rule(who=WHO, officer=OFFICER, key=KEY)
    def accept(self, who: int, officer: int, key: str) -> None:
        self.on_case(who, lambda case: acts.accept(self.officer(officer), case, **key_of(f"accept{case}", key)), keyed=bool(key))

    @rule(who=WHO, officer=OFFICER, key=KEY)
    def pass_on(self, who: int, officer: int, key: str) -> None:
        self.on_case(who, lambda case: steps.pass_on(self.officer(officer), case, "看过", **key_of(f"pass{case}", key)), keyed=bool(key))

    @rule(who=WHO, officers=st.lists(OFFICER, min_size=1, max_size=6))
    def advance(self, who: int, officers: list[int]) -> None:
        """Some officers, one after the other, do what the application waits for: else chance alone seldom leads far."""
        for officer in officers:
            row = Case.objects.filter(uid=self.case(who)).first()
            if row is None or row.status == "closed":
                self.ask_for_aid(who, False, True, "")
            elif row.accepted_at is None:
                self.accept(who, officer, "")
            else:
                self._do_step(who, officer, kind_of(row))

    def _do_step(self, who: int, officer: int, kind: str) -> None:
        if kind == "notice":
            self.show(who, 2)
        elif kind == "sign":
            self.sign_off(officer, "signed")
        elif kind == "decide":
            self.decide(who, officer, "granted", "")
        else:
            self.pass_on(who, officer, "")

    @rule(officers=st.lists(st.integers(2, 3), min_size=1, max_size=6))
    def advance_money(self, officers: list[int]) -> None:
        """The same for what has been granted: some officers and the bank do what the newest batch waits for."""
        for officer in officers:
            row, order = Batch.objects.order_by("-id").first(), Order.objects.exclude(state="dropped").order_by("-id").first()
            if order is not None and order.state in ("made", "released"):
                self.pay(officer, "release" if order.state == "made" else "hand over")
            elif order is not None and order.state == "handed_over":
                self.bank(PAID)
            elif row is None or row.state in ("closed", "dissolved"):
                self.batch(officer, "open")
            elif row.state in ("approved", "paying"):
                self.pay(officer, "make" if Payment.objects.filter(batch=row.uid).exists() else "take over")
            elif row.state == "notice":
                self.time_passes(4)
                self.batch(officer, "approve")
            else:
                self.batch(officer, "show" if row.state == "checking" else "freeze" if row.items.exists() else "gather")

    @rule(who=WHO, officer=OFFICER)
    def send_back(self, who: int, officer: int) -> None:
        self.on_case(who, lambda case: steps.send_back(self.officer(officer), case, "再核一遍"))

    @rule(who=WHO, officer=OFFICER)
    def take_back(self, who: int, officer: int) -> None:
        self.on_case(who, lambda case: undoing.take_back(self.officer(officer), case))

    @rule(who=WHO, officer=OFFICER, outcome=st.sampled_from(["granted", "granted", "refused"]), key=KEY)
    def decide(self, who: int, officer: int, outcome: str, key: str) -> None:
        self.on_case(who, lambda case: acts.decide(self.officer(officer), case, outcome, **key_of(f"decide{case}", key)), keyed=bool(key))

    @rule(who=WHO, officer=OFFICER)
    def ask_for_what_is_missing(self, who: int, officer: int) -> None:
        self.on_case(who, lambda case: acts.ask_supplement(self.officer(officer), case, ["account"], "请提供账户"))

    @rule(who=WHO)
    def give_account(self, who: int) -> None:
        person = self.people[who]
        given = Account(person.name, f"62170000000001{who:03}", "102181000012")
        self.on_case(who, lambda case: acts.give_account(own(person), case, given))

    @rule(who=WHO, officer=OFFICER, taken=st.booleans())
    def take_or_release(self, who: int, officer: int, taken: bool) -> None:
        do = casework.take if taken else casework.release
        self.on_case(who, lambda case: do(self.officer(officer), case))

    @rule(who=WHO)
    def withdraw(self, who: int) -> None:
        self.on_case(who, lambda case: withdraw(own(self.people[who]), case))

    @rule(who=WHO, officer=st.integers(2, 3))
    def show(self, who: int, officer: int) -> None:
        """The list that the case waits for is made, hung and taken down."""
        case = self.case(who)
        if case is None or kind_of(Case.objects.get(uid=case)) != "notice":
            return
        for verb in ("open", "gather", "freeze", "show"):
            self.batch(officer, verb)
        self.time_passes(4)

    @rule(officer=OFFICER, outcome=st.sampled_from(["signed", "signed", "signed", "objected"]))
    def sign_off(self, officer: int, outcome: str) -> None:
        child = Case.objects.filter(kind="sign_off", status="open").order_by("id").first()
        if child is not None:
            self.act(lambda: casework.answer(self.officer(officer), child.uid, outcome, "意见"))

    @rule(who=WHO)
    def object_to(self, who: int) -> None:
        self.on_case(who, lambda case: acts.object_to(own(self.people[who]), case, "不同意"))

    @rule(officer=OFFICER, outcome=st.sampled_from(["upheld", "redo"]))
    def answer_objection(self, officer: int, outcome: str) -> None:
        row = Case.objects.filter(kind="objection", status="open").order_by("id").first()
        if row is not None:
            self.act(lambda: casework.answer(self.officer(officer), row.uid, outcome, "已核实"))

    @rule(data=st.data())
    def react(self, data: st.DataObject) -> None:
        """Workers do the reactions to what ended, in any order and some twice."""
        facts = list(Fact.objects.filter(type="casework.closed", echo_of__isnull=True).order_by("id"))
        for fact in data.draw(st.permutations(facts)) if facts else []:
            self.act(lambda fact=fact: reactions.follow([fact]))

    def react_to_all(self) -> None:
        """A worker's turn: everything that ended, once, in order."""
        for fact in Fact.objects.filter(type="casework.closed", echo_of__isnull=True).order_by("id"):
            self.act(lambda fact=fact: reactions.follow([fact]))

    @rule(days=st.sampled_from([0, 1, 1, 4, 20]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        with clock.frozen(self.now):
            timers.fire_due()
            noticing.take_down_due()

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        self.again(data.draw(st.sampled_from(self.done)))

    def again(self, do: Callable[[], Any]) -> None:
        """What was done under a key is asked for again: nothing is written."""
        before = Fact.objects.count()
        self.act(do)
        assert Fact.objects.count() == before

    @rule(officer=st.integers(2, 3), verb=st.sampled_from(["open", "gather", "freeze", "show", "approve"]))
    def batch(self, officer: int, verb: str) -> None:
        viewer, row = OFFICERS[officer], Batch.objects.order_by("-id").first()
        if verb == "open":
            self.act(lambda: gathering.open_batch(viewer, programme=AID, period="2026", given=GIVEN))
        elif row is not None:
            does: dict[str, Callable[[], Any]] = {
                "gather": lambda: gathering.gather(viewer, batch=row.uid),
                "freeze": lambda: drawing.freeze_list(viewer, batch=row.uid),
                "show": lambda: noticing.put_up(viewer, batch=row.uid, supervision="0359-0000000", objections_to="测试"),
                "approve": lambda: approving.approve(viewer, batch=row.uid),
            }
            self.act(does[verb])

    @rule(officer=st.integers(2, 3), verb=st.sampled_from(["take over", "make", "release", "hand over"]))
    def pay(self, officer: int, verb: str) -> None:
        viewer, order = OFFICERS[officer], Order.objects.order_by("-id").first()
        row = Batch.objects.filter(state__in=("approved", "paying")).order_by("-id").first()
        if row is not None and verb == "take over":
            self.act(lambda: take_over_batch(batch=row.uid))
        elif row is not None and verb == "make":
            day = self.now.date()
            made = self.act(lambda: settlement.make_order(viewer, batch=row.uid, layout="transfer", day=day, payer=self.payer))
            if made is not None:
                self.act(lambda: settlement.fill_order(order=made.uid))
        elif order is not None and verb == "release":
            self.act(lambda: settlement.release_order(viewer, order=order.uid))
        elif order is not None and verb == "hand over":
            self.act(lambda: settlement.hand_over(viewer, order=order.uid, path=self.path))

    @property
    def path(self) -> Path:
        return Path(self.folder.name) / "order"

    @rule(said=st.sampled_from([PAID, PAID, CLOSED, RETURNED]))
    def bank(self, said: dict[str, str]) -> None:
        """The bank answers for the file that was handed over last."""
        if not self.path.exists():
            return
        rows = [(one, said["transfer"]) for one in asked("transfer", self.path.read_bytes())]
        path = Path(self.folder.name) / f"answer-{self.now.timestamp()}"
        path.write_bytes(answer("transfer", rows))
        found = self.act(lambda: settlement.receive(READER, layout="transfer", path=path, name="answer"))
        while found is not None and self.act(lambda: settlement.apply_some(outcome=found.uid)):
            pass

    @rule(number=st.integers(0, 2))
    def correct(self, number: int) -> None:
        row = Payment.objects.filter(state__in=("failed", "waiting")).order_by("id").first()
        if row is not None:
            given = Given(Resident.objects.get(uid=row.person).name, f"621799000000{number:04}")
            self.act(lambda: settlement.correct_account(OFFICERS[2], payment=row.uid, given=given))

    @invariant()
    def what_must_hold(self) -> None:
        self.laws.hold()

    def teardown(self) -> None:
        try:
            the_end_is_right()
        finally:
            self.folder.cleanup()
            transaction.savepoint_rollback(self.saved)


def with_officer_of_the_same_name(city: City) -> Viewer:
    """An officer of the whole city who bears the first person's name."""
    row = registers.add_staff(SYSTEM, login="near", name=city.found.name, password="only-for-this-test")
    return Viewer(f"staff:{row.uid}", (Grant("officer"),))


def granted(life: Life, who: int) -> Award:
    """The straight way through every step to an award, by the machine's own rules."""
    life.ask_for_aid(who, False, True, "a")
    life.accept(who, 0, "a")
    for officer in (0, 2):
        life.pass_on(who, officer, "")
    life.pass_on(who, 0, "")
    life.show(who, 2)
    life.what_must_hold()
    for officer in (2, 3):
        life.sign_off(officer, "signed")
    for officer in (1, 2):
        life.decide(who, officer, "granted", "")
    return Award.objects.get(case__uid=life.case(who))

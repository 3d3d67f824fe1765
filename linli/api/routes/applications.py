"""Applications: asking for what a programme gives, how far it has come, and what an office does with it step by step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from linli.api.authority import Bearer, viewer_of
from linli.api.keys import once
from linli.api.paging import cursor, keys_of
from linli.api.responses import answers
from linli.api.shapes import After, AreaCode, Given, Key, Page, Slug, Text
from linli.casework.models import Case
from linli.casework.numbers import give_number, numbers_of
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.models import Application, Decision
from linli.entitlements.queries import Choice, Progress, application, applications, decision_of, progress
from linli.settlement.queries import Status as Payment
from linli.settlement.queries import of_case

router = Router(tags=["applications"])
DESKS = ("officer", "clerk", "steward")
PAGE = 100
Words = Annotated[str, Field(max_length=2000)]
Reasons = Annotated[str, Field(min_length=1, max_length=2000)]
MaterialId = Annotated[str, Field(min_length=1, max_length=60)]
Value = bool | Annotated[int, Field(ge=-(2**53), le=2**53)] | Annotated[str, Field(max_length=200)] | None


class ApplicationRow(Schema):
    """An application in a list. step: null before acceptance; stopped_at: since when the clock stands still."""

    id: UUID
    receipt: str
    subject: str
    programme: str
    programme_version: str
    area: str
    origin: str
    status: str
    outcome: str
    step: str | None
    opened_at: datetime
    accepted_at: datetime | None
    due_at: datetime
    statutory_due_at: datetime | None
    stopped_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def told(cls, row: Application) -> dict[str, Any]:
        """A row with its case, by field."""
        case = row.case
        own = {
            "id": case.uid,
            "area": case.area_code,
            "programme_version": case.programme_version or "",
            "origin": case.origin or "",
        }
        return own | {name: getattr(case, name) for name in ApplicationRow.model_fields if name not in own}


class Need(Schema):
    """A material and its state: wanted, given, exempt (a register says it), commitment (the person's word), accepted or refused."""

    material: str
    words: Text
    state: str


class DecisionMade(Schema):
    """The decision that counts. conditions: true, false or null (not known) by condition; automatic: made by rule alone."""

    id: UUID
    outcome: str
    amount_fen: int | None
    category: str
    conditions: dict[str, bool | None]
    automatic: bool
    decided_at: datetime

    @classmethod
    def of(cls, row: Decision) -> DecisionMade:
        """A row."""
        return cls(id=row.uid, **{name: getattr(row, name) for name in cls.model_fields if name != "id"})


class PaymentMade(Schema):
    """A payment of the award. step: planned, on_its_way, paid, failed, retained or withdrawn; day: paid on, or the first day it can be
    paid; reason: why it waits or failed."""

    id: UUID
    part: str
    period: str
    amount_fen: int
    step: str
    day: date | None
    reason: str

    @classmethod
    def of(cls, row: Payment) -> PaymentMade:
        """A payment's status, without its account."""
        same = {name: getattr(row, name) for name in ("part", "period", "step", "day", "reason")}
        return cls(id=row.uid, amount_fen=row.fen, **same)


class NumberShape(Given):
    """What another system calls the case."""

    system: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[!-~]+$")]
    number: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")]


class ApplicationShape(ApplicationRow):
    """An application as it stands. verdict: eligible, not_eligible or unknown as of reckoned_on; verbs: what its office can do now.

    answer, answered_at: of a forwarded one, what the other system decided; numbers: what other systems call it.
    """

    beneficiary_kind: str
    beneficiary: UUID
    payee: str
    verdict: str
    amount_fen: int | None
    category: str
    conditions: dict[str, bool | None]
    missing: list[str]
    reckoned_on: date | None
    automatic: bool
    version: int
    needs: list[Need]
    verbs: list[str]
    decision: DecisionMade | None
    payments: list[PaymentMade]
    answer: str | None
    answered_at: datetime | None
    numbers: list[NumberShape]

    @classmethod
    def of(cls, row: Application) -> ApplicationShape:
        """A row with its needs, decision and payments. Ten queries."""
        found: Progress = progress(row.case)
        decided = decision_of(row)
        own = ("beneficiary_kind", "beneficiary", "payee", "verdict", "amount_fen", "category", "conditions", "missing")
        same = {name: getattr(row, name) for name in (*own, "reckoned_on", "automatic", "answer", "answered_at")}
        return cls(
            **ApplicationRow.told(row),
            **same,
            version=row.case.version,
            needs=[Need(material=one.material.id, words=Text.of(one.material.label), state=one.state) for one in found.needs],
            verbs=list(found.verbs),
            decision=DecisionMade.of(decided) if decided else None,
            payments=[PaymentMade.of(one) for one in of_case(row.case.uid)],
            numbers=[NumberShape(system=one.system, number=one.number) for one in numbers_of(row.case)],
        )


class PayTo(Given):
    """Where to pay. It is sealed at once and no route gives it back."""

    holder: Annotated[str, Field(min_length=1, max_length=100)]
    number: Annotated[str, Field(min_length=8, max_length=40)]
    bank: Annotated[str, Field(max_length=100)] = ""


class NewApplication(Given):
    """What is asked for, and for whom.

    beneficiary: the organisation that it is for, null for the person or their household; account: null for the one that the register
    holds; committed: materials for which the person gives their word; facts: what no register holds, money in fen, days as ISO dates;
    event: the day that the case is about, where the programme asks for one; window: area of the window that took it in; number: what
    the caller's system calls it.
    """

    programme: Slug
    person: UUID
    beneficiary: UUID | None = None
    account: PayTo | None = None
    payee: Annotated[str, Field(max_length=10)] = "self"
    payee_uid: UUID | None = None
    committed: Annotated[list[MaterialId], Field(max_length=50)] = []
    facts: Annotated[dict[Annotated[str, Field(max_length=60)], Value], Field(max_length=50)] = {}
    event: date | None = None
    window: AreaCode = ""
    number: NumberShape | None = None

    def wanted(self) -> Wanted:
        """As the act takes it."""
        same = {name: getattr(self, name) for name in ("programme", "beneficiary", "payee", "payee_uid", "window", "facts", "event")}
        account = acts.Account(self.account.holder, self.account.number, self.account.bank) if self.account else None
        return Wanted(account=account, committed=tuple(self.committed), **same)


class ApplicationStep(Schema):
    """Where an application stands after a write. version grows with every change."""

    id: UUID
    receipt: str
    status: str
    outcome: str
    step: str | None
    version: int

    @classmethod
    def of(cls, row: Case) -> ApplicationStep:
        """A case."""
        return cls(id=row.uid, **{name: getattr(row, name) for name in cls.model_fields if name != "id"})


class PassNote(Given):
    """A note for colleagues."""

    words: Words = ""


class ReturnReasons(Given):
    """Why it goes back a step."""

    words: Reasons


class AskedFor(Given):
    """Everything that is missing, once, and why."""

    materials: Annotated[list[MaterialId], Field(min_length=1, max_length=50)]
    words: Reasons


class DecisionWanted(Given):
    """outcome: as the step can end: granted, refused, registered or forwarded."""

    outcome: Literal["granted", "refused", "registered", "forwarded"]
    words: Words = ""


class AnswerElsewhere(Given):
    """outcome: one of those that the programme's file lists."""

    outcome: Annotated[str, Field(min_length=1, max_length=60)]


class ApplicationsWanted(Schema):
    """Which applications: of a programme, an area, open or closed, an outcome; system and number: the one that another system calls so."""

    programme: Annotated[str, Field(max_length=80)] = ""
    area: AreaCode = ""
    status: Literal["", "open", "closed"] = ""
    outcome: Annotated[str, Field(max_length=20)] = ""
    system: Annotated[str, Field(max_length=60)] = ""
    number: Annotated[str, Field(max_length=100)] = ""


@router.post("", response=answers(ApplicationStep, 201), operation_id="apply", auth=Bearer(*DESKS))
def apply(request: HttpRequest, body: NewApplication, key: Key) -> Status[ApplicationStep]:
    """Apply for somebody. Where everything is clear and the programme has it so, the answer is already the decision."""
    viewer = viewer_of(request)
    if body.window:
        viewer.require("clerk", area=body.window)

    def work() -> dict[str, Any]:
        row = acts.apply(viewer, body.person, body.wanted())
        if body.number:
            give_number(viewer, row.uid, **body.number.model_dump())
        return ApplicationStep.of(row).model_dump(mode="json")

    return Status(201, ApplicationStep(**once(request, viewer, key, body.model_dump(mode="json"), work)))


@router.get("", response=answers(Page[ApplicationRow]), operation_id="list_applications", auth=Bearer(*DESKS))
def list_applications(request: HttpRequest, looked: Query[ApplicationsWanted], after: After = "") -> Page[ApplicationRow]:
    """Applications that the caller works on or took in, newest first."""
    last = keys_of(after, int)
    found = applications(viewer_of(request), Choice(**looked.model_dump()), before=last[0] if last else None, most=PAGE + 1)
    more = cursor(found[PAGE - 1].pk) if len(found) > PAGE else None
    return Page[ApplicationRow](items=[ApplicationRow(**ApplicationRow.told(row)) for row in found[:PAGE]], next=more)


@router.get("/{uid}", response=answers(ApplicationShape), operation_id="get_application", auth=Bearer(*DESKS))
def get(request: HttpRequest, uid: UUID) -> ApplicationShape:
    """An application that the caller works on or took in: step, limits, needs, decision, payments."""
    return ApplicationShape.of(application(viewer_of(request), uid))


@router.post("/{uid}/accept", response=answers(ApplicationStep), operation_id="accept_application", auth=Bearer(*DESKS))
def accept(request: HttpRequest, uid: UUID, key: Key) -> ApplicationStep:
    """Accept it: the clock starts. Refused while something is missing."""
    return _done(request, key, None, lambda: acts.accept(viewer_of(request), uid))


@router.post("/{uid}/supplement", response=answers(ApplicationStep), operation_id="supplement_application", auth=Bearer(*DESKS))
def supplement(request: HttpRequest, uid: UUID, body: AskedFor, key: Key) -> ApplicationStep:
    """Ask once for everything that is missing. The clock stands still; unanswered it lapses."""
    return _done(request, key, body, lambda: acts.ask_supplement(viewer_of(request), uid, body.materials, body.words))


@router.post("/{uid}/pass", response=answers(ApplicationStep), operation_id="pass_application", auth=Bearer(*DESKS))
def pass_on(request: HttpRequest, uid: UUID, body: PassNote, key: Key) -> ApplicationStep:
    """Let it pass a step that takes no decision; where two sign, the first one's is a signature."""
    return _done(request, key, body, lambda: steps.pass_on(viewer_of(request), uid, body.words))


@router.post("/{uid}/return", response=answers(ApplicationStep), operation_id="return_application", auth=Bearer(*DESKS))
def send_back(request: HttpRequest, uid: UUID, body: ReturnReasons, key: Key) -> ApplicationStep:
    """Return it to the step before."""
    return _done(request, key, body, lambda: steps.send_back(viewer_of(request), uid, body.words))


@router.post("/{uid}/decide", response=answers(ApplicationStep), operation_id="decide_application", auth=Bearer(*DESKS))
def decide(request: HttpRequest, uid: UUID, body: DecisionWanted, key: Key) -> ApplicationStep:
    """Decide it in its deciding step. The rule is asked anew: what it says otherwise, or can't know yet, is refused."""
    return _done(request, key, body, lambda: acts.decide(viewer_of(request), uid, body.outcome, body.words))


@router.post("/{uid}/number", response=answers(ApplicationStep), operation_id="number_application", auth=Bearer(*DESKS))
def number(request: HttpRequest, uid: UUID, body: NumberShape, key: Key) -> ApplicationStep:
    """Keep what another system calls it."""
    return _done(
        request, key, body, lambda: give_number(viewer_of(request), application(viewer_of(request), uid).case.uid, **body.model_dump())
    )


@router.post("/{uid}/outcome", response=answers(ApplicationStep), operation_id="answer_application_elsewhere", auth=Bearer(*DESKS))
def outcome(request: HttpRequest, uid: UUID, body: AnswerElsewhere, key: Key) -> ApplicationStep:
    """Keep what the other system decided about a forwarded application; the person is told."""
    return _done(request, key, body, lambda: acts.answered_elsewhere(viewer_of(request), uid, body.outcome))


def _done(request: HttpRequest, key: str, body: Schema | None, work: Callable[[], Case]) -> ApplicationStep:
    asked = body.model_dump(mode="json") if body else None
    return ApplicationStep(**once(request, viewer_of(request), key, asked, lambda: ApplicationStep.of(work()).model_dump(mode="json")))

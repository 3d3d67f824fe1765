"""Client of the Linli API, generated from its schema by scripts/client: do not edit. Python 3.11 or newer, nothing else.

    client = Client("https://linli.example", token="linli_…")
    for programme in client.list_programmes()["items"]:
        print(programme["name"]["zh"])

Every write carries an Idempotency-Key; a call that got no answer, or 429 or 503, is tried again under the same key.
"""

from __future__ import annotations

import base64
import builtins
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NotRequired, TypedDict, TypeVar, cast
from urllib.parse import quote, urlencode
from uuid import uuid4

Reply = tuple[int, Mapping[str, str], bytes]
Transport = Callable[[str, str, Mapping[str, str], bytes | None], Reply]
Paged = TypeVar("Paged", bound=Mapping[str, Any])


class Accepted(TypedDict):
    """A worker runs it next: read the outcome at /screenings?programme=…, or have a webhook told of screening.screened."""

    asked: str
    programmes: builtins.list[str]


class AddedWebhook(TypedDict):
    """secret: for checking webhook-signature; shown in this answer only, null where the same request is answered again."""

    webhook: WebhookShape
    secret: str | None


class Answer(TypedDict):
    """One answer. question: its key; value: as the question's kind asks, or null where the person cannot say."""

    question: str
    value: NotRequired[Any]


class AnswerElsewhere(TypedDict):
    """outcome: one of those that the programme's file lists."""

    outcome: str


class AnswersGiven(TypedDict):
    """Whom it is about, and the answers so far in the order they were given."""

    subject: NotRequired[Literal["person", "organisation"]]
    answers: NotRequired[builtins.list[Answer]]


class ApplicationRow(TypedDict):
    """An application in a list. step: null before acceptance; stopped_at: since when the clock stands still."""

    id: str
    receipt: str
    subject: str
    programme: str
    programme_version: str
    area: str
    origin: str
    status: str
    outcome: str
    step: str | None
    opened_at: str
    accepted_at: str | None
    due_at: str
    statutory_due_at: str | None
    stopped_at: str | None
    closed_at: str | None


class ApplicationShape(TypedDict):
    """An application as it stands. verdict: eligible, not_eligible or unknown as of reckoned_on; verbs: what its office can do now.
    answer, answered_at: of a forwarded one, what the other system decided; numbers: what other systems call it.
    """

    id: str
    receipt: str
    subject: str
    programme: str
    programme_version: str
    area: str
    origin: str
    status: str
    outcome: str
    step: str | None
    opened_at: str
    accepted_at: str | None
    due_at: str
    statutory_due_at: str | None
    stopped_at: str | None
    closed_at: str | None
    beneficiary_kind: str
    beneficiary: str
    payee: str
    verdict: str
    amount_fen: int | None
    category: str
    conditions: dict[str, bool | None]
    missing: builtins.list[str]
    reckoned_on: str | None
    automatic: bool
    version: int
    needs: builtins.list[Need]
    verbs: builtins.list[str]
    decision: DecisionMade | None
    payments: builtins.list[PaymentMade]
    answer: str | None
    answered_at: str | None
    numbers: builtins.list[NumberShape]


class ApplicationStep(TypedDict):
    """Where an application stands after a write. version grows with every change."""

    id: str
    receipt: str
    status: str
    outcome: str
    step: str | None
    version: int


class ApplicationsWanted(TypedDict):
    """Which applications: of a programme, an area, open or closed, an outcome; system and number: the one that another system calls so."""

    programme: NotRequired[str]
    area: NotRequired[str]
    status: NotRequired[Literal["", "open", "closed"]]
    outcome: NotRequired[str]
    system: NotRequired[str]
    number: NotRequired[str]


class AreaPath(TypedDict):
    """A division with everything above it, from the province down."""

    code: str
    name: str
    level: str
    kind: str
    valid_from: str
    valid_to: str | None
    path: builtins.list[AreaShape]


class AreaShape(TypedDict):
    """One division. code: without the zeros that the national table pads with."""

    code: str
    name: str
    level: str
    kind: str
    valid_from: str
    valid_to: str | None


class AskedFor(TypedDict):
    """Everything that is missing, once, and why."""

    materials: builtins.list[str]
    words: str


class Assessed(TypedDict):
    """Where every programme stands, and the question that settles most; null when no answer can change anything."""

    standings: builtins.list[StandingShape]
    question: QuestionShape | None
    open_questions: int


class BankAnswer(TypedDict):
    """What the bank sends. layout: of the file."""

    layout: str


class BankAnswerRow(TypedDict):
    """A row and its verdict: paid, failed, returned, pending, repeated, or why it was not used; "" while it waits."""

    line: int
    reference: str
    amount_fen: int | None
    code: str
    day: str | None
    verdict: str
    found: str


class BankAnswerShape(TypedDict):
    """A file of the bank. verdicts: how many rows came to what, "" those that wait; warnings: where it contradicts its own sums. A large
    file is read by a job: state is "reading" until its rows stand. refused: the code of why it wasn't taken then, else null.
    """

    id: str
    layout: str
    state: str
    received_at: str
    rows: int
    warnings: builtins.list[str]
    verdicts: dict[str, int]
    refused: str | None


class BankAnswerTaken(TypedDict):
    """Taken; ask for it by its id."""

    id: str


class Basis(TypedDict):
    """A law or document that it rests on."""

    name: Text
    article: str | None


class Brief(TypedDict):
    """A person in a list."""

    id: str
    name: str
    sex: str | None
    birth_date: str | None


class CallDue(TypedDict):
    """One door. place: the area's name; alone: lives alone on record."""

    resident: str
    name: str
    age: int | None
    place: str
    alone: bool
    reasons: builtins.list[Why]


class CaseAnswer(TypedDict):
    """An answer; outcome: as the kind has them (a dispute: corrected or kept; corrected needs the correction recorded first). version:
    of the case as it was read.
    """

    outcome: str
    words: NotRequired[str]
    version: int


class CaseShape(TypedDict):
    """One thing that a person asked. fact: of a dispute; on_behalf_of: whose matter it is, where somebody else opened it."""

    id: str
    receipt: str
    kind: str
    subject: str
    area: str
    list: str
    fact: str
    department: str
    status: str
    outcome: str
    version: int
    taken_by: str
    opened_at: str
    opened_by: str
    on_behalf_of: str
    due_at: str
    closed_at: str | None


class Column(TypedDict):
    """A column of a list's file; headers: every name under which it may come. fact: what it gives to rules."""

    name: str
    words: Text
    type: str
    required: bool
    headers: builtins.list[str]
    fact: str | None


class Condition(TypedDict):
    """One condition of the rule, in its author's words."""

    id: str
    name: Text


class ConditionExplained(TypedDict):
    """holds: true, false, or null while a fact is missing."""

    id: str
    words: Text
    rule: Text
    holds: bool | None
    facts: builtins.list[FactUsed]


class GapShapeCounted(TypedDict):
    """Figures with when they were counted and for which day; null: never yet."""

    items: builtins.list[GapShape]
    next: NotRequired[str | None]
    counted_at: str | None
    day: str | None


class ListStandingCounted(TypedDict):
    """Figures with when they were counted and for which day; null: never yet."""

    items: builtins.list[ListStanding]
    next: NotRequired[str | None]
    counted_at: str | None
    day: str | None


class TakeUpShapeCounted(TypedDict):
    """Figures with when they were counted and for which day; null: never yet."""

    items: builtins.list[TakeUpShape]
    next: NotRequired[str | None]
    counted_at: str | None
    day: str | None


class County(TypedDict):
    """Counts of one county, inside one's areas; amount in fen of the eligible."""

    code: str
    name: str
    eligible: int
    undecided: int
    newly_found: int
    amount_fen: int


class CountyChange(TypedDict):
    """Whom a draft would change in one county, and what it costs before and after in fen."""

    county: str
    gains: int
    loses: int
    more: int
    less: int
    undecided: int
    settled: int
    before_fen: int
    after_fen: int


class CountyStanding(TypedDict):
    """A list in one county. colour: red, yellow, green or "" (asked for each person); the figures are null where none were counted."""

    county: str
    reason: str
    colour: str
    as_of: str | None
    fresh_until: str | None
    records: int | None
    doubtful: int | None
    wrong: int | None
    disputed: int | None
    corrected: int | None
    kept: int | None


class DayShape(TypedDict):
    """A day's list, most urgent first, at most `limit`. later: how many wait behind them; done: made today; too_wide: the caller's areas
    have more villages than a day can go through; regular calls are those of some of them, in turns.
    """

    day: str
    calls: builtins.list[CallDue]
    later: int
    done: int
    limit: int
    too_wide: bool


class DecisionMade(TypedDict):
    """The decision that counts. conditions: true, false or null (not known) by condition; automatic: made by rule alone."""

    id: str
    outcome: str
    amount_fen: int | None
    category: str
    conditions: dict[str, bool | None]
    automatic: bool
    decided_at: str


class DecisionWanted(TypedDict):
    """outcome: as the step can end: granted, refused, registered or forwarded."""

    outcome: Literal["granted", "refused", "registered", "forwarded"]
    words: NotRequired[str]


class DeliveryShape(TypedDict):
    """One fact on its way. due_at: the next attempt while it is waiting; status_code and error: of the last one."""

    id: str
    status: str
    attempts: int
    due_at: str
    last_at: str | None
    status_code: int | None
    error: str


class DeterminationShape(TypedDict):
    """Where the person stands, or stood until `until`, under one programme."""

    programme: str
    verdict: str
    amount_fen: int | None
    missing: builtins.list[str]
    since: str
    until: str | None


class Difference(TypedDict):
    """What a draft changes, line by line; before: the version compared with, "" for none; readable: false while its faults hide it."""

    before: str
    after: str
    readable: bool
    lines: builtins.list[Line]


class DoubtShape(TypedDict):
    """A row of a delivery. candidates: residents whom it may mean; household, organisation: whom its key names; asked: its department
    was asked to look into it.
    """

    id: str
    import_id: str
    list: str
    row: int
    reason: str
    name: str
    birth_date: str | None
    area: str
    candidates: builtins.list[str]
    household: str | None
    organisation: str | None
    asked: bool


class DraftBrief(TypedDict):
    """A version in the making. base: the published version it began from; state: editing, submitted, published or withdrawn; note: why
    it was returned.
    """

    id: str
    programme: str
    name: Text
    base: str
    state: str
    revision: int
    note: str
    begun_at: str
    saved_at: str
    saved_by: str
    authors: builtins.list[str]


class DraftShape(TypedDict):
    """A draft with its two files and everything found in them."""

    id: str
    programme: str
    name: Text
    base: str
    state: str
    revision: int
    note: str
    begun_at: str
    saved_at: str
    saved_by: str
    authors: builtins.list[str]
    text: str
    examples: str
    faults: builtins.list[Fault]


class Explained(TypedDict):
    """A live verdict, condition by condition, with the list behind every fact."""

    programme: str
    version: str
    as_of: str
    verdict: str
    amount_fen: int | None
    amount: Text | None
    conditions: builtins.list[ConditionExplained]
    missing: builtins.list[str]
    sources: builtins.list[Source]


class FactShape(TypedDict):
    """One line of the trace."""

    id: str
    type: str
    words: Text
    version: int
    occurred_at: str
    recorded_at: str
    actor: str
    subject: str
    area: str
    data: dict[str, Any]


class FactTypeShape(TypedDict):
    """A type of fact that a webhook may ask for. data: JSON Schema of the message's `data`."""

    type: str
    version: int
    words: Text
    data: dict[str, Any]


class FactUsed(TypedDict):
    """A fact that a condition reads; who: "" for the subject, else the member's or relative's id; value: null where unknown."""

    name: str
    words: Text
    who: str
    value: Text | None


class Fault(TypedDict):
    """Something found in a draft; blocks: it cannot be handed in (but for the owner's reading) or published while this stands."""

    code: str
    zh: str
    en: str
    place: str | None
    expected: str | None
    found: str | None
    expected_zh: str | None
    found_zh: str | None
    remedy_zh: str
    remedy_en: str
    blocks: bool


class FileShape(TypedDict):
    """A file on its way to becoming a delivery. plan: say it to apply exactly this; counts: what applying it would do; problems: why it
    cannot be used; notes: the first 50 wrong cells, doubtful rows and unknown people each, masked; import_id: what it became.
    """

    id: str
    slug: str
    state: Literal["columns", "checking", "checked", "refused", "applying", "applied"]
    as_of: str
    area: str
    whole: bool
    received_at: str
    plan: str
    counts: dict[str, int]
    problems: builtins.list[Refusal]
    notes: builtins.list[Refusal]
    import_id: str | None


class FileStep(TypedDict):
    """A step that a worker will do. Ask for the file by its id."""

    id: str
    state: str


class GapReason(TypedDict):
    """Why a fact is lacking, and where. reason: never, partly, stale, each, silent (of its list), register or programme."""

    reason: str
    counties: builtins.list[str]


class GapShape(TypedDict):
    """A fact that so many undecided subjects of a programme lack. list: what would say it, "" for the population register and the
    programme's own table.
    """

    programme: str
    fact: str
    list: str
    number: int
    reasons: builtins.list[GapReason]


class GrantGiven(TypedDict):
    """A role over an area ("" is everywhere) and a programme ("" is every one). valid_to: the first day on which it no longer holds."""

    role: str
    area: str
    programme: str
    valid_from: str
    valid_to: str | None


class GrantShape(TypedDict):
    """A role over an area ("" is everywhere) and a programme ("" is every one)."""

    role: str
    area: NotRequired[str]
    programme: NotRequired[str]


class Housemate(TypedDict):
    """Somebody of one of the person's households."""

    household: str
    kind: str
    resident: str
    name: str
    role: str


class HsdsAbout(TypedDict):
    """Which specification this follows, and whose directory it is."""

    version: str
    profile: str
    openapi_url: str
    description: str
    publisher: dict[str, str]


class HsdsAddress(TypedDict):
    """Where it is in words. postal_code: "" where the register has none."""

    id: str
    location_id: str
    address_1: str
    city: str
    state_province: str
    postal_code: NotRequired[str]
    country: NotRequired[str]
    address_type: NotRequired[str]


class HsdsAttribute(TypedDict):
    """Which category a service is of."""

    id: str
    link_id: str
    link_entity: NotRequired[str]
    link_type: NotRequired[str]
    taxonomy_term_id: str
    taxonomy_term: HsdsTaxonomyTerm


class HsdsLocation(TypedDict):
    """A place on the ground, WGS-84."""

    id: str
    location_type: NotRequired[str]
    organization_id: str
    name: str
    alternate_name: NotRequired[str | None]
    latitude: float
    longitude: float
    external_identifier: str
    external_identifier_type: NotRequired[str]
    addresses: NotRequired[builtins.list[HsdsAddress] | None]
    phones: NotRequired[builtins.list[HsdsPhone] | None]


class HsdsOrganization(TypedDict):
    """Who gives a service: the shop or institution, or for windows the city."""

    id: str
    name: str
    alternate_name: NotRequired[str | None]
    description: str
    locations: NotRequired[builtins.list[HsdsLocation] | None]


class HsdsOrganizationHsdsPage(TypedDict):
    """A page of the specification: number from 1, and how many there are."""

    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool
    contents: builtins.list[HsdsOrganization]


class HsdsServiceThereHsdsPage(TypedDict):
    """A page of the specification: number from 1, and how many there are."""

    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool
    contents: builtins.list[HsdsServiceThere]


class HsdsServiceHsdsPage(TypedDict):
    """A page of the specification: number from 1, and how many there are."""

    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool
    contents: builtins.list[HsdsService]


class HsdsTaxonomyTermHsdsPage(TypedDict):
    """A page of the specification: number from 1, and how many there are."""

    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool
    contents: builtins.list[HsdsTaxonomyTerm]


class HsdsTaxonomyHsdsPage(TypedDict):
    """A page of the specification: number from 1, and how many there are."""

    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool
    contents: builtins.list[HsdsTaxonomy]


class HsdsPhone(TypedDict):
    """A telephone number."""

    id: str
    location_id: str
    number: str
    type: NotRequired[str]


class HsdsSchedule(TypedDict):
    """When a service is open on some days of every week, after RFC 5545. notes: what holds on public holidays and single days, in words."""

    id: str
    service_at_location_id: str
    freq: NotRequired[str]
    wkst: NotRequired[str]
    byday: str
    opens_at: str
    closes_at: str
    timezone: NotRequired[int]
    description: str
    notes: NotRequired[str | None]


class HsdsService(TypedDict):
    """What is given. capacity is in the words of the description."""

    id: str
    organization_id: str
    name: str
    alternate_name: NotRequired[str | None]
    description: str
    status: NotRequired[str]
    organization: HsdsOrganization
    service_at_locations: NotRequired[builtins.list[HsdsServiceAtLocation] | None]
    attributes: NotRequired[builtins.list[HsdsAttribute] | None]


class HsdsServiceAtLocation(TypedDict):
    """A service where it is given."""

    id: str
    service_id: str
    location_id: str
    location: NotRequired[HsdsLocation | None]
    schedules: NotRequired[builtins.list[HsdsSchedule] | None]


class HsdsServiceThere(TypedDict):
    """A service where it is given, with the service itself."""

    id: str
    service_id: str
    location_id: str
    location: NotRequired[HsdsLocation | None]
    schedules: NotRequired[builtins.list[HsdsSchedule] | None]
    service: HsdsService


class HsdsTaxonomy(TypedDict):
    """The city's categories of places as a whole."""

    id: str
    name: str
    description: str


class HsdsTaxonomyTerm(TypedDict):
    """A category of the city's places."""

    id: str
    code: str
    name: str
    description: str
    taxonomy: str
    taxonomy_id: str
    language: NotRequired[str]


class HsdsWanted(TypedDict):
    """Which services: by a category, the taxonomy, who gives them, and words in the name; all that is given must hold."""

    taxonomy_term_id: NotRequired[str | None]
    taxonomy_id: NotRequired[str | None]
    organization_id: NotRequired[str | None]
    search: NotRequired[str]


class ImportShape(TypedDict):
    """One applied delivery of a list."""

    id: str
    list: str
    file_name: str
    as_of: str
    area: str
    whole: bool
    actor: str
    applied_at: str
    undone_at: str | None
    rows: int
    matched: int
    opened: int
    changed: int
    closed: int
    unchanged: int
    doubtful_rows: int
    unknown_people: int
    error_rows: int


class InboxItem(TypedDict):
    """One thing to do. case: of a task; list and number: of a delivery's doubtful rows; programme: of a draft to confirm. days: working
    days left, negative once it is late.
    """

    kind: str
    what: Text
    due_at: str | None
    colour: str | None
    days: int | None
    case: str | None
    receipt: str
    person: str
    holder: str
    list: str
    delivery: str | None
    number: int
    programme: str


class LetterDelivery(TypedDict):
    """One way out of the house. status: waiting, sending, sent, failed (see error), refused by the person, unreachable or dropped."""

    id: str
    channel: str
    status: str
    due_at: str
    settled_at: str | None
    attempts: int
    error: str


class Line(TypedDict):
    """One field of a comparison, in words; before or after null: that version has none. state: changed, added or removed."""

    section: str
    group: Text | None
    name: Text
    before: Text | None
    after: Text | None
    state: str


class ListShape(TypedDict):
    """A list as the city declares it. absence: what not being on it means; every_days: how often it comes."""

    slug: str
    name: Text
    owner: Text
    subject: str
    key: str
    every_days: int
    absence: str
    columns: builtins.list[Column]


class ListStanding(TypedDict):
    """How a list stands. rows, errors, unknown: of the deliveries in force that speak of no place beyond one's counties; null: none."""

    slug: str
    name: Text
    owner: Text
    colour: str
    age_days: int | None
    rows: int | None
    errors: int | None
    unknown: int | None
    counties: builtins.list[CountyStanding]


class MadeToken(TypedDict):
    """secret: shown in this answer only; null where the same request is answered again."""

    token: TokenShape
    secret: str | None


class MailingShape(TypedDict):
    """The letters after one screening. state: held (an officer decides at a screen), released (being written), done or dropped."""

    id: str
    programme: str
    screening: str
    state: str
    people: int
    written: int
    made_at: str
    decided_at: str | None


class Me(TypedDict):
    """Who calls, and what they may do today."""

    actor: str
    token: str
    label: str
    expires_at: str
    grants: builtins.list[GrantShape]


class Meant(TypedDict):
    """What a name means here: several areas where it is ambiguous; likely: what may have been meant where it is none."""

    text: str
    areas: builtins.list[AreaShape]
    likely: builtins.list[AreaShape]


class MissingFact(TypedDict):
    """A fact that would decide that many of the undecided."""

    fact: str
    subjects: int


class Moved(TypedDict):
    """Where a draft stands after a write."""

    id: str
    state: str
    revision: int


class Named(TypedDict):
    """A condition or a fact with its words."""

    id: str
    words: Text


class NearWindow(TypedDict):
    """A window as seen from a place at a moment. metres: in a straight line. items: slugs of programmes, empty for every item. serves:
    whether it takes in people from there, null where only a position is known. open_until, opens_at: one of them, or neither where it
    stays closed for a month. sure: false where a notice on public holidays may still change the day. hours: the week in words.
    generated: made up for a demo.
    """

    code: str
    name: Text
    area: str
    address: str
    phone: str
    point: Point
    items: builtins.list[str]
    metres: int
    serves: bool | None
    open: bool
    open_until: str | None
    opens_at: str | None
    sure: bool
    hours: str
    generated: bool


class Need(TypedDict):
    """A material and its state: wanted, given, exempt (a register says it), commitment (the person's word), accepted or refused."""

    material: str
    words: Text
    state: str


class NewApplication(TypedDict):
    """What is asked for, and for whom. beneficiary: the organisation that it is for, null for the person or their household; account:
    null for the one that the register holds; committed: materials for which the person gives their word; facts: what no register
    holds, money in fen, days as ISO dates; event: the day that the case is about, where the programme asks for one; window: area of
    the window that took it in; number: what the caller's system calls it.
    """

    programme: str
    person: str
    beneficiary: NotRequired[str | None]
    account: NotRequired[PayTo | None]
    payee: NotRequired[str]
    payee_uid: NotRequired[str | None]
    committed: NotRequired[builtins.list[str]]
    facts: NotRequired[dict[str, bool | int | str | None]]
    event: NotRequired[str | None]
    window: NotRequired[str]
    number: NotRequired[NumberShape | None]


class NewCase(TypedDict):
    """kind: fact_dispute (a fact of a list or of the population register is wrong) or home_visit."""

    kind: Literal["fact_dispute", "home_visit"]
    resident: str
    fact: NotRequired[str]
    words: NotRequired[str]


class NewToken(TypedDict):
    """What a token is to be good for: no more than the token that asks, and no longer."""

    label: str
    grants: builtins.list[GrantShape]
    days: int


class NewVisit(TypedDict):
    """How a call went. id: made by the device, the same for the same call however often it is sent; occurred_at: now if left out, at
    most seven days back; case: the visit asked for that this was; score: how content the person says they are with it.
    """

    id: str
    resident: str
    outcome: Literal["visited", "needs_help", "not_home", "left_notice"]
    words: NotRequired[str]
    occurred_at: NotRequired[str | None]
    case: NotRequired[str | None]
    score: NotRequired[int | None]


class NewWebhook(TypedDict):
    """Which facts, of which area, and whom to tell."""

    address: str
    types: builtins.list[str]
    role: NotRequired[str]
    area: NotRequired[str]


class NoticeShape(TypedDict):
    """A letter by its heading. programme: "" for one about the person's account."""

    id: str
    template: str
    title: Text
    programme: str
    area: str
    office: Text
    written_at: str
    read_at: str | None
    deliveries: builtins.list[LetterDelivery]


class NumberShape(TypedDict):
    """What another system calls the case."""

    system: str
    number: str


class Over(TypedDict):
    """A draft's last day, past already, and the version that applies after it, "" for none."""

    last: str
    by: str


class ApplicationRowPage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[ApplicationRow]
    next: NotRequired[str | None]


class AreaShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[AreaShape]
    next: NotRequired[str | None]


class BankAnswerRowPage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[BankAnswerRow]
    next: NotRequired[str | None]


class BriefPage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[Brief]
    next: NotRequired[str | None]


class CaseShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[CaseShape]
    next: NotRequired[str | None]


class CountyPage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[County]
    next: NotRequired[str | None]


class DeliveryShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[DeliveryShape]
    next: NotRequired[str | None]


class DeterminationShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[DeterminationShape]
    next: NotRequired[str | None]


class DoubtShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[DoubtShape]
    next: NotRequired[str | None]


class DraftBriefPage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[DraftBrief]
    next: NotRequired[str | None]


class FactShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[FactShape]
    next: NotRequired[str | None]


class FactTypeShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[FactTypeShape]
    next: NotRequired[str | None]


class ImportShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[ImportShape]
    next: NotRequired[str | None]


class InboxItemPage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[InboxItem]
    next: NotRequired[str | None]


class ListShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[ListShape]
    next: NotRequired[str | None]


class MailingShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[MailingShape]
    next: NotRequired[str | None]


class MissingFactPage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[MissingFact]
    next: NotRequired[str | None]


class NearWindowPage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[NearWindow]
    next: NotRequired[str | None]


class NoticeShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[NoticeShape]
    next: NotRequired[str | None]


class PublicationShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[PublicationShape]
    next: NotRequired[str | None]


class QualityPage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[Quality]
    next: NotRequired[str | None]


class RunShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[RunShape]
    next: NotRequired[str | None]


class StaffShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[StaffShape]
    next: NotRequired[str | None]


class SubjectShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[SubjectShape]
    next: NotRequired[str | None]


class SummaryPage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[Summary]
    next: NotRequired[str | None]


class TokenShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[TokenShape]
    next: NotRequired[str | None]


class VersionPage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[Version]
    next: NotRequired[str | None]


class WebhookShapePage(TypedDict):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: builtins.list[WebhookShape]
    next: NotRequired[str | None]


class Paper(TypedDict):
    """Something to bring. exempt: none, data_sharing (nothing to bring), commitment (a signed promise is enough)."""

    name: Text
    source: Text
    form: str
    copies: int
    exempt: str


class PassNote(TypedDict):
    """A note for colleagues."""

    words: NotRequired[str]


class PayTo(TypedDict):
    """Where to pay. It is sealed at once and no route gives it back."""

    holder: str
    number: str
    bank: NotRequired[str]


class PaymentMade(TypedDict):
    """A payment of the award. step: planned, on_its_way, paid, failed, retained or withdrawn; day: paid on, or the first day it can be
    paid; reason: why it waits or failed.
    """

    id: str
    part: str
    period: str
    amount_fen: int
    step: str
    day: str | None
    reason: str


class Plan(TypedDict):
    """The plan of the check that was seen."""

    plan: str


class Point(TypedDict):
    """A place in WGS-84, in degrees."""

    lon: float
    lat: float
    system: NotRequired[str]


class PreviewAsked(TypedDict):
    """A worker makes it: ask for it by its id."""

    id: str


class PreviewShape(TypedDict):
    """A draft over the register beside the version whose place it takes (base, "" for none). state: waiting, running, finished or
    failed; the figures are null until it has finished; payments_a_year: how often the amounts are paid, 0 where the file does not
    say. day: on which both were asked; snapshot_day: of the data. outdated: "base" or "data" once another version or newer data
    stands; ask again, "" else. over: where the draft's days are past already, its last one and the version that applies after it.
    """

    id: str
    draft: str
    revision: int
    base: str
    state: str
    error: Text
    day: str | None
    snapshot_day: str | None
    outdated: str
    asked_at: str
    finished_at: str | None
    over: Over | None
    payments_a_year: int | None
    totals: dict[str, int] | None
    counties: builtins.list[CountyChange]


class Problem(TypedDict):
    """RFC 9457, with both languages. `title` and `detail` follow Accept-Language (Chinese unless it begins with en)."""

    code: str
    zh: str
    en: str
    place: str | None
    expected: str | None
    found: str | None
    expected_zh: str | None
    found_zh: str | None
    remedy_zh: str
    remedy_en: str
    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: builtins.list[Refusal]


class PublicationShape(TypedDict):
    """Counts by programme, quarter and county as they were published at a moment. smallest: counts below it are left out. digest: of
    table and description, one after the other. table, metadata: addresses on the public site (CSV, CSVW).
    """

    id: str
    published_at: str
    digest: str
    rows: int
    smallest: int
    table: str
    metadata: str


class Quality(TypedDict):
    """How a list stands in one's areas. colour: of the place that stands worst, red, yellow, green or "" (asked for each person, never
    fresh as a whole); fresh_until: of that place; fresh: in order everywhere. rows: of the deliveries in force, rates in thousandths
    of them; null where none speaks of one's areas alone, rows 0 where it never came. doubtful: rows that one settles.
    """

    slug: str
    name: Text
    delivered_as_of: str | None
    fresh_until: str | None
    age_days: int | None
    colour: str
    fresh: bool
    subjects: int
    rows: int | None
    wrong_per_mille: int | None
    unknown_per_mille: int | None
    doubtful: int


class QuestionShape(TypedDict):
    """One thing to ask; type: of a fact's value. Money is fen, a date YYYY-MM-DD, a decimal text. kind: fact, holds (has the programme
    already: true or false), place (a county's six digits, 000000 outside the city), members (a list of roles), each (a list: the
    asker's, then the members').
    """

    key: str
    kind: str
    name: str
    words: Text | None
    type: str | None
    values: builtins.list[str]


class Refusal(TypedDict):
    """What was expected, what was found, where, and what to do next. place: a field ("answers.0.question"), or a file's cell.
    expected_zh, found_zh: as expected and found, for a Chinese reader; equal where they are values.
    """

    code: str
    zh: str
    en: str
    place: str | None
    expected: str | None
    found: str | None
    expected_zh: str | None
    found_zh: str | None
    remedy_zh: str
    remedy_en: str


class Report(TypedDict):
    """What a delivery did, or in a dry run would do. id: the import, null in a dry run. notes: the first 200, with their cells."""

    id: str | None
    repeated: bool
    dry_run: bool
    rows: int
    matched: int
    opened: int
    changed: int
    closed: int
    unchanged: int
    doubtful: int
    unknown: int
    wrong: int
    same: int
    noted: int
    notes: builtins.list[Refusal]


class ResidentShape(TypedDict):
    """A person as believed today, without numbers: for those see /reveal."""

    id: str
    name: str
    sex: str | None
    birth_date: str | None
    hukou_type: str | None
    deceased_on: str | None
    situations: builtins.list[SituationShape]
    households: builtins.list[Housemate]


class ReturnReasons(TypedDict):
    """Why it goes back a step."""

    words: str


class Reveal(TypedDict):
    """Which numbers, and for which of the city's purposes (purposes.yaml). The read is listed to the person."""

    purpose: str
    fields: builtins.list[Literal["identity", "phone", "account", "address"]]


class Revealed(TypedDict):
    """The numbers in clear; "" where none is known."""

    values: dict[str, str]


class RunShape(TypedDict):
    """One screening of one programme; counts inside one's areas. Of a part of the city: not_eligible is null, and eligible and undecided
    are null once a later screening stands (ask its counties).
    """

    id: str
    programme: str
    programme_version: str
    as_of: str
    state: str
    error: str
    eligible: int | None
    undecided: int | None
    not_eligible: int | None
    newly_found: int
    newly_lost: int
    merged: bool
    snapshot_digest: str
    verdict_digest: str
    started_at: str
    finished_at: str | None


class Said(TypedDict):
    """same: it is right, and speaks of `resident` (one of the candidates; null where the key names the household or organisation);
    dismiss: it speaks of nobody here; ask: its department shall look into it, the row stays open.
    """

    verb: Literal["same", "dismiss", "ask"]
    resident: NotRequired[str | None]


class Seen(TypedDict):
    """The revision that was read."""

    revision: int


class Sent(TypedDict):
    """What a file says. whole: who is not in it is no longer on the list; skip_wrong: leave wrong rows to a human instead of refusing
    the file; accept_drop: let it end more than half of the list.
    """

    as_of: NotRequired[str | None]
    area: NotRequired[str]
    whole: NotRequired[bool]
    sheet: NotRequired[str]
    dry_run: NotRequired[bool]
    skip_wrong: NotRequired[bool]
    accept_drop: NotRequired[bool]


class SentDraft(TypedDict):
    """A programme file. examples null: those that are there; revision: of the open draft as it was read, null for whichever it is."""

    text: str
    examples: NotRequired[str | None]
    revision: NotRequired[int | None]


class SentFile(TypedDict):
    """What a file says. whole: who is not in it is no longer on the list."""

    as_of: NotRequired[str | None]
    area: NotRequired[str]
    whole: NotRequired[bool]
    sheet: NotRequired[str]


class Settled(TypedDict):
    """What became of the row. resolution: matched, dismissed, or "" while it is open."""

    id: str
    resolution: str


class SituationShape(TypedDict):
    """Where the person is registered, lives, is insured or studies."""

    kind: str
    area: str
    since: str


class Source(TypedDict):
    """What says a fact: the list (null: the population register) and its owner, true since, known to us since; null where it says
    nothing. who: "" for the subject, else the id of the member or relative of whom it speaks; authorised: false where they have yet
    to allow it.
    """

    fact: str
    who: str
    list: str | None
    owner: Text
    authorised: bool
    true_since: str | None
    known_since: str | None


class StaffShape(TypedDict):
    """An account. grants: those in force today; of one account by its id, every one that it has or had."""

    id: str
    login: str
    name: str
    organisation: str | None
    active: bool
    grants: builtins.list[GrantGiven]


class StandingShape(TypedDict):
    """Where one programme stands: certain, open or impossible; why not, and what would still decide it."""

    programme: str
    name: Text
    state: Literal["certain", "open", "impossible"]
    amount_fen: int | None
    failed: builtins.list[Named]
    missing: builtins.list[Named]


class SubjectShape(TypedDict):
    """One person, household or organisation of a screening's list. name: "" once erased."""

    subject: str
    kind: str
    name: str
    birth_date: str | None
    area: str
    verdict: str
    amount_fen: int | None
    missing: builtins.list[str]
    since: str
    until: str | None


class Summary(TypedDict):
    """A programme in force."""

    slug: str
    version: str
    name: Text
    summary: Text
    audience: Text
    benefit: Text
    subject: str
    effective_from: str
    effective_to: str | None


class TakeUpShape(TypedDict):
    """Counts of subjects. found: eligible now; of them: invited (told by a letter), reached (it went out or was opened), taken (has the
    benefit; null where nobody's benefit is on record); entitled: of whom taken is a part, the found and whoever has it on papers
    while undecided; null while the programme was never screened over the whole city; amount in fen of the found.
    """

    programme: str
    county: str
    found: int
    invited: int
    reached: int
    entitled: int | None
    taken: int | None
    undecided: int
    amount_fen: int


class Text(TypedDict):
    """Words in both languages."""

    zh: str
    en: str


class TokenShape(TypedDict):
    """A token without its secret."""

    id: str
    label: str
    owner: str
    grants: builtins.list[GrantShape]
    made_at: str
    expires_at: str
    revoked_at: str | None
    last_used_at: str | None


class Version(TypedDict):
    """A published version."""

    version: str
    effective_from: str
    effective_to: str | None
    issued_on: str
    published_at: str
    digest: str


class VisitShape(TypedDict):
    """A call that was recorded, without its note."""

    id: str
    outcome: str
    occurred_at: str
    recorded_at: str


class Wanted(TypedDict):
    """text: two characters of a name or more, pinyin, initials, or a whole identity or phone number. It goes in the body: addresses are
    logged by proxies.
    """

    text: str
    after: NotRequired[str]


class WantedScreenings(TypedDict):
    """Which programmes to screen; each over the whole register."""

    programmes: builtins.list[str]


class WebhookShape(TypedDict):
    """A webhook without its secret."""

    id: str
    owner: str
    address: str
    types: builtins.list[str]
    role: str
    area: str
    made_at: str
    ended_at: str | None


class Whole(TypedDict):
    """A version with everything that is published of it. words: the rule, said back from the rule itself."""

    slug: str
    version: str
    name: Text
    summary: Text
    audience: Text
    benefit: Text
    subject: str
    effective_from: str
    effective_to: str | None
    digest: str
    lifecycle: str
    legal_basis: builtins.list[Basis]
    conditions: builtins.list[Condition]
    words: Text
    papers: builtins.list[Paper]
    promised_working_days: int | None
    statutory_working_days: int | None
    facts: builtins.list[str]


class Why(TypedDict):
    """kind: asked (case: the request) or regular; due: the last day; colour: red, yellow or green; last: when somebody last met them."""

    kind: str
    due: str
    colour: str
    case: str | None
    last: str | None


class Refused(Exception):  # noqa: N818 - what the server answered, as raised
    """The API refused: status and the problem (RFC 9457), in both languages."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('en', '')}")
        self.status, self.problem = status, problem


def over_http(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
    """One call with the standard library."""
    request = urllib.request.Request(url, data=body, headers=dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def pages(read: Callable[..., Paged], **arguments: Any) -> Iterator[Any]:
    """Every item of a paged list: pages(client.list_areas, below="1408")."""
    after: str | None = ""
    while after is not None:
        page = read(**arguments, after=after)
        yield from page["items"]
        after = page["next"]


class Forged(Exception):  # noqa: N818 - what came, as raised
    """A webhook's message that is not ours, was altered, is too old, or has been taken in before."""


def webhook_message(
    secret: str, headers: Mapping[str, str], body: bytes, taken: builtins.set[str], *, tolerance: int = 300
) -> dict[str, Any]:
    """The message of a webhook, once it has been shown to be genuine and new; Forged otherwise. Nothing else may read the body before.

    secret: as add_webhook answered it. taken: the ids that have been taken in, which the receiver keeps for at least `tolerance` seconds,
    better for as long as it can; the message's id is added. A delivery that is replayed on purpose has a new timestamp and its old id.
    """
    named = {name.lower(): value for name, value in headers.items()}
    identity, moment = named.get("webhook-id", ""), named.get("webhook-timestamp", "")
    if not identity or not moment.isascii() or not moment.isdigit() or abs(time.time() - int(moment)) > tolerance:
        raise Forged("no id, or a timestamp that is not of now")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, f"{identity}.{moment}.".encode() + body, hashlib.sha256).digest()).decode()
    given = [part.removeprefix("v1,") for part in named.get("webhook-signature", "").split() if part.startswith("v1,")]
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
        raise Forged("the signature is not by this webhook's secret")
    if identity in taken:
        raise Forged("this message has been taken in before")
    message: dict[str, Any] = json.loads(body)
    taken.add(identity)
    return message


def _segment(value: object) -> str:
    return quote(str(value), safe="")


def _multipart(form: Mapping[str, Any], file: tuple[str, bytes]) -> tuple[bytes, str]:
    boundary = uuid4().hex
    parts = []
    for name, value in form.items():
        if value is not None:
            parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{_text(value)}\r\n'.encode())
    name = file[0].replace('"', "").replace("\r", "").replace("\n", "")
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    )
    return b"".join([*parts, head.encode(), file[1], f"\r\n--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


class Client:
    """The API of one installation. transport: how a call is made, for tests; attempts: how often one is tried in all."""

    def __init__(self, address: str, *, token: str = "", transport: Transport = over_http, attempts: int = 3) -> None:
        self._address, self._token, self._transport, self._attempts = address.rstrip("/"), token, transport, attempts

    def list_programmes(self) -> SummaryPage:
        """Every programme that is in force today. Public."""
        return cast(SummaryPage, self._call("GET", "/api/v1/programmes"))

    def get_programme(self, *, slug: str, version: str = "") -> Whole:
        """One programme: the version in force, else the newest; or the version asked for. Public."""
        return cast(Whole, self._call("GET", f"/api/v1/programmes/{_segment(slug)}", query={"version": version}))

    def list_programme_versions(self, *, slug: str) -> VersionPage:
        """Every published version, oldest first. Public."""
        return cast(VersionPage, self._call("GET", f"/api/v1/programmes/{_segment(slug)}/versions"))

    def check(self, *, body: AnswersGiven) -> Assessed:
        """What the answers so far give, and what to ask next. Public; it changes nothing, so it needs no Idempotency-Key."""
        return cast(Assessed, self._call("POST", "/api/v1/check", body=body))

    def list_areas(self, *, below: str = "", level: str = "", after: str = "") -> AreaShapePage:
        """Divisions down to the village, in code order, below and including a code. Public."""
        return cast(AreaShapePage, self._call("GET", "/api/v1/areas", query={"below": below, "level": level, "after": after}))

    def resolve_area(self, *, text: str) -> Meant:
        """What a place name, written as people write it, means. Public."""
        return cast(Meant, self._call("GET", "/api/v1/areas/resolve", query={"text": text}))

    def get_area(self, *, code: str) -> AreaPath:
        """One division. Public."""
        return cast(AreaPath, self._call("GET", f"/api/v1/areas/{_segment(code)}"))

    def nearest_windows(
        self,
        *,
        item: str = "",
        area: str = "",
        lon: float | None = None,
        lat: float | None = None,
        system: str = "",
        at: str | None = None,
        most: int = 20,
    ) -> NearWindowPage:
        """Windows that can do an item, from an area's centre or a position with its system: open ones first, then nearest. Public."""
        return cast(
            NearWindowPage,
            self._call(
                "GET",
                "/api/v1/windows/nearest",
                query={"item": item, "area": area, "lon": lon, "lat": lat, "system": system, "at": at, "most": most},
            ),
        )

    def get_hsds(self) -> HsdsAbout:
        """Which version of the specification, and whose directory. Public."""
        return cast(HsdsAbout, self._call("GET", "/api/v1/hsds"))

    def list_hsds_services(
        self,
        *,
        taxonomy_term_id: str | None = None,
        taxonomy_id: str | None = None,
        organization_id: str | None = None,
        search: str = "",
        page: int = 1,
        per_page: int = 100,
        full: bool = False,
    ) -> HsdsServiceHsdsPage:
        """What residents are offered today and where, by number of the place; full: with locations, hours and categories. Public."""
        return cast(
            HsdsServiceHsdsPage,
            self._call(
                "GET",
                "/api/v1/hsds/services",
                query={
                    "taxonomy_term_id": taxonomy_term_id,
                    "taxonomy_id": taxonomy_id,
                    "organization_id": organization_id,
                    "search": search,
                    "page": page,
                    "per_page": per_page,
                    "full": full,
                },
            ),
        )

    def get_hsds_service(self, *, service_id: str) -> HsdsService:
        """A service with its location, hours and category. Public."""
        return cast(HsdsService, self._call("GET", f"/api/v1/hsds/services/{_segment(service_id)}"))

    def list_hsds_service_at_locations(
        self,
        *,
        taxonomy_term_id: str | None = None,
        taxonomy_id: str | None = None,
        organization_id: str | None = None,
        search: str = "",
        page: int = 1,
        per_page: int = 100,
        full: bool = False,
    ) -> HsdsServiceThereHsdsPage:
        """The same services from where they are given; full: with address, telephone, hours and category. Public."""
        return cast(
            HsdsServiceThereHsdsPage,
            self._call(
                "GET",
                "/api/v1/hsds/service_at_locations",
                query={
                    "taxonomy_term_id": taxonomy_term_id,
                    "taxonomy_id": taxonomy_id,
                    "organization_id": organization_id,
                    "search": search,
                    "page": page,
                    "per_page": per_page,
                    "full": full,
                },
            ),
        )

    def get_hsds_service_at_location(self, *, there_id: str) -> HsdsServiceThere:
        """A service where it is given, with everything about both. Public."""
        return cast(HsdsServiceThere, self._call("GET", f"/api/v1/hsds/service_at_locations/{_segment(there_id)}"))

    def list_hsds_organizations(self, *, page: int = 1, per_page: int = 100) -> HsdsOrganizationHsdsPage:
        """Who offers it: shops and institutions, and the city for its windows. Public."""
        return cast(HsdsOrganizationHsdsPage, self._call("GET", "/api/v1/hsds/organizations", query={"page": page, "per_page": per_page}))

    def get_hsds_organization(self, *, organization_id: str) -> HsdsOrganization:
        """Who offers something, with all its locations. Public."""
        return cast(HsdsOrganization, self._call("GET", f"/api/v1/hsds/organizations/{_segment(organization_id)}"))

    def list_hsds_taxonomies(self, *, page: int = 1, per_page: int = 100) -> HsdsTaxonomyHsdsPage:
        """The taxonomies that categories are of: the city's own. Public."""
        return cast(HsdsTaxonomyHsdsPage, self._call("GET", "/api/v1/hsds/taxonomies", query={"page": page, "per_page": per_page}))

    def get_hsds_taxonomy(self, *, taxonomy_id: str) -> HsdsTaxonomy:
        """A taxonomy. Public."""
        return cast(HsdsTaxonomy, self._call("GET", f"/api/v1/hsds/taxonomies/{_segment(taxonomy_id)}"))

    def list_hsds_taxonomy_terms(self, *, page: int = 1, per_page: int = 100, taxonomy_id: str | None = None) -> HsdsTaxonomyTermHsdsPage:
        """The categories that services are sought by, in the city's order. Public."""
        return cast(
            HsdsTaxonomyTermHsdsPage,
            self._call("GET", "/api/v1/hsds/taxonomy_terms", query={"page": page, "per_page": per_page, "taxonomy_id": taxonomy_id}),
        )

    def get_hsds_taxonomy_term(self, *, term_id: str) -> HsdsTaxonomyTerm:
        """A category. Public."""
        return cast(HsdsTaxonomyTerm, self._call("GET", f"/api/v1/hsds/taxonomy_terms/{_segment(term_id)}"))

    def list_open_data(self, *, after: str = "") -> PublicationShapePage:
        """Everything that was published, newest first. Public."""
        return cast(PublicationShapePage, self._call("GET", "/api/v1/open-data", query={"after": after}))

    def list_lists(self) -> ListShapePage:
        """The lists that the city declares, with their columns."""
        return cast(ListShapePage, self._call("GET", "/api/v1/lists"))

    def list_quality(self) -> QualityPage:
        """Age, error rate and doubtful rows of each list inside one's areas."""
        return cast(QualityPage, self._call("GET", "/api/v1/lists/quality"))

    def list_imports(self, *, slug: str = "", after: str = "") -> ImportShapePage:
        """Deliveries inside one's areas, newest first."""
        return cast(ImportShapePage, self._call("GET", "/api/v1/lists/imports", query={"slug": slug, "after": after}))

    def import_list(
        self,
        *,
        slug: str,
        file: bytes,
        file_name: str,
        as_of: str | None = None,
        area: str = "",
        whole: bool = True,
        sheet: str = "",
        dry_run: bool = False,
        skip_wrong: bool = False,
        accept_drop: bool = False,
        key: str | None = None,
    ) -> Report:
        """Deliver a list as xlsx or csv, at most 25 MB: applied whole or not at all. A dry run needs a key of its own."""
        return cast(
            Report,
            self._call(
                "POST",
                f"/api/v1/lists/{_segment(slug)}/imports",
                file=(file_name, file),
                form={
                    "as_of": as_of,
                    "area": area,
                    "whole": whole,
                    "sheet": sheet,
                    "dry_run": dry_run,
                    "skip_wrong": skip_wrong,
                    "accept_drop": accept_drop,
                },
                key=key or str(uuid4()),
            ),
        )

    def undo_import(self, *, uid: str, key: str | None = None) -> ImportShape:
        """Take a delivery back while nothing later depends on it. Nothing is deleted."""
        return cast(ImportShape, self._call("POST", f"/api/v1/lists/imports/{_segment(uid)}/undo", key=key or str(uuid4())))

    def send_file(
        self,
        *,
        slug: str,
        file: bytes,
        file_name: str,
        as_of: str | None = None,
        area: str = "",
        whole: bool = True,
        sheet: str = "",
        key: str | None = None,
    ) -> FileStep:
        """Send a list as xlsx or csv, at most 25 MB, to be tried in the background. Its columns are found by their headers."""
        return cast(
            FileStep,
            self._call(
                "POST",
                f"/api/v1/lists/{_segment(slug)}/files",
                file=(file_name, file),
                form={"as_of": as_of, "area": area, "whole": whole, "sheet": sheet},
                key=key or str(uuid4()),
            ),
        )

    def get_file(self, *, uid: str) -> FileShape:
        """Where one's own file stands, and what its check found."""
        return cast(FileShape, self._call("GET", f"/api/v1/files/{_segment(uid)}"))

    def apply_file(self, *, uid: str, body: Plan, key: str | None = None) -> FileStep:
        """Have a file applied as it was tried; rows with wrong cells are left to a human. Refused if anything has changed since."""
        return cast(FileStep, self._call("POST", f"/api/v1/files/{_segment(uid)}/apply", body=body, key=key or str(uuid4())))

    def search_residents(self, *, body: Wanted) -> BriefPage:
        """Residents inside one's areas. It changes nothing, so it needs no Idempotency-Key."""
        return cast(BriefPage, self._call("POST", "/api/v1/residents/search", body=body))

    def get_resident(self, *, uid: str) -> ResidentShape:
        """One person: where they are registered and live, and with whom."""
        return cast(ResidentShape, self._call("GET", f"/api/v1/residents/{_segment(uid)}"))

    def reveal_numbers(self, *, uid: str, body: Reveal) -> Revealed:
        """Numbers in clear, for a purpose. Every call is a read of its own, so it takes no Idempotency-Key."""
        return cast(Revealed, self._call("POST", f"/api/v1/residents/{_segment(uid)}/reveal", body=body))

    def list_determinations(self, *, uid: str) -> DeterminationShapePage:
        """Where the person, household or organisation stands and stood, under the programmes that one's grants read."""
        return cast(DeterminationShapePage, self._call("GET", f"/api/v1/residents/{_segment(uid)}/determinations"))

    def explain(self, *, uid: str, slug: str) -> Explained:
        """Why a programme finds this person, household or organisation today, or does not."""
        return cast(Explained, self._call("GET", f"/api/v1/residents/{_segment(uid)}/programmes/{_segment(slug)}"))

    def list_screenings(self, *, programme: str = "", after: str = "") -> RunShapePage:
        """Screenings of the programmes that one's grants read, newest first."""
        return cast(RunShapePage, self._call("GET", "/api/v1/screenings", query={"programme": programme, "after": after}))

    def ask_screening(self, *, body: WantedScreenings, key: str | None = None) -> Accepted:
        """Have programmes screened by the next free worker. Needs officer over the whole city for each."""
        return cast(Accepted, self._call("POST", "/api/v1/screenings", body=body, key=key or str(uuid4())))

    def get_screening(self, *, uid: str) -> RunShape:
        """One screening."""
        return cast(RunShape, self._call("GET", f"/api/v1/screenings/{_segment(uid)}"))

    def list_screening_counties(self, *, uid: str) -> CountyPage:
        """Counts by county, inside one's areas."""
        return cast(CountyPage, self._call("GET", f"/api/v1/screenings/{_segment(uid)}/counties"))

    def list_missing_facts(self, *, uid: str) -> MissingFactPage:
        """Which facts are missing for how many of the undecided inside one's areas, most frequent first."""
        return cast(MissingFactPage, self._call("GET", f"/api/v1/screenings/{_segment(uid)}/missing-facts"))

    def list_screening_subjects(
        self,
        *,
        uid: str,
        kind: Literal["found", "undecided", "newly_found", "newly_lost"] = "found",
        missing: str = "",
        area: str = "",
        after: str = "",
    ) -> SubjectShapePage:
        """Whom it found, could not decide, newly found or newly lost, inside one's areas."""
        return cast(
            SubjectShapePage,
            self._call(
                "GET",
                f"/api/v1/screenings/{_segment(uid)}/subjects",
                query={"kind": kind, "missing": missing, "area": area, "after": after},
            ),
        )

    def list_facts(self, *, subject: str, after: str = "") -> FactShapePage:
        """Facts about one subject ("resident:…", "programme:…", "list:…", "staff:…"), in the order they were recorded. A resident's:
        officer, clerk or steward where the person is registered or lives. A programme's: officer or auditor of it. A list's: officer
        of the whole city. Everything: an auditor of the whole city; a member of staff's also the security officer, and their own.
        """
        return cast(FactShapePage, self._call("GET", f"/api/v1/trace/{_segment(subject)}", query={"after": after}))

    def whoami(self) -> Me:
        """The token that calls, and what it may do today."""
        return cast(Me, self._call("GET", "/api/v1/me"))

    def list_tokens(self, *, after: str = "") -> TokenShapePage:
        """The token that calls and those made with it, newest first; everyone's for an administrator or security officer of the whole
        city.
        """
        return cast(TokenShapePage, self._call("GET", "/api/v1/tokens", query={"after": after}))

    def make_token(self, *, body: NewToken, key: str | None = None) -> MadeToken:
        """Make a token: a subset of the one that asks, expiring no later and ending with it."""
        return cast(MadeToken, self._call("POST", "/api/v1/tokens", body=body, key=key or str(uuid4())))

    def revoke_token(self, *, uid: str, key: str | None = None) -> TokenShape:
        """End a token at once, and all that were made with it."""
        return cast(TokenShape, self._call("POST", f"/api/v1/tokens/{_segment(uid)}/revoke", key=key or str(uuid4())))

    def list_fact_types(self) -> FactTypeShapePage:
        """The types of fact that a webhook may ask for. Public."""
        return cast(FactTypeShapePage, self._call("GET", "/api/v1/fact-types"))

    def list_webhooks(self, *, after: str = "") -> WebhookShapePage:
        """One's own webhooks, newest first; everyone's for an administrator or security officer of the whole city."""
        return cast(WebhookShapePage, self._call("GET", "/api/v1/webhooks", query={"after": after}))

    def add_webhook(self, *, body: NewWebhook, key: str | None = None) -> AddedWebhook:
        """Tell an address of facts from now on, as Standard Webhooks lays down: at least once, signed, with an id and a timestamp."""
        return cast(AddedWebhook, self._call("POST", "/api/v1/webhooks", body=body, key=key or str(uuid4())))

    def end_webhook(self, *, uid: str, key: str | None = None) -> WebhookShape:
        """Tell the address nothing more."""
        return cast(WebhookShape, self._call("POST", f"/api/v1/webhooks/{_segment(uid)}/end", key=key or str(uuid4())))

    def list_deliveries(self, *, uid: str, after: str = "") -> DeliveryShapePage:
        """What the webhook was told, newest first."""
        return cast(DeliveryShapePage, self._call("GET", f"/api/v1/webhooks/{_segment(uid)}/deliveries", query={"after": after}))

    def replay_delivery(self, *, uid: str, key: str | None = None) -> DeliveryShape:
        """Send it again, under the same id."""
        return cast(DeliveryShape, self._call("POST", f"/api/v1/deliveries/{_segment(uid)}/replay", key=key or str(uuid4())))

    def list_inbox(self, *, kind: str = "", mine: bool = False, after: str = "") -> InboxItemPage:
        """What waits for the caller, most urgent first."""
        return cast(InboxItemPage, self._call("GET", "/api/v1/inbox", query={"kind": kind, "mine": mine, "after": after}))

    def open_case(self, *, body: NewCase, key: str | None = None) -> CaseShape:
        """Say for a person that a fact is wrong, or ask that somebody visits them."""
        return cast(CaseShape, self._call("POST", "/api/v1/cases", body=body, key=key or str(uuid4())))

    def get_case(self, *, uid: str) -> CaseShape:
        """A case that the caller works on, or opened for somebody."""
        return cast(CaseShape, self._call("GET", f"/api/v1/cases/{_segment(uid)}"))

    def list_cases(self, *, uid: str) -> CaseShapePage:
        """A person's cases that the caller works on or opened, newest first."""
        return cast(CaseShapePage, self._call("GET", f"/api/v1/residents/{_segment(uid)}/cases"))

    def take_case(self, *, uid: str, key: str | None = None) -> CaseShape:
        """Take its task on oneself, so that colleagues see who is at it."""
        return cast(CaseShape, self._call("POST", f"/api/v1/cases/{_segment(uid)}/take", key=key or str(uuid4())))

    def answer_case(self, *, uid: str, body: CaseAnswer, key: str | None = None) -> CaseShape:
        """Answer a case and close it; refused if it has changed since it was read."""
        return cast(CaseShape, self._call("POST", f"/api/v1/cases/{_segment(uid)}/answer", body=body, key=key or str(uuid4())))

    def apply(self, *, body: NewApplication, key: str | None = None) -> ApplicationStep:
        """Apply for somebody. Where everything is clear and the programme has it so, the answer is already the decision."""
        return cast(ApplicationStep, self._call("POST", "/api/v1/applications", body=body, key=key or str(uuid4())))

    def list_applications(
        self,
        *,
        programme: str = "",
        area: str = "",
        status: Literal["", "open", "closed"] = "",
        outcome: str = "",
        system: str = "",
        number: str = "",
        after: str = "",
    ) -> ApplicationRowPage:
        """Applications that the caller works on or took in, newest first."""
        return cast(
            ApplicationRowPage,
            self._call(
                "GET",
                "/api/v1/applications",
                query={
                    "programme": programme,
                    "area": area,
                    "status": status,
                    "outcome": outcome,
                    "system": system,
                    "number": number,
                    "after": after,
                },
            ),
        )

    def get_application(self, *, uid: str) -> ApplicationShape:
        """An application that the caller works on or took in: step, limits, needs, decision, payments."""
        return cast(ApplicationShape, self._call("GET", f"/api/v1/applications/{_segment(uid)}"))

    def accept_application(self, *, uid: str, key: str | None = None) -> ApplicationStep:
        """Accept it: the clock starts. Refused while something is missing."""
        return cast(ApplicationStep, self._call("POST", f"/api/v1/applications/{_segment(uid)}/accept", key=key or str(uuid4())))

    def supplement_application(self, *, uid: str, body: AskedFor, key: str | None = None) -> ApplicationStep:
        """Ask once for everything that is missing. The clock stands still; unanswered it lapses."""
        return cast(
            ApplicationStep, self._call("POST", f"/api/v1/applications/{_segment(uid)}/supplement", body=body, key=key or str(uuid4()))
        )

    def pass_application(self, *, uid: str, body: PassNote, key: str | None = None) -> ApplicationStep:
        """Let it pass a step that takes no decision; where two sign, the first one's is a signature."""
        return cast(ApplicationStep, self._call("POST", f"/api/v1/applications/{_segment(uid)}/pass", body=body, key=key or str(uuid4())))

    def return_application(self, *, uid: str, body: ReturnReasons, key: str | None = None) -> ApplicationStep:
        """Return it to the step before."""
        return cast(ApplicationStep, self._call("POST", f"/api/v1/applications/{_segment(uid)}/return", body=body, key=key or str(uuid4())))

    def decide_application(self, *, uid: str, body: DecisionWanted, key: str | None = None) -> ApplicationStep:
        """Decide it in its deciding step. The rule is asked anew: what it says otherwise, or can't know yet, is refused."""
        return cast(ApplicationStep, self._call("POST", f"/api/v1/applications/{_segment(uid)}/decide", body=body, key=key or str(uuid4())))

    def number_application(self, *, uid: str, body: NumberShape, key: str | None = None) -> ApplicationStep:
        """Keep what another system calls it."""
        return cast(ApplicationStep, self._call("POST", f"/api/v1/applications/{_segment(uid)}/number", body=body, key=key or str(uuid4())))

    def answer_application_elsewhere(self, *, uid: str, body: AnswerElsewhere, key: str | None = None) -> ApplicationStep:
        """Keep what the other system decided about a forwarded application; the person is told."""
        return cast(
            ApplicationStep, self._call("POST", f"/api/v1/applications/{_segment(uid)}/outcome", body=body, key=key or str(uuid4()))
        )

    def send_bank_answer(self, *, file: bytes, file_name: str, layout: str, key: str | None = None) -> BankAnswerTaken:
        """Send a bank's answer, at most 25 MB; a job deals with its rows. The same file twice is taken once."""
        return cast(
            BankAnswerTaken,
            self._call("POST", "/api/v1/payments/outcomes", file=(file_name, file), form={"layout": layout}, key=key or str(uuid4())),
        )

    def get_bank_answer(self, *, uid: str) -> BankAnswerShape:
        """How far an answer has been dealt with, and what its rows came to."""
        return cast(BankAnswerShape, self._call("GET", f"/api/v1/payments/outcomes/{_segment(uid)}"))

    def list_bank_answer_rows(self, *, uid: str, after: str = "") -> BankAnswerRowPage:
        """The rows of an answer in the file's order with their verdicts, without accounts."""
        return cast(BankAnswerRowPage, self._call("GET", f"/api/v1/payments/outcomes/{_segment(uid)}/rows", query={"after": after}))

    def list_take_up(self, *, county: str = "") -> TakeUpShapeCounted:
        """Take-up of every programme inside one's areas, or in one county of them."""
        return cast(TakeUpShapeCounted, self._call("GET", "/api/v1/city/programmes", query={"county": county}))

    def list_take_up_by_county(self, *, slug: str) -> TakeUpShapeCounted:
        """Take-up of one programme, county by county, inside one's areas."""
        return cast(TakeUpShapeCounted, self._call("GET", f"/api/v1/city/programmes/{_segment(slug)}"))

    def list_gaps(self, *, programme: str = "", county: str = "") -> GapShapeCounted:
        """Why people are undecided: which facts they lack and why, by programme, the most frequent first. One may lack several."""
        return cast(GapShapeCounted, self._call("GET", "/api/v1/city/undecided", query={"programme": programme, "county": county}))

    def list_standings(self) -> ListStandingCounted:
        """How good each list is, county by county: its age is of now, its figures are as they were counted. Needs a county or more."""
        return cast(ListStandingCounted, self._call("GET", "/api/v1/city/lists"))

    def list_drafts(self, *, after: str = "") -> DraftBriefPage:
        """Open drafts of the programmes that one's grants over the whole city cover, by slug."""
        return cast(DraftBriefPage, self._call("GET", "/api/v1/drafts", query={"after": after}))

    def send_draft(self, *, body: SentDraft, key: str | None = None) -> Moved:
        """Send a file as a draft: a new one, or the next revision of its programme's open one. It may have faults for a while."""
        return cast(Moved, self._call("POST", "/api/v1/drafts", body=body, key=key or str(uuid4())))

    def get_draft(self, *, uid: str) -> DraftShape:
        """One draft with its text and what speaks against it. Runs its examples: about 0.2 s."""
        return cast(DraftShape, self._call("GET", f"/api/v1/drafts/{_segment(uid)}"))

    def get_draft_difference(self, *, uid: str) -> Difference:
        """What a draft changes against the published version that it would take the place of: the fields that differ, in words."""
        return cast(Difference, self._call("GET", f"/api/v1/drafts/{_segment(uid)}/difference"))

    def submit_draft(self, *, uid: str, body: Seen, key: str | None = None) -> Moved:
        """Hand a draft in, for somebody else to publish at a screen; refused with its faults while any blocks it."""
        return cast(Moved, self._call("POST", f"/api/v1/drafts/{_segment(uid)}/submit", body=body, key=key or str(uuid4())))

    def ask_preview(self, *, uid: str, key: str | None = None) -> PreviewAsked:
        """Have a draft compared over the register with the version whose place it takes, by a worker. Changes nothing that stands."""
        return cast(PreviewAsked, self._call("POST", f"/api/v1/drafts/{_segment(uid)}/previews", key=key or str(uuid4())))

    def get_preview(self, *, uid: str) -> PreviewShape:
        """How many a draft would change in which way, and what it costs, in all and by county."""
        return cast(PreviewShape, self._call("GET", f"/api/v1/previews/{_segment(uid)}"))

    def list_doubts(self, *, uid: str, reason: str = "", after: str = "") -> DoubtShapePage:
        """Open rows of one delivery of one's own lists, in the file's order. Being named by a sensitive list is recorded as a reading."""
        return cast(
            DoubtShapePage, self._call("GET", f"/api/v1/lists/imports/{_segment(uid)}/doubts", query={"reason": reason, "after": after})
        )

    def settle_doubt(self, *, uid: str, body: Said, key: str | None = None) -> Settled:
        """Say whom an open row means, that it means nobody here, or that its department shall look."""
        return cast(Settled, self._call("POST", f"/api/v1/doubts/{_segment(uid)}/settle", body=body, key=key or str(uuid4())))

    def list_notices(self, *, uid: str, after: str = "") -> NoticeShapePage:
        """What was sent to a person, newest first, as far as one's grants cover it."""
        return cast(NoticeShapePage, self._call("GET", f"/api/v1/residents/{_segment(uid)}/notices", query={"after": after}))

    def list_mailings(self) -> MailingShapePage:
        """The newest 50 mailings of the programmes of one's grants, held ones first."""
        return cast(MailingShapePage, self._call("GET", "/api/v1/mailings"))

    def list_staff(
        self, *, words: str = "", role: str = "", state: Literal["", "active", "inactive"] = "", after: str = ""
    ) -> StaffShapePage:
        """Accounts by login with their grants of today; an administrator of a county sees who holds or held a grant there, or none yet."""
        return cast(
            StaffShapePage, self._call("GET", "/api/v1/staff", query={"words": words, "role": role, "state": state, "after": after})
        )

    def get_staff(self, *, uid: str) -> StaffShape:
        """One account with every grant that it has or had."""
        return cast(StaffShape, self._call("GET", f"/api/v1/staff/{_segment(uid)}"))

    def list_visits_due(self) -> DayShape:
        """The caller's calls of today."""
        return cast(DayShape, self._call("GET", "/api/v1/visits/due"))

    def record_visit(self, *, body: NewVisit, key: str | None = None) -> VisitShape:
        """Say how a call went; “needs help” opens a case for the township. Only for somebody who lives in one's own area."""
        return cast(VisitShape, self._call("POST", "/api/v1/visits", body=body, key=key or str(uuid4())))

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, Any] | None = None,
        file: tuple[str, bytes] | None = None,
        key: str | None = None,
    ) -> Any:
        headers = {"Accept": "application/json"}
        content: bytes | None = None
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if key:
            headers["Idempotency-Key"] = key
        if file is not None:
            content, headers["Content-Type"] = _multipart(form or {}, file)
        elif body is not None:
            content, headers["Content-Type"] = json.dumps(body, ensure_ascii=False).encode(), "application/json"
        elif method != "GET":
            content = b""
        asked = {name: _text(value) for name, value in (query or {}).items() if value not in (None, "")}
        url = self._address + path + (f"?{urlencode(asked)}" if asked else "")
        status, _, answer = self._tried(method, url, headers, content)
        if status >= 400:
            raise Refused(status, json.loads(answer or b"{}"))
        return json.loads(answer)

    def _tried(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        for attempt in range(1, self._attempts):
            try:
                answer = self._transport(method, url, headers, content)
            except OSError:
                time.sleep(attempt)
                continue
            if answer[0] not in (429, 503):
                return answer
            time.sleep(min(int({name.lower(): value for name, value in answer[1].items()}.get("retry-after", attempt)), 60))
        return self._transport(method, url, headers, content)

"""A letter reaches whom it concerns, once, at a civil hour, and can be checked; what fails is seen and nobody's letter is anyone else's."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from mailbox_examples import figures, mailed_to
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from screening_examples import AID, HARDSHIP_LISTS, certify, deny, of_age, student

from linli import vault
from linli.casework import acts as casework
from linli.casework.receipts import grouped
from linli.kernel import clock
from linli.kernel.clock import SHANGHAI
from linli.kernel.codes import spoken
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import PUBLIC, Grant, Viewer
from linli.notices import acts, delivering, mail, ports, queries
from linli.notices.models import Delivery, Mailing, MailProof, Notice, Preference
from linli.notices.ports import Message, NotSent
from linli.notices.recipients import of_determinations
from linli.registers import acts as registers
from linli.registers.acts.records import end_record, record_change
from linli.screening import acts as screening
from linli.trace.deep import verify_rows
from linli.trace.jobs import react
from linli.trace.models import Fact, Parked
from linli.trace.sealed import verify_keys
from linli.trace.verify import verify_chains

pytestmark = pytest.mark.django_db
NOON = (clock.now() + timedelta(days=1)).astimezone(SHANGHAI).replace(hour=12, minute=0, second=0, microsecond=0)
OFFICER = Viewer("staff:00000000-0000-7000-8000-000000000002", (Grant("officer"),))
LOCAL = replace(OFFICER, grants=(Grant("officer", "140802", AID),))
ELSEWHERE = replace(OFFICER, grants=(Grant("officer", "140882", AID),))
OTHER_PROGRAMME = replace(OFFICER, grants=(Grant("officer", "140802", "elder-pairing"),))


def self_of(who, level="card") -> Viewer:
    return Viewer(f"resident:{who.uid}", subject=str(who.uid), level=level)


def with_phone(name="测试甲"):
    who = student(name)
    return registers.correct_resident(SYSTEM, resident=who, changes={"phone": "12500000001"})


def tell(work, at=NOON):
    """The worker runs at a moment."""
    with clock.frozen(at):
        work()


def found(work, who):
    """The student aid finds somebody more, who is told at noon."""
    with clock.frozen(NOON):
        certify(who)
    tell(work)


def untraced() -> list[str]:
    """Rows that the trace does not know as they are; the programme of these tests was put in force behind it."""
    return [finding.row for finding in verify_rows() if not finding.row.startswith("programmes.")]


class Gateway:
    """A channel that does as it is told and counts."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.trouble: Exception | None = None

    def send(self, message: Message) -> str:
        self.sent.append(message)
        if self.trouble:
            raise self.trouble
        return "ref"


@pytest.fixture
def gateway(monkeypatch):
    made = Gateway()
    monkeypatch.setattr(ports, "channel", lambda name: made)
    return made


def not_sent(again: bool) -> NotSent:
    return NotSent("sms.busy", zh="忙", en="busy", again=again)


def test_who_is_newly_found_gets_a_letter_and_a_text_that_names_no_programme(who, work, texts):
    tell(work)
    (letter,) = queries.letters(self_of(who), who.uid)
    assert "残疾学生" in letter.text.zh or letter.notice.programme == AID
    (text,) = texts()
    assert text["to"] == "12500000001"
    assert letter.words["zh"].short == text["text"]
    assert spoken(letter.notice.code) in text["text"]
    assert letter.office.zh in text["text"]
    assert Delivery.objects.get().status == "sent"
    facts = Fact.objects.filter(subject=f"resident:{who.uid}", type__startswith="notices.").order_by("id")
    assert [fact.type for fact in facts] == ["notices.written", "notices.sent"]
    assert Parked.objects.count() == 0
    assert list(verify_chains()) == []
    assert untraced() == []


def test_the_text_is_sealed_and_sending_and_reading_it_is_listed_to_the_person(who, work, texts):
    tell(work)
    row = Notice.objects.get()
    assert "残疾" not in row.text_cipher
    queries.letters(self_of(who), who.uid)
    readings = [(access.actor, access.purpose) for access in vault.accesses_of(who.uid)]
    assert readings == [(f"resident:{who.uid}", "self.view"), ("system:notices.deliver", "notices.send")]


def test_a_job_that_runs_again_sends_nothing_again(city, work, texts):
    tell(work)
    fact = Fact.objects.get(type="screening.determined")
    for _ in range(3):
        react(reaction="notices.write", facts=[fact.id])
        delivering.deliver_due(10)
    acts.write(viewer=SYSTEM, fact_type=fact.type, tellings=of_determinations([fact]))
    delivering.deliver_due(10)
    assert Notice.objects.count() == 1
    assert len(texts()) == 1


def test_losing_it_again_is_told_in_the_inbox_alone(who, work, texts):
    tell(work)
    with clock.frozen(NOON + timedelta(hours=1)):
        end_record(SYSTEM, subject=who, list_slug="disability-certificate", on=clock.today())
        deny(who, "disability-certificate", *HARDSHIP_LISTS)
        work()
    titles = [letter.notice.template for letter in queries.letters(self_of(who), who.uid)]
    assert titles == ["screening-lost", "screening-found"]
    assert len(texts()) == 1


def test_at_night_a_letter_waits_for_the_morning(who, work, texts):
    night = NOON.replace(hour=22, minute=30)
    tell(work, at=night)
    assert len(queries.letters(self_of(who), who.uid)) == 1
    assert texts() == []
    assert Delivery.objects.get().due_at == (NOON + timedelta(days=1)).replace(hour=7)
    with clock.frozen(night + timedelta(hours=8, minutes=31)):
        assert delivering.deliver_due(10) == 1
    assert len(texts()) == 1


def test_what_was_due_by_day_but_is_handed_over_by_night_waits_too_unless_it_is_urgent(city, work, gateway):
    tell(work)
    Delivery.objects.update(status="waiting")
    gateway.sent.clear()
    with clock.frozen(NOON + timedelta(hours=11)):
        assert delivering.deliver_due(10) == 0
        Delivery.objects.update(urgent=True)
        assert delivering.deliver_due(10) == 1


def test_who_refuses_text_messages_gets_the_letter_alone(who, work, texts):
    acts.choose(self_of(who), recipient=who.uid, language="zh", refused=["sms"])
    tell(work)
    assert len(queries.letters(self_of(who), who.uid)) == 1
    assert texts() == []
    assert Delivery.objects.get().status == "refused"


def test_refusing_while_a_text_waits_stops_it(who, work, texts):
    tell(work, at=NOON.replace(hour=23))
    acts.choose(self_of(who), recipient=who.uid, language="zh", refused=["sms"])
    with clock.frozen(NOON + timedelta(days=1)):
        delivering.deliver_due(10)
    assert texts() == []
    assert Delivery.objects.get().status == "refused"


def test_a_mandate_is_told_even_to_who_refuses(who, work, texts):
    other = with_phone("测试乙")
    acts.choose(self_of(who), recipient=who.uid, language="en", refused=["sms", "email"])
    with clock.frozen(NOON):
        registers.grant_mandate(self_of(who), principal=who, kind="family", agent=other, evidence="本人同意")
        work()
    (text,) = texts()
    assert "someone may act for you" in text["text"]
    (letter,) = queries.letters(self_of(other), other.uid)
    assert letter.notice.template == "mandate-received"


def test_without_a_telephone_nobody_is_reached_and_that_is_shown(city, work, texts):
    silent = student("无电话")
    found(work, silent)
    assert Delivery.objects.get(notice__recipient=silent.uid).status == "unreachable"
    assert len(texts()) == 1
    assert queries.counts(LOCAL)["unreachable"] == 1


def test_a_child_is_written_to_through_the_parents(city, work):
    child = person("子", identity=identity(of_age(15)), birth_date=of_age(15), relations_known=True)
    father = person("父", identity=identity(of_age(40)), birth_date=of_age(40))
    registers.link_family(SYSTEM, resident=child, relative=father, relation="father", valid_from=FIRST_DAY)
    registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(child, "head")], valid_from=FIRST_DAY)
    record_change(SYSTEM, subject=child, list_slug="student-status", valid_from=FIRST_DAY, data={"student_level": "undergraduate"})
    found(work, child)
    recipients = set(Notice.objects.values_list("recipient", flat=True))
    assert father.uid in recipients
    assert child.uid not in recipients
    own = Viewer(f"resident:{father.uid}", subject=str(father.uid), level="card")
    assert {letter.about for letter in queries.letters(own, father.uid)} == {f"resident:{child.uid}"}


def test_an_answer_that_surely_was_no_is_tried_again_and_at_last_shown_as_failed(city, work, gateway):
    gateway.trouble = not_sent(again=True)
    tell(work)
    moments = [NOON]
    while Delivery.objects.get().status == "waiting":
        moments.append(Delivery.objects.get().due_at)
        with clock.frozen(moments[-1] - timedelta(seconds=1)):
            assert delivering.deliver_due(10) == 0
        with clock.frozen(moments[-1]):
            assert delivering.deliver_due(10) == 1
    minutes = [int((later - earlier).total_seconds() // 60) for earlier, later in itertools.pairwise(moments)]
    assert minutes == [1, 5, 30, 120, 360]
    row = Delivery.objects.get()
    assert (row.status, row.error, row.attempts) == ("failed", "sms.busy", 6)
    assert Fact.objects.filter(type="notices.failed").count() == 1
    gateway.trouble = None
    with clock.frozen(NOON):
        acts.send_again(LOCAL, delivery=row.uid)
        delivering.deliver_due(10)
    assert Delivery.objects.get().status == "sent"


@pytest.mark.parametrize("trouble", [TimeoutError("no answer"), ConnectionResetError(), ValueError("broken")])
def test_what_nobody_knows_is_never_sent_again_by_itself(city, work, gateway, trouble):
    gateway.trouble = trouble
    tell(work)
    with clock.frozen(NOON + timedelta(days=1)):
        assert delivering.deliver_due(10) == 0
    assert len(gateway.sent) == 1
    row = Delivery.objects.get()
    assert row.status == "failed"
    assert row.error.startswith("notices.uncertain")


def test_a_refusal_for_good_is_not_tried_again(city, work, gateway):
    gateway.trouble = not_sent(again=False)
    tell(work)
    assert (Delivery.objects.get().status, Delivery.objects.get().attempts) == ("failed", 1)


def test_a_process_that_died_with_a_message_leaves_it_failed_not_sent_twice(city, work, gateway, monkeypatch):
    class Killed(BaseException):
        pass

    gateway.trouble = Killed()  # type: ignore[assignment]
    with pytest.raises(Killed):
        tell(work)
    assert Delivery.objects.get().status == "sending"
    gateway.trouble = None
    with clock.frozen(NOON + timedelta(minutes=9)):
        assert delivering.settle_abandoned() == 0
        assert delivering.deliver_due(10) == 0
    with clock.frozen(NOON + timedelta(minutes=11)):
        assert delivering.settle_abandoned() == 1
        assert delivering.deliver_due(10) == 0
    assert len(gateway.sent) == 1
    assert (Delivery.objects.get().status, Delivery.objects.get().error) == ("failed", "notices.uncertain")


def test_who_died_since_gets_nothing_more(who, work, texts):
    tell(work, at=NOON.replace(hour=23))
    registers.record_death(SYSTEM, resident=who, deceased_on=clock.today())
    with clock.frozen(NOON + timedelta(days=1)):
        delivering.deliver_due(10)
    assert texts() == []
    assert Delivery.objects.get().status == "dropped"


def test_erasure_takes_the_letters_with_it(who, work, texts, settings):
    tell(work)
    settings.LINLI_CHANNELS = {"sms": "sms", "email": "mailbox_examples.Mailbox"}
    mailed_to(self_of(who), who.uid, "someone@city.example")
    registers.erase_resident(SYSTEM, resident=who, reason="test")
    work()
    assert Notice.objects.count() == Delivery.objects.count() == Preference.objects.count() == 0
    assert untraced() == list(verify_chains()) == list(verify_keys()) == []


def screen_many(number):
    people = [with_phone(f"测试{letter}") for letter in "甲乙丙丁戊"[:number]]
    for who in people:
        certify(who)
    screening.screen(viewer=SYSTEM, slugs=[AID])
    return people


@pytest.fixture
def only_bulk(monkeypatch):
    """Registers' changes cause no screening of single people, so that the whole run finds everybody."""
    monkeypatch.setattr(screening, "rescreen", lambda **named: 0)


def mailed(template="screening-found") -> set[UUID]:
    """To whom mailings have written."""
    return set(Notice.objects.filter(mailing__isnull=False, template=template).values_list("recipient", flat=True))


def test_a_small_screening_tells_those_it_found_at_once(city, work, texts, only_bulk):
    tell(work)
    with clock.frozen(NOON):
        people = screen_many(3)
        work()
    assert mailed() == {one.uid for one in people}
    assert len(texts()) == 1 + 3
    mailing = Mailing.objects.get()
    assert (mailing.state, mailing.people, mailing.written) == ("done", 3, 3)
    assert queries.invited(AID).count() == queries.reached(queries.invited(AID)).count() == 4
    assert untraced() == []


@pytest.fixture
def held_above(monkeypatch):
    """Sets how many people a mailing may reach by itself."""
    usual = acts.manners()

    def hold(people):
        monkeypatch.setattr(acts, "manners", lambda: replace(usual, hold_above=people))

    return hold


def test_a_large_screening_tells_nobody_until_an_officer_releases_it(city, work, texts, monkeypatch, held_above):
    monkeypatch.setattr(acts, "CHUNK", 2)
    held_above(2)
    with clock.frozen(NOON):
        with monkeypatch.context() as patch:
            patch.setattr(screening, "rescreen", lambda **named: 0)
            people = screen_many(5)
            work()
        (mailing,) = queries.mailings(OFFICER)
        assert (mailing.state, mailed()) == ("held", set())
        with pytest.raises(Refused):
            acts.decide_mailing(LOCAL, mailing=mailing.uid, release=True)
        end_record(SYSTEM, subject=people[0], list_slug="disability-certificate", on=clock.today())
        deny(people[0], "disability-certificate", *HARDSHIP_LISTS)
        screening.rescreen(viewer=SYSTEM, residents=[people[0].uid])
        acts.decide_mailing(OFFICER, mailing=mailing.uid, release=True)
        work()
    assert mailed() == {one.uid for one in people[1:]}
    assert Mailing.objects.get().state == "done"
    with pytest.raises(LinliError, match="decided"):
        acts.decide_mailing(OFFICER, mailing=mailing.uid, release=False)


def test_a_dropped_mailing_is_never_written(city, work, only_bulk, held_above):
    held_above(0)
    with clock.frozen(NOON):
        screen_many(1)
        work()
        acts.decide_mailing(OFFICER, mailing=Mailing.objects.get().uid, release=False)
        work()
    assert mailed() == set()
    assert acts.mail_chunk(viewer=SYSTEM, mailing=Mailing.objects.get().uid, then=lambda: None) == 0


def test_nobody_reads_letters_that_are_not_theirs(who, work):
    tell(work)
    other = with_phone("测试乙")
    for viewer in (self_of(other), OFFICER, SYSTEM, PUBLIC):
        for read in (queries.letters, queries.unread, queries.wishes):
            with pytest.raises(Refused):
                read(viewer, who.uid)
        with pytest.raises(Refused):
            acts.choose(viewer, recipient=who.uid, language="zh", refused=["sms"])
        assert acts.mark_read(viewer, recipient=who.uid, notices=[Notice.objects.get().uid]) == 0
    with pytest.raises(Refused, match="identity card"):
        queries.letters(self_of(who, "phone"), who.uid)
    assert queries.unread(self_of(who, "phone"), who.uid) == 1
    assert acts.mark_read(self_of(other), recipient=other.uid, notices=[Notice.objects.get().uid]) == 0
    assert acts.mark_read(self_of(who), recipient=who.uid, notices=[Notice.objects.get().uid]) == 1
    assert queries.unread(self_of(who), who.uid) == 0


@pytest.mark.parametrize(
    ("viewer", "sees"), [(OFFICER, 1), (LOCAL, 1), (ELSEWHERE, 0), (OTHER_PROGRAMME, 0)], ids=["all", "local", "away", "other"]
)
def test_officers_see_what_was_sent_within_their_grants_and_never_the_text(who, work, texts, viewer, sees):
    tell(work)
    assert len(queries.deliveries(viewer, "sent")) == sees
    assert queries.counts(viewer)["sent"] == sees
    assert len(queries.log(viewer, who.uid)) == sees
    row = Delivery.objects.get()
    if not sees:
        with pytest.raises(Refused):
            acts.send_again(viewer, delivery=row.uid)
    assert [access.purpose for access in vault.accesses_of(who.uid)] == ["notices.send"]


def test_who_has_no_office_sees_nothing_of_the_log(who, work):
    tell(work)
    for viewer in (PUBLIC, Viewer("staff:x", (Grant("administrator"),)), self_of(with_phone("测试乙"))):
        with pytest.raises(Refused):
            queries.counts(viewer)
        with pytest.raises(Refused):
            queries.log(viewer, who.uid)
    assert len(queries.log(self_of(who), who.uid)) == 1


def test_a_number_is_genuine_however_typed_and_tells_nobody_to_whom_or_about_what(city, work):
    tell(work)
    row = Notice.objects.get()
    genuine = queries.is_genuine(f" {spoken(row.code).lower()} ")
    assert genuine is not None
    assert genuine.sent_at == row.written_at
    assert set(vars(type(genuine))["__slots__"]) == {"office", "sent_at"}
    phone = queries.is_genuine("12345")
    assert phone is not None
    assert phone.sent_at is None
    for wrong in ("", "2345-6789", "K7M2", "13800000000", "x" * 10_000, "'; --"):
        assert queries.is_genuine(wrong) is None


@pytest.mark.parametrize("named", [{"language": "fr"}, {"refused": ["fax"]}])
def test_a_wish_that_cannot_be_met_is_refused(who, named):
    with pytest.raises(LinliError) as refused:
        acts.choose(self_of(who), recipient=who.uid, **({"language": "zh", "refused": []} | named))
    assert refused.value.code == "notices.bad_preference"
    assert Preference.objects.count() == 0


def test_mail_goes_to_an_address_once_its_code_came_back_and_no_longer_once_it_is_taken_back(who, work, gateway, settings):
    me = self_of(who)
    settings.LINLI_CHANNELS = {"sms": "sms", "email": "email"}
    mail.ask(me, recipient=who.uid, address="someone@city.example", language="zh")
    mail.confirm(me, recipient=who.uid, code=figures(gateway.sent.pop()))
    acts.choose(me, recipient=who.uid, language="zh", refused=[], key="one")
    tell(work)
    assert sorted(message.to for message in gateway.sent) == ["12500000001", "someone@city.example"]
    assert not MailProof.objects.exists()
    acts.choose(me, recipient=who.uid, language="zh", refused=[], forget_email=True)
    assert Preference.objects.get().email_cipher == ""
    assert untraced() == list(verify_chains()) == list(verify_keys()) == []


def test_an_unknown_delivery_is_refused_like_one_out_of_reach(city):
    with pytest.raises(Refused):
        acts.send_again(OFFICER, delivery=uuid4())


def test_what_somebody_asked_for_is_confirmed_with_its_receipt_and_its_end_is_told_to_who_refuses(who, work, texts):
    me = self_of(who)
    acts.choose(me, recipient=who.uid, language="zh", refused=["sms"])
    tell(work)
    with clock.frozen(NOON):
        case = casework.open_dispute(me, who.uid, "has_disability_certificate", "已经换了新证")
        work()
    assert texts() == []
    with clock.frozen(NOON + timedelta(hours=1)):
        casework.answer(OFFICER, case.uid, "kept", "经核实，证件仍在有效期内。")
        work()
    (text,) = texts()
    assert grouped(case.receipt) in text["text"]
    assert "维持原样" in text["text"]
    assert "残疾" not in text["text"]
    told = [letter.notice.template for letter in queries.letters(me, who.uid)]
    assert told == ["dispute-kept", "case-opened", "screening-found"]
    assert Parked.objects.count() == 0

"""Writes of notices: letters, mailings, preferences, sending again, forgetting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from procrastinate.contrib.django import app

from linli import vault
from linli.kernel import clock
from linli.kernel.codes import new_code
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.viewer import Viewer
from linli.notices import ports, queries
from linli.notices.catalogue import Template
from linli.notices.delivering import RESTORED, record_failed
from linli.notices.facts import FORGOTTEN, MAILING_DECIDED, PREFERENCE_CHOSEN, SENT_AGAIN, WRITTEN
from linli.notices.manners import Manners, manners
from linli.notices.models import OUTSIDE, Delivery, Mailing, MailProof, Notice, Preference
from linli.notices.recipients import Telling, of_determinations
from linli.notices.writing import packed, template_for, written
from linli.registers.models import Resident
from linli.screening.models import Run
from linli.trace import AlreadyDone, act
from linli.trace.acts import Act
from linli.trace.facts import BULK_KEY
from linli.trace.models import Fact
from linli.trace.queries import restored_at

DELIVER = "notices.deliver"
CHUNK = 500


def write(*, viewer: Viewer, fact_type: str, tellings: Sequence[Telling], mailing: Mailing | None = None) -> int:
    """Write the letters that the tellings call for, each once per fact and person, and put them on their way; returns how many.

    A telling that no template fits is silent; so is one to someone who has died or was erased. About eight statements together.
    """
    chosen = {(one.fact, one.recipient): (one, template) for one in tellings if (template := template_for(fact_type, one))}
    if not chosen:
        return 0
    facts, people = {fact for fact, _ in chosen}, {person for _, person in chosen}
    with act(viewer) as current:
        done = set(Notice.objects.filter(fact__in=facts, recipient__in=people).values_list("fact", "recipient"))
        alive = Resident.objects.filter(uid__in=people, erased_at__isnull=True, deceased_on__isnull=True).in_bulk(field_name="uid")
        due = [pair for key, pair in chosen.items() if key not in done and key[1] in alive]
        notices = _letters(due, mailing)
        Notice.objects.bulk_create(notices)
        ways = _deliveries(due, notices, alive)
        before = 0 if mailing else restored_at()  # a mailing is released by an officer, who knows of the restore
        held = [way for way in ways if way.status == "waiting" and way.notice.fact < before]
        for way in held:
            way.status, way.error, way.settled_at = "failed", RESTORED, way.notice.written_at
        Delivery.objects.bulk_create(ways)
        for notice in notices:
            _record_written(current, notice)
        for way in held:
            record_failed(current, way, RESTORED)
        if any(way.status == "waiting" for way in ways):
            app.configure_task(DELIVER).defer()
    return len(notices)


def _letters(due: Sequence[tuple[Telling, Template]], mailing: Mailing | None) -> list[Notice]:
    moment, codes = clock.now(), [new_code() for _ in due]
    texts = [packed(written(template, telling, code), telling.about) for (telling, template), code in zip(due, codes, strict=True)]
    sealed = vault.protect_many([(telling.recipient, {"notice": text}) for (telling, _), text in zip(due, texts, strict=True)])
    return [
        Notice(
            code=code,
            recipient=telling.recipient,
            template=template.slug,
            programme=telling.programme,
            area_code=telling.area,
            office_zh=telling.office.label.zh,
            office_en=telling.office.label.en,
            phone=telling.office.phone,
            fact=telling.fact,
            mailing=mailing,
            text_cipher=ciphers["notice"],
            written_at=moment,
        )
        for (telling, template), code, ciphers in zip(due, codes, sealed, strict=True)
    ]


def _deliveries(due: Sequence[tuple[Telling, Template]], notices: Sequence[Notice], alive: Mapping[UUID, Resident]) -> list[Delivery]:
    wishes = Preference.objects.filter(recipient__in=alive).in_bulk(field_name="recipient")
    custom, channels = manners(), ports.configured()
    return [
        _delivery(notice, template, channel, custom, alive[notice.recipient], wishes.get(notice.recipient))
        for (_, template), notice in zip(due, notices, strict=True)
        for channel in template.channels
        if channel in channels and (channel != "email" or _has_email(wishes.get(notice.recipient)))
    ]


def _has_email(wish: Preference | None) -> bool:
    return bool(wish and wish.email_cipher)


def _delivery(notice: Notice, template: Template, channel: str, custom: Manners, to: Resident, wish: Preference | None) -> Delivery:
    status = "waiting"
    if template.refusable and wish and channel in wish.refused:
        status = "refused"
    elif channel == "sms" and not to.phone_cipher:
        status = "unreachable"
    due_at = notice.written_at if template.urgent else custom.next_civil(notice.written_at)
    settled = None if status == "waiting" else notice.written_at
    return Delivery(notice=notice, channel=channel, status=status, urgent=template.urgent, due_at=due_at, settled_at=settled)


def _record_written(current: Act, notice: Notice) -> None:
    subject, area = f"resident:{notice.recipient}", notice.area_code[:6]
    current.record(WRITTEN, subject=subject, payload={"template": notice.template}, rows=[notice], area=area)


def open_mailing(*, viewer: Viewer, anchor: Fact) -> Mailing | None:
    """The mailing of one whole screening: released if it concerns few, else held; held too if a restore lies in between, since its
    letters may have gone out. None if nobody was found or lost."""
    bulk = anchor.payload[BULK_KEY]
    run = Run.objects.get(uid=anchor.payload["run"])
    people = run.newly_found + run.newly_lost
    if bulk["chain"] is None or not people:
        return None
    with act(viewer) as current:
        state = "held" if people > manners().hold_above or anchor.id < restored_at() else "released"
        mailing, made = Mailing.objects.get_or_create(
            fact=anchor.id,
            defaults={"run": run.uid, "programme": run.programme, "people": people, "state": state, "made_at": clock.now()},
        )
        if made:
            _record_mailing(current, mailing)
    return mailing


def _record_mailing(current: Act, mailing: Mailing) -> None:
    payload = {"run": str(mailing.run), "state": mailing.state, "people": mailing.people}
    current.record(MAILING_DECIDED, subject=f"programme:{mailing.programme}", payload=payload, rows=[mailing])


def decide_mailing(viewer: Viewer, *, mailing: UUID, release: bool, key: str | None = None) -> Mailing:
    """Release a held mailing, or drop it for good. Needs an officer's grant for the programme in the whole city. Locks its row."""
    with act(viewer, key=key) as current:
        row = Mailing.objects.select_for_update().get(uid=mailing)
        viewer.require("officer", programme=row.programme)
        if row.state != "held":
            raise LinliError(
                "notices.mailing_decided",
                zh="这批通知已经处理过",
                en="This mailing has been decided already.",
                found=row.state,
                remedy_zh="刷新页面查看现在的状态",
                remedy_en="reload the page to see how it stands",
            )
        row.state, row.decided_by, row.decided_at = ("released" if release else "dropped"), viewer.actor, clock.now()
        row.save(update_fields=["state", "decided_by", "decided_at"])
        _record_mailing(current, row)
        if release:
            app.configure_task("notices.mail").defer(mailing=str(row.uid))
    return row


def hold_mailings(viewer: Viewer) -> int:
    """After a restore: mailings whose letters were being written wait for an officer again. Returns how many."""
    with act(viewer) as current:
        rows = list(Mailing.objects.select_for_update().filter(state="released"))
        for row in rows:
            row.state, row.decided_by, row.decided_at = "held", "", None
            row.save(update_fields=["state", "decided_by", "decided_at"])
            _record_mailing(current, row)
    return len(rows)


def mail_chunk(*, viewer: Viewer, mailing: UUID, then: Callable[[], object]) -> int:
    """Write the next letters of a released mailing, up to 500 facts in one transaction; `then` is called inside it if there are more.

    Only what stands today is written about: whoever is no longer found when a held mailing is released gets no letter.
    """
    with act(viewer) as current:
        row = Mailing.objects.select_for_update().filter(uid=mailing, state="released").first()
        if row is None:
            return 0
        chain = Fact.objects.values_list("payload", flat=True).get(id=row.fact)[BULK_KEY]["chain"]
        facts = list(Fact.objects.filter(chain=chain, seq__gt=row.position).order_by("seq")[:CHUNK])
        count = write(viewer=viewer, fact_type=facts[0].type, tellings=of_determinations(facts), mailing=row) if facts else 0
        row.written += count
        row.position = facts[-1].seq if facts else row.position
        if len(facts) < CHUNK:
            row.state = "done"
            _record_mailing(current, row)
        else:
            then()
        row.save(update_fields=["written", "position", "state"])
    return count


def choose(
    viewer: Viewer, *, recipient: UUID, language: str, refused: Sequence[str], forget_email: bool = False, key: str | None = None
) -> Preference:
    """How a resident wants to be reached: chosen by themself or their guardian, known by their card, and by nobody else: letters are how
    somebody learns what an agent does. A mail address comes by use_email(). What the law does not let anyone refuse comes all the same.
    """
    queries.require_decides(viewer, recipient)
    if language not in ("zh", "en"):
        raise _not_possible("language", "zh, en", language)
    if unknown := set(refused) - set(OUTSIDE):
        raise _not_possible("refused", ", ".join(OUTSIDE), ", ".join(sorted(unknown)))
    try:
        with act(viewer, key=key) as current:
            row = _wish(recipient)
            row.language, row.refused = language, sorted(set(refused))
            if forget_email:
                row.email_cipher = ""
            _record_wish(current, row)
    except AlreadyDone:
        return Preference.objects.get(recipient=recipient)
    return row


def use_email(viewer: Viewer, *, proof: MailProof) -> Preference:
    """Letters go to the address whose code came back. Deletes the proof."""
    queries.require_decides(viewer, proof.recipient)
    with act(viewer) as current:
        row = _wish(proof.recipient)
        row.email_cipher = proof.email_cipher
        _record_wish(current, row)
        MailProof.objects.filter(pk=proof.pk).delete()
    return row


def _wish(recipient: UUID) -> Preference:
    return Preference.objects.select_for_update().filter(recipient=recipient).first() or Preference(recipient=recipient)


def _record_wish(current: Act, row: Preference) -> None:
    row.chosen_at = clock.now()
    row.save()
    payload = {"language": row.language, "refused": row.refused, "email": bool(row.email_cipher)}
    if not current.viewer.is_self(row.recipient):
        payload["on_behalf_of"] = str(row.recipient)
    current.record(PREFERENCE_CHOSEN, subject=f"resident:{row.recipient}", payload=payload, rows=[row])


def _not_possible(place: str, expected: str, found: str) -> LinliError:
    return LinliError(
        "notices.bad_preference",
        zh="填写的内容不正确",
        en="This can't be chosen.",
        place=Place(field=place),
        expected=expected,
        found=found,
        remedy_zh="请改正后再提交",
        remedy_en="mend it and send it again",
    )


def mark_read(viewer: Viewer, *, recipient: UUID, notices: Sequence[UUID]) -> int:
    """The recipient has opened these letters of theirs; the first time counts. Whoever reads for them leaves them unread. One statement."""
    if not viewer.is_self(recipient):
        return 0
    unread = Notice.objects.filter(recipient=recipient, uid__in=notices, read_at__isnull=True)
    return unread.update(read_at=clock.now())


def send_again(viewer: Viewer, *, delivery: UUID, key: str | None = None) -> Delivery:
    """Put a failed delivery on its way once more, at an officer's word. Locks its row."""
    with act(viewer, key=key) as current:
        row = Delivery.objects.select_for_update(of=("self",)).select_related("notice").filter(uid=delivery).first()
        if row is None or not viewer.may("officer", area=row.notice.area_code, programme=row.notice.programme):
            raise Refused(
                "notices.not_visible",
                zh="您的授权范围不包括这条通知",
                en="Your grants do not cover this notice.",
                found=str(delivery),
                remedy_zh="由所在地的工作人员办理",
                remedy_en="ask a colleague of the area",
            )
        if row.status == "failed":
            _on_its_way(current, row)
            app.configure_task(DELIVER).defer()
    return row


def _on_its_way(current: Act, row: Delivery) -> None:
    moment = clock.now()
    row.status, row.attempts, row.error, row.settled_at = "waiting", 0, "", None
    row.due_at = moment if row.urgent else manners().next_civil(moment)
    row.save()
    payload = {"template": row.notice.template, "channel": row.channel}
    current.record(SENT_AGAIN, subject=f"resident:{row.notice.recipient}", payload=payload, area=row.notice.area_code[:6])


def release_held(viewer: Viewer, *, limit: int) -> int:
    """Put messages on their way that a restore held back, at an operator's word, oldest first; returns how many. Locks their rows."""
    viewer.require("officer")
    with act(viewer) as current:
        held = Delivery.objects.select_for_update(of=("self",)).filter(status="failed", error=RESTORED).select_related("notice")
        rows = list(held.order_by("id")[:limit])
        for row in rows:
            _on_its_way(current, row)
        if rows:
            app.configure_task(DELIVER).defer()
    return len(rows)


def forget(*, viewer: Viewer, recipient: UUID) -> None:
    """Delete the letters of an erased person and how they wanted to be reached. A second time changes nothing."""
    with act(viewer) as current:
        letters = list(Notice.objects.filter(recipient=recipient).values_list("pk", flat=True))
        wishes = list(Preference.objects.filter(recipient=recipient).values_list("pk", flat=True))
        Notice.objects.filter(pk__in=letters).delete()
        Preference.objects.filter(pk__in=wishes).delete()
        MailProof.objects.filter(recipient=recipient).delete()
        gone = [*((Notice, key) for key in letters), *((Preference, key) for key in wishes)]
        if gone:
            current.record(FORGOTTEN, subject=f"resident:{recipient}", payload={"rows": len(gone)}, rows=gone)

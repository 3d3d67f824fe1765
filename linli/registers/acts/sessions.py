"""Where staff are signed in: begun at sign-in, seen from time to time, ended by the person, by security or by time.

Sessions are telemetry and have no rows in the trace; ending somebody's session by hand is an act and has.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.separation import not_yourself, require_other_person
from linli.registers.models import ExternalIdentity, Staff, StaffSession
from linli.trace import act

KEPT = timedelta(days=90)  # how long an ended session is remembered, for telling a known place from a new one


def begin_session(*, staff: Staff, session_key: str, device: str, address: str, address_shown: str, method: str) -> StaffSession:
    """Note a session of the web's own making; forget those that ended long ago. Two statements."""
    now = clock.now()
    StaffSession.objects.filter(staff=staff, seen_at__lt=now - KEPT).delete()
    return StaffSession.objects.create(
        staff=staff,
        session_key=session_key,
        device=device[:60],
        address=address,
        address_shown=address_shown[:45],
        method=method,
        began_at=now,
        seen_at=now,
    )


def see_session(session_key: str) -> None:
    """The session is still in use. One statement."""
    StaffSession.objects.filter(session_key=session_key, ended_at=None).update(seen_at=clock.now())


def rename_session(before: str, after: str) -> None:
    """The session goes on under a new key. One statement."""
    StaffSession.objects.filter(session_key=before).update(session_key=after)


def close_session(session_key: str) -> None:
    """The session ended by itself: signed out, or too long unused. One statement."""
    StaffSession.objects.filter(session_key=session_key, ended_at=None).update(ended_at=clock.now())


def end_session(viewer: Viewer, *, session: StaffSession) -> None:
    """End a session from elsewhere: one's own, or anyone's by security. The next request with its cookie is nobody's."""
    own = viewer.actor == session.staff.actor
    if not own:
        viewer.require("security")
    with act(viewer) as a:
        Session.objects.filter(session_key=session.session_key).delete()
        if StaffSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=clock.now()):
            a.record(facts.SESSION_ENDED, subject=session.staff.actor, payload={"by": "self" if own else "security"})


def end_other_sessions(viewer: Viewer, *, staff: Staff, keep: str = "") -> int:
    """End every session of a person but the one with the key `keep`; how many there were."""
    sessions = list(StaffSession.objects.filter(staff=staff, ended_at=None).exclude(session_key=keep).select_related("staff"))
    with act(viewer):
        for session in sessions:
            end_session(viewer, session=session)
    return len(sessions)


def link_identity(viewer: Viewer, *, staff: Staff, issuer: str, subject: str) -> ExternalIdentity:
    """Say who someone is at the city's identity service. Needs administrator over the whole city; never for oneself.

    It lets nobody in until its owner has confirmed it: whoever links does not say alone who signs in.
    """
    viewer.require("administrator")
    require_other_person(viewer, staff)
    identity = ExternalIdentity(staff=staff, issuer=issuer, subject=subject.strip(), linked_at=clock.now())
    with act(viewer) as a:
        if not identity.subject or ExternalIdentity.objects.filter(issuer=issuer, subject=identity.subject, ended_at=None).exists():
            raise _identity_taken(identity.subject)
        identity.save(force_insert=True)
        a.record(facts.IDENTITY_LINKED, subject=staff.actor, payload={}, rows=[identity])
    return identity


def confirm_identity(viewer: Viewer, *, identity: ExternalIdentity) -> None:
    """The owner says that the linked identity is theirs; from now on it lets them in. Only for oneself: the caller has asked for the
    password, and for a factor where there is one. Twice is once.
    """
    if viewer.actor != identity.staff.actor:
        raise not_yourself(viewer, identity.staff)
    with act(viewer) as a:
        row = ExternalIdentity.objects.select_for_update(no_key=True).select_related("staff").get(pk=identity.pk)
        if row.ended_at is None and row.confirmed_at is None:
            row.confirmed_at = clock.now()
            row.save(update_fields=["confirmed_at"])
            a.record(facts.IDENTITY_CONFIRMED, subject=row.staff.actor, payload={}, rows=[row])


def end_identity(viewer: Viewer, *, identity: ExternalIdentity, keep: str = "") -> None:
    """The person no longer signs in through the city's identity service, and every session of theirs ends but the one with the key
    `keep`. Needs administrator over the whole city, or to be the person.
    """
    if viewer.actor != identity.staff.actor:
        viewer.require("administrator")
    with act(viewer) as a:
        row = ExternalIdentity.objects.select_for_update(no_key=True).select_related("staff").get(pk=identity.pk)
        if row.ended_at is None:
            row.ended_at = clock.now()
            row.save(update_fields=["ended_at"])
            a.record(facts.IDENTITY_ENDED, subject=row.staff.actor, payload={}, rows=[row])
            live = StaffSession.objects.filter(staff=row.staff, ended_at=None).exclude(session_key=keep)
            Session.objects.filter(session_key__in=live.values("session_key")).delete()
            live.update(ended_at=clock.now())


def _identity_taken(subject: str) -> LinliError:
    return LinliError(
        "staff.identity_taken",
        zh="统一身份标识为空，或已关联其他账号",
        en="The identity is empty, or linked to an account already.",
        place=Place(field="subject"),
        found=repr(subject),
        remedy_zh="核对标识，或先解除原关联",
        remedy_en="check it, or end the earlier link first",
    )

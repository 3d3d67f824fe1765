"""Those who watch: security sees sessions, failures, keys and how much is read; auditors read the trace. Neither sees a resident's data."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.kernel.clock import now
from linli.kernel.viewer import Viewer
from linli.registers.acts import sessions
from linli.registers.models import Staff, StaffSession
from linli.registers.queries import staff as queries
from linli.trace import queries as trace
from linli.trace.seals import KEY_FILE, public_key
from linli.vault import queries as vault
from linli.vault.models import Access
from linli.web.entrance import signin
from linli.web.frame.asked import number
from linli.web.frame.menu import page_words
from linli.web.frame.sensitive import field_words, purpose_words
from linli.web.models import FailedSignIn
from linli.web.office import accounts, recorded
from linli.web.views.office import for_staff


def failures() -> list[tuple[Staff, int, datetime]]:
    """Accounts whose sign-ins failed in the last quarter of an hour: how often, when last. Failures of unknown logins name nobody."""
    recent = FailedSignIn.objects.filter(at__gte=now() - signin.WINDOW).order_by("at").values_list("login", "at")
    counts, last = Counter(login for login, _at in recent), dict(recent)
    if not counts:
        return []
    known = ((staff, signin.login_digest(staff.login)) for staff in Staff.objects.order_by("login"))
    return [(staff, counts[digest], last[digest]) for staff, digest in known if digest in counts]


@for_staff
def security(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Sessions, failures, keys, and who reads how much."""
    readings, refused = vault.readings(viewer), queries.refused_attempts(viewer)
    generations, events = vault.key_state(viewer)
    names = queries.names_of({*(one.actor for one in readings), *(one.actor for one in events), *(one.actor for one in refused)})
    context = {
        "sessions": queries.live_sessions(viewer),
        "here": request.session.session_key,
        "failures": failures(),
        "without_second": queries.without_second_factor(viewer),
        "required": settings.LINLI_SECOND_FACTOR == "required",
        "readings": [(accounts.actor_words(one.actor, names), purpose_words(one.purpose), one) for one in readings],
        "refused": [
            (one, accounts.actor_words(one.actor, names), recorded.refusal_words(one.kind), page_words(one.place)) for one in refused
        ],
        "generations": generations,
        "events": [(one, _event_words(one.what), accounts.actor_words(one.actor, names)) for one in events],
        "section": "security",
    }
    return render(request, "admin/security.html", context)


def _event_words(what: str) -> str:
    return {
        "rotated": _("新增一代密钥"),
        "rewrapped": _("改用新密钥加封"),
        "retired": _("停用一代密钥"),
        "erased": _("销毁个人密钥"),
    }.get(what, what)


@for_staff
@require_POST
def end_session(request: HttpRequest, viewer: Viewer, session: UUID) -> HttpResponse:
    """Security ends somebody's session."""
    viewer.require("security")
    try:
        found = queries.session_of(session)
    except StaffSession.DoesNotExist:
        raise Http404 from None
    sessions.end_session(viewer, session=found)
    messages.success(request, _("已退出那一处登录。"), extra_tags="good")
    return redirect("admin:security")


@for_staff
def audit(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The trace, newest first, narrowed by what it is about or by kind; and the key that seals are checked with."""
    subject, kind = (request.GET.get(name, "")[:200].replace("\x00", "") for name in ("subject", "kind"))
    rows = trace.newest(viewer, subject=subject, type_name=kind, before=number(request.GET, "after"))
    names = queries.names_of({who for one in rows for who in (one.actor, one.subject) if who.startswith("staff:")})
    told = recorded.Told(rows, names)
    context = {
        "rows": [
            (one, accounts.fact_words(one.type), told.subject(one.subject), accounts.actor_words(one.actor, names), told.payload(one))
            for one in rows
        ],
        "asked": subject,
        "kind": kind,
        "after": str(rows[-1].id) if len(rows) == vault.PAGE else "",
        "first": not request.GET.get("after"),
        "public_key": public_key(Path(settings.LINLI_STATE)) if (Path(settings.LINLI_STATE) / KEY_FILE).exists() else "",
        "section": "audit",
    }
    return render(request, "admin/audit.html", context)


@for_staff
def reads(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Who read whose sensitive fields, when and for which purpose; people by their opaque ids."""
    asked = request.GET.get("subject", "").strip()
    subject, understood = _whose(viewer, asked)
    rows: list[Access] = vault.reads(viewer, subject=subject, before=number(request.GET, "after")) if understood else []
    if not understood:
        viewer.require("auditor")
    names = queries.names_of({one.actor for one in rows})
    context = {
        "rows": [(one, recorded.by_ends(one.subject), accounts.actor_words(one.actor, names), *_read(one)) for one in rows],
        "asked": asked[:60],
        "understood": understood,
        "after": str(rows[-1].pk) if len(rows) == vault.PAGE else "",
        "first": not request.GET.get("after"),
        "section": "reads",
    }
    return render(request, "admin/reads.html", context)


def _read(one: Access) -> tuple[str, list[str]]:
    """Why and what somebody read, in words."""
    return purpose_words(one.purpose), [field_words(field) for field in one.fields]


def _whose(viewer: Viewer, text: str) -> tuple[UUID | None, bool]:
    """A person's uid out of what was typed, and whether it is one; nothing typed is everyone."""
    if not text:
        return None, True
    try:
        return vault.whose(viewer, text), True
    except ValueError:
        return None, False

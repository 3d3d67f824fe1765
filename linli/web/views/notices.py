"""What was sent to whom: the officers' log, mailings that wait for a decision, and the page that says whether a notice is genuine."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.notices import acts, offices, queries
from linli.notices.models import Mailing
from linli.web import deliveries
from linli.web.templatetags.texts import words
from linli.web.views.office import for_staff

LONGEST = 80


def genuine(request: HttpRequest) -> HttpResponse:
    """Whether a notice or a telephone number is ours. Nothing typed here is kept."""
    typed = request.GET.get("q", "").strip()[:LONGEST]
    found = queries.is_genuine(typed) if typed else None
    return render(request, "public/genuine.html", {"typed": typed, "found": found, "offices": offices.published()})


def script(request: HttpRequest) -> HttpResponse:
    """What whoever answers the telephone says, to be printed."""
    return render(request, "public/genuine_script.html", {"offices": offices.published()})


@for_staff
def log(request: HttpRequest, viewer: Viewer, state: str = "failed") -> HttpResponse:
    """What was sent, or was not, within the viewer's grants."""
    if state not in deliveries.SHOWN:
        raise Http404
    before = request.GET.get("after", "")
    rows = queries.deliveries(viewer, state, before=int(before) if before.isdecimal() and len(before) < 19 else 0)
    context = {
        "rows": deliveries.shown(rows),
        "state": state,
        "tabs": deliveries.tabs(viewer, state),
        "after": str(rows[-1].pk) if len(rows) == queries.PAGE else "",
        "first": not before,
    }
    return render(request, "office/notices.html", context)


@for_staff
@require_POST
def send_again(request: HttpRequest, viewer: Viewer, delivery: UUID) -> HttpResponse:
    """Put a failed delivery on its way once more. A second press changes nothing."""
    row = acts.send_again(viewer, delivery=delivery)
    messages.success(request, _("已重新安排发送。") if row.status == "waiting" else _("这条通知不需要重发。"))
    return redirect("office:notices", state="failed")


@for_staff
def mailings(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Mailings after screenings of the whole city; those held wait for a decision."""
    context = {"rows": deliveries.mailed(viewer), "tabs": deliveries.tabs(viewer, "mailings")}
    return render(request, "office/mailings.html", context)


@for_staff
@require_POST
def decide(request: HttpRequest, viewer: Viewer, mailing: UUID) -> HttpResponse:
    """Release a mailing or drop it."""
    try:
        row = acts.decide_mailing(viewer, mailing=mailing, release="release" in request.POST)
    except Mailing.DoesNotExist:
        raise Http404 from None
    except Refused:
        raise
    except LinliError as problem:
        messages.warning(request, words({"zh": problem.zh, "en": problem.en}))
    else:
        messages.success(request, _("已放行，正在写信。") if row.state == "released" else _("已放弃，不会发出。"))
    return redirect("office:mailings")

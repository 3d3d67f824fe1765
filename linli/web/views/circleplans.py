"""One plan per circle: drafted from its gaps, completed, adopted, followed, issued as a PDF. Actions close by computation alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.circles import queries
from linli.circles.acts import issuing
from linli.circles.acts.plans import adopt_plan, carried_out, draft_plan, drop_action, edit_action
from linli.circles.models import Action, IssuedPlan, Plan
from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.money import yuan_text
from linli.kernel.viewer import Viewer
from linli.web.case.papers import site_of
from linli.web.circles import plans, said
from linli.web.places.stating import said as refusal
from linli.web.templatetags.texts import chinese
from linli.web.views.circles import about, require
from linli.web.views.letters import language_of
from linli.web.views.lists import begin_download
from linli.web.views.office import for_staff


@for_staff
def plan(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The circle's plan: every action with owner, day and budget, how its gap stands now, what was issued. Seven queries of its own."""
    circle = queries.circle_of(viewer, uid)
    found = queries.plan(viewer, circle)
    steps = plans.standing(found)
    rows = plans.rows(viewer, steps)
    context = {
        **about(circle, "plan"),
        "plan": found,
        "rows": rows,
        "silent": plans.silent(rows, circle),
        "proposed": any(one.action.state == "proposed" for one in steps),
        "may_plan": plans.may_plan(viewer, circle),
        "issued": [(one, queries.said(one)) for one in queries.issued(viewer, circle)[:20]],
        "basis": said.basis(circle),
    }
    return render(request, "circles/plan.html", context)


@for_staff
@require_POST
def step(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Draft the plan from the gaps, adopt it, or issue it; said again, nothing changes."""
    circle, verb = queries.circle_of(viewer, uid), request.POST.get("verb", "")
    acts: dict[str, Any] = {
        "draft": lambda: draft_plan(viewer, circle=circle.uid, advisory=request.POST.get("advisory") == "1"),
        "adopt": lambda: adopt_plan(viewer, circle=circle.uid, unstaffed=request.POST.get("unstaffed") == "1"),
        "issue": lambda: issuing.issue_plan(viewer, circle=circle.uid, site=site_of(request)),
    }
    words = {
        "draft": _("已按缺口拟好，请逐项填写责任单位、期限和预算。"),
        "adopt": _("方案已确定。缺口补上、重新计算后，措施自动办结。"),
        "issue": _("已印发。印发的方案不再更改。"),
    }
    if verb not in acts:
        raise Http404
    try:
        acts[verb]()
    except Problems as several:
        _told(request, several.problems)
    except Refused:
        raise
    except LinliError as problem:
        _told(request, [problem])
    except Plan.DoesNotExist:
        raise Http404 from None
    else:
        messages.success(request, words[verb], extra_tags="good")
    return redirect("circles:plan", uid=uid)


@for_staff
def action(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One action: who does what until when; dropped while it is proposed; carried out once it is adopted. Five queries of its own."""
    row = _action(viewer, uid)
    circle = row.plan.circle
    begun = {name: getattr(row, name) for name in ("title_zh", "title_en", "owner", "due_on", "budget_fen")}
    begun["budget_fen"] = "" if row.budget_fen is None else yuan_text(row.budget_fen)
    begun["title_zh"] = request.GET.get("title", "")[:200] or begun["title_zh"]
    posted = request.method == "POST" and request.POST.get("verb") == "save"
    form = plans.ActionForm(request.POST if posted else None, initial=begun)
    done = plans.DoneForm(request.POST if request.POST.get("verb") == "done" else None, initial={"on": clock.today()}, prefix="done")
    if request.method == "POST" and _acted(request, viewer, row, form, done):
        return redirect("circles:plan", uid=circle.uid)
    steps = [one for one in plans.standing(row.plan) if one.action.uid == uid]
    context = {
        **about(circle, "plan"),
        "row": plans.rows(viewer, steps)[0],
        "form": form,
        "done": done,
        "owners": plans.owners(circle),
        "ask_unstaffed": row.state == "open" and "owner" in form.errors,
        "editable": row.state in ("proposed", "open") and plans.may_plan(viewer, circle),
        "droppable": row.state == "proposed" and plans.may_plan(viewer, circle),
        "reportable": row.state == "open" and plans.may_report(viewer, circle),
    }
    return render(request, "circles/action.html", context, status=400 if form.errors or done.errors else 200)


def _acted(request: HttpRequest, viewer: Viewer, row: Action, form: plans.ActionForm, done: plans.DoneForm) -> bool:
    """Whether what was asked for is done; else what is wrong stands in its form."""
    verb = request.POST.get("verb")
    try:
        if verb == "save" and form.is_valid():
            edit_action(viewer, action=row.uid, **form.cleaned_data)
            messages.success(request, _("已保存。"), extra_tags="good")
            return True
        if verb == "drop":
            drop_action(viewer, action=row.uid)
            return True
        if verb == "done" and done.is_valid():
            carried_out(viewer, action=row.uid, on=done.cleaned_data["on"])
            messages.success(request, _("已登记。重新计算后缺口补上，这项措施就办结。"), extra_tags="good")
            return True
    except Problems as several:
        for problem in several.problems:
            form.refuse(problem)
    except Refused:
        raise
    except LinliError as problem:
        asked = {"done": done, "save": form}.get(verb or "")
        if asked is None:
            _told(request, [problem])
        else:
            asked.add_error(None, refusal(problem))
    return False


@for_staff
def followed(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Overdue actions of all circles, and everything that was issued, booklets among it. Six queries of its own."""
    require(viewer)
    context = {
        "rows": plans.rows(viewer, queries.overdue(viewer)),
        "issued": [(one, queries.said(one)) for one in queries.issued(viewer)[:50]],
        "may_issue": viewer.may("planner"),
        "section": "circles",
    }
    return render(request, "circles/plans.html", context)


@for_staff
@require_POST
def booklet(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The booklet of all circles, numbered and kept where it is issued; made by the worker, since it is long."""
    require(viewer)
    issue = request.POST.get("verb") == "issue"
    if issue:
        viewer.require("planner")
    name = _("一图一策汇编") if issue else _("一图一策汇编（草稿）")
    parameters = {"issue": "1"} if issue else {}
    return begin_download(viewer, listing="circles-booklet", parameters=parameters, file_name=f"{name}.pdf")


@for_staff
def preview(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """How the plan would be printed today, without a number; nothing is kept."""
    circle = queries.circle_of(viewer, uid)
    try:
        return _pdf(issuing.printed(viewer, circle, language=language_of(request)), f"{circle.code}.pdf")
    except Refused:
        raise
    except LinliError:
        raise Http404 from None


@for_staff
def paper(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """An issued plan, byte for byte as it was issued."""
    require(viewer)
    found = queries.issued(viewer).filter(uid=uid).first()
    if found is None:
        raise Http404
    return _pdf(bytes(IssuedPlan.objects.values_list("pdf", flat=True).get(pk=found.pk)), f"{queries.said(found)}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}"})


def _action(viewer: Viewer, uid: UUID) -> Action:
    """An action of a circle that the viewer may see. One query and one for the circle."""
    row = Action.objects.select_related("plan__circle", "gap").filter(uid=uid, plan__circle__in=queries.circles(viewer)).first()
    if row is None:
        require(viewer)
        raise Http404
    return row


def _told(request: HttpRequest, problems: Sequence[LinliError]) -> None:
    """What is wrong. The page of the plan says by itself what each action still needs: told here in one line."""
    if len(problems) > 1:
        messages.error(request, _("还有措施没有写全，方案不能确定。下面写明各项还缺什么。"), extra_tags="bad")
        return
    expected, _found = problems[0].facing("zh" if chinese() else "en")
    messages.error(request, refusal(problems[0]) + (_("应为：%(expected)s") % {"expected": expected} if expected else ""), extra_tags="bad")

"""The page of one application for those who deal with it, and what they do there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from linli.casework import queries
from linli.casework.desks import is_own
from linli.casework.kinds import LEVEL_WORDS, desk_level
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.queries import Progress, progress
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.rules.declare import Label
from linli.screening.explaining import Reasons, reasons_under
from linli.web import applications, cases, findings


def page(request: HttpRequest, viewer: Viewer, case: Case) -> HttpResponse:
    """Everything needed to decide, and one form for what this step allows."""
    found = progress(case)
    working = queries.may_work(viewer, case)
    own = working and case.status == "open" and is_own(viewer, case)
    free = case.task.taken_by in ("", viewer.actor)
    may = working and not own and free and bool(found.verbs)
    form = applications.StepForm(found, request.POST or None, initial={"key": str(uuid7())}) if may else None
    if request.method == "POST":
        if form is None:
            messages.warning(request, _("这件事项已有变动，没有提交。请看现在的情况。"))
            return redirect("office:case", uid=case.uid)
        if form.is_valid() and _done(viewer, case, form):
            messages.success(request, _("已办理。"))
            return redirect("office:case", uid=case.uid)
    context = {**_about(viewer, found, working), "form": form, "own": own}
    return render(request, "office/application.html", context, status=400 if form is not None and form.errors else 200)


def _done(viewer: Viewer, case: Case, form: applications.StepForm) -> bool:
    told = form.cleaned_data
    verb, words, key = told["verb"], told["words"], told["key"]
    try:
        if verb == "accept":
            acts.accept(viewer, case.uid, key=key)
        elif verb == "ask":
            acts.ask_supplement(viewer, case.uid, told["materials"], words, key=key)
        elif verb == "pass":
            steps.pass_on(viewer, case.uid, words, key=key)
        elif verb == "return":
            steps.send_back(viewer, case.uid, words, key=key)
        else:
            acts.decide(viewer, case.uid, verb, words, key=key)
    except Refused:
        raise
    except LinliError as problem:
        cases.show_problem(form, problem)
        return False
    return True


def _about(viewer: Viewer, found: Progress, working: bool) -> dict[str, Any]:
    case, application = found.case, found.application
    reasons = _reasons(viewer, found) if working else None
    return {
        "case": case,
        "application": application,
        "programme": found.programme,
        "receipt": grouped(case.receipt),
        "person": queries.name_of(case),
        "way": applications.way(found.stages),
        "needs": applications.needs(found),
        "waits": found.waits_for_person,
        "conditions": findings.conditions(reasons) if reasons else None,
        "verdict": reasons.explanation.verdict.verdict if reasons else application.verdict,
        "unknown": [label for _key, label in reasons.explanation.missing_labels] if reasons else [],
        "outcome": cases.outcome_words(case),
        "lamp": cases.lamp(queries.due(case.task.due_at, case.task.warn_at)) if case.status == "open" and not case.task.done_at else None,
        "level": Label(*LEVEL_WORDS[desk_level(case.task.desk_code)]),
        "steps": cases.steps(case, queries.timeline(case)),
        "working": working,
        "mine": case.task.taken_by == viewer.actor,
        "today": clock.today(),
    }


def _reasons(viewer: Viewer, found: Progress) -> Reasons | None:
    """What the rule says on today's facts; None where the viewer's grant doesn't cover the person's facts."""
    today = clock.today()
    try:
        return reasons_under(viewer, found.programme, found.application.beneficiary_uid, day=today, facts_on=today)
    except LinliError:
        return None

"""The page of one application for those who deal with it, and what they do there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.agreements.queries import halted
from linli.agreements.queries import of_case as award_of
from linli.batches.awaiting import of_case
from linli.casework import queries
from linli.casework.desks import is_own, reaches
from linli.casework.kinds import LEVEL_WORDS, SIGN_OFF, desk_level
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.casework.steps import acts as steps
from linli.casework.steps.notes import notes
from linli.casework.steps.showing import SHOWN
from linli.casework.steps.undoing import take_back
from linli.entitlements import acts
from linli.entitlements.acts.accepting import look_again
from linli.entitlements.acts.answering import answer_of
from linli.entitlements.escrow import queries as escrow
from linli.entitlements.queries import Progress, progress
from linli.entitlements.reviewing.queries import scored_step
from linli.entitlements.sources import stated_by
from linli.entitlements.told import told_of
from linli.entitlements.works import keeping
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.programmes.procedure.declaration import PAYEES
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.screening.explaining import Reasons, reasons_under
from linli.web.batches import awaiting as awaited
from linli.web.case import applications, cases, contests, papers
from linli.web.case.at_once import held_up
from linli.web.case.begun import begun_by
from linli.web.case.whose import office_of
from linli.web.programme import findings
from linli.web.views import escrows
from linli.web.views.office import for_staff
from linli.web.works import shown as works


def page(request: HttpRequest, viewer: Viewer, case: Case, working: bool) -> HttpResponse:
    """Everything needed to decide, and one form for what this step allows."""
    found = progress(case)
    reasons = _reasons(viewer, found) if working else None
    own = working and case.status == "open" and is_own(viewer, case)
    signed = applications.signatures(viewer, found)
    free = case.task.taken_by in ("", viewer.actor) and not (signed and signed.mine)
    above = found.now is not None and not reaches(viewer, case.task.role, found.now.desk_code, case.programme)
    why_not = applications.barred(found, *_said(reasons)) | _kept(viewer, found)
    verbs = [verb for verb in found.verbs if verb not in why_not] if working and not own and free and not above else []
    form = applications.StepForm(found, verbs, request.POST or None, initial={"key": str(uuid7())}) if verbs else None
    if request.method == "POST":
        if form is None:
            messages.warning(request, _("这件事项已有变动，没有提交。请看现在的情况。"))
            return redirect("office:case", uid=case.uid)
        if form.is_valid() and _done(viewer, case, form):
            return _after(request, viewer, case)
    acting: dict[str, Any] = {
        "form": form,
        "own": own,
        "signed": signed,
        "barred": _bars(why_not) if working and not own and not above else [],
        "free": free,
    }
    acting["above"] = Label(*LEVEL_WORDS[found.now.level]) if above and found.now else None
    about = _about(viewer, found, reasons, working)
    context = {**about, "story": about, **acting, "filing": working, **_beside(found, working)}
    return render(request, "office/application.html", context, status=400 if form is not None and form.errors else 200)


def _beside(found: Progress, working: bool) -> dict[str, Any]:
    """What only some programmes have beside their steps: money held, an answer from elsewhere, sheets that rank. Nine queries at most."""
    case, programme = found.case, found.programme
    held = escrow.of_case(case, programme) if working else None
    return {
        "held": escrows.shown(held) if held else None,
        "forwarded": case.outcome == "forwarded" and working,
        "answer": answer_of(programme, found.application),
        "scoring": working and programme.particulars.scores is not None and case.step == scored_step(programme),
    }


def _kept(viewer: Viewer, found: Progress) -> dict[str, str]:
    """What the step would have but the works don't allow yet, and why."""
    verb = next((one for one in found.verbs if one in ("pass", "granted")), None)
    if verb is None or found.now is None:
        return {}
    try:
        keeping.keep(viewer, found.case, found.programme, found.now, "granted" if verb == "granted" else "passed")
    except LinliError as problem:
        return {verb: cases.problem_words(problem)}
    return {}


def _bars(why_not: dict[str, str]) -> list[tuple[Any, str]]:
    return [(applications.VERBS[verb], why) for verb, why in why_not.items()]


def _said(reasons: Reasons | None) -> tuple[str, list[Label]]:
    if reasons is None:
        return "", []
    return reasons.explanation.verdict.verdict, [label for _key, label in reasons.explanation.missing_labels]


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


def _after(request: HttpRequest, viewer: Viewer, case: Case) -> HttpResponse:
    """Back to the case, or to the inbox where it has gone to an office that the viewer doesn't belong to."""
    messages.success(request, _("已办理。"))
    try:
        queries.shown(viewer, case.uid)
    except LinliError:
        return redirect("office:inbox")
    return redirect("office:case", uid=case.uid)


def parent_of(viewer: Viewer, case: Case, working: bool) -> dict[str, Any]:
    """What a body that signs has to know of the case it signs: as on its page, without the form. {} for any other kind of case."""
    if case.kind != SIGN_OFF.slug or case.parent is None or not working:
        return {}
    found = progress(case.parent)
    return {"story": _about(viewer, found, _reasons(viewer, found), working)}


def _about(viewer: Viewer, found: Progress, reasons: Reasons | None, working: bool) -> dict[str, Any]:
    case, application = found.case, found.application
    history = queries.timeline(case)
    written = notes(viewer, case, found.stays) if working else []
    signers = {*(actor for stage in found.stages for actor in stage.actors), *(one.actor for one in written)}
    names = names_of({*signers, *(fact.actor for fact in history)})
    given, award = applications.papers_of(found), award_of(case)
    open_task = case.status == "open" and not case.task.done_at
    address = reverse("office:works", args=[case.uid])
    return {
        "case": case,
        "application": application,
        "programme": found.programme,
        "receipt": grouped(case.receipt),
        "way": applications.way(found.stages, names),
        "needs": given.needs,
        "limits": applications.limits(found.programme),
        "others": given.others,
        "letters": papers.letters(case, papers.OFFICE),
        "works": works.shown(viewer, case, found.programme, papers.OFFICE, pictures="office:paper_page", address=address)
        if working
        else None,
        "waits": applications.waiting_for(found),
        "awaiting": _awaiting(viewer, found) if working else [],
        "begun": begun_by(case),
        "pauses": applications.stood_still(found.pauses),
        "notes": applications.said(found, written, names),
        "signing": applications.signing(_children(found)),
        "payee": PAYEES[application.payee] if found.programme.payment else None,
        "paid_to": applications.paid_to(award or application, case.subject_uid),
        "outcome": cases.standing_words(case),
        "halted": halted([award]).get(award.pk) if award and case.status == "closed" else None,
        "lamp": cases.lamp(queries.due(case.task.due_at, case.task.warn_at)) if open_task else None,
        "office": office_of(case) if case.status == "open" else None,
        "level": Label(*LEVEL_WORDS[desk_level(case.task.desk_code)]),
        "steps": cases.steps(case, history, names, {stage.step.id: stage.step.label for stage in found.stages}),
        "working": working,
        "mine": case.task.taken_by == viewer.actor,
        "today": clock.today(),
        "held_up": held_up(application, found.programme, exact=True) if working else [],
        "overpayable": working and case.status == "closed" and contests.overpayable(case),
        **_judged(viewer, found, reasons),
    }


def _awaiting(viewer: Viewer, found: Progress) -> list[awaited.Line]:
    """The list that has to show the case, of one that waits for its notice. Two queries."""
    waits = found.now is not None and found.now.kind == SHOWN and not found.hangs
    line = of_case(viewer, found.case) if waits else None
    return list(awaited.lines([line])) if line else []


def _stated(found: Progress, reasons: Reasons) -> dict[str, Label]:
    """What the application's own facts rest on; nothing is read where the rule went by none."""
    if not reasons.given:
        return {}
    return stated_by(found.application, found.programme, told_of(found.application, found.programme))


def _judged(viewer: Viewer, found: Progress, reasons: Reasons | None) -> dict[str, Any]:
    """Who it is about and what the rule says of them."""
    verdict, unknown = _said(reasons)
    card = findings.card(viewer, reasons, in_full=False) if reasons else None
    same = card is not None and found.application.beneficiary_uid == found.case.subject_uid
    return {
        "person": card.title if card is not None and same else queries.name_of(found.case),
        "card": card,
        "beneficiary": None if same or card is None else card.title,
        "conditions": findings.conditions(reasons, _stated(found, reasons)) if reasons else None,
        "verdict": verdict or found.application.verdict,
        "kept": found.application.verdict,
        "unknown": unknown,
    }


def _children(found: Progress) -> list[Case]:
    """The sign-offs of the newest time that a case was in such a step. One query, none for a programme without."""
    stays = [stay for stay in found.stays if stay.kind == "sign"]
    if not stays:
        return []
    begins = f"{found.case.receipt}:{stays[-1].position}:"
    return list(Case.objects.filter(parent=found.case, kind=SIGN_OFF.slug, fact__startswith=begins).order_by("id"))


def _reasons(viewer: Viewer, found: Progress) -> Reasons | None:
    """What the rule says on the facts that the decision goes by; None where the viewer's grant doesn't cover the person's facts."""
    told = told_of(found.application, found.programme)
    day = told.event or clock.today()
    try:
        return reasons_under(viewer, found.programme, found.application.beneficiary_uid, day=day, facts_on=day, given=dict(told.facts))
    except LinliError:
        return None


@for_staff
@require_POST
def again(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Keep what the rule says on today's facts, after something was corrected."""
    return _told(request, uid, lambda: look_again(viewer, uid), _("已按今天的登记信息重新核对。"))


@for_staff
@require_POST
def back(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Take back a case that one passed on by mistake."""
    key = request.POST.get("key", "")[:60] or None
    return _told(request, uid, lambda: take_back(viewer, uid, key=key), _("已收回，事项回到您这一步。"))


def _told(request: HttpRequest, uid: UUID, done: Any, words: str) -> HttpResponse:
    try:
        done()
    except Refused:
        raise
    except LinliError as problem:
        if problem.code == "casework.no_case":
            raise Http404 from None
        messages.warning(request, cases.problem_words(problem))
        return redirect("office:inbox")
    messages.success(request, words)
    return redirect("office:case", uid=uid)

"""The officers' inbox, several things done at once with a preview, and the page of one case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.archives import queries as filing
from linli.batches.awaiting import awaiting
from linli.casework import acts, queries
from linli.casework.confirming import guardianship_of
from linli.casework.contesting import barred, offices_for
from linli.casework.desks import is_own
from linli.casework.inbox import COLOURS, KINDS, MOST, following, inbox, names_of_people
from linli.casework.kinds import APPLICATION, FACT_DISPUTE, GUARDIANSHIP, HOME_VISIT, LEVEL_WORDS, desk_level
from linli.casework.kinds import KINDS as CASE_KINDS
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.casework.steps.undoing import returnable
from linli.circles.reports import to_mend
from linli.entitlements.acts.several import do_many, foreseen
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.notices.queries import held
from linli.programmes.published import named
from linli.rules.declare import Label
from linli.web.batches import awaiting as awaited
from linli.web.case import cases, contests
from linli.web.case.begun import begun_by
from linli.web.case.papers import site_of
from linli.web.case.whose import named_office, office_of
from linli.web.circles import plans
from linli.web.frame.city import city
from linli.web.frame.own_words import OwnWords
from linli.web.tables import archives
from linli.web.tables.inbox_lines import lines
from linli.web.views import applications
from linli.web.views.answers import may_take
from linli.web.views.lists import begin_download
from linli.web.views.office import for_staff
from linli.web.views.steward import OUTCOMES


@for_staff
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What waits for the viewer, most urgent first."""
    choice, after = cases.choice_of(request.GET), request.GET.get("after", "")[:120]
    page = inbox(viewer, choice, after=after)
    context = {
        "lines": lines(cases.rows(viewer, page.items), cases.narrowed(choice)),
        "choice": choice,
        "narrowed": cases.narrowed(choice),
        "narrowing": cases.narrowing(choice),
        "after": page.after,
        "first": not after,
        "most": MOST,
        "lamps": [(colour, *cases.LAMPS[colour], cases.LAMP_WORDS[colour], page.counts[colour]) for colour in COLOURS],
        "kinds": [(kind, cases.KIND_WORDS[kind]) for kind in KINDS],
        "programmes": cases.stepped(),
        "steps": cases.steps_of(choice.programme),
        "returnable": cases.returnable_rows(returnable(viewer)),
        "levels": [(level, Label(*words)) for level, words in LEVEL_WORDS.items()],
        "held": held(viewer),
        "awaiting": list(awaited.lines(awaiting(viewer))),
        "plan_news": plans.news(viewer),
        "to_mend": to_mend(viewer, clock.today()),
        "letters": "officer" in viewer.roles,
        "answers": may_take(viewer),
    }
    return render(request, "office/inbox.html", context)


@for_staff
def ratings(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """How content people were with what the viewer's desks closed within a year; a page of its own, for every survey of it is looked at."""
    found = queries.satisfaction(viewer, since=clock.now() - timedelta(days=365))
    return render(request, "office/ratings.html", {"rated": cases.rated(found)})


class KeepForm(forms.Form):
    """One reason for several disputes that are answered alike."""

    words = OwnWords(label=gettext_lazy("维持原信息的理由"), help_text=gettext_lazy("每位居民都会看到这段话。"), rows=4, required=True)


class NoteForm(forms.Form):
    """A note for colleagues on several applications that are passed on."""

    words = OwnWords(label=gettext_lazy("写给下一步同事的话"), help_text=gettext_lazy("可以不填；每件都会附上。"), rows=3, required=False)


BULK_FORMS: dict[str, type[forms.Form] | None] = {"take": None, "keep": KeepForm, "accept": None, "pass": NoteForm}
STEPPED = ("accept", "pass")


@for_staff
@require_POST
def bulk(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Several tasks taken, disputes answered alike, applications accepted or passed on: first a preview of exactly these, then done."""
    verb = request.POST.get("verb", "")
    if verb not in BULK_FORMS:
        raise Http404
    chosen = [one for uid in cases.selected(request.POST) if (one := _workable(viewer, uid)) and _fits(one, verb)]
    ahead = foreseen(viewer, chosen, "accept" if verb == "accept" else "pass") if verb in STEPPED else []
    todo = [one.case for one in ahead if one.why_not is None] if verb in STEPPED else chosen
    confirmed, asked = "confirm" in request.POST, BULK_FORMS[verb]
    form = asked(request.POST if confirmed else None) if asked else None
    people = names_of_people({one.subject_uid for one in chosen})
    done: list[tuple[str, str, str]] = []
    back = False
    if confirmed and todo and (form is None or form.is_valid()):
        key = request.POST.get("key", "")[:60] or str(uuid7())
        handled = _bulk(viewer, [one.uid for one in todo], verb, form.cleaned_data["words"] if form else "", key)
        by_uid = {one.uid: one for one in todo}
        done = [(*_who(by_uid[one.case], people), cases.problem_words(one.problem) if one.problem else "") for one in handled]
        back = verb == "pass" and any(one.case.uid in by_uid for one in returnable(viewer))
    context = {
        "verb": verb,
        "title": cases.BULK_WORDS[verb],
        "form": form,
        "done": done,
        "returnable": back,
        "chosen": [(one, *_who(one, people), _named(one)) for one in todo],
        "ahead": [(one, *_who(one.case, people), _named(one.case)) for one in ahead],
        "key": str(uuid7()),
    }
    return render(request, "office/inbox_bulk.html", context, status=400 if form is not None and form.errors else 200)


def _bulk(viewer: Viewer, uids: list[UUID], verb: str, words: str, key: str) -> list[acts.Handled]:
    if verb == "keep":
        return acts.keep_many(viewer, uids, words, key=key)
    if verb == "take":
        return acts.take_many(viewer, uids, key=key)
    return do_many(viewer, uids, "accept" if verb == "accept" else "pass", words, key=key)


def _who(case: Case, people: dict[UUID, str]) -> tuple[str, str]:
    """Whom it is about, and its receipt."""
    return people.get(case.subject_uid, ""), grouped(case.receipt)


def _named(case: Case) -> Label:
    if case.kind == FACT_DISPUTE.slug:
        return queries.fact_label(case.fact)
    return queries.matter_label(case)


def _fits(case: Case, verb: str) -> bool:
    return {"keep": case.kind == FACT_DISPUTE.slug, "take": True}.get(verb, case.kind == APPLICATION.slug)


def _workable(viewer: Viewer, uid: UUID) -> Case | None:
    """The case if the viewer may do it. What a grant doesn't cover falls out of a selection without a word about it."""
    try:
        found, working = queries.shown(viewer, uid)
    except LinliError:
        return None
    return found if working else None


@for_staff
def case(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One case: what was said, what happened, and for those whose task it is the answer, then the next one of the same list."""
    found, working = _shown(viewer, uid)
    if CASE_KINDS[found.kind].stepped:
        return applications.page(request, viewer, found, working)
    own = working and found.status == "open" and is_own(viewer, found)
    why_not = barred(viewer, found) if working and found.status == "open" else None
    answering = working and found.status == "open" and not own and why_not is None
    form = cases.AnswerForm(found, request.POST or None, initial={"version": found.version, "key": str(uuid7())}) if answering else None
    if request.method == "POST":
        if form is None:
            if found.status != "open":  # else the page says why it is another's to answer
                messages.warning(request, _("这件事项已经答复，没有再次提交。"))
            return redirect("office:case", uid=uid)
        if form.is_valid() and _answered(viewer, found, form):
            return _answered_and_on(request, viewer, found)
    context = {
        **_about(viewer, found, form, working),
        "own": own,
        "begun": begun_by(found),
        "why_not": cases.said(why_not) if why_not else "",
        "others": [(named_office(office) if office else "", names) for office, names in offices_for(found)] if why_not else [],
        "call": _phone(found) if why_not else "",
        **applications.parent_of(viewer, found, working),
        **contests.about(viewer, found, working),
        "calls": [(one, OUTCOMES[one.outcome][0]) for one in found.visits.order_by("-id")] if found.kind == HOME_VISIT.slug else [],
    }
    if form is not None:
        context["following"] = following(viewer, cases.choice_of(request.GET), found.task)
    return render(request, "office/case.html", context, status=400 if form is not None and form.errors else 200)


def _phone(case: Case) -> str:
    """Where the body in charge is reached: the number for enquiries about the programme, else the city's hotline. One query at most."""
    programme = named(case.programme, case.programme_version or "") if case.programme else None
    return programme.item.enquiry.phone if programme else city().hotline.phone


def _answered_and_on(request: HttpRequest, viewer: Viewer, case: Case) -> HttpResponse:
    """On to the next case where that was asked for, with the list narrowed as before; to the list where there is none left."""
    if request.POST.get("then") != "next":
        messages.success(request, _("已答复，事项办结。"))
        return redirect("office:case", uid=case.uid)
    choice = cases.choice_of(request.GET)
    after = following(viewer, choice, case.task)
    receipt = {"receipt": grouped(case.receipt)}
    if after is None:
        messages.success(request, _("回执编号 %(receipt)s 已答复办结。没有下一件了。") % receipt)
        return redirect(reverse("office:inbox") + cases.narrowed(choice))
    messages.success(request, _("回执编号 %(receipt)s 已答复办结。这是下一件。") % receipt)
    return redirect(reverse("office:case", args=[after]) + cases.narrowed(choice))


def _answered(viewer: Viewer, case: Case, form: cases.AnswerForm) -> bool:
    told = form.cleaned_data
    try:
        acts.answer(
            viewer,
            case.uid,
            told["outcome"],
            told["words"],
            correction=form.correction(),
            version=told["version"],
            key=told["key"],
        )
    except Refused:
        raise
    except LinliError as problem:
        cases.show_problem(form, problem)
        return False
    return True


def _about(viewer: Viewer, case: Case, form: cases.AnswerForm | None, working: bool) -> dict[str, Any]:
    dispute = case.kind == FACT_DISPUTE.slug
    return {
        "case": case,
        "form": form,
        "receipt": grouped(case.receipt),
        "kind": cases.KIND_WORDS[case.kind],
        "kind_told": CASE_KINDS[case.kind].told,
        "title": queries.subject_matter(case) or cases.KIND_WORDS[case.kind],
        "list": queries.list_label(case) if dispute else None,
        "department": queries.department_label(case) if dispute else None,
        "person": queries.name_of(case),
        "outcome": cases.standing_words(case),
        "lamp": cases.lamp(queries.due(case.task.due_at, case.task.warn_at)) if case.status == "open" else None,
        "office": office_of(case) if case.status == "open" else None,
        "level": Label(*LEVEL_WORDS[desk_level(case.task.desk_code)]),
        "said": queries.words_of(viewer, case) if working else {},
        "steps": cases.steps(case, queries.timeline(case)),
        "paper": guardianship_of(case) if working and case.kind == GUARDIANSHIP.slug else None,
        "working": working,
        "filing": working,
        "mine": case.task.taken_by == viewer.actor,
    }


@for_staff
@require_POST
def archive(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The case as a folder for auditors, written by the worker: what is read of the person is listed to them."""
    parameters = {"case": str(uid), **archives.parameters_of(request.POST, site_of(request))}
    try:
        name = filing.case_for(viewer, uid).receipt
    except LinliError as problem:
        if problem.code == "casework.no_case":
            raise Http404 from None
        raise
    return begin_download(viewer, listing="archive-case", parameters=parameters, file_name=f"{name}.zip")


@for_staff
@require_POST
def hold(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Take the task, or give it back."""
    act = acts.release if request.POST.get("verb") == "release" else acts.take
    try:
        act(viewer, uid)
    except Refused:
        raise
    except LinliError as problem:
        if problem.code == "casework.no_case":
            raise Http404 from None
        messages.warning(request, cases.problem_words(problem))
    return redirect("office:case", uid=uid)


def _shown(viewer: Viewer, uid: UUID) -> tuple[Case, bool]:
    try:
        return queries.shown(viewer, uid)
    except LinliError:
        raise Http404 from None

"""Batches: the list, a batch with its next step and its reconciliation, its items, checks, draw and notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.agreements import bills
from linli.agreements.acts import state_slip
from linli.archives.queries import may_file
from linli.batches import blocks, kept, openness, periods, queries
from linli.batches.acts import approving, drawing, gathering, outcomes
from linli.batches.explained import CHECK_WORDS, ITEM_STATES, WHY_LEFT_OUT, explanation, in_state, item_words, of_reckoning, result_words
from linli.batches.models import Batch, Difference, Draw, Item
from linli.batches.reconciling import ITEM_BLOCKS
from linli.casework import desks
from linli.casework.documents import queries as documents
from linli.casework.workplaces import body_of
from linli.kernel.clock import today
from linli.kernel.errors import LinliError, Problems
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.queries import live_versions, programme_of
from linli.sampling.commitments import SOURCES
from linli.web.batches import forms, tables
from linli.web.batches.following import next_of
from linli.web.case.papers import GiveForm, give_form, site_of
from linli.web.frame import city
from linli.web.frame.asked import number
from linli.web.tables import archives
from linli.web.templatetags.texts import chinese, day, words
from linli.web.views.draws import department_words, outcome_of
from linli.web.views.lists import begin_download
from linli.web.views.office import for_staff

WORDS_PURPOSE = "casework.answer"
ACTS: dict[str, Callable[..., Any]] = {
    "gather": gathering.gather,
    "freeze": drawing.freeze_list,
    "publish": drawing.publish_again,
    "approve": approving.approve,
}


def told(problem: LinliError | Problems) -> list[str]:
    """A refusal's lines in the reader's language."""
    several = problem.problems if isinstance(problem, Problems) else [problem]
    return [one.text("zh" if chinese() else "en") for one in several]


def done(request: HttpRequest, do: Callable[[], Any], said: str = "") -> Any:
    """What an act returns; None where it was refused, which the next page says."""
    try:
        found = do()
    except (LinliError, Problems) as problem:
        for line in told(problem):
            messages.error(request, line)
        return None
    if said:
        messages.success(request, said)
    return found if found is not None else True


def beside(form: django_forms.Form, problem: LinliError | Problems) -> None:
    """Refusals beside their fields."""
    several = problem.problems if isinstance(problem, Problems) else [problem]
    for one, line in zip(several, told(problem), strict=True):
        name = one.place.field if one.place and one.place.field in form.fields else None
        form.add_error(name, ValidationError(line.removeprefix(f"{one.place}: ") if name else line))


def batch_or_404(viewer: Viewer, uid: UUID) -> Batch:
    """The batch if the viewer may read it."""
    try:
        return queries.batch(viewer, uid)
    except LinliError:
        raise Http404 from None


def require_reader(viewer: Viewer) -> None:
    """Raise Refused for whoever is neither officer nor auditor of anything."""
    if not viewer.all_seeing and viewer.roles.isdisjoint(queries.READERS):
        viewer.require("officer")


@for_staff
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Batches of the viewer's areas and programmes, newest first, and what can be begun."""
    require_reader(viewer)
    after = number(request.GET, "after")
    found = queries.batches(viewer)
    rows = list((found.filter(pk__lt=after) if after else found)[: tables.PAGE + 1])
    lines = [(row, queries.programme_of(row), tables.state_words(row), tables.place_of(row.area_code)) for row in rows[: tables.PAGE]]
    context = {
        "rows": lines,
        "after": str(rows[tables.PAGE - 1].pk) if len(rows) > tables.PAGE else None,
        "first": not after,
        "programmes": _payers(viewer),
        "waiting": tables.checks_of(viewer).count(),
    }
    return render(request, "batches/list.html", context)


def _payers(viewer: Viewer) -> list[Programme]:
    """Programmes in force that pay and of which the viewer is an officer somewhere."""
    found = [programme_of(row) for row in live_versions(today())]
    return [one for one in found if one.payment is not None and viewer.areas("officer", one.slug)]


@for_staff
def begin(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """Open a batch of a programme; what its file leaves open is asked for with the document that says it."""
    programme = next((one for one in _payers(viewer) if one.slug == slug), None)
    if programme is None or programme.payment is None:
        raise Http404
    areas = viewer.areas("officer", slug)
    codes = list(areas) if areas != ("",) else ["", *(code for code, _label in city.counties())]
    asked_for = request.GET.get("period", "")[:10], request.GET.get("area", "")[:12]
    start = {"period": asked_for[0] or periods.current(programme.payment.cycle, today()), "area": asked_for[1]}
    form = forms.BeginForm(programme, codes, request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        asked = {"period": form.cleaned_data["period"].strip(), "area": form.cleaned_data["area"], "given": form.given()}
        try:
            made = gathering.open_batch(viewer, programme=slug, **asked)
        except (LinliError, Problems) as problem:
            beside(form, problem)
        else:
            return redirect("batches:batch", uid=made.uid)
    return render(request, "batches/begin.html", {"form": form, "programme": programme})


@for_staff
def batch(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One batch: what is next, whether it adds up, its draw, its notice. POST does the next step."""
    found = batch_or_404(viewer, uid)
    if request.method == "POST":
        act = ACTS.get(request.POST.get("verb", ""))
        if act is None:
            raise Http404
        done(request, lambda: act(viewer, batch=uid), _("已办理。"))
        return redirect("batches:batch", uid=uid)
    programme, counts = queries.programme_of(found), kept.counted(found)
    open_ = found.state in ("gathering", "frozen", "checking", "notice")
    context = {
        "batch": found,
        "programme": programme,
        "state": tables.state_words(found),
        "place": tables.place_of(found.area_code),
        "next": next_of(viewer, found, programme),
        "sums": blocks.reconciliation(found, counts),
        "declared": found.declared is not None,
        "given": _given(programme, found),
        "draws": list(found.draws.order_by("-id")),
        "notices": queries.with_photos(found),
        "checks": [(label, *counts.checks[kind]) for kind, label in CHECK_WORDS.items() if kind in counts.checks],
        "left": _left(found) if open_ else [],
        "returned": 0 if open_ else found.items.filter(in_state("returned")).count(),
        "may": open_ and viewer.may("officer", area=found.area_code, programme=found.programme),
        "reason": forms.ReasonForm(),
    }
    return render(request, "batches/batch.html", context)


def _left(found: Batch) -> list[tuple[Any, Any, int]]:
    """Why how many awards are not on the list, and what to do. One query."""
    counted = dict(found.left_out.order_by("reason").values_list("reason").annotate(Count("id")))
    return [(*said, counted[reason]) for reason, said in WHY_LEFT_OUT.items() if reason in counted]


def _given(programme: Programme, found: Batch) -> list[tuple[str, Any, str]]:
    named = {one.name: (one.zh, one.en) for one in openness.questions(programme)}
    return [
        (named[name][0 if chinese() else 1], _figure(entry["value"]), entry["document"])
        for name, entry in found.given.items()
        if name in named
    ]


def _figure(value: Any) -> str:
    if isinstance(value, list):
        return f"{value[0]}/{value[1]}"
    if isinstance(value, dict):
        return " – ".join(day(date.fromisoformat(value[one])) for one in ("first", "last"))
    return str(value)


@for_staff
@require_POST
def dissolve(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Give a batch up."""
    batch_or_404(viewer, uid)
    done(request, lambda: gathering.dissolve(viewer, batch=uid, reason=request.POST.get("reason", "")), _("批次已作废。"))
    return redirect("batches:batch", uid=uid)


@for_staff
def declared(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """What a county handed in of the list."""
    found = batch_or_404(viewer, uid)
    form = forms.DeclaredForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            gathering.declare(viewer, batch=uid, declared=form.cleaned_data["declared"])
        except LinliError as problem:
            beside(form, problem)
        else:
            return redirect("batches:batch", uid=uid)
    return render(request, "batches/declared.html", {"form": form, "batch": found, "programme": queries.programme_of(found)})


@for_staff
def items(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The items of a batch: those listed, those in another state, or those that one thing speaks against."""
    found = batch_or_404(viewer, uid)
    programme = queries.programme_of(found)
    block, state, after = request.GET.get("block", ""), request.GET.get("state", "listed"), number(request.GET, "after")
    if state not in ITEM_STATES:
        raise Http404
    rows = list(tables.items_of(found, programme, block=block, state=state).filter(pk__gt=after)[: tables.PAGE + 1])
    context = {
        "batch": found,
        "programme": programme,
        "rows": tables.lines(programme, rows[: tables.PAGE]),
        "after": str(rows[tables.PAGE - 1].pk) if len(rows) > tables.PAGE else None,
        "first": not after,
        "block": block,
        "block_words": ITEM_BLOCKS.get(block),
        "state": state,
        "states": list(ITEM_STATES.items()),
        "may": found.state in ("gathering", "frozen", "checking", "notice")
        and viewer.may("officer", area=found.area_code, programme=found.programme),
    }
    return render(request, "batches/items.html", context)


@for_staff
def left(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The awards that the latest gathering left out, each with the reason."""
    found = batch_or_404(viewer, uid)
    programme, after = queries.programme_of(found), number(request.GET, "after")
    rows = list(tables.left_of(found).filter(pk__gt=after)[: tables.PAGE + 1])
    context = {
        "batch": found,
        "programme": programme,
        "rows": tables.left_lines(programme, rows[: tables.PAGE]),
        "after": str(rows[tables.PAGE - 1].pk) if len(rows) > tables.PAGE else None,
        "first": not after,
        "may": found.state == "gathering" and viewer.may("officer", area=found.area_code, programme=found.programme),
    }
    return render(request, "batches/left.html", context)


@for_staff
def slip(request: HttpRequest, viewer: Viewer, uid: UUID, award: UUID) -> HttpResponse:
    """What the slip of an award shows for the batch's period."""
    found = batch_or_404(viewer, uid)
    row = tables.left_of(found).filter(award__uid=award, reason="no_slip").first()
    if row is None:
        raise Http404
    materials = documents.materials_of(row.award.case)
    papers = [(one, words(documents.label_of(one, materials))) for one in bills.bills_of(row.award, found.period)]
    given = request.POST.get("verb") == "bill"
    form = forms.SlipForm(papers, None if given else request.POST or None)
    bill = give_form(request) if given else GiveForm(initial={"key": str(uuid7())})
    if request.method == "POST" and (bill if given else form).is_valid():
        try:
            if given:
                bills.give_bill(viewer, award, bill.content(), key=bill.cleaned_data["key"])
            else:
                state_slip(viewer, award, period=found.period, **form.cleaned_data)
        except LinliError as problem:
            beside(bill if given else form, problem)
        else:
            messages.success(request, _("已经收到。请同事审核。") if given else _("已记录。再次收录后列入名单。"))
            return redirect(request.path) if given else redirect("batches:left", uid=uid)
    programme = queries.programme_of(found)
    (line,) = tables.left_lines(programme, [row])
    context = {
        "form": form,
        "bill": bill,
        "papers": papers,
        "waiting": len(documents.unchecked(row.award.case)),
        "batch": found,
        "programme": programme,
        "line": line,
    }
    return render(request, "batches/slip.html", context)


@for_staff
def item(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One item, and taking it off the list."""
    row = Item.objects.select_related("batch", "award__case").filter(uid=uid).first()
    if row is None:
        raise Http404
    found = batch_or_404(viewer, row.batch.uid)
    programme = queries.programme_of(found)
    form = forms.RemoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done(request, lambda: gathering.remove(viewer, item=uid, reason=form.cleaned_data["reason"]), _("已移出。"))
        return redirect("batches:items", uid=found.uid)
    speaking = [said for code, said in ITEM_BLOCKS.items() if blocks.items_with(found, code, programme).filter(pk=row.pk).exists()]
    context = {
        "line": tables.lines(programme, [row])[0],
        "batch": found,
        "programme": programme,
        "form": form,
        "state": item_words(row),
        "reason": forms.REASONS.get(row.reason, ""),
        "checks": [(check, CHECK_WORDS[check.kind], result_words(check)) for check in row.checks.order_by("id")],
        "how": explanation(row),
        "differences": _differences(row),
        "speaking": speaking if row.state == "listed" else [],
        "may": row.state == "listed" and found.state in ("gathering", "frozen", "checking", "notice"),
        "opens": desks.may_work(viewer, row.award.case),
        "filing": may_file(viewer, row.award.case),
    }
    return render(request, "batches/item.html", context)


def _differences(row: Item) -> list[tuple[Difference, tuple[Any, ...]]]:
    """What a paid item came to afterwards, newest first, each with how. One query."""
    found = row.differences.filter(dropped_at__isnull=True).select_related("listed_in__batch", "case").order_by("-id")
    return [(one, of_reckoning(one.reckoning)) for one in found]


@for_staff
@require_POST
def export(request: HttpRequest, viewer: Viewer, listing: str) -> HttpResponse:
    """One of the tables of batches as a spreadsheet."""
    if listing not in tables.LISTINGS:
        raise Http404
    parameters = {name: request.POST.get(name, "")[:40] for name in ("batch", "block", "state", "show") if request.POST.get(name)}
    try:
        return begin_download(viewer, listing=listing, parameters=parameters, file_name=_("批次") + ".xlsx")
    except (ValueError, KeyError):
        raise Http404 from None


@for_staff
def draw_begin(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Prepare the draw of a batch."""
    found = batch_or_404(viewer, uid)
    form = forms.DrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = drawing.open_draw(viewer, batch=uid, reveal_by=form.moment(), public_draw=form.public_draw())
        except LinliError as problem:
            beside(form, problem)
        else:
            return redirect("batches:draw", uid=made.uid)
    return render(request, "batches/draw_begin.html", {"form": form, "batch": found, "programme": queries.programme_of(found)})


@for_staff
def draw(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """A draw: commitments, secrets, the numbers of a lottery, breaking it off."""
    row = Draw.objects.select_related("batch").filter(uid=uid).first()
    if row is None:
        raise Http404
    found = batch_or_404(viewer, row.batch.uid)
    secrets = list(row.secrets.order_by("department"))
    made = _draw_forms(row, [one.department for one in secrets if not one.secret], request)
    asked = request.POST.get("verb", "")
    if request.method == "POST" and asked in made and made[asked].is_valid():
        try:
            _draw_act(viewer, row, asked, made[asked])
        except LinliError as problem:
            beside(made[asked], problem)
        else:
            return redirect("batches:draw", uid=uid)
    own, outcome = body_of(viewer), outcome_of(row)
    context = {
        "draw": row,
        "batch": found,
        "programme": queries.programme_of(found),
        "secrets": [(one, department_words(one.department)) for one in secrets],
        "forms": made if viewer.may("officer", area=found.area_code, programme=found.programme) else {},
        "public": drawing.public_draw_of(row),
        "outcome": outcome,
        "entered_by_me": outcome is not None and outcome.row.entered_by == viewer.actor,
        "own": own,
        "told": own in [one.department for one in secrets],
        "committed": len(secrets) + (row.public_draw is not None) >= SOURCES,
    }
    return render(request, "batches/draw.html", context)


def _draw_forms(row: Draw, waiting: list[str], request: HttpRequest) -> dict[str, Any]:
    def data(verb: str) -> Any:
        return request.POST if request.POST.get("verb") == verb else None

    found: dict[str, Any] = {}
    if row.state == "committing":
        found["commit"] = forms.CommitForm(data("commit"))
    if row.state == "frozen" and waiting:
        found["reveal"] = forms.RevealForm([(one, department_words(one)) for one in waiting], data("reveal"))
    if row.state == "frozen" and not waiting and row.public_draw is not None:
        if row.outcomes.filter(state="waiting").exists():
            found |= {"confirm": django_forms.Form(data("confirm")), "drop": django_forms.Form(data("drop"))}
        else:
            found["numbers"] = forms.NumbersForm(data("numbers"))
    if row.state in ("committing", "frozen"):
        found["void"] = forms.ReasonForm(data("void"))
    return found


def _draw_act(viewer: Viewer, row: Draw, verb: str, form: Any) -> None:
    given = form.cleaned_data
    if verb == "commit":
        drawing.commit(viewer, draw=row.uid, **given["commitment"])
    elif verb == "reveal":
        drawing.reveal_secret(viewer, draw=row.uid, **given)
    elif verb == "numbers":
        outcomes.enter_outcome(viewer, draw=row.uid, numbers=form.groups(), source=given["source"])
    elif verb == "confirm":
        outcomes.confirm_outcome(viewer, draw=row.uid)
    elif verb == "drop":
        outcomes.drop_outcome(viewer, draw=row.uid)
    else:
        drawing.break_off(viewer, draw=row.uid, reason=given["reason"])


@for_staff
@require_POST
def archive(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The batch with all its cases as a folder for auditors, written by the worker."""
    found = batch_or_404(viewer, uid)
    parameters = {"batch": str(uid), **archives.parameters_of(request.POST, site_of(request))}
    return begin_download(viewer, listing="archive-batch", parameters=parameters, file_name=f"{found.programme}-{found.period}.zip")

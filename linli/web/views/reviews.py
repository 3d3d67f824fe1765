"""The pages of a review that ranks: one's own sheet for a case, the round, its ranks and their notice."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from linli.casework.desks import case_for, is_own
from linli.casework.receipts import grouped
from linli.casework.steps.acts import programme_of
from linli.entitlements.reviewing import acts, queries
from linli.entitlements.reviewing.models import Ranking, ReviewSheet
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.papers.writing import write_table
from linli.programmes.declaration import Programme
from linli.programmes.queries import live_version, pinned
from linli.programmes.queries import programme_of as version_of
from linli.registers.models import Area
from linli.web.case import cases
from linli.web.money import escrows
from linli.web.templatetags.texts import words
from linli.web.views.announcements import UNSEARCHED
from linli.web.views.office import for_staff

TOWNSHIP = 9


class SheetForm(forms.Form):
    """One's own points for a case."""

    def __init__(self, programme: Programme, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        for one in queries.scores_of(programme).criteria:
            if one.fact is None:
                widget = forms.NumberInput(attrs={"class": "input-short", "inputmode": "numeric"})
                label = _("%(what)s（0 至 %(most)s 分）") % {"what": words(one.label), "most": one.most}
                self.fields[one.id] = forms.IntegerField(label=label, min_value=0, max_value=one.most, widget=widget)


class RoundForm(forms.Form):
    """Which round is ranked, by the weights of which day."""

    period = forms.CharField(label=gettext_lazy("轮次"), help_text=gettext_lazy("例如 2026"), max_length=20)
    day = escrows.day_field(gettext_lazy("按哪天的权重和登记数据"))


class ShowForm(forms.Form):
    """What stands on the notice beside the ranks."""

    supervision = forms.CharField(label=gettext_lazy("监督电话"), max_length=40)
    objections_to = forms.CharField(label=gettext_lazy("受理异议的单位"), max_length=200)
    days = forms.IntegerField(label=gettext_lazy("公示天数"), min_value=1, max_value=365)
    document = forms.CharField(label=gettext_lazy("规定天数的文件"), help_text=gettext_lazy("名称和文号"), max_length=200)

    def __init__(self, programme: Programme, data: Any = None) -> None:
        super().__init__(data)
        if programme.public_notice is not None and programme.public_notice.term.days is not None:
            del self.fields["days"], self.fields["document"]


@for_staff
def score(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One's own sheet for a case; nobody sees a colleague's before the ranks stand."""
    try:
        case = case_for(viewer, uid)
    except LinliError:
        raise Http404 from None
    programme = programme_of(case) if case.programme else None
    if programme is None or programme.particulars.scores is None:
        raise Http404
    own = ReviewSheet.objects.filter(case=case, reviewer=viewer.actor).first()
    form = SheetForm(programme, request.POST or None, initial=own.points if own else None)
    if request.method == "POST" and form.is_valid():
        try:
            acts.score(viewer, uid, form.cleaned_data)
        except Refused:
            raise
        except LinliError as problem:
            cases.show_problem(form, problem)
        else:
            messages.success(request, _("评分已保存，评定名次以前可以改。"))
            return redirect("office:review", slug=case.programme)
    context = {"case": case, "label": programme.label, "receipt": grouped(case.receipt), "form": form, "own": is_own(viewer, case)}
    return render(request, "office/score.html", context, status=400 if form.errors else 200)


@for_staff
def rounds(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """Who waits to be ranked, with one's own sheets; the rounds that stand; ranking the next one."""
    programme = _ranked(viewer, slug)
    form = RoundForm(request.POST or None, initial={"period": str(clock.today().year), "day": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            made = acts.rank(viewer, slug, form.cleaned_data["period"], form.cleaned_data["day"])
        except Refused:
            raise
        except LinliError as problem:
            cases.show_problem(form, problem)
        else:
            return redirect("office:ranks", uid=made.uid)
    waiting = queries.waiting(viewer, slug)
    context = {
        "label": programme.label,
        "slug": slug,
        "form": form,
        "waiting": [(one, grouped(one.case.receipt)) for one in waiting],
        "rounds": queries.rankings(slug),
    }
    return render(request, "office/review.html", context, status=400 if form.errors else 200)


def _ranked(viewer: Viewer, slug: str) -> Programme:
    """The programme that ranks, as it stands today, for its officers."""
    row = live_version(slug, clock.today())
    programme = version_of(row) if row else None
    if programme is None or programme.particulars.scores is None or not viewer.areas("officer", slug):
        raise Http404
    return programme


def _found(viewer: Viewer, uid: UUID) -> tuple[Ranking, Programme]:
    row = Ranking.objects.filter(uid=uid).first()
    if row is None or not viewer.areas("officer", row.programme):
        raise Http404
    programme = pinned(row.programme, row.programme_version)
    viewer.require("officer", area=programme.place.area if programme.place else "", programme=row.programme)
    return row, programme


@for_staff
def ranks(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The ranks with every criterion's points, scored again before one's eyes; and their notice."""
    row, programme = _found(viewer, uid)
    form = ShowForm(programme, request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            acts.show(viewer, uid, told["supervision"], told["objections_to"], days=told.get("days"), document=told.get("document", ""))
        except Refused:
            raise
        except LinliError as problem:
            cases.show_problem(form, problem)
        else:
            messages.success(request, _("名次已公示，到期自动撤下。"))
            return redirect("office:ranks", uid=uid)
    criteria = queries.scores_of(programme).criteria
    context = {
        "one": row,
        "label": programme.label,
        "form": form if row.shown_from is None else None,
        "same": queries.reckoned_again(row).digest == row.digest,
        "criteria": [(one.label, _figure(row.weights[one.id])) for one in criteria],
        "rows": [
            (
                one,
                grouped(one.row.case.receipt),
                _figure(one.row.total),
                [(each.label, _figure(row.weights[each.id]), _figure(one.row.points[each.id])) for each in criteria],
            )
            for one in queries.placed(row)
        ],
    }
    return render(request, "office/ranks.html", context, status=400 if form.errors else 200)


def _figure(exact: str) -> str:
    """A fraction to four decimals, without zeros at its end."""
    found = Fraction(exact)
    text = f"{Decimal(found.numerator) / Decimal(found.denominator):.4f}"
    return text.rstrip("0").rstrip(".")


@for_staff
def file(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The ranks as a sheet, points of each criterion and exact totals beside."""
    row, programme = _found(viewer, uid)
    criteria = queries.scores_of(programme).criteria
    heads = [_("名次"), _("姓名"), _("回执编号"), *(words(one.label) for one in criteria), _("总分"), _("总分（精确值）")]
    lines: list[list[str | int]] = [
        [
            one.row.rank,
            one.name,
            one.row.case.receipt,
            *(_figure(one.row.points[each.id]) for each in criteria),
            _figure(one.row.total),
            one.row.total,
        ]
        for one in queries.placed(row)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ranks.xlsx"
        write_table(path, heads, lines, sheet=row.period)
        answer = HttpResponse(path.read_bytes(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    answer["Content-Disposition"] = f'attachment; filename="{row.programme}-{row.period}.xlsx"'
    return answer


@never_cache
def public(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The ranks while their notice stands: rank, name, township. Once it is over the page says so and shows none."""
    row = Ranking.objects.filter(uid=uid, shown_from__isnull=False).first()
    if row is None:
        raise Http404
    up = row.pk in {one.pk for one in queries.shown_now()}
    found = queries.placed(row) if up else []
    codes = {one.row.case.area_code[:TOWNSHIP] for one in found}
    areas = dict(Area.objects.filter(code__in=codes, valid_to__isnull=True).values_list("code", "name"))
    rows = [(one.row.rank, one.name, areas.get(one.row.case.area_code[:TOWNSHIP], "")) for one in found if one.name]
    context = {"one": row, "label": pinned(row.programme, row.programme_version).label, "up": up, "rows": rows}
    response = render(request, "public/ranks.html", context)
    for name, value in UNSEARCHED.items():
        response[name] = value
    return response

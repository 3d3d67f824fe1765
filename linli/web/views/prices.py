"""医疗服务价格: what an item costs on a day, for anyone; and the officers who publish the list."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.kernel.clock import today
from linli.kernel.digests import digest
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Viewer
from linli.registers.acts.prices import publish_prices, withdraw_prices
from linli.registers.models import PriceVersion
from linli.registers.prices import GRADES, read_prices
from linli.registers.queries.prices import MOST, price_versions, prices_on
from linli.web.frame import city
from linli.web.imports.wizard import problem_words
from linli.web.programme.questions import DayField
from linli.web.views.office import for_staff

SHOWN = 20
GRADE_WORDS = {"": gettext_lazy("各级医院"), "3": gettext_lazy("三级医院"), "2": gettext_lazy("二级医院"), "1": gettext_lazy("一级医院")}
LARGEST = 20 * 2**20


class LookForm(forms.Form):
    """What is looked up, and of which day; in three boxes, as everywhere."""

    q = forms.CharField(
        label=gettext_lazy("项目名称或编码"), max_length=100, required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    on = DayField((1990, 2100), label=gettext_lazy("哪一天"), required=False)

    def clean_q(self) -> str:
        """As it is searched for."""
        return str(self.cleaned_data["q"]).replace("\x00", "").strip()


class PublishForm(forms.Form):
    """A list of prices and the document that publishes them."""

    file = forms.FileField(
        label=gettext_lazy("价格表"),
        help_text=gettext_lazy("xlsx 或 csv，列：项目编码、项目名称、计价单位、价格（元）；需要时加 医院等级、起始日期、终止日期"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    document = forms.CharField(label=gettext_lazy("公布价格的文件"), help_text=gettext_lazy("文件名和文号"), max_length=200)
    first = DayField(
        (1990, 2100),
        label=gettext_lazy("从哪天起执行"),
        help_text=gettext_lazy("表中没有写起始日期的项目，从这天起执行"),
        require_all_fields=True,
    )

    def clean_file(self) -> Any:
        """A list of prices is small; anything larger is something else."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError(_("文件太大，价格表不超过 20 MB"))
        return file

    def refuse(self, problem: LinliError) -> None:
        """The refusal beside the file, with the place in it."""
        place = problem.place
        where = _("第 %(row)s 行：") % {"row": place.line} if place is not None and place.line else ""
        self.add_error("document" if problem.code == "prices.no_document" else "file", ValidationError(where + problem_words(problem)))


def prices(request: HttpRequest) -> HttpResponse:
    """The prices of a day by words or code; before anything is asked, the form alone. One query."""
    asked = "q" in request.GET
    form = LookForm(request.GET if asked else None, initial={"on": today()})
    given = form.cleaned_data if asked and form.is_valid() else {}
    words, day = given.get("q", ""), given.get("on") or today()
    rows = prices_on(day, words) if words else []
    context = {
        "form": form,
        "query": words,
        "on": day,
        "rows": [(row, GRADE_WORDS[row.level]) for row in rows],
        "most": MOST if len(rows) == MOST else 0,
        "section": "prices",
    }
    return render(request, "public/prices.html", context)


@for_staff
def kept(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Every version, and a form to publish the next one. What is wrong with a file is named by row."""
    area = city.city().area
    viewer.require("officer", area=area)
    posted = request.method == "POST"
    form = PublishForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid() and (version := _published(viewer, form, area)) is not None:
        messages.success(request, _("已发布 %(items)s 项价格。") % {"items": version.items}, extra_tags="good")
        return redirect("imports:prices")
    context = {"form": form, "rows": list(price_versions()[:SHOWN]), "grades": list(GRADES)}
    return render(request, "imports/prices.html", context, status=400 if form.errors else 200)


def _published(viewer: Viewer, form: PublishForm, area: str) -> PriceVersion | None:
    file = form.cleaned_data["file"]
    data = file.read()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"prices{Path(file.name).suffix.lower()[:6]}"
        path.write_bytes(data)
        try:
            return publish_prices(
                viewer,
                prices=read_prices(path),
                document=form.cleaned_data["document"],
                effective_from=form.cleaned_data["first"],
                file_name=file.name,
                source=digest(data),
                area=area,
            )
        except Problems as several:
            for problem in several.problems[:SHOWN]:
                form.refuse(problem)
        except Refused:
            raise
        except LinliError as problem:
            form.refuse(problem)
    return None


@for_staff
@require_POST
def withdraw(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """A version that was published by mistake, with its reason."""
    area = city.city().area
    viewer.require("officer", area=area)
    if not PriceVersion.objects.filter(uid=uid).exists():
        raise Http404
    try:
        withdraw_prices(viewer, version=uid, reason=request.POST.get("reason", "")[:400], area=area)
    except Refused:
        raise
    except LinliError as problem:
        messages.error(request, problem_words(problem), extra_tags="not")
    else:
        messages.success(request, _("已撤回，这一版的价格不再适用于任何一天。"), extra_tags="good")
    return redirect("imports:prices")

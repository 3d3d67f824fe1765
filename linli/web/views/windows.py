"""Administration of service windows: the list, one window, its end. What is typed here is read as a line of a list would be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.hours import dates_lines, hours_lines, read_hours
from linli.kernel.viewer import Viewer
from linli.registers import acts
from linli.registers.models import ServiceWindow
from linli.registers.queries.windows import administered
from linli.registers.windows import EVERY_ITEM, LONGEST, NewWindow, window_of
from linli.web.places import nearest
from linli.web.places.stating import PLAIN, StatedForm, system_field
from linli.web.templatetags.texts import chinese, words
from linli.web.views.office import for_staff

PAGE = 50


class WindowForm(StatedForm):
    """One window, field by field as in a list; checked by the same reader."""

    code = forms.CharField(label=gettext_lazy("编号"), help_text=gettext_lazy("本市自己的编号，各不相同"), max_length=LONGEST["code"])
    name_zh = forms.CharField(label=gettext_lazy("名称"), max_length=LONGEST["name_zh"])
    name_en = forms.CharField(label=gettext_lazy("英文名称"), max_length=LONGEST["name_en"])
    area_code = forms.CharField(label=gettext_lazy("行政区划代码"), help_text=gettext_lazy("窗口在哪里：县、乡或村的代码"), max_length=12)
    reach = forms.ChoiceField(
        label=gettext_lazy("受理谁的事"),
        choices=[("全市", gettext_lazy("全市居民")), ("本辖区", gettext_lazy("只受理本辖区居民"))],
        widget=forms.RadioSelect,
        initial="全市",
    )
    system = system_field()
    lon = forms.CharField(label=gettext_lazy("经度"), max_length=20)
    lat = forms.CharField(label=gettext_lazy("纬度"), max_length=20)
    address = forms.CharField(label=gettext_lazy("地址"), max_length=LONGEST["address"])
    phone = forms.CharField(label=gettext_lazy("电话"), max_length=LONGEST["phone"])
    hours = forms.CharField(
        label=gettext_lazy("每周办公时间"),
        help_text=gettext_lazy("一行写几天，如：周一至周五 09:00-12:00 14:00-18:00。节假日、调休上班日可以另写一行；没有写的日子休息"),
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=1000,
    )
    dates = forms.CharField(
        label=gettext_lazy("个别日子"),
        help_text=gettext_lazy("和平常不同的日子，一行一个，如：2026-12-05 休息。可以不写"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        required=False,
    )
    items = forms.MultipleChoiceField(
        label=gettext_lazy("办哪些事"), help_text=gettext_lazy("一项也不选，就是都办"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, slugs: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = list(slugs.items())  # type: ignore[attr-defined]
        for name in ("code", "name_zh", "name_en", "area_code", "lon", "lat", "address", "phone"):
            self.fields[name].widget.attrs.update(PLAIN)

    def window(self) -> NewWindow | None:
        """What is described, None where something is wrong, which then stands beside its field."""
        if not self.is_valid():
            return None
        given = {name: value for name, value in self.cleaned_data.items() if name != "items"}
        given["items"] = " ".join(self.cleaned_data["items"]) or EVERY_ITEM
        try:
            return window_of(given, frozenset(self.cleaned_data["items"]))
        except Problems as found:
            for problem in found.problems:
                self.refuse(problem)
            return None


@for_staff
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The windows of one's areas by number, a page at a time. One query of its own."""
    _require(viewer)
    after = request.GET.get("after", "")[: LONGEST["code"]].replace("\x00", "")
    found = list(administered(viewer).filter(code__gt=after)[:PAGE])
    context = {
        "rows": [(row, hours_lines(read_hours(row.hours, row.dates), chinese=chinese())) for row in found],
        "after": found[-1].code if len(found) == PAGE else "",
        "first": not after,
        "section": "windows",
    }
    return render(request, "admin/windows.html", context)


@for_staff
def add(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A new window."""
    _require(viewer)
    return _edited(request, viewer, None)


@for_staff
def window(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One window, to be changed; one that was closed opens again."""
    return _edited(request, viewer, _row(viewer, uid))


@for_staff
@require_POST
def close(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The window is no longer there."""
    acts.close_window(viewer, code=_row(viewer, uid).code)
    messages.success(request, _("已停用，居民不再看到这个窗口。"), extra_tags="good")
    return redirect("admin:windows")


def _edited(request: HttpRequest, viewer: Viewer, row: ServiceWindow | None) -> HttpResponse:
    kept = {slug: slug for slug in row.items} if row else {}  # an item that is over keeps its place until somebody takes it out
    slugs = kept | {slug: words(label) for slug, label in nearest.items()}
    form = WindowForm(request.POST or None, slugs=slugs, initial=_initial(row) if row else None)
    if row is not None:
        form.fields["code"].disabled = True
    if request.method == "POST" and (described := form.window()) is not None:
        try:
            _save(viewer, described, row)
        except Refused:
            raise
        except LinliError as problem:
            form.refuse(problem)
        else:
            messages.success(request, _("已保存。"), extra_tags="good")
            return redirect("admin:windows")
    context = {"form": form, "row": row, "section": "windows"}
    return render(request, "admin/window.html", context, status=400 if form.errors else 200)


def _save(viewer: Viewer, described: NewWindow, row: ServiceWindow | None) -> None:
    if row is None and ServiceWindow.objects.filter(code=described.code).exists():
        raise LinliError(
            "windows.code_taken",
            zh="这个编号已经有窗口用了",
            en="Another window has this number.",
            found=described.code,
            remedy_zh="换一个编号，或打开那个窗口修改",
            remedy_en="take another number, or open that window and change it",
        )
    acts.record_window(viewer, window=described)


def _initial(row: ServiceWindow) -> dict[str, Any]:
    hours = read_hours(row.hours, row.dates)
    lon, _comma, lat = row.given.partition(", ")
    return {
        **{name: getattr(row, name) for name in ("code", "name_zh", "name_en", "area_code", "system", "address", "phone", "items")},
        "reach": "全市" if row.whole_city else "本辖区",
        "lon": lon,
        "lat": lat,
        "hours": "\n".join(hours_lines(hours, chinese=chinese())),
        "dates": "\n".join(dates_lines(hours, chinese=chinese())),
    }


def _row(viewer: Viewer, uid: UUID) -> ServiceWindow:
    _require(viewer)
    row = administered(viewer).filter(uid=uid).first()
    if row is None:
        raise Http404
    return row


def _require(viewer: Viewer) -> None:
    """Refused where the viewer administers no area at all."""
    if not viewer.areas("administrator"):
        viewer.require("administrator")

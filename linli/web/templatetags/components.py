"""The components that every page is built from; all are shown on /styleguide. Words arrive translated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Any

from django import template
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BoundField, CheckboxInput, Form, MultiWidget
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import clock
from linli.kernel.compiled import compiled
from linli.web.frame import charts
from linli.web.frame.counted import counted
from linli.web.frame.icons import ICONS
from linli.web.frame.menu import Menu, menu_of, opens
from linli.web.map import sheets
from linli.web.models import SavedFilter
from linli.web.office import queued
from linli.web.places.nearest import EDGE, HIGH, WIDE, Map

register = template.Library()
MANY = 12  # choices that stand side by side where there is room, so that what follows isn't far down
ROWS_AT_ONCE = 10  # as .rest in components.css

# verdict or state -> (kind of tag, icon, word)
STATUSES: dict[str, tuple[str, str, Any]] = {
    "eligible": ("good", "tick", gettext_lazy("符合条件")),
    "not_eligible": ("not", "cross", gettext_lazy("不符合条件")),
    "unknown": ("open", "question", gettext_lazy("还不能确定")),
    "certain": ("good", "tick", gettext_lazy("可以享受")),
    "impossible": ("not", "cross", gettext_lazy("暂不能享受")),
    "open": ("open", "question", gettext_lazy("还要再问")),
    "waiting": ("note", "clock", gettext_lazy("等待中")),
    "running": ("note", "clock", gettext_lazy("正在进行")),
    "finished": ("good", "tick", gettext_lazy("已完成")),
    "failed": ("bad", "cross", gettext_lazy("未能完成")),
    "cancelled": ("not", "dash", gettext_lazy("已取消")),
    "live": ("good", "tick", gettext_lazy("现行有效")),
    "coming": ("note", "clock", gettext_lazy("尚未施行")),
    "past": ("not", "dash", gettext_lazy("已被替代")),
    "draft": ("open", "pencil", gettext_lazy("草案，未发布")),
    "true": ("good", "tick", gettext_lazy("满足")),
    "false": ("bad", "cross", gettext_lazy("不满足")),
    "none": ("open", "question", gettext_lazy("尚不清楚")),
}
NOTICE_ICONS = {"note": "info", "good": "tick", "open": "question", "bad": "warning"}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawn sign beside a word, silent to screen readers."""
    return _icon(name)


@cache
def _icon(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(ICONS[name]),
    )


@register.simple_tag
def status(state: Any, text: str = "") -> SafeString:
    """A state by word, shape and colour. `state` is a key of STATUSES; True, False and None are those of a condition."""
    kind, sign, word = STATUSES[str(state).lower()]
    return tag(kind, text or word, sign)


@register.filter
def status_words(state: str) -> str:
    """The word of a state, where it is told and not shown."""
    return str(STATUSES[state][2])


# step of a file that is on its way to becoming a delivery -> (kind of tag, icon, word)
UPLOAD_STATES: dict[str, tuple[str, str, Any]] = {
    "columns": ("open", "pencil", gettext_lazy("等您核对各列")),
    "checking": ("note", "clock", gettext_lazy("正在核对")),
    "checked": ("open", "question", gettext_lazy("等您决定写入")),
    "refused": ("bad", "cross", gettext_lazy("文件不能用")),
    "applying": ("note", "clock", gettext_lazy("正在写入")),
    "applied": ("good", "tick", gettext_lazy("已经写入")),
}


@register.filter
def holds(viewer: Any, role: str) -> bool:
    """Whether a viewer has a role over some area for every programme; nobody has one before signing in."""
    return bool(viewer and viewer.areas(role))


@register.simple_tag
def upload_state(state: str) -> SafeString:
    """Where a file of a list stands."""
    kind, sign, word = UPLOAD_STATES[state]
    return tag(kind, word, sign)


@register.simple_tag
def tag(kind: str, text: Any, sign: str = "dot") -> SafeString:
    """A short label: good, open, not, bad or note. A list has one in every row, so no template is opened for it."""
    return format_html('<span class="tag tag-{}">{}{}</span>\n', kind, _icon(sign), text)


@register.simple_block_tag
def notice(content: str, kind: str = "note", told: Any = False) -> SafeString:
    """A message that stands out: note, good, open or bad. `told`: it is what an act came to, and is heard first."""
    heard = format_html(' role="{}" tabindex="-1" data-told', "alert" if kind == "bad" else "status") if told else ""
    return format_html(
        '<div class="notice notice-{}"{}>{}<div class="notice-body">{}</div></div>',
        kind,
        heard,
        icon(NOTICE_ICONS[kind]),
        mark_safe(content),
    )


@register.simple_block_tag
def details(content: str, summary: str = "") -> SafeString:
    """More to read for those who want it."""
    return format_html(
        '<details class="details"><summary>{}</summary><div class="details-body">{}</div></details>', summary, mark_safe(content)
    )


@register.simple_tag
def rest(rows: Sequence[Any]) -> SafeString:
    """At the end of a table's box: where its rows are lines (a phone), those after the tenth wait until somebody asks for them."""
    more = len(rows) - ROWS_AT_ONCE
    if more <= 0:
        return SafeString()
    return format_html('<details class="rest"><summary>{}</summary></details>', counted("其余 %(number)s 行", number=more))


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, unit: str = "", page: bool = False) -> dict[str, Any]:
    """A form field with label, hint and error; radios and checkboxes become large choices, each group of them folded until something in
    it is chosen. unit: else the field's own. `page`: the label is the page's heading."""
    widget = bound.field.widget
    listed = getattr(widget, "input_type", "") in ("radio", "checkbox") and hasattr(widget, "choices")
    several = listed or isinstance(widget, MultiWidget)
    sole = isinstance(widget, CheckboxInput)
    unit = unit or getattr(bound.field, "unit", "")
    shape = {"listed": listed, "several": several, "sole": sole, "many": listed and len(bound.subwidgets) > MANY}
    groups = _groups(bound) if listed else []
    return {"field": bound, "unit": unit, "page": page, **shape, "groups": groups, "described_by": _described_by(bound)}


def _groups(bound: BoundField) -> list[tuple[str, list[Any], bool]]:
    """(name, its choices, whether it begins open) of each group; one without a name where choices have none. The first is open where
    something is wrong: the summary of errors leads there."""
    given: Any = list(bound.subwidgets)
    named = [(str(name), len(some)) for name, some in bound.field.choices if isinstance(some, list | tuple)]  # type: ignore[attr-defined]
    if sum(many for _name, many in named) != len(given):
        return [("", given, True)]
    parts = iter(given)
    cut = [(name, list(islice(parts, many))) for name, many in named]
    wrong = bool(bound.errors)
    return [(name, some, (wrong and not at) or any(one.data["selected"] for one in some)) for at, (name, some) in enumerate(cut)]


def _described_by(bound: BoundField) -> str:
    parts = [f"{bound.auto_id}-hint"] if bound.help_text else []
    if bound.errors:
        parts.append(f"{bound.auto_id}-error")
    return " ".join(parts)


@register.inclusion_tag("components/input.html")
def control(bound: BoundField) -> dict[str, Any]:
    """The bare input of a field, tied to its hint and error."""
    attributes: dict[str, Any] = {"class": f"input {bound.field.widget.attrs.get('class', '')}".strip()}
    if described := _described_by(bound):
        attributes["aria-describedby"] = described
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return {"control": bound.as_widget(attrs=attributes)}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: Form, heading: str = "") -> dict[str, Any]:
    """Every problem of a form at the top of the page, each linked to its field. heading: instead of the usual one."""
    found = [(_first_input(form[name]), _naming(form[name], error)) for name, errors in _said(form) for error in errors]
    return {"heading": heading, "problems": [*(("", message) for message in form.non_field_errors()), *found]}


def _said(form: Form) -> list[tuple[str, list[ValidationError]]]:
    return [(name, errors.as_data()) for name, errors in form.errors.items() if name != "__all__"]


def _naming(bound: BoundField, error: ValidationError) -> str:
    """A field's problem as a list of several tells it: “required” alone would not say which."""
    message = "".join(error.messages)
    return _("%(field)s：%(problem)s") % {"field": bound.label, "problem": message} if error.code == "required" else message


def _first_input(bound: BoundField) -> str:
    """The id of the input that a link from the summary should reach: the first of several."""
    if isinstance(bound.field.widget, MultiWidget):
        return f"{bound.auto_id}_0"
    return str(bound.subwidgets[0].id_for_label if len(bound.subwidgets) > 1 else bound.id_for_label or bound.auto_id)


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(*pairs: str) -> dict[str, Any]:
    """The way here: address, words, address, words …; the page itself is not in it."""
    return {"steps": list(zip(pairs[::2], pairs[1::2], strict=True))}


@register.inclusion_tag("components/tabs.html")
def tabs(items: list[dict[str, Any]], label: str) -> dict[str, Any]:
    """Views of one thing. items: address, words, current, optional number."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/stat.html")
def stat(figure: Any, label: str, address: str = "") -> dict[str, Any]:
    """One figure with its words; it links to the rows behind it."""
    return {"figure": figure, "label": label, "address": address}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: RequestContext, after: str | None, shown: int, first: bool = True) -> dict[str, Any]:
    """Next page of a list by key; earlier pages are the browser's own Back, the first is one tap away."""
    query = context["request"].GET.copy()
    query.pop("after", None)
    start = query.urlencode()
    if after:
        query["after"] = after
    return {"next": query.urlencode() if after else "", "start": start, "shown": shown, "first": first}


@register.inclusion_tag("components/saved_filters.html", takes_context=True)
def saved_filters(context: RequestContext) -> dict[str, Any]:
    """The filters that the reader keeps for lists of this kind, and a form to keep the present one. One query."""
    request = context["request"]
    query = request.GET.copy()
    query.pop("after", None)
    current = "&".join(part for part in query.urlencode().split("&") if not part.endswith("="))
    page = request.resolver_match.view_name
    mine = _kept_filters(request.user.actor, page)
    kept = any(one.query == current for one in mine)
    return {
        "filters": mine,
        "query": current,
        "path": request.path,
        "kept": kept,
        "request": request,
        "csrf_token": context.get("csrf_token"),
    }


@compiled
def _kept_filters(actor: str, page: str) -> QuerySet[SavedFilter]:
    return SavedFilter.objects.filter(actor=actor, page=page).order_by("name")


@register.inclusion_tag("components/walk.html")
def walk() -> dict[str, Any]:
    """From one row of a list to the next without going back to it; shown where scripts run and the reader came from a list."""
    return {}


@register.inclusion_tag("components/survey.html", takes_context=True)
def survey(context: RequestContext, form: Form) -> dict[str, Any]:
    """The survey of a closed case: the city's question, five answers, a few words."""
    return {"form": form, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("components/queue_status.html", takes_context=True)
def queue_status(context: RequestContext, portal: str, pages: str = "") -> dict[str, Any]:
    """What this device has kept and not sent yet, for a page of a portal whose forms are marked data-queue; shown where scripts run.

    pages: names of addresses of the portal that the device fetches beforehand, those that the reader may open; signing in leads to the
    first of them.
    """
    made, viewer = clock.now(), context["request"].viewer  # type: ignore[attr-defined]
    kept = [reverse(name) for name in (f"{portal}:{page}" for page in pages.split()) if opens(name, viewer)]
    return {
        "when": made,
        "made": made.isoformat(),
        "owner": queued.owner_of(context["request"]),
        "place": reverse(f"{portal}:queue"),
        "worker": reverse(f"{portal}:worker"),
        "scope": reverse(f"{portal}:home"),
        "waiting": reverse(f"{portal}:waiting"),
        "pages": " ".join(kept),
        "sign_in": f"{reverse('office:sign_in')}?{urlencode({'next': kept[0]})}",
    }


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(rows: list[dict[str, Any]], caption: str, first: str, second: str = "") -> dict[str, Any]:
    """Horizontal bars per row (label, first, second), their words as large as the page's. A table beside it has the same numbers."""
    return {"chart": charts.bars(rows), "caption": caption, "first": first, "second": second}


@register.inclusion_tag("components/tile_map.html")
def tile_map(rows: list[tuple[str, int, str]], caption: str) -> dict[str, Any]:
    """A schematic of the city, a tile per county (code, count, address), where the city declares one. A table beside it says the same."""
    placed = [one for one in charts.tiles(rows) if one.x < len(_MAP_COLUMNS) and one.y < len(_MAP_ROWS)]
    tiles = [(one, f"{_MAP_COLUMNS[one.x]} {_MAP_ROWS[one.y]} {_MAP_SHADES[one.step]}") for one in placed]
    return {"tiles": tiles, "caption": caption}


_MAP_COLUMNS = ("map-x0", "map-x1", "map-x2", "map-x3", "map-x4", "map-x5")
_MAP_ROWS = ("map-y0", "map-y1", "map-y2", "map-y3", "map-y4", "map-y5")
_MAP_SHADES = ("map-step0", "map-step1", "map-step2", "map-step3", "map-step4")


@register.inclusion_tag("components/point_map.html")
def point_map(drawn: Map) -> dict[str, Any]:
    """Numbered places round one's own, with a scale and the north. The table above it has the same numbers."""
    return {"map": drawn, "wide": WIDE, "high": HIGH, "edge": EDGE, "north": WIDE - EDGE, "bar_end": EDGE + drawn.bar + 8}


@register.inclusion_tag("components/ground_map.html")
def ground_map(name: str, label: str, view: str = "", tall: bool = False, tables: bool = True) -> dict[str, Any]:
    """A map of the network in use, empty until the page's own script draws on it (static/linli/map/map.js). name: the element's id; label:
    what it shows; view: "lon lat zoom", else all of the network; tables: the page's tables say the same. One query."""
    return {"ground": sheets.in_use(), "name": name, "label": label, "view": view, "tall": tall, "tables": tables}


@register.inclusion_tag("components/map_scripts.html")
def map_scripts() -> dict[str, Any]:
    """What a page with a map needs in its head."""
    return {}


@register.inclusion_tag("components/figure.html")
def figure(number: Any, row: bool = False, label: str = "") -> dict[str, Any]:
    """A count that opens the rows behind it, or stands alone where the reader may not open them. label: what it counts, where no table's
    heads say it."""
    return {"number": number, "row": row, "label": label}


_EXPORTS = (("city", "city:export"), ("circles", "circles:export"))
"""Whose lists have an address of their own, by how their names begin."""


@register.inclusion_tag("components/export_button.html", takes_context=True)
def export_button(context: RequestContext, listing: str, about: str = "", **fields: str) -> dict[str, Any]:
    """The table above as a spreadsheet. fields: how it is narrowed; about: which table, spoken where a page has several."""
    address = next((own for begin, own in _EXPORTS if listing.startswith(begin)), "office:export_list")
    return {
        "address": reverse(address, args=[listing]),
        "about": about,
        "fields": [(name, value) for name, value in fields.items() if value],
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("components/tabs.html")
def city_tabs(section: str) -> dict[str, Any]:
    """The sections of the city's overview."""
    sections = (
        ("figures", "city:home", _("政策概览")),
        ("way", "city:way", _("从找到到领到")),
        ("lists", "city:lists", _("名单质量")),
        ("circles", "circles:list", _("生活圈")),
        ("forms", "city:forms", _("上级报表")),
    )
    items = [{"address": reverse(name), "words": words, "current": key == section, "number": None} for key, name, words in sections]
    return {"items": items, "label": _("全市概览")}


@register.inclusion_tag("components/search.html")
def search_box(value: str = "", label: str = "", live: str = "") -> dict[str, Any]:
    """The one search box: words, pinyin or initials. `live`: id of the element that shows results while typing."""
    return {"value": value, "label": label or _("找政策、补贴、服务"), "live": live}


@register.inclusion_tag("components/switches.html", takes_context=True)
def switches(context: RequestContext) -> dict[str, Any]:
    """Elder edition and language, one tap each. On a page that keeps its answers in a form they submit that form."""
    request = context["request"]
    return {"preferences": request.preferences, "here": request.get_full_path(), "form": context.get("switch_form")}


@register.inclusion_tag("components/sizes.html", takes_context=True)
def sizes(context: RequestContext) -> dict[str, Any]:
    """Text size of the elder edition: 20, 24 or 30 px."""
    steps = (("large", _("大字")), ("larger", _("更大")), ("largest", _("最大")))
    return {**switches(context), "steps": steps}


@register.inclusion_tag("components/read_aloud.html")
def read_aloud(target: str = "main") -> dict[str, Any]:
    """A button that has the browser read the element aloud; shown where the browser can."""
    return {"target": target}


@register.inclusion_tag("components/print.html")
def print_button() -> dict[str, Any]:
    """A button that prints the page; shown where scripts run."""
    return {}


@register.simple_tag(takes_context=True)
def staff_menu(context: RequestContext) -> Menu | None:
    """The tabs of the signed-in member of staff; None before signing in."""
    return menu_of(context["request"])


@register.inclusion_tag("components/tabs.html", takes_context=True)
def admin_tabs(context: RequestContext) -> dict[str, Any]:
    """The sections of the administration that the reader's grants open; their own account is always one."""
    viewer, section = context["request"].viewer, context.get("section", "")
    watching = viewer.may("security") or viewer.may("auditor")
    sections = (
        ("staff", _("工作人员"), watching or bool(viewer.areas("administrator"))),
        ("windows", _("服务窗口"), bool(viewer.areas("administrator"))),
        ("security", _("安全"), viewer.may("security")),
        ("audit", _("留痕"), viewer.may("auditor")),
        ("reads", _("谁查阅了谁"), viewer.may("auditor")),
        ("account", _("我的账号"), True),
    )
    items = [
        {"address": reverse(f"admin:{name}"), "words": words, "current": name == section, "number": None}
        for name, words, shown in sections
        if shown
    ]
    return {"items": items, "label": _("系统管理")}

"""The steps of one file as forms and pages: what is sent, which header is which column, what the check found, what is then applied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers.imports import masking, note_named, noted, shelf, uploads
from linli.registers.lists import Column, ListDeclaration
from linli.registers.models import Upload
from linli.rules.declare import Label
from linli.web.frame.counted import counted
from linli.web.imports import lists, phrases
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import chinese, words

MEGABYTES = shelf.LARGEST // 2**20
KIND_WORDS = {"wrong": gettext_lazy("有错的单元格"), "doubtful": gettext_lazy("存疑的行"), "unknown": gettext_lazy("查无此人")}
CHANGE_WORDS = {"opened": gettext_lazy("新上名单"), "changed": gettext_lazy("内容变更"), "closed": gettext_lazy("退出名单")}
STEPS = {
    "": gettext_lazy("排队等待"),
    "read": gettext_lazy("正在读取"),
    "match": gettext_lazy("正在比对"),
    "merge": gettext_lazy("正在合并"),
    "trace": gettext_lazy("正在留痕"),
}
SHARES = {"": (0, 0), "read": (0, 60), "match": (60, 10), "merge": (70, 10), "trace": (80, 20)}
"""Where each step begins on the bar and how much of it is its own, in per cent."""


class SendForm(forms.Form):
    """A file and what it is meant to say."""

    file = forms.FileField(
        label=gettext_lazy("名单文件"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        max_length=None,
        allow_empty_file=False,
    )
    as_of = DayField((1990, 2100), label=gettext_lazy("名单截至哪一天"), help_text=gettext_lazy("没有写日期的变动，从这一天算起。"))
    area = forms.ChoiceField(label=gettext_lazy("覆盖哪里"))
    whole = forms.ChoiceField(
        label=gettext_lazy("文件里有谁"),
        choices=[
            ("1", gettext_lazy("全部在册的人：不在文件里的，就退出名单")),
            ("", gettext_lazy("只有新增和变更的人：不在文件里的，保持原样")),
        ],
        widget=forms.RadioSelect,
        required=False,
        initial="1",
    )

    def __init__(self, viewer: Viewer, declaration: ListDeclaration, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"as_of": clock.today()})
        self.viewer, self.declaration = viewer, declaration
        self.fields["file"].help_text = _("xlsx 或 csv，不超过 %(size)s MB。文件保留一周后清除。") % {"size": MEGABYTES}
        area: Any = self.fields["area"]
        area.choices = lists.area_choices(viewer, declaration)
        if len(area.choices) == 1:
            area.initial, area.widget = area.choices[0][0], forms.HiddenInput()

    def sent(self) -> uploads.Sent:
        """What the form says."""
        told = self.cleaned_data
        return uploads.Sent(
            file_name=told["file"].name,
            sender=lists.sender_of(self.viewer),
            as_of=told["as_of"],
            area=told["area"],
            whole=bool(told["whole"]),
        )


@dataclass(frozen=True, slots=True)
class Header:
    """A column of the file: where it stands, its header, what its first rows hold (masked), which column of the list it is taken for."""

    index: int
    text: str
    samples: tuple[str, ...]
    column: str


def headers(upload: Upload, told: QueryDict | None) -> list[Header]:
    """The file's columns for the form of columns, as guessed, or as a form that was refused had them."""
    declaration, head = uploads.declaration_of(upload), uploads.head_of(upload)
    taken = {header: name for name, header in upload.mapping.items()}
    names = {column.name for column in declaration.columns}
    found = []
    for index, text in enumerate(head.get("headers", ())):
        column = taken.get(text, "") if told is None else told.get(f"column-{index}", "")
        found.append(_header(declaration, index, text, head["samples"][index], column if column in names else ""))
    return found


def _header(declaration: ListDeclaration, index: int, text: str, cells: list[str], column: str) -> Header:
    samples = tuple(masking.sample(declaration, column, cell) if cell else "–" for cell in cells)
    return Header(index, masking.shown(text, masked=False), samples, column)


def columns(declaration: ListDeclaration) -> list[tuple[Column, Label]]:
    """The list's columns to choose from."""
    return [(column, Label(column.zh, column.en)) for column in declaration.columns]


def chosen(upload: Upload, told: QueryDict) -> dict[str, str]:
    """Header by list column, as the form of columns says. Raises LinliError where two headers are to be one column."""
    declaration, head = uploads.declaration_of(upload), uploads.head_of(upload)
    names = {column.name for column in declaration.columns}
    mapping: dict[str, str] = {}
    for index, header in enumerate(head.get("headers", ())):
        name = told.get(f"column-{index}", "")
        if name not in names:
            continue
        if name in mapping:
            raise _twice(declaration.column(name), mapping[name], header)
        mapping[name] = header
    return mapping


def _twice(column: Column, one: str, other: str) -> LinliError:
    return LinliError(
        "imports.column_twice",
        zh=f"“{column.zh}”选了两次",
        en=f"“{column.en}” is chosen twice.",
        found=f"{one}, {other}",
        expected="1",
        remedy_zh="只留一列",
        remedy_en="leave one of them",
    )


def problem_words(problem: LinliError) -> str:
    """A problem on one line, without its place: “缺少“姓名”列（找到：…）。补上该列”. Hints that name the command line are left out."""
    text, remedy = (problem.zh, problem.remedy_zh) if chinese() else (problem.en, problem.remedy_en)
    found = f" ({phrases.plain(problem.found)})" if problem.found and phrases.plain(problem.found) else ""
    return f"{text}{found}" if "--" in remedy else f"{text}{found} {remedy}"


def column_words(problem: LinliError) -> str:
    """A problem of the form of columns, with what to do in that form."""
    if problem.code != "imports.missing_column":
        return problem_words(problem)
    said = f"{problem.zh}。" if chinese() else f"{problem.en} "
    return said + _("请在“名单的列”里给文件中的那一列选上它；文件中没有，就补上这一列再传。")


def progress(upload: Upload) -> dict[str, Any]:
    """How far the worker is: in words, and in per cent for the bar."""
    step, share = shelf.told(upload.uid)
    start, own = SHARES.get(step, (0, 0))
    return {"words": STEPS.get(step, STEPS[""]), "percent": round(start + own * min(share, 1.0))}


def result(upload: Upload, kind: str, after: int, *, in_full: bool = False) -> dict[str, Any]:
    """What the check found, for the page: figures, tabs of notes, a page of one kind."""
    counts = upload.counts
    kinds = [one for one in uploads.KINDS if counts.get(f"{one}_notes")]
    current = kind if kind in kinds else (kinds[0] if kinds else "")
    rows = noted.notes(upload, current, after=after, in_full=in_full) if current else []
    more = after + noted.PAGE < counts.get(f"{current}_notes", 0)
    return {
        "counts": counts,
        "changes": [(change, words_, counts.get(change, 0)) for change, words_ in CHANGE_WORDS.items()],
        "tabs": [
            {"address": f"?kind={one}", "words": KIND_WORDS[one], "current": one == current, "number": counts[f"{one}_notes"]}
            for one in kinds
        ],
        "current": current,
        "notes": in_words(rows),
        "after": str(after + noted.PAGE) if more else "",
        "at": after,
        "first": after == 0,
        "in_full": in_full,
        "markable": noted.can_be_marked(upload),
    }


@dataclass(frozen=True, slots=True)
class Mend:
    """One thing to mend, in words."""

    cell: str
    header: str
    said: Label
    expected: str
    found: str
    remedy: Label


def in_words(rows: Iterable[noted.Note]) -> list[Mend]:
    """Notes as rows of a table. Hints that name the command line are left out."""
    return [
        Mend(
            one.cell,
            one.header,
            Label(one.zh, one.en),
            phrases.expected(one),
            phrases.found(one),
            Label("" if "--" in one.remedy_zh else one.remedy_zh, "" if "--" in one.remedy_en else one.remedy_en),
        )
        for one in rows
    ]


class ApplyForm(forms.Form):
    """What somebody must say before a checked file is applied, where there is anything to say."""

    plan = forms.CharField(max_length=80, widget=forms.HiddenInput())

    def __init__(self, upload: Upload, data: Any = None) -> None:
        super().__init__(data, initial={"plan": upload.plan})
        counts = upload.counts
        if counts.get("wrong"):
            self.fields["leave"] = _agreement(counted("有错的 %(rows)s 行不写入，留作存疑", rows=counts["wrong"]))
        if counts.get("large_drop"):
            self.fields["drop"] = _agreement(counted("文件完整，确有 %(rows)s 人退出名单", rows=counts["closed"]))


def _agreement(label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("请确认"), choices=[("1", label)], widget=forms.CheckboxSelectMultiple, error_messages={"required": _("请先确认")}
    )


def people(viewer: Viewer, upload: Upload, change: str, after: int) -> tuple[list[tuple[UUID, str]], str]:
    """Whom applying it would add, change or end, a page at a time of the first thousand. A sensitive list's are recorded as read."""
    rows = shelf.read(upload.uid, change, after, lists.PAGE + 1)
    found = [(UUID(uid), name) for uid, name in rows[: lists.PAGE]]
    if uploads.declaration_of(upload).subject == "person":
        note_named(viewer, upload.list_slug, [uid for uid, _name in found])
    return found, str(after + lists.PAGE) if len(rows) > lists.PAGE else ""


def title(declaration: ListDeclaration) -> str:
    """The list's name in the reader's language."""
    return words(Label(declaration.zh, declaration.en))

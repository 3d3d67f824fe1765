"""Forms of superior organs in words: what goes into which cell, and the page's own forms for saying so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.insight import mapping as mappings
from linli.insight.acts import LARGEST, opened
from linli.insight.models import FormVersion
from linli.kernel.errors import LinliError, Problems
from linli.kernel.viewer import Viewer
from linli.web.frame import city
from linli.web.insights import figures
from linli.web.programme import shelf
from linli.web.templatetags.texts import chinese, named, words

EACH = "each"
KIND_WORDS = {"figures": gettext_lazy("统计表：每个单元格填一个数"), "people": gettext_lazy("花名册：每人填一行")}
MEASURE_WORDS = {
    "found": gettext_lazy("找到"),
    "invited": gettext_lazy("已写信告知"),
    "reached": gettext_lazy("信已送到"),
    "taken": gettext_lazy("已给予（含名单记载）"),
    "undecided": gettext_lazy("还不能确定"),
    "amount": gettext_lazy("金额（元）"),
    "day": gettext_lazy("统计日期"),
}
FIELD_WORDS = {
    "number": gettext_lazy("序号"),
    "name": gettext_lazy("姓名"),
    "birth_date": gettext_lazy("出生日期"),
    "age": gettext_lazy("年龄"),
    "county": gettext_lazy("县（市、区）"),
    "amount": gettext_lazy("金额（元）"),
    "since": gettext_lazy("自"),
    "identity": gettext_lazy("身份证号"),
    "phone": gettext_lazy("电话"),
}
LISTED_WORDS = {"found": gettext_lazy("找到的人"), **figures.STATE_WORDS}


class NewForm(forms.Form):
    """A superior's template."""

    name = forms.CharField(label=gettext_lazy("报表名称"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    kind = forms.ChoiceField(label=gettext_lazy("怎样填"), choices=list(KIND_WORDS.items()), widget=forms.RadioSelect)
    area = forms.ChoiceField(label=gettext_lazy("填哪里的数"), required=False)
    file = forms.FileField(
        label=gettext_lazy("上级发来的模板"),
        help_text=gettext_lazy("xlsx 格式，不超过 4 MB，不含宏。除所填的单元格外，模板原样保留。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = areas(viewer)  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """The size is looked at before anything is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("文件超过 4 MB。"))
        return file


class FigureForm(forms.Form):
    """One indicator for one cell, or for a column with a row for each county."""

    target = forms.CharField(
        label=gettext_lazy("填到哪里"),
        max_length=80,
        help_text=gettext_lazy("单元格（如 C5、表1!C5）或模板里定义的名称；逐县填写时写列（如 C）"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input-short"}),
    )
    measure = forms.ChoiceField(label=gettext_lazy("填什么"), choices=list(MEASURE_WORDS.items()))
    programme = forms.ChoiceField(label=gettext_lazy("政策"), required=False)
    county = forms.ChoiceField(label=gettext_lazy("县（市、区）"), required=False)

    def __init__(self, version: FormVersion, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area = version.form.area_code
        counties = [(code, words(label)) for code, label in city.counties() if code.startswith(area)]
        choices = [("", _("全部")), (EACH, _("逐县填写：按模板里的县名找到行")), *counties]
        self.fields["county"].choices = choices  # type: ignore[attr-defined]
        self.fields["programme"].choices = programme_choices()  # type: ignore[attr-defined]


class ListForm(forms.Form):
    """Which list goes into the form, from which cell down."""

    programme = forms.ChoiceField(label=gettext_lazy("政策"))
    state = forms.ChoiceField(label=gettext_lazy("名单"), choices=list(LISTED_WORDS.items()))
    target = forms.CharField(
        label=gettext_lazy("第一个人填在哪一行"),
        max_length=80,
        help_text=gettext_lazy("那一行的任一单元格，如 A4、表1!A4；往下的行要空着"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input-short"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = programme_choices()[1:]  # type: ignore[attr-defined]


class ColumnsForm(forms.Form):
    """What goes into each column of the template, by its header."""

    def __init__(self, headers: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("不填")), *FIELD_WORDS.items()]
        for letters, text in headers.items():
            label = _("%(column)s 列：%(header)s") % {"column": letters, "header": text[:40]}
            self.fields[letters] = forms.ChoiceField(label=named(label), choices=choices, required=False)

    def columns(self) -> list[dict[str, str]]:
        """The mapped columns from left to right."""
        return [{"target": letters, "field": field} for letters, field in self.cleaned_data.items() if field]


# Headers under which a superior's template asks for a field.
_HEADERS = {
    "number": ("序号",),
    "name": ("姓名", "名称", "户主姓名"),
    "birth_date": ("出生日期", "出生年月"),
    "age": ("年龄",),
    "county": ("县（市、区）", "县(市、区)", "县区", "所在县"),
    "amount": ("金额", "金额（元）", "补贴金额", "发放金额（元）"),
    "identity": ("身份证号", "身份证号码", "公民身份号码"),
    "phone": ("电话", "联系电话", "手机号", "手机号码"),
}


def guessed(headers: dict[str, str]) -> list[dict[str, str]]:
    """Columns whose header says what they want; each field once."""
    fields = {text: field for field, texts in _HEADERS.items() for text in texts}
    found: dict[str, str] = {}
    for letters, text in headers.items():
        field = fields.get(text.strip())
        if field and field not in found.values():
            found[letters] = field
    return [{"target": letters, "field": field} for letters, field in found.items()]


def areas(viewer: Viewer) -> list[tuple[str, str]]:
    """(code, name) of the city and the counties for which the viewer may keep a form."""
    own = [("", _("全市")), *((code, words(label)) for code, label in city.counties())]
    return [(code, name) for code, name in own if viewer.may("officer", area=code)]


def programme_choices() -> list[tuple[str, str]]:
    """Nothing, then every published programme. One query."""
    return [("", "–"), *((one.slug, words(one.programme.label)) for one in shelf.shelf())]


@dataclass(frozen=True, slots=True)
class MappedCell:
    """A line of a mapping in words. place: of the line, for taking it out."""

    place: int
    target: str
    measure: str
    programme: str
    area: str


def mapped(version: FormVersion) -> list[MappedCell]:
    """The cells of a form of figures, in words. One query."""
    names, counties = dict(programme_choices()), dict(city.counties())
    return [
        MappedCell(
            place,
            line["target"],
            str(MEASURE_WORDS[line["measure"]]),
            names.get(line["programme"], line["programme"]) if line["measure"] != "day" else "–",
            figures.county_words(line["county"], counties) if line["county"] else _("全部"),
        )
        for place, line in enumerate(version.mapping)
    ]


def with_figure(version: FormVersion, wanted: dict[str, str]) -> list[dict[str, str]]:
    """The mapping with one more indicator, or one for each county that the template names. Raises LinliError."""
    told = {"measure": wanted["measure"], "programme": "" if wanted["measure"] == "day" else wanted["programme"]}
    if wanted["county"] != EACH:
        return [*version.mapping, {"target": wanted["target"].strip(), **told, "county": wanted["county"]}]
    names = {code: label.zh for code, label in city.counties() if code.startswith(version.form.area_code)}
    with opened(bytes(version.template.content), version.file_name) as form:
        cells = mappings.by_county(form, wanted["target"], names)
    return [*version.mapping, *({"target": cell, **told, "county": code} for code, cell in cells.items())]


def with_list(version: FormVersion, wanted: dict[str, str]) -> dict[str, Any]:
    """The mapping of a form of people with another list; columns are guessed by their headers. Raises LinliError."""
    with opened(bytes(version.template.content), version.file_name) as form:
        slot = form.slot(wanted["target"])
        told = {"sheet": slot.sheet, "row": slot.row, "programme": wanted["programme"], "state": wanted["state"]}
        same = (told["sheet"], told["row"]) == (version.mapping["sheet"], version.mapping["row"])
        return {**told, "columns": version.mapping["columns"] if same else guessed(mappings.headers(form, told))}


def headers_of(version: FormVersion) -> dict[str, str]:
    """What stands above the first row of a form of people, by column."""
    with opened(bytes(version.template.content), version.file_name) as form:
        return mappings.headers(form, version.mapping)


def problems_words(problem: LinliError | Problems) -> list[str]:
    """Every fault in the reader's language."""
    faults = problem.problems if isinstance(problem, Problems) else [problem]
    return [(one.zh if chinese() else one.en) for one in faults]


def may_keep(viewer: Viewer) -> bool:
    """Whether the viewer keeps forms for some county or the city. No query."""
    return bool(areas(viewer))

"""A programme that nobody has written yet, begun on a page: from a few answers, or after one that is there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import clock
from linli.kernel.documents import tidy_line
from linli.kernel.errors import LinliError
from linli.programmes import Programme, queries
from linli.programmes.beginning import GIVES, WHOSE, Begun, after, written
from linli.programmes.declaration import applying
from linli.programmes.editing import put
from linli.programmes.models import ProgrammeVersion
from linli.rules.declare import Label
from linli.web.drafting import amounts, drafts
from linli.web.frame import city
from linli.web.programme import shelf
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import words

VERSION = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$"
_SHORT = {"class": "input-short", "autocomplete": "off"}


class NewForm(forms.Form):
    """What every new programme is asked: its names, its department, from when on."""

    zh = forms.CharField(max_length=100, label=gettext_lazy("名称（中文）"))
    en = forms.CharField(
        max_length=200,
        label=gettext_lazy("名称（英文）"),
        help_text=gettext_lazy("英文页面上的名称"),
        widget=forms.TextInput({"lang": "en"}),
    )
    slug = forms.RegexField(
        r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        max_length=60,
        label=gettext_lazy("代号"),
        help_text=gettext_lazy("小写英文字母，几个词之间用短横线，例如 old-age-allowance。出现在网址里，以后不能改。"),
        error_messages={"invalid": gettext_lazy("代号只能用小写英文字母、数字和短横线，以字母开头，例如 old-age-allowance。")},
        widget=forms.TextInput({"lang": "zxx", "autocomplete": "off"}),
    )
    body = forms.ChoiceField(label=gettext_lazy("主办单位"))
    version = forms.RegexField(VERSION, label=gettext_lazy("版本号"), help_text=gettext_lazy("例如起始年份"))
    first = DayField((1990, 2100), label=gettext_lazy("从哪一天起适用"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["body"].choices = [("", "–"), *((key, words(label)) for key, label in city.city().bodies.items())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Texts without marks that nobody sees, such as those that turn the direction of what follows."""
        told = super().clean() or self.cleaned_data
        return {name: tidy_line(value) if isinstance(value, str) else value for name, value in told.items()}

    def clean_slug(self) -> str:
        """A name that no programme has yet."""
        slug: str = self.cleaned_data["slug"]
        if slug in drafts.files().versions or ProgrammeVersion.objects.filter(slug=slug).exists() or queries.open_draft(slug):
            raise forms.ValidationError(_("已经有代号是 %(slug)s 的政策，请换一个代号。") % {"slug": slug})
        return slug

    def begun(self) -> Begun:
        """The answers."""
        told: Mapping[str, Any] = self.cleaned_data
        document = Label(told.get("document_zh", ""), told.get("document_en", ""))
        place = (city.city().area, city.city().label)
        subject, gives = told.get("subject", ""), told.get("gives", "")
        known = (told.get("yuan") or None, told.get("least_age"))
        return Begun(
            told["slug"],
            Label(told["zh"], told["en"]),
            told["body"],
            told["version"],
            told["first"],
            document,
            subject,
            gives,
            *known,
            place,
        )


class BlankForm(NewForm):
    """A programme from nothing."""

    document_zh = forms.CharField(max_length=200, label=gettext_lazy("依据的文件（中文）"), help_text=gettext_lazy("文件名称和文号"))
    document_en = forms.CharField(max_length=300, label=gettext_lazy("依据的文件（英文）"), widget=forms.TextInput({"lang": "en"}))
    subject = forms.ChoiceField(
        label=gettext_lazy("给谁"),
        help_text=gettext_lazy("给企业、机构的，请照一项已有的政策写。"),
        widget=forms.RadioSelect,
    )
    gives = forms.ChoiceField(
        label=gettext_lazy("给什么"),
        help_text=gettext_lazy("按季度、学期发的，先选相近的，再在“发放”里改发放周期。"),
        widget=forms.RadioSelect,
    )
    yuan = forms.CharField(
        max_length=20,
        required=False,
        label=gettext_lazy("每次多少元（可以以后再填）"),
        widget=forms.TextInput({**_SHORT, "inputmode": "decimal"}),
    )
    least_age = forms.IntegerField(
        min_value=0,
        max_value=120,
        required=False,
        label=gettext_lazy("最低周岁年龄（可以以后再填）"),
        help_text=gettext_lazy("草案先带这一个条件，别的条件在下一步写。没有填数值的不能发布。"),
        widget=forms.TextInput({**_SHORT, "inputmode": "numeric"}),
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        for name, offered in (("subject", WHOSE), ("gives", GIVES)):
            self.fields[name].choices = [(key, words(label)) for key, label in offered.items()]  # type: ignore[attr-defined]

    def clean_yuan(self) -> str:
        """The amount as the file has it, without its unit."""
        try:
            return amounts.written(self.cleaned_data["yuan"], "").removesuffix(" yuan")
        except LinliError as error:
            raise forms.ValidationError(drafts.fault_words(error)) from None

    def texts(self) -> tuple[str, str]:
        """Written from the answers; no examples yet."""
        return written(self.begun()), f"programme: {self.cleaned_data['slug']}\nexamples: []\n"


class LikeForm(NewForm):
    """A programme after another: its rule, steps, papers and figures are the first words of the new one."""

    like = forms.ChoiceField(label=gettext_lazy("照哪项政策写"))
    field_order = ("like",)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.models = _models()
        self.fields["like"].choices = [("", "–"), *((slug, words(one.label)) for slug, one in self.models.items())]  # type: ignore[attr-defined]

    def texts(self) -> tuple[str, str]:
        """The other's file and examples under the new name."""
        like = self.models[self.cleaned_data["like"]]
        row = ProgrammeVersion.objects.filter(slug=like.slug, version=like.version).first()
        examples = queries.examples_for(row, like.slug, settings.LINLI_CITY)
        return after(like.text, self.begun()), put(examples, "programme", self.cleaned_data["slug"])


def _models() -> dict[str, Programme]:
    """Of every programme the version that applies, else the newest, published or in the city's files."""
    found: dict[str, list[Programme]] = {slug: list(versions) for slug, versions in drafts.files().versions.items()}
    published: dict[str, list[Programme]] = {}
    for one in shelf.published():
        published.setdefault(one.slug, []).append(one)
    found |= published
    return {slug: applying(each, clock.today()) or each[-1] for slug, each in sorted(found.items()) if each}

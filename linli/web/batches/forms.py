"""Forms of batches: what is asked of whoever opens one, what a county hands in, secrets, results, notices."""

from __future__ import annotations

import json
import tempfile
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.batches import openness, periods
from linli.batches.acts.noticing import Hanging
from linli.batches.declared import Declared, read
from linli.casework.models import Document
from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems
from linli.kernel.money import fen_from_yuan
from linli.papers import scans
from linli.programmes.declaration import Programme
from linli.sampling import Balls, PublicDraw, Words
from linli.web.case.papers import PaperInput
from linli.web.frame import city
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import chinese, day, period_words, words

LONGEST_DOCUMENT = 200
LARGEST = 4 * 2**20
REASONS = {
    "mistake": gettext_lazy("误列"),
    "twice": gettext_lazy("重复"),
    "excluded": gettext_lazy("不符合条件，或享受了互斥政策"),
    "died": gettext_lazy("已故"),
    "erased": gettext_lazy("信息已注销"),
    "finding": gettext_lazy("核查发现问题"),
    "objection": gettext_lazy("异议成立"),
    "award_ended": gettext_lazy("待遇已停止或变更"),
    "no_account": gettext_lazy("没有收款账户"),
}


class OpenForm(forms.Form):
    """One pair of figure and document for everything that the programme leaves open."""

    def ask(self, programme: Programme) -> None:
        """Ask for what the programme leaves open."""
        self.programme = programme
        for question in openness.questions(programme):
            label = question.zh if chinese() else question.en
            self._ask(question, label)
            self.fields[f"{question.name}_document"] = forms.CharField(
                label=_("%(what)s：哪份文件规定的") % {"what": label}, max_length=LONGEST_DOCUMENT, required=question.required
            )

    def _ask(self, question: openness.Question, label: str) -> None:
        if question.kind == "days":
            self.fields[question.name] = forms.IntegerField(label=label, min_value=1, max_value=openness.MOST_DAYS)
        elif question.kind == "rate":
            self.fields[question.name] = forms.RegexField(
                r"^\s*\d{1,3}(\.\d{1,2})?\s*%?\s*$", label=label, help_text=_("百分数，例如 5"), required=question.required, max_length=10
            )
        elif question.kind == "fen":
            self.fields[question.name] = forms.CharField(label=_("%(what)s（元）") % {"what": label}, max_length=20)
        else:
            self.fields["term_first"] = DayField((2000, 2100), label=_("学期第一天"))
            self.fields["term_last"] = DayField((2000, 2100), label=_("学期最后一天"))

    def clean_slip_cap(self) -> int:
        """The amount in fen."""
        return _fen(self.cleaned_data["slip_cap"])

    def given(self) -> dict[str, Any]:
        """The figures with their documents, as a batch keeps them."""
        told, found = self.cleaned_data, {}
        for question in openness.questions(self.programme):
            document = told.get(f"{question.name}_document", "").strip()
            value = self._value(question, told)
            if value is not None:
                found[question.name] = {"value": value, "document": document}
        return found

    @staticmethod
    def _value(question: openness.Question, told: dict[str, Any]) -> Any:
        if question.kind == "term":
            return {"first": str(told["term_first"]), "last": str(told["term_last"])}
        value = told.get(question.name)
        if question.kind == "rate":
            share = Fraction(value.strip().rstrip("% ")) / 100 if value else None
            return [share.numerator, share.denominator] if share else None
        return value


class BeginForm(OpenForm):
    """Period and area, and what the programme leaves open."""

    period = forms.CharField(label=gettext_lazy("发放期间"), max_length=10)
    area = forms.ChoiceField(label=gettext_lazy("范围"), required=False)

    def __init__(self, programme: Programme, areas: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if programme.payment is not None:
            example = periods.like(programme.payment.cycle)
            self.fields["period"].help_text = _("例如 %(period)s：%(words)s") % {"period": example, "words": period_words(example)}
        named = dict(city.counties())
        self.fields["area"].choices = [(code, words(named[code]) if code in named else _("全市")) for code in areas]  # type: ignore[attr-defined]
        self.ask(programme)


class SlipForm(forms.Form):
    """What a bank's slip shows for the period."""

    fen = forms.CharField(label=gettext_lazy("凭证所列金额（元）"), max_length=20)
    document = forms.CharField(
        label=gettext_lazy("凭证名称和编号"),
        help_text=gettext_lazy("一份凭证只登记一次；一张结算单含多人的，写明第几行。"),
        max_length=LONGEST_DOCUMENT,
    )

    paper = forms.ChoiceField(
        label=gettext_lazy("凭证扫描件"), help_text=gettext_lazy("同事审核合格的。审核的人不能登记金额。"), widget=forms.RadioSelect
    )

    def __init__(self, papers: list[tuple[Document, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.uid), f"{name} · " + _("%(day)s 上传") % {"day": day(clock.day_of(one.given_at))}) for one, name in papers]
        self.fields["paper"].choices = choices  # type: ignore[attr-defined]

    def clean_fen(self) -> int:
        """The amount in fen."""
        return _fen(self.cleaned_data["fen"])

    def clean_paper(self) -> UUID:
        """One of the accepted papers."""
        return UUID(self.cleaned_data["paper"])


def _fen(text: str) -> int:
    try:
        return fen_from_yuan(text)
    except LinliError as problem:
        raise ValidationError(problem.text("zh" if chinese() else "en")) from None


class DeclaredForm(forms.Form):
    """A county's totals: one number, or a table of levels as xlsx or csv."""

    total = forms.CharField(label=gettext_lazy("申报总额（元）"), required=False, max_length=30)
    file = forms.FileField(
        label=gettext_lazy("分档汇总表（可不选）"),
        help_text=gettext_lazy("xlsx 或 csv，有“档次”“人数”两列，可以有“金额”列和“合计”行"),
        required=False,
        max_length=200,
    )

    def clean(self) -> dict[str, Any]:
        """The totals that were given; nothing at all takes back what was handed in before."""
        told = super().clean() or self.cleaned_data
        file, total = told.get("file"), told.get("total", "").strip()
        if file is not None and file.size > LARGEST:
            self.add_error("file", _("文件超过 4 MB。"))
            return told
        try:
            told["declared"] = _read(file) if file else Declared(total_fen=fen_from_yuan(total)) if total else None
        except Problems as several:
            for problem in several.problems[:5]:
                self.add_error("file", problem.text("zh" if chinese() else "en"))
        except LinliError as problem:
            self.add_error("file" if file else "total", problem.text("zh" if chinese() else "en"))
        return told


def _read(file: Any) -> Declared:
    """An uploaded table, read from a file of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("declared.xlsx" if file.name.lower().endswith(".xlsx") else "declared.csv")
        path.write_bytes(file.read())
        return read(path)


class DrawForm(forms.Form):
    """When secrets have to be revealed, and perhaps a later public draw that stands for one of them."""

    reveal_by = DayField((2020, 2100), label=gettext_lazy("最晚哪一天公布秘密"))
    lottery = forms.TypedChoiceField(
        label=gettext_lazy("秘密从哪里来"),
        help_text=gettext_lazy("开奖日应在公布秘密的期限之后"),
        choices=[("", gettext_lazy("两个部门各出一个")), ("1", gettext_lazy("用双色球开奖号码代替其中一个秘密"))],
        widget=forms.RadioSelect,
        coerce=bool,
        empty_value="",
        required=False,
        initial="",
    )
    lottery_on = DayField((2020, 2100), label=gettext_lazy("双色球开奖日（选了才填）"), required=False)

    def moment(self) -> datetime:
        """The end of that day in Shanghai."""
        day: date = self.cleaned_data["reveal_by"]
        return clock.midnight(day + timedelta(days=1)) - timedelta(seconds=1)

    def clean(self) -> dict[str, Any]:
        """A lottery has its day."""
        told = super().clean() or self.cleaned_data
        if told.get("lottery") and not told.get("lottery_on"):
            self.add_error("lottery_on", ValidationError(_("请填写开奖日"), code="missing"))
        return told

    def public_draw(self) -> PublicDraw | None:
        """双色球: six of 33 in rising order, and one of 16."""
        if not self.cleaned_data["lottery"]:
            return None
        balls = (Balls(6, 1, 33, True), Balls(1, 1, 16, True))
        return PublicDraw(Words("双色球", "Double Colour Ball lottery"), self.cleaned_data["lottery_on"], balls)


class CommitForm(forms.Form):
    """A commitment as `linli draw commit` prints it, one JSON object."""

    commitment = forms.CharField(
        label=gettext_lazy("承诺"),
        help_text=gettext_lazy("在本部门自己的电脑上运行下面的命令，把打印出的一行粘贴到这里。秘密留在本部门。"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_commitment(self) -> dict[str, Any]:
        """Department, salt, length and digest."""
        try:
            told = json.loads(self.cleaned_data["commitment"])
            return {
                "department": str(told["department"]),
                "salt": str(told["salt"]),
                "length": int(told["length"]),
                "digest": str(told["digest"]),
            }
        except (ValueError, KeyError, TypeError):
            raise ValidationError(_("这不是命令打印出的那一行")) from None


class RevealForm(forms.Form):
    """A department's secret: the file's content, or its hexadecimal digits."""

    department = forms.ChoiceField(label=gettext_lazy("部门"))
    secret = forms.CharField(
        label=gettext_lazy("秘密"),
        help_text=gettext_lazy("保存秘密的文件里的内容，或其中的十六进制数"),
        max_length=600,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )

    def __init__(self, departments: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].choices = departments  # type: ignore[attr-defined]

    def clean_secret(self) -> str:
        """Hexadecimal digits."""
        text: str = self.cleaned_data["secret"].strip()
        if text.startswith("{"):
            try:
                return str(json.loads(text)["secret"])
            except (ValueError, KeyError, TypeError):
                raise ValidationError(_("这不是保存秘密的文件")) from None
        return text


class NumbersForm(forms.Form):
    """The numbers that a lottery brought."""

    numbers = forms.RegexField(
        r"^\s*(\d{1,2}[\s,，、]+){5}\d{1,2}\s*\+\s*\d{1,2}\s*$",
        label=gettext_lazy("开奖号码"),
        help_text=gettext_lazy("六个红球由小到大，加号，蓝球，例如 3 7 11 18 25 30 + 9"),
        max_length=60,
    )
    source = forms.CharField(
        label=gettext_lazy("号码从哪里来"),
        help_text=gettext_lazy("开奖公告的发布单位、期号和网址。会登在公开页面上，人人可以对照。"),
        max_length=200,
    )

    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Red, then blue."""
        red, blue = self.cleaned_data["numbers"].replace(",", " ").replace("，", " ").replace("、", " ").split("+")
        return tuple(int(one) for one in red.split()), (int(blue),)


class ReasonForm(forms.Form):
    """Why something is given up."""

    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)


class RemoveForm(forms.Form):
    """Why an item is taken off."""

    reason = forms.ChoiceField(label=gettext_lazy("移出原因"), choices=list(REASONS.items()), widget=forms.RadioSelect)


class ResultForm(forms.Form):
    """What a check found."""

    result = forms.ChoiceField(
        label=gettext_lazy("核查结果"),
        choices=[("passed", gettext_lazy("没有问题")), ("finding", gettext_lazy("发现问题"))],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("说明（发现问题必填）"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class SettleForm(forms.Form):
    """How a finding is settled."""

    how = forms.ChoiceField(
        label=gettext_lazy("处理结果"),
        choices=[("cleared", gettext_lazy("经查不影响，继续发放")), ("upheld", gettext_lazy("问题属实，移出并暂停待遇"))],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(label=gettext_lazy("依据"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class NoticeForm(forms.Form):
    """Whom to call and who takes objections."""

    supervision = forms.CharField(
        label=gettext_lazy("监督电话"),
        max_length=40,
        error_messages={"required": gettext_lazy("请写上监督电话，公示期间有人接听的")},
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    objections_to = forms.CharField(
        label=gettext_lazy("异议受理单位"),
        help_text=gettext_lazy("已填上主办单位，由别的单位受理的请改"),
        max_length=200,
        error_messages={"required": gettext_lazy("请写上受理异议的单位全称，公示上会写明")},
    )
    masked = forms.TypedChoiceField(
        label=gettext_lazy("姓名怎样显示"),
        choices=[("", gettext_lazy("全名")), ("1", gettext_lazy("姓名隐去一字"))],
        widget=forms.RadioSelect,
        coerce=bool,
        empty_value="",
        required=False,
        initial="",
    )


class CasesNoticeForm(NoticeForm, OpenForm):
    """The same of what isn't paid, and the days where the programme leaves them open."""

    def __init__(self, programme: Programme, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask(programme)


class HungForm(forms.Form):
    """Where a poster hung, with a photo."""

    place = forms.CharField(label=gettext_lazy("张贴地点"), max_length=200)
    hung_on = DayField((2020, 2100), label=gettext_lazy("张贴日期"))
    photo = forms.FileField(
        label=gettext_lazy("张贴照片"),
        help_text=gettext_lazy("拍到名单和周围，能看出是哪里。不超过 20 MB。"),
        required=False,
        widget=PaperInput(),
    )

    def clean_photo(self) -> Any:
        """No larger than may be."""
        sent = self.cleaned_data["photo"]
        if sent is not None and sent.size > scans.LARGEST:
            raise ValidationError(_("文件超过 20 MB。用手机重新拍一张。"))
        return sent

    def hanging(self, area: str = "") -> Hanging:
        """What the form says; area: of the place, "" the batch's own."""
        told = self.cleaned_data
        return Hanging(told["place"], told["hung_on"], area, told["photo"].read() if told["photo"] else b"")


class NumberForm(forms.Form):
    """The number on the poster of whoever it is about."""

    number = forms.IntegerField(
        label=gettext_lazy("张贴名单上的编号"),
        help_text=gettext_lazy("名单第一栏的数字。"),
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class ObjectionForm(forms.Form):
    """What somebody says against a line of a notice."""

    words = forms.CharField(
        label=gettext_lazy("反映的情况"),
        help_text=gettext_lazy("写明具体事实。反映人可以不说姓名。"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

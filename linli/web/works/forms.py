"""The forms of works: the list, a signature, what a paper shows, what was accepted. Each carries in `do` which it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.entitlements.works.acts import Taken
from linli.entitlements.works.lines import LONGEST, MOST_LINES, MOST_QUANTITY, Line
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.ids import uuid7
from linli.kernel.money import fen_from_yuan, yuan_text
from linli.programmes.particulars.declaration import Works
from linli.web.case.papers import ACCEPT
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import chinese, words
from linli.web.works.shown import LineRow, Signed

BLANK_ROWS = 4
COLUMNS = ("area", "description", "quantity", "unit", "unit_price_fen")


class YuanField(forms.Field):
    """An amount in yuan with at most two decimals, as fen."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": "16"}), **more)

    def to_python(self, value: Any) -> Any:
        """Fen; None for nothing."""
        if value in self.empty_values:
            return None
        try:
            return fen_from_yuan(str(value))
        except LinliError as problem:
            raise ValidationError(problem.zh if chinese() else problem.en) from None


class KeyedForm(forms.Form):
    """Sent twice it is done once."""

    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **more: Any) -> None:
        more.setdefault("initial", {})
        more["initial"] = {"key": str(uuid7()), **more["initial"]}
        super().__init__(*args, **more)


class ListForm(KeyedForm):
    """The list of works: a row for each line, some of them blank; and who does the works."""

    contractor = forms.CharField(
        label=gettext_lazy("施工单位的统一社会信用代码"),
        help_text=gettext_lazy("施工前必须确定；还没有确定的先不填。"),
        max_length=18,
        required=False,
    )
    holder = forms.CharField(label=gettext_lazy("施工单位收款户名"), max_length=60, required=False)
    number = forms.CharField(
        label=gettext_lazy("收款账号"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    bank = forms.CharField(label=gettext_lazy("开户银行联行号"), max_length=60, required=False)

    def __init__(self, works: Works, lines: Sequence[Line], data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self._count = min(MOST_LINES, len(lines) + BLANK_ROWS)
        areas = [("", "–"), *((one.id, words(one.label)) for one in works.areas)]
        for number in range(1, self._count + 1):
            line = lines[number - 1] if number <= len(lines) else None
            for name, field in self._row(number, areas).items():
                field.required = False
                if line is not None:
                    value = getattr(line, name)
                    field.initial = yuan_text(value).replace(",", "") if name == "unit_price_fen" else value
                self.fields[f"{name}-{number}"] = field

    @staticmethod
    def _row(number: int, areas: list[tuple[str, str]]) -> dict[str, forms.Field]:
        def told(text: Any) -> Any:
            return _("第%(number)s项：%(what)s") % {"number": number, "what": text}

        made: dict[str, forms.Field] = {
            "area": forms.ChoiceField(choices=areas, label=told(_("部位"))),
            "description": forms.CharField(max_length=LONGEST["description"], label=told(_("内容"))),
            "quantity": forms.IntegerField(min_value=1, max_value=MOST_QUANTITY, label=told(_("数量"))),
            "unit": forms.CharField(max_length=LONGEST["unit"], label=told(_("单位"))),
            "unit_price_fen": YuanField(label=told(_("单价（元）"))),
        }
        for field in made.values():
            field.widget.attrs["aria-label"] = field.label
        return made

    def rows(self) -> list[list[BoundField]]:
        """The fields of each row."""
        return [[self[f"{name}-{number}"] for name in COLUMNS] for number in range(1, self._count + 1)]

    def clean(self) -> dict[str, Any]:
        """A row is filled or left blank; an account has a holder and a number."""
        told = super().clean() or self.cleaned_data
        for number in range(1, self._count + 1):
            given = [told.get(f"{name}-{number}") for name in COLUMNS]
            if any(given) and not all(given) and not any(f"{name}-{number}" in self.errors for name in COLUMNS):
                empty = next(name for name, value in zip(COLUMNS, given, strict=True) if not value)
                self.add_error(f"{empty}-{number}", _("第%(number)s项没有填完整。") % {"number": number})
        if bool(told.get("holder")) != bool(told.get("number")):
            self.add_error("number", _("户名和账号要一起填写。"))
        if told.get("number") and not told.get("contractor"):
            self.add_error("contractor", _("先填写施工单位。"))
        return told

    def lines(self) -> list[Line]:
        """The rows that are filled, in order."""
        told = self.cleaned_data
        filled = [number for number in range(1, self._count + 1) if told.get(f"{COLUMNS[0]}-{number}")]
        return [Line(*(told[f"{name}-{number}"] for name in COLUMNS)) for number in filled]


class SignForm(KeyedForm):
    """A signature that an officer enters: their own as assessor, or one on paper."""

    signer = forms.ChoiceField(label=gettext_lazy("谁签的字"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=gettext_lazy("签字清单的照片或扫描件"),
        help_text=gettext_lazy("本人和施工单位在纸上签字的必须上传；评估人员在这里签字，不用上传。"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
    works = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, unsigned: Sequence[Signed], data: Any = None, files: Any = None, **more: Any) -> None:
        super().__init__(data, files, **more)
        choice = self.fields["signer"]
        if not isinstance(choice, forms.ChoiceField):
            raise AssertionError("it is a choice")
        choice.choices = [(one.id, words(one.who)) for one in unsigned]

    def content(self) -> bytes | None:
        """The scan's bytes."""
        sent = self.cleaned_data["file"]
        return bytes(sent.read()) if sent is not None and self.cleaned_data["signer"] != "assessor" else None


class BillForm(KeyedForm):
    """What one paper shows was spent."""

    document = forms.ChoiceField(label=gettext_lazy("哪一份票据"))
    amount = YuanField(label=gettext_lazy("票据金额（元）"))

    def __init__(self, papers: Sequence[tuple[str, str]], data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        choice = self.fields["document"]
        if not isinstance(choice, forms.ChoiceField):
            raise AssertionError("it is a choice")
        choice.choices = list(papers)


class AcceptForm(KeyedForm):
    """How much of each line of the signed list was accepted, and at which price; the day."""

    on = DayField((2000, 2100), label=gettext_lazy("验收日期"), require_all_fields=True)

    def __init__(self, rows: Sequence[LineRow], data: Any = None, **more: Any) -> None:
        super().__init__(data, initial={"on": clock.today()}, **more)
        self._rows = list(rows)
        for number, row in enumerate(self._rows, start=1):
            what = {"number": number}
            quantity = forms.IntegerField(min_value=0, max_value=row.line.quantity, initial=row.line.quantity)
            quantity.label = _("第%(number)s项验收数量") % what
            price = YuanField(initial=yuan_text(row.line.unit_price_fen).replace(",", ""))
            price.label = _("第%(number)s项验收单价") % what
            for name, field in (("quantity", quantity), ("price", price)):
                field.widget.attrs["aria-label"] = field.label
                self.fields[f"{name}-{number}"] = field

    def rows(self) -> list[tuple[LineRow, BoundField, BoundField]]:
        """Each line with its two fields."""
        return [(row, self[f"quantity-{number}"], self[f"price-{number}"]) for number, row in enumerate(self._rows, start=1)]

    def taken(self) -> list[Taken]:
        """What was accepted of each line."""
        told = self.cleaned_data
        return [Taken(told[f"quantity-{number}"], told[f"price-{number}"]) for number in range(1, len(self._rows) + 1)]

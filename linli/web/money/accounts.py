"""Where to pay, as a form asks for it: holder, number, bank, each checked before anything is sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.entitlements.acts import Account
from linli.kernel.bankcards import digits_of, wrong_with
from linli.settlement.checking import same_name

PARTS = ("holder", "number", "bank")
WRONG: dict[str, Any] = {
    "digits": gettext_lazy("卡号只有数字，请照卡上的填。"),
    "length": gettext_lazy("卡号是 8 到 32 位数字，请数一数有没有漏填。"),
    "check": gettext_lazy("这个卡号有一位填错了，请照卡上的再核对一遍。"),
}


class NumberField(forms.CharField):
    """A card's or an account's number; its value is the digits alone."""

    def __init__(self, **more: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(label=gettext_lazy("银行卡号"), max_length=40, widget=widget, **more)

    def clean(self, value: Any) -> str:
        number = digits_of(str(super().clean(value) or ""))
        if number and (wrong := wrong_with(number)):
            raise ValidationError(WRONG[wrong])
        return number


def holder_field(*, people: bool = True, firms: bool = False, **more: Any) -> forms.CharField:
    """Whose account it is. people, firms: who may be paid: somebody with a card, an organisation with the name that it is registered by."""
    help_text = gettext_lazy("与银行卡上的姓名一致")
    if firms:
        both = gettext_lazy("付给个人的，与银行卡上的姓名一致；付给单位的，与登记名称一致")
        help_text = both if people else gettext_lazy("户名与登记名称一致")
    return forms.CharField(label=gettext_lazy("户名"), help_text=help_text, max_length=60, **more)


def number_field(*, people: bool = True, firms: bool = False, **more: Any) -> NumberField:
    """Which account: the number on a card, or that of an organisation's account."""
    field = NumberField(**more)
    if firms:
        field.label = gettext_lazy("银行卡号或单位账号") if people else gettext_lazy("账号")
    return field


def bank_field(**more: Any) -> forms.CharField:
    """Which bank; nobody has to know it."""
    return forms.CharField(label=gettext_lazy("开户银行"), help_text=gettext_lazy("可以不填"), max_length=60, required=False, **more)


def wrong_holder(holder: str, name: str) -> str:
    """Why an account of this holder isn't that of whoever is paid, "" where it is."""
    if not name or same_name(holder, name):
        return ""
    return _("户名要与收款人在登记中的姓名一样，不一样的银行会退回。")


class AccountForm(forms.Form):
    """Where to pay, asked for alone: because nobody has said so yet, or because the bank sent a payment back. name: who is paid;
    own: whether that is the person themself, whose name then stands there; firm: whether it is an organisation."""

    holder = holder_field()
    number = NumberField()
    bank = bank_field()
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, data: Any = None, *, name: str = "", own: bool = False, firm: bool = False, **more: Any) -> None:
        super().__init__(data, **more)
        if firm:
            self.fields |= {"holder": holder_field(people=False, firms=True), "number": number_field(people=False, firms=True)}
        self.name = name
        self.fields["holder"].initial = name if own else ""

    def clean_holder(self) -> str:
        """The name of whoever is paid."""
        holder = str(self.cleaned_data["holder"])
        if wrong := wrong_holder(holder, self.name):
            raise ValidationError(wrong)
        return holder

    def account(self) -> Account:
        """What a valid form says."""
        told = self.cleaned_data
        return Account(told["holder"], told["number"], told["bank"])

"""Money held for the parties of a case, as officers and parties see it: how far it is, and the form of what its step asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.casework.documents.queries import documents_of, label_of, materials_of
from linli.casework.models import Case
from linli.entitlements.escrow.acts import Holder
from linli.entitlements.escrow.queries import Standing
from linli.kernel.errors import LinliError
from linli.kernel.identity import masked
from linli.kernel.money import yuan_text
from linli.registers.models import Organisation
from linli.registers.queries.accounts import known_as
from linli.web.case.contests import YuanField
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import words, yuan

KEPT_SECONDS = 86_400
"""How long a form that was shown again may lie before its numbers have to be typed anew."""
WAYS = {"own": gettext_lazy("本人登录同意"), "paper": gettext_lazy("纸质同意书")}
PURPOSES = {"released": gettext_lazy("放款"), "returned": gettext_lazy("原路退回")}


def day_field(label: Any) -> DayField:
    """A day of something that happens while money is held."""
    return DayField((2020, 2100), label=label)


def _hidden(number: str) -> str:
    """A number with its middle masked, whatever was typed; one that is masked already stays."""
    return masked(number) if len(number) > 8 else number


class TermsForm(forms.Form):
    """How much is held, and who each party is: by name and identity number, or by name and credit code.

    Shown again, it has no identity number in full: whom the registers know is carried by a signed reference beside the masked number, and a
    number that nobody bears is typed anew.
    """

    price = YuanField(label=gettext_lazy("监管金额（元）"), help_text=gettext_lazy("合同价款中要进入监管账户的金额"))

    def __init__(self, found: Standing, case: Case, data: Any = None) -> None:
        super().__init__(data, initial={"price": yuan_text(found.row.price_fen)} if found.row else {})
        self.parties, self.salt = found.parties, f"escrow.{case.uid}"
        self.holders: dict[str, Holder] = {}
        for one in found.parties:
            party = {"party": words(one.label)}
            self.initial[f"name_{one.id}"] = one.name
            self.fields[f"name_{one.id}"] = forms.CharField(
                label=_("%(party)s：姓名或单位名称") % party,
                max_length=100,
                error_messages={"required": _("%(party)s：请填写姓名或单位名称。") % party},
            )
            self.fields[f"number_{one.id}"] = forms.CharField(
                label=_("%(party)s：身份证号或统一社会信用代码") % party,
                max_length=30,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
                error_messages={"required": _("%(party)s：请填写身份证号或统一社会信用代码。") % party},
            )
            self.fields[f"known_{one.id}"] = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Who each party is; one that the registers don't know is named beside its field."""
        told = super().clean() or {}
        for one in self.parties:
            name, number = told.get(f"name_{one.id}"), "".join(told.get(f"number_{one.id}", "").split()).upper()
            if not name or not number:
                continue
            holder = self._carried(one.id, name, number) or self._holder(name, number)
            if holder is not None:
                self.holders[one.id] = holder
            else:
                said = {"party": words(one.label), "name": name, "number": _hidden(number)}
                self.add_error(f"number_{one.id}", _("%(party)s：登记中没有“%(name)s，%(number)s”，请核对名称和号码后重新填写。") % said)
        return told

    def conceal(self) -> None:
        """Before it is shown again: of people the masked number, and who it is under our signature."""
        told = dict(self.data.items())
        for one in self.parties:
            typed, holder = "".join(str(told.get(f"number_{one.id}", "")).split()).upper(), self.holders.get(one.id)
            told[f"known_{one.id}"] = ""
            if holder is None:
                told[f"number_{one.id}"] = ""
            elif holder.kind == "resident":
                shown = _hidden(typed)
                told[f"number_{one.id}"] = shown
                about = [one.id, str(holder.uid), self.cleaned_data[f"name_{one.id}"], shown]
                told[f"known_{one.id}"] = signing.dumps(about, salt=self.salt)
        self.data = told

    def _carried(self, party: str, name: str, number: str) -> Holder | None:
        """Who was found before, where name and masked number are as they were shown."""
        try:
            about = signing.loads(self.cleaned_data.get(f"known_{party}", ""), salt=self.salt, max_age=KEPT_SECONDS)
        except signing.BadSignature:
            return None
        return Holder("resident", UUID(about[1])) if about == [party, about[1], name, number] else None

    def _holder(self, name: str, number: str) -> Holder | None:
        house = Organisation.objects.filter(credit_code=number, name=name.strip()).first()
        if house is not None:
            return Holder("organisation", house.uid)
        try:
            person = known_as(name, number)
        except LinliError:
            return None
        return Holder("resident", person.uid) if person is not None else None


class PaperForm(forms.Form):
    """A party's consent on paper: which document of the case shows it."""

    party = forms.ChoiceField(label=gettext_lazy("哪一方"), widget=forms.RadioSelect)
    document = forms.ChoiceField(label=gettext_lazy("同意书"), help_text=gettext_lazy("已核对合格的材料"), widget=forms.RadioSelect)

    def __init__(self, found: Standing, case: Case, data: Any = None) -> None:
        super().__init__(data)
        materials = materials_of(case)
        accepted = [one for one in documents_of(case) if one.check_result == "accepted"]
        choices(self, "party", [(one.id, words(one.label)) for one in found.lacking])
        choices(self, "document", [(str(one.uid), words(label_of(one, materials))) for one in accepted])


class DepositForm(forms.Form):
    """What the bank's slip says of money that came in."""

    party = forms.ChoiceField(label=gettext_lazy("谁付的"), widget=forms.RadioSelect)
    yuan = YuanField(label=gettext_lazy("到账金额（元）"))
    reference = forms.CharField(label=gettext_lazy("银行流水号"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    day = day_field(gettext_lazy("到账日期"))

    def __init__(self, found: Standing, data: Any = None) -> None:
        super().__init__(data)
        choices(self, "party", [(one.id, words(one.label)) for one in found.parties])


class RegisteredForm(forms.Form):
    """The new right, as its certificate says."""

    number = forms.CharField(label=gettext_lazy("登记证明号"), max_length=80)
    day = day_field(gettext_lazy("登记日期"))


class PlanForm(forms.Form):
    """Who gets how much."""

    def __init__(self, found: Standing, data: Any = None) -> None:
        plan = found.row.plan if found.row else {}
        super().__init__(data, initial={f"yuan_{party}": yuan_text(fen) for party, fen in plan.items()})
        for one in found.parties:
            self.fields[f"yuan_{one.id}"] = YuanField(label=_("放给%(party)s（元）") % {"party": words(one.label)}, required=False)

    def parts(self) -> dict[str, int]:
        """Fen by party."""
        return {name.removeprefix("yuan_"): fen for name, fen in self.cleaned_data.items() if fen}


class SentForm(forms.Form):
    """What the bank's slip says of money that went out."""

    payout = forms.ChoiceField(label=gettext_lazy("哪一笔"), widget=forms.RadioSelect)
    reference = forms.CharField(label=gettext_lazy("银行流水号"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    day = day_field(gettext_lazy("付出日期"))

    def __init__(self, found: Standing, data: Any = None) -> None:
        super().__init__(data)
        choices(self, "payout", [(one.uid, f"{one.words} · {one.yuan}") for one in payout_rows(found) if not one.sent])


def choices(form: forms.Form, name: str, listed: list[tuple[Any, str]]) -> None:
    """Set what a field of choices offers."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [(str(key), text) for key, text in listed]


class PayoutRow:
    """A payout in words."""

    def __init__(self, labels: Mapping[str, str], row: Any) -> None:
        self.uid, self.row, self.sent = str(row.uid), row, bool(row.reference)
        self.words = f"{PURPOSES[row.purpose]} · {labels.get(row.party, row.party)}"
        self.yuan = yuan(row.fen)
        self.of = row.deposit.reference if row.deposit else ""


def payout_rows(found: Standing) -> list[PayoutRow]:
    """The payouts in words."""
    labels = {one.id: words(one.label) for one in found.parties}
    return [PayoutRow(labels, one) for one in found.payouts]


def form_for(found: Standing, case: Case, step: str, data: Any = None, *, change: bool = False) -> tuple[str, forms.Form] | None:
    """(verb, form) of what the step asks for now; None where nothing is to be entered. change: parties and price anew, where they may."""
    declared = found.declared
    if case.status != "open":
        return ("sent", SentForm(found, data)) if any(not one.reference for one in found.payouts) else None
    if found.row is None or (change and not found.deposits and not found.waiting):
        return "terms", TermsForm(found, case, data)
    if step == declared.consent:
        return ("paper", PaperForm(found, case, data)) if found.lacking else None
    if step == declared.paid_in:
        return None if found.entered else ("deposit", DepositForm(found, data))
    if step == declared.registered:
        return "registered", RegisteredForm(data)
    return ("plan", PlanForm(found, data)) if step == declared.released else None


def stages(found: Standing) -> list[tuple[str, bool]]:
    """(words, done) of the four things, in order."""
    row = found.row
    ends = [one for one in found.payouts if one.purpose == "released"]
    said = (_("各方同意"), _("资金到账"), _("新的权利已登记"), _("放款"))
    done = (
        row is not None and not found.lacking,
        (row is not None and found.complete) or bool(found.payouts),
        bool(row and row.number),
        bool(ends) and all(one.paid_on for one in ends),
    )
    return list(zip(said, done, strict=True))

"""The form in which somebody applies: nothing that a register holds is typed; what is left is where to pay and what they promise."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.casework.kinds import APPLICATION
from linli.casework.letters.queries import masked_name
from linli.casework.models import Case
from linli.casework.queries import name_of
from linli.casework.receipts import grouped
from linli.entitlements.acts import Account
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.queries import progress
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import PAYEES
from linli.registers.models import Resident
from linli.web import applications, mine
from linli.web.templatetags.texts import words

ACCOUNT = ("holder", "number", "bank")
ON_RECORD, ANOTHER = "record", "another"
PAID_TO_OTHERS = ("guardian", "self")


class ApplyForm(forms.Form):
    """Where to pay, what is promised. The account on record is offered where the register holds one."""

    account = forms.ChoiceField(label=gettext_lazy("钱发到哪里"), widget=forms.RadioSelect, choices=list)
    holder = forms.CharField(label=gettext_lazy("户名"), help_text=gettext_lazy("与银行卡上的姓名一致"), max_length=60, required=False)
    number = forms.CharField(
        label=gettext_lazy("银行卡号"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    bank = forms.CharField(label=gettext_lazy("开户银行"), max_length=60, required=False)
    payee = forms.ChoiceField(label=gettext_lazy("收款人"), widget=forms.RadioSelect, choices=list)
    committed = forms.MultipleChoiceField(
        label=gettext_lazy("我承诺以下情况属实"),
        help_text=gettext_lazy("承诺代替证明材料；不属实的，要承担责任。"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=list,
    )
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, programme: Programme, person: Resident, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.programme, self.person = programme, person
        self.paid = programme.payment is not None and any(one.id == "account" for one in programme.materials)
        if self.paid:
            self._ask_where(person)
        else:
            for name in ("account", *ACCOUNT):
                del self.fields[name]
        payees = [one for one in (programme.payment.payees if programme.payment else ()) if one in PAID_TO_OTHERS]
        self._offer("payee", [(one, words(PAYEES[one])) for one in payees] if len(payees) > 1 else [])
        promised = [one for one in programme.materials if one.exempt == "commitment"]
        self._offer("committed", [(one.id, words(one.label)) for one in promised])

    def _ask_where(self, person: Resident) -> None:
        field = self.fields["account"]
        if person.account_cipher and isinstance(field, forms.ChoiceField):
            field.choices = [(ON_RECORD, _("登记在册的账户")), (ANOTHER, _("另填一个账户"))]
            field.initial = ON_RECORD
        else:
            del self.fields["account"]
            self.fields["holder"].initial = person.name

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if choices and isinstance(field, forms.ChoiceField):
            field.choices = choices
            field.initial = choices[0][0] if name == "payee" else None
        else:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """An account that is begun is given whole."""
        told = super().clean() or {}
        begun = any(told.get(name) for name in ("number", "bank")) or told.get("account") == ANOTHER
        if self.paid and told.get("account") != ON_RECORD and begun:
            for name in ("holder", "number"):
                if not told.get(name):
                    self.add_error(name, _("请填写。"))
        return told

    def wanted(self, *, window: str = "") -> Wanted:
        """What is asked for. Without a number the account is given later."""
        told = self.cleaned_data
        other = told.get("account") != ON_RECORD and told.get("number")
        return Wanted(
            self.programme.slug,
            account=Account(told["holder"], told["number"], told.get("bank", "")) if other else None,
            payee=told.get("payee") or "self",
            committed=tuple(told.get("committed", ())),
            window=window,
        )


def shown(viewer: Viewer, person: Resident, programme: Programme, beneficiary: UUID, form: ApplyForm) -> dict[str, Any]:
    """What components/apply.html shows: what is on record, condition by condition, and what is still unknown."""
    told, conditions = mine.reasons(viewer, person, programme.slug, beneficiary)
    return {
        "programme": programme,
        "form": form,
        "conditions": conditions,
        "verdict": told.explanation.verdict.verdict,
        "missing": [label for _key, label in told.explanation.missing_labels],
    }


def receipt(case: Case) -> dict[str, Any]:
    """What my/receipt.html shows of an application, whose person it names by a masked name. Seven queries. Raises Http404 for other
    kinds."""
    if case.kind != APPLICATION.slug:
        raise Http404
    told = progress(case)
    return {
        "case": case,
        "receipt": grouped(case.receipt),
        "programme": told.programme,
        "person": masked_name(name_of(case)),
        "needs": applications.needs(told),
        "automatic": told.application.automatic,
    }
